import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startDriver, writeScript } from '../support/recovery.ts';
import { runHarness } from '../support/run-harness.ts';

/** Longer than it takes until somebody looks. */
const LOOKED_MS = 4_000;

test('each death of a driver is heard of once, also of one that nobody saw alive', { timeout: 60_000 }, async () => {
  const { workspace, api, manager, open } = await runHarness(() => new Promise(() => undefined));
  const heard: string[] = [];
  const stop = manager.onInterrupted((runId) => heard.push(runId));
  const script = writeScript(workspace, `return await agent('never answered')`);
  const first = await startDriver({ workspace, api: api.url, script });
  const driving = await first.heard('driving');
  first.child.kill('SIGKILL');
  await first.gone;
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual([driving?.runId]);
  await sleep(LOOKED_MS);
  expect(heard).toHaveLength(1);

  const second = await startDriver({ workspace, api: api.url, resume: driving?.runId });
  await second.heard('driving');
  await sleep(LOOKED_MS);
  expect(heard).toHaveLength(1);
  second.child.kill('SIGKILL');
  await second.gone;
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual([driving?.runId, driving?.runId]);

  stop();
  const third = await open();
  const late: string[] = [];
  third.onInterrupted((runId) => late.push(runId));
  await sleep(LOOKED_MS);
  expect(late).toEqual([]);
});
