import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { managerOver } from '../support/faulty-journal.ts';
import { isGapless, readStored, startDriver, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf, until } from '../support/run-harness.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { tempDir } from '../support/temp-dir.ts';

const SEED = 7;
const TEARS = 12;
const SCRIPT = `return await pipeline(['a', 'b', 'c', 'd', 'e', 'f'], (x) => agent('first ' + x), (y) => agent('second ' + y))`;
const RESULT = ['a', 'b', 'c', 'd', 'e', 'f'].map((x) => `re: second re: first ${x}`);

test(`the last write torn at ${TEARS} random places: what is before it counts, and the run goes on from there`, async () => {
  const api = await startFakeAnthropic((body) => ({ text: `re: ${promptOf(body)}` }), { delayMs: 5 });
  onTestFinished(() => api.close());
  const workspace = tempDir();
  const task = { workspace, api: api.url, limits: { concurrency: 2 } };
  const driver = await startDriver({ ...task, script: writeScript(workspace, SCRIPT) });
  await until(() => api.requests.length >= 9);
  driver.child.kill('SIGKILL');
  await driver.gone;
  const [database, wal] = ['runs.sqlite', 'runs.sqlite-wal'].map((name) =>
    readFileSync(join(workspace, '.counterpoint', name)),
  ) as [Buffer, Buffer];
  const whole = readStored(copyOf(database, wal));
  const runId = whole.runId ?? '';
  expect(whole.finished.length).toBeGreaterThan(3);

  const random = seededRandom(SEED);
  const kept: number[] = [];
  for (let i = 0; i < TEARS; i++) {
    const length = Math.floor(random() * wal.length);
    // Half of them end short, as after a crash; half are full of what was on the disk before.
    const torn = Buffer.from(i % 2 === 0 ? wal.subarray(0, length) : wal);
    if (i % 2 === 1) torn.fill(0xa5, length);
    const copy = copyOf(database, torn);
    const asked = api.requests.length;
    const { manager } = await managerOver(copy, api.url);
    const { events, finished } = readStored(copy);
    expect(events).toEqual(whole.events.slice(0, events.length));
    expect(finished).toEqual(whole.finished.slice(0, finished.length));
    kept.push(events.length);
    if (!manager.summary(runId)) {
      expect(events).toEqual([]);
      continue;
    }
    await manager.resume(runId);
    expect(await manager.finished(runId)).toEqual({ status: 'completed', result: RESULT });
    expect(promptsOf(api).slice(asked)).toHaveLength(12 - finished.length);
    expect(isGapless(manager.events(runId, 0))).toBe(true);
    await manager.close();
  }
  console.log(`seed ${SEED}: of ${whole.events.length} events ${kept} were left`);
  expect(new Set(kept).size).toBeGreaterThan(3);
});

test('an index of the write-ahead log that belongs to no log of ours is no harm', async () => {
  const api = await startFakeAnthropic((body) => ({ text: promptOf(body) }));
  onTestFinished(() => api.close());
  const workspace = tempDir();
  const { manager } = await managerOver(workspace, api.url);
  const runId = await manager.start({
    script: writeScript(workspace, `return await agent('a')`),
    provider: 'anthropic',
  });
  await manager.finished(runId);
  const events = manager.events(runId, 0);
  const path = join(workspace, '.counterpoint/runs.sqlite');
  const copy = copyOf(readFileSync(path), readFileSync(`${path}-wal`));
  copyFileSync(`${path}-shm`, join(copy, '.counterpoint/runs.sqlite-shm'));
  truncateSync(join(copy, '.counterpoint/runs.sqlite-shm'), 100);
  const { manager: other } = await managerOver(copy, api.url);
  expect(other.events(runId, 0)).toEqual(events);
  expect(other.result(runId)).toBe('a');
});

/** A workspace with this journal in it. */
function copyOf(database: Buffer, wal: Buffer): string {
  const workspace = tempDir();
  mkdirSync(join(workspace, '.counterpoint'));
  writeFileSync(join(workspace, '.counterpoint/runs.sqlite'), database);
  writeFileSync(join(workspace, '.counterpoint/runs.sqlite-wal'), wal);
  return workspace;
}
