import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Journal, type StoredResult, type StoredRun } from '../../extension/journal/journal.ts';
import { readResults, readRun } from '../../extension/journal/reader.ts';
import type { Json } from '../../extension/protocol/json.ts';
import type { RunEvent, RunEventBody, RunInfo } from '../../extension/protocol/run-events.ts';
import { type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { managerOver } from '../support/faulty-journal.ts';
import { writeScript } from '../support/recovery.ts';
import { promptOf } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

/**
 * Saved journals, and the commands that their scripts gave when they were replayed. A change that makes a saved journal
 * replay otherwise breaks the runs that people have on disk. `UPDATE_GOLDEN=1` writes them anew.
 */
const FOLDER = join(import.meta.dirname, 'golden');
const UPDATE = process.env.UPDATE_GOLDEN === '1';

const SCRIPTS: Record<string, string> = {
  order: `const seen = [];
const note = (x) => { seen.push(x); log(x + ' at ' + Date.now() + ' ' + Math.random()); return x };
await Promise.all(['slow', 'quick', 'same', 'same'].map((p) => agent(p).then(note)));
const timer = (ms) => new Promise((resolve) => setTimeout(() => resolve(note('timer ' + ms)), ms));
const contenders = [timer(60), agent('between').then(note), timer(1)];
const winner = await Promise.race(contenders);
await Promise.all(contenders);
return { seen, winner, now: new Date().toISOString() }`,
  groups: `phase('Read');
const read = await pipeline(args.files, (f) => agent('read ' + f, { label: f }), (text, f, i) =>
  parallel([() => agent('check ' + f), () => { if (i === 1) throw new Error('second file'); return agent('count ' + f, { phase: 'Count' }) }]));
phase('Answer');
const shaped = await agent('shape', { schema: { type: 'object', properties: { verdict: { type: 'string' } }, required: ['verdict'] } });
return { read, shaped }`,
  doubt: `const { items, rounds, stopped } = await converge(async ({ round }) => (await agent('find ' + Math.min(round, 2))).split(' ').slice(-1), { dryRounds: 1 });
const verdicts = await pipeline(items, (item) => challenge({ title: item, file: 'a.ts', line: 3 }, { challengers: 3 }));
return { items, rounds, stopped, verdicts }`,
  decided: `phase('Ask');
const { choice } = await checkpoint('Which?', { choices: ['Left', 'Right'], timeoutMs: 20, default: { choice: 'Right', comment: 'by default' } });
const texts = await Promise.all([tool('glob', { pattern: 'part.js' }), agent('go ' + choice), workflow('part', { choice })]);
const judged = await judge(texts, { criteria: 'clarity', judges: 2 });
return { choice, texts, judged, at: Date.now(), dice: Math.random() }`,
  failing: `const kept = await agent('kept');
try { await agent('typed', { agentType: 'wizard' }) } catch (error) { log(error.name + ': ' + error.message) }
console.warn('about to fail', { kept });
throw new RangeError('no further')`,
};
const ARGS: Json = { files: ['a.ts', 'b.ts'] };

/** A script that `decided` calls. */
const PART = `export const meta = { name: 'part', description: 'called' }
phase('Inside'); return [args.choice, await agent('part of ' + args.choice)]`;

const answers: FakeScript = async (body) => {
  await sleep(promptOf(body) === 'slow' ? 40 : 1);
  if (promptOf(body).startsWith('Counterpoint-Task: judge'))
    return { tools: [{ name: 'answer', input: { scores: { 1: 1, 2: 5, 3: 9 }, reason: 'clearest' } }] };
  if (body.tools?.some(({ name }) => name === 'answer')) {
    return { tools: [{ name: 'answer', input: { verdict: 'upheld', reason: 'so it is' } }] };
  }
  return { text: `re: ${promptOf(body)}` };
};

type MaskedEvent = RunEventBody;

interface Golden {
  run: StoredRun;
  info: RunInfo;
  results: StoredResult[];
  events: MaskedEvent[];
  end: Json;
}

/** One thing a line: the run, its results in the order of their settling, what a replay gave, and how it ended. */
function readGolden(name: string): Golden {
  const lines = readFileSync(join(FOLDER, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  const golden = { results: [] as StoredResult[], events: [] as MaskedEvent[] } as Golden;
  for (const line of lines.map((text) => JSON.parse(text))) {
    if ('result' in line) golden.results.push(line.result);
    else if ('event' in line) golden.events.push(line.event);
    else Object.assign(golden, line);
  }
  return golden;
}

function writeGolden(name: string, { run, info, results, events, end }: Golden): void {
  const lines = [
    { run, info },
    ...results.map((result) => ({ result })),
    ...events.map((event) => ({ event })),
    { end },
  ];
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const CREATED_AT = Date.UTC(2030, 0, 1);

/** Runs the script once for real and keeps its journal, with the times and ids of this machine masked. */
async function record(name: string, body: string): Promise<Golden> {
  const api = await startFakeAnthropic(answers);
  const workspace = tempDir();
  const { manager } = await managerOver(workspace, api.url);
  writeFileSync(join(workspace, 'part.js'), PART);
  const runId = await manager.start({ script: writeScript(workspace, body), provider: 'anthropic', args: ARGS });
  await manager.finished(runId);
  await manager.close();
  await api.close();
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  const [run, stored] = [readRun(db, runId), [...readResults(db, runId).values()]];
  const created = db.prepare(`SELECT body FROM events WHERE type = 'run.created'`).get()?.body;
  db.close();
  if (!run) throw new Error('the run is not in its journal');
  const results = stored
    .sort((a, b) => a.seq - b.seq)
    .map((result, i) => ({
      ...result,
      seq: 10 * (i + 1),
      at: CREATED_AT + 1_000 * (i + 1),
      settled: { ...result.settled, durationMs: 0 },
    }));
  const id = `golden-${name}`;
  const info = { ...(JSON.parse(String(created)).run as RunInfo), id };
  const golden = {
    run: { ...run, id, createdAt: CREATED_AT, clock: CREATED_AT, seed: name },
    info,
    results,
    events: [],
    end: null,
  };
  return { ...golden, ...(await replay(golden)) };
}

/** Resumes a saved journal where no model can be asked. */
async function replay({ run, info, results }: Golden): Promise<Pick<Golden, 'events' | 'end'> & { asked: number }> {
  const workspace = tempDir();
  const saved = new Journal(workspace);
  const created: RunEvent = { seq: 1, at: run.createdAt, type: 'run.created', run: info };
  await saved.append(
    run.id,
    [
      // Those saved before there were forks have no clock of their own.
      { table: 'runs', run: { ...run, clock: run.clock ?? run.createdAt } },
      { table: 'events', event: created },
      ...results.map((result) => ({ table: 'results' as const, result })),
    ],
    { durable: true },
  );
  saved.close();
  const api = await startFakeAnthropic(() => ({ status: 400 }));
  onTestFinished(() => api.close());
  const { manager } = await managerOver(workspace, api.url);
  await manager.resume(run.id);
  const end = await manager.finished(run.id);
  const events = manager.events(run.id, 1).map(masked);
  return { events, end: JSON.parse(JSON.stringify(end)) as Json, asked: api.requests.length };
}

function masked({ seq: _seq, at: _at, ...event }: RunEvent): MaskedEvent {
  if (event.type === 'run.started') return { ...event, engine: 'isolated-vm' };
  if (event.type === 'call.issued' && event.call.checkpoint) {
    const { timeoutAt, ...asked } = event.call.checkpoint;
    return { ...event, call: { ...event.call, checkpoint: { ...asked, askedAt: 0, timeoutAt: timeoutAt && 1 } } };
  }
  if (event.type === 'call.settled') return { ...event, settled: { ...event.settled, durationMs: 0 } };
  return event;
}

describe('a saved journal replays to the same commands, and asks nobody', () => {
  beforeAll(() => {
    if (!UPDATE)
      expect(readdirSync(FOLDER).sort()).toEqual(
        Object.keys(SCRIPTS)
          .map((name) => `${name}.jsonl`)
          .sort(),
      );
  });

  test.each(Object.entries(SCRIPTS))('%s', async (name, body) => {
    if (UPDATE) writeGolden(name, await record(name, body));
    const golden = readGolden(name);
    const { events, end, asked } = await replay(golden);
    expect(asked).toBe(0);
    expect(events).toEqual(golden.events);
    expect(end).toEqual(golden.end);
    expect(golden.results.length).toBeGreaterThan(0);
  });
});
