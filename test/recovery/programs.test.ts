import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UserError } from '../../extension/protocol/errors.ts';
import type { Json } from '../../extension/protocol/json.ts';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import { type FakeAnthropic, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { managerOver } from '../support/faulty-journal.ts';
import { countAgents, type Program, scriptOf, somePrograms } from '../support/random-program.ts';
import { isGapless, readStored, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

const SEED = 4_711;
const PROGRAMS = 20;

/** A cut once this share of the agents that are left was asked, and some milliseconds later; `anew` has the script begin anew under the run's eyes. */
interface Cut {
  how: 'stop' | 'close' | 'kill' | 'anew';
  share: number;
  ms: number;
}

const cuts: fc.Arbitrary<Cut[]> = fc.array(
  fc.record({
    how: fc.constantFrom('stop', 'close', 'kill', 'anew'),
    share: fc.double({ min: 0, max: 0.9, noNaN: true }),
    ms: fc.nat(8),
  }),
  { minLength: 2, maxLength: 4 },
);

/** Each answer is told from every other, so that one that lands in the wrong place shows. */
let answers = 0;

async function withApi<T>(work: (api: FakeAnthropic) => Promise<T>): Promise<T> {
  const api = await startFakeAnthropic(async (body) => {
    await sleep((promptOf(body).length * 7 + answers * 3) % 11);
    answers += 1;
    return { text: `re: ${promptOf(body)}#${answers}` };
  });
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

interface Attempt {
  /** Where the run is to go on. */
  workspace: string;
  /** Undefined where it was cut. */
  result: Json | undefined;
  asked: string[];
}

/** Starts or resumes a run and lets it end, or cuts it. */
function attempt(workspace: string, program: Program, cut: Cut | null): Promise<Attempt> {
  return withApi(async (api) => {
    const { manager } = await managerOver(workspace, api.url);
    const { runId: known, finished: paid } = readStored(workspace);
    const script = known ? '' : writeScript(workspace, scriptOf(program));
    const runId = known ?? (await manager.start({ script, provider: 'anthropic', limits: { concurrency: 5 } }));
    if (known) await manager.resume(known);
    let ended = false;
    const finished = manager.finished(runId).finally(() => {
      ended = true;
    });
    if (cut) {
      const left = countAgents(program) - paid.length;
      while (!ended && api.requests.length < left * cut.share) await sleep(1);
      await sleep(cut.ms);
    }
    if (cut?.how === 'anew' && !ended) await beginAnew(manager, runId);
    if (!cut || ended || cut.how === 'anew') {
      const outcome = await finished;
      expect(outcome.error).toBeUndefined();
      await manager.close();
      return { workspace, result: outcome.result, asked: promptsOf(api) };
    }
    const next = cut.how === 'kill' ? crashCopy(workspace) : workspace;
    if (cut.how === 'stop') await manager.stop(runId);
    const status = manager.summary(runId)?.status ?? '';
    const result = status.startsWith('completed') ? manager.result(runId) : undefined;
    await manager.close();
    return { workspace: next, result: cut.how === 'stop' ? result : undefined, asked: promptsOf(api) };
  });
}

/** Where the run has ended meanwhile, there is nothing to begin. */
async function beginAnew(manager: RunManager, runId: string): Promise<void> {
  const text = manager.script(runId);
  await manager.control(runId, { action: 'replace-script', title: 'again.js', text }).catch((error: UserError) => {
    expect(error.code).toBe('not-running');
  });
}

/** What a killed process leaves behind: the files as they are at this instant, and a lease of nobody. */
function crashCopy(workspace: string): string {
  const copy = tempDir();
  mkdirSync(join(copy, '.counterpoint'));
  for (const name of ['runs.sqlite', 'runs.sqlite-wal']) {
    const from = join(workspace, '.counterpoint', name);
    if (existsSync(from)) copyFileSync(from, join(copy, '.counterpoint', name));
  }
  const db = new DatabaseSync(join(copy, '.counterpoint/runs.sqlite'));
  db.exec('DELETE FROM leases');
  db.close();
  return copy;
}

/** What the script of the last attempt has seen, in order, and the keys of the agents that were sent out in it. */
function lastAttempt(workspace: string): { seen: string[]; sent: string[]; finished: string[] } {
  const { events } = readStored(workspace);
  expect(isGapless(events)).toBe(true);
  const last = events.slice(events.findLastIndex(({ type }) => type === 'run.started'));
  const keys = new Map(
    last.flatMap((event) => (event.type === 'call.issued' ? [[event.call.id, event.call.key]] : [])),
  );
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  const finished = db.prepare('SELECT key FROM results').all();
  db.close();
  return {
    seen: last.flatMap((event) => (event.type === 'log' && event.message.startsWith('·') ? [event.message] : [])),
    sent: last.flatMap((event) => (event.type === 'call.started' ? [keys.get(event.id) ?? 'unknown'] : [])),
    finished: finished.map(({ key }) => String(key)),
  };
}

function beginsWith(longer: string[], shorter: string[]): boolean {
  return shorter.every((line, index) => longer[index] === line);
}

test(`${PROGRAMS} random programs, cut and resumed: the same result, nothing paid for twice, the same order of events`, async () => {
  let attempts = 0;
  let reused = 0;
  const property = fc.asyncProperty(somePrograms(), cuts, async (program, planned) => {
    const undisturbed = await attempt(tempDir(), program, null);
    let { workspace, result }: Attempt = { workspace: tempDir(), result: undefined, asked: [] };
    let known = { seen: [] as string[], finished: [] as string[] };
    for (const cut of [...planned, null]) {
      const done = await attempt(workspace, program, cut);
      attempts += 1;
      ({ workspace, result } = done);
      const now = lastAttempt(workspace);
      expect(now.sent.filter((key) => known.finished.includes(key))).toEqual([]);
      expect(done.asked.length).toBeLessThanOrEqual(countAgents(program) - agentsAmong(workspace, known.finished));
      // An attempt that was cut in its replay has seen less than those before.
      const [longer, shorter] = now.seen.length > known.seen.length ? [now.seen, known.seen] : [known.seen, now.seen];
      expect(beginsWith(longer, shorter)).toBe(true);
      reused += known.finished.length;
      known = { seen: longer, finished: now.finished };
      if (result !== undefined) break;
    }
    expect(result).toEqual(undisturbed.result);
    expect(lastAttempt(workspace).seen).toEqual(known.seen);
  });
  await fc.assert(property, { seed: SEED, numRuns: PROGRAMS, endOnFailure: true });
  console.log(`seed ${SEED}: ${PROGRAMS} programs in ${attempts} attempts, ${reused} results found again`);
  expect(reused).toBeGreaterThan(PROGRAMS);
}, 90_000);

function agentsAmong(workspace: string, keys: string[]): number {
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  const requests = new Set(
    db
      .prepare("SELECT key FROM requests WHERE request ->> 'kind' = 'agent'")
      .all()
      .map(({ key }) => String(key)),
  );
  db.close();
  return keys.filter((key) => requests.has(key)).length;
}
