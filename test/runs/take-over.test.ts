import { expect, test } from 'vitest';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { managerOver } from '../support/faulty-journal.ts';
import { startDriver, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf, runHarness, until } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

const BODY = `return await pipeline(['a', 'b', 'c', 'd'], (x) => agent('first ' + x), (y) => agent('second ' + y))`;

test('who watches a run hears that its driver died, and takes it over; nothing is paid for twice', async () => {
  const api = await startFakeAnthropic((body) => ({ text: `re: ${promptOf(body)}` }), { delayMs: 30 });
  const workspace = tempDir();
  const script = writeScript(workspace, BODY);
  const driver = await startDriver({ workspace, api: api.url, script, limits: { concurrency: 1 } });
  const runId = (await driver.heard('driving'))?.runId ?? '';
  const { manager } = await managerOver(workspace, api.url);
  const told: string[] = [];
  const stopHearing = manager.onInterrupted((id) => told.push(id));
  const seen: number[] = [];
  manager.subscribe(runId, (events) => {
    for (const event of events) if ('seq' in event) seen.push(event.seq);
  });
  await until(() => manager.tree(runId).counts.succeeded >= 2);
  expect(manager.summary(runId)).toMatchObject({ status: 'running', here: false });
  driver.child.kill('SIGKILL');
  await until(() => told.length > 0);
  expect(told).toEqual([runId]);
  expect(manager.summary(runId)?.status).toBe('interrupted');
  const paid = [...manager.tree(runId).calls.values()].filter(({ state }) => state === 'succeeded').length;
  const asked = promptsOf(api).length;
  await manager.resume(runId);
  expect(await manager.finished(runId)).toEqual({
    status: 'completed',
    result: ['a', 'b', 'c', 'd'].map((x) => `re: second re: first ${x}`),
  });
  expect(promptsOf(api).length - asked).toBe(8 - paid);
  // What the other process wrote and what this one wrote is heard in one row, without a gap.
  await until(() => seen.at(-1) === manager.events(runId, 0).length);
  expect(seen).toEqual(seen.map((_, i) => (seen[0] ?? 0) + i));
  stopHearing();
  await api.close();
}, 60_000);

test('a run that ends while others watch is none that was interrupted; neither is one that was cut before they did', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }));
  const before = await harness.start(`await agent('x'); return await checkpoint('?')`);
  await until(() => promptsOf(harness.api).length === 1);
  const watcher = await harness.open();
  const second = await harness.open();
  const told: string[] = [];
  const ended = await second.start({ script: 'script.js', provider: 'anthropic' });
  watcher.onInterrupted((id) => told.push(id));
  await second.stop(ended);
  await harness.manager.close();
  await until(() => told.length > 0);
  expect(told).toEqual([before]);
}, 60_000);
