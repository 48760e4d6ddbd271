import { expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../extension/journal/journal.ts';
import { readLastSeq } from '../../extension/journal/reader.ts';
import { totalOf } from '../../extension/protocol/run-tree.ts';
import { RunArchive } from '../../extension/runs/run-archive.ts';
import { type OverviewSource, RunOverviews } from '../../extension/runs/run-overview.ts';
import { runHarness } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

const ASKS_TWO = `phase('Look');
await parallel([() => agent('one'), () => agent('two')]);
return 'done';`;

/** The overviews of a workspace, and how many times the events of a run were read for them. */
function countedOverviews(workspace: string): { overviews: RunOverviews; reads: string[]; close(): void } {
  const journal = new Journal(workspace);
  const archive = new RunArchive(journal);
  const reads: string[] = [];
  const source: OverviewSource = {
    lastSeq: (runId) => readLastSeq(journal.database, runId),
    events(runId, after) {
      reads.push(`${runId} ${after}`);
      return archive.events(runId, after);
    },
    summary(runId) {
      reads.push(`summary ${runId}`);
      return archive.summary(runId);
    },
    statusOf: (runId) => archive.statusOf(runId),
  };
  return { overviews: new RunOverviews(source), reads, close: () => journal.close() };
}

test('an overview tells of a run at work what it has done so far, and of one that ended how', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { manager, start, open } = await runHarness(async (body) => {
    if (JSON.stringify(body).includes('two')) await held;
    return { text: 'fine' };
  });
  const runId = await start(ASKS_TWO);
  const other = await open();
  await expect.poll(() => other.overview(runId).counts.succeeded, { timeout: 20_000 }).toBe(1);
  const atWork = other.overview(runId);
  expect(atWork).toMatchObject({ phase: 'Look', paused: false, endedAt: null, failure: null });
  expect(atWork.counts.working).toBe(1);
  expect(atWork.startedAt).toBeGreaterThanOrEqual(other.summary(runId)?.createdAt ?? Number.NaN);
  await manager.control(runId, { action: 'pause' });
  expect(other.overview(runId).paused).toBe(true);
  await manager.control(runId, { action: 'unpause' });
  release();
  await manager.finished(runId);
  const ended = other.overview(runId);
  expect(ended.counts.succeeded).toBe(2);
  expect(totalOf(ended.counts)).toBe(2);
  expect(ended.endedAt).toBe(other.summary(runId)?.endedAt);
  expect(ended.usage).toEqual(manager.tree(runId).usage);
});

test('a run that has ended is read once, however often it is listed, and again when it went on', async () => {
  let broken = true;
  const { workspace, manager, run } = await runHarness(() =>
    broken ? { status: 400, message: 'no' } : { text: 'fine' },
  );
  const { runId } = await run(ASKS_TWO);
  const { overviews, reads, close } = countedOverviews(workspace);
  for (let time = 0; time < 5; time++) {
    expect(overviews.summary(runId)?.status).toBe('completed_with_failures');
    expect(overviews.overview(runId).counts.failed).toBe(2);
  }
  expect(reads).toEqual([`summary ${runId}`, `${runId} 0`]);
  broken = false;
  await manager.resume(runId);
  await manager.finished(runId);
  expect(overviews.overview(runId).counts).toMatchObject({ failed: 0, succeeded: 2 });
  expect(overviews.summary(runId)?.status).toBe('completed');
  close();
});

test('an overview of a run that nobody drives any more ends when it was last heard of, and keeps its question', async () => {
  const { workspace, manager, start, open } = await runHarness(() => ({ text: 'fine' }));
  const runId = await start(`await agent('one'); await checkpoint('Go on?');`);
  const { overviews, close } = countedOverviews(workspace);
  await expect.poll(() => overviews.overview(runId).questions, { timeout: 20_000 }).toBe(1);
  await manager.close();
  expect(overviews.summary(runId)?.status).toBe('interrupted');
  const lastAt = (await open()).events(runId, 0).at(-1)?.at;
  expect(overviews.overview(runId)).toMatchObject({ questions: 1, endedAt: lastAt });
  close();
});

test('the phase of a run is the last that has agents at work, and none is at work where nobody drives it', async () => {
  const held = Promise.withResolvers<void>();
  onTestFinished(() => held.resolve());
  const { manager, start, open } = await runHarness(async (body) => {
    if (JSON.stringify(body).includes('slow')) await held.promise;
    return { text: 'fine' };
  });
  const runId = await start(
    `phase('Look'); const slow = agent('slow'); phase('Sum'); await agent('quick'); await slow;`,
  );
  const other = await open();
  await expect.poll(() => other.overview(runId).counts.succeeded, { timeout: 20_000 }).toBe(1);
  expect(other.overview(runId)).toMatchObject({ phase: 'Look', counts: { working: 1 } });
  await manager.close();
  expect(other.overview(runId)).toMatchObject({ phase: 'Sum', counts: { working: 0, stopped: 1, succeeded: 1 } });
});

test('there is no overview of a run that is not there', () => {
  const { overviews, close } = countedOverviews(tempDir());
  expect(overviews.summary('nobody')).toBeNull();
  expect(() => overviews.overview('nobody')).toThrow(/no run "nobody"/);
  close();
});
