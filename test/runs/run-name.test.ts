import { expect, test } from 'vitest';
import { runHarness } from '../support/run-harness.ts';

const harness = () => runHarness(() => ({ text: 'ok' }));

test('a run is called as whoever starts it says, in one line that turns nothing around; a fork of it, too', async () => {
  const { manager, run } = await harness();
  const given = `Find\n\u202edead code\u0007 ${'in all of it '.repeat(20)}`;
  const { runId } = await run(`return await agent('one')`, { name: given });
  const info = manager.summary(runId)?.run;
  expect(info?.name).toMatch(/^Find dead code in all of it .*…$/);
  expect(info?.name).toHaveLength(80);
  expect(info?.workflow).toBe('test');
  expect(runId).toMatch(/^test-/);
  const fork = await manager.fork({ run: runId });
  await manager.finished(fork);
  expect(fork).toMatch(/^test-/);
  expect(manager.summary(fork)?.run).toMatchObject({ name: info?.name, workflow: 'test' });
});

test('without such a name it is called as its workflow', async () => {
  const { manager, run } = await harness();
  for (const request of [{}, { name: ' \n ' }, { name: 'test' }]) {
    const { runId } = await run(`return 1`, request);
    const info = manager.summary(runId)?.run;
    expect([info?.name, info?.workflow]).toEqual(['test', undefined]);
  }
});

test('what earlier runs of a workflow answered is found, whatever they were called', async () => {
  const { manager, run } = await harness();
  const { runId } = await run(`return await agent('one')`, { name: 'Find dead code' });
  expect(manager.history().lastRun('test')?.runId).toBe(runId);
  expect(manager.history().lastRun('Find dead code')).toBeNull();
});
