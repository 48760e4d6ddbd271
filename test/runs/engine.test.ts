import { describe, expect, it } from 'vitest';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import { runHarness, until } from '../support/run-harness.ts';

/** The engine of each attempt so far. */
function engines(manager: RunManager, runId: string): string[] {
  return manager.events(runId, 0).flatMap((event) => (event.type === 'run.started' ? [event.engine] : []));
}

describe('the engine of a run', () => {
  it('is isolated-vm where there is a Node for it, QuickJS where there is none, or what was asked for', async () => {
    const { manager, run, open } = await runHarness(() => ({ text: 'ok' }));
    const auto = await run(`return await agent('a')`);
    const asked = await run(`return await agent('a')`, { engine: 'quickjs' });
    expect([auto.status, asked.status]).toEqual(['completed', 'completed']);
    expect([engines(manager, auto.runId), engines(manager, asked.runId)]).toEqual([['isolated-vm'], ['quickjs']]);
    const elsewhere = await open({ node: null });
    const runId = await elsewhere.start({ script: 'script.js', provider: 'anthropic' });
    expect(await elsewhere.finished(runId)).toMatchObject({ status: 'completed', result: 'ok' });
    expect(engines(elsewhere, runId)).toEqual(['quickjs']);
  });

  it('that cannot run here is refused before there is a run', async () => {
    const { start, open } = await runHarness(() => ({ text: 'ok' }));
    await start('return 1');
    const elsewhere = await open({ node: null });
    const before = elsewhere.runs().length;
    const started = elsewhere.start({ script: 'script.js', provider: 'anthropic', engine: 'isolated-vm' });
    await expect(started).rejects.toMatchObject({ code: 'no-engine' });
    expect(elsewhere.runs()).toHaveLength(before);
  });

  it('is that of the first attempt when it resumes, or the resume says why not', async () => {
    const { manager, start, open, api } = await runHarness(() => ({ text: 'ok' }), { delayMs: 300 });
    const [small, large] = [
      await start(`return await agent('a')`, { engine: 'quickjs' }),
      await start(`return await agent('b')`),
    ];
    await until(() => api.requests.length === 2);
    await Promise.all([manager.stop(small), manager.stop(large)]);
    await manager.resume(small);
    expect((await manager.finished(small)).status).toBe('completed');
    expect(engines(manager, small)).toEqual(['quickjs', 'quickjs']);
    const elsewhere = await open({ node: null });
    await expect(elsewhere.resume(large)).rejects.toMatchObject({
      code: 'no-engine',
      message: expect.stringContaining('began on the engine isolated-vm'),
    });
    await manager.resume(large);
    expect(await manager.finished(large)).toMatchObject({ status: 'completed', result: 'ok' });
    expect(engines(manager, large)).toEqual(['isolated-vm', 'isolated-vm']);
  });
});
