import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunOutcome } from '../../extension/runs/run-service.ts';
import type { FakeScript } from '../support/fake-anthropic.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { isGapless, readStored, type StoredState, startDriver, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';

const SCRIPT = `phase('Read');
  const list = await pipeline(['a', 'b', 'c'], (x) => agent('read ' + x), (text, x) => agent('sum up ' + x + ': ' + text));
  const winner = await Promise.race([agent('the quick one'), agent('the slow one')]);
  const after = await agent('after ' + winner);
  const nothing = await agent('refused');
  phase('Doubt');
  const { verdict, for: votes, against } = await challenge({ title: 'it holds' }, { challengers: 3 });
  phase('Decide');
  const { choice } = await checkpoint('Go on?', { choices: ['Yes', 'No'], timeoutMs: 5, default: 'Yes' });
  const files = await tool('glob', { pattern: 'part.js' });
  const part = await workflow('part', { choice });
  const { winner: best, scores } = await judge(list.slice(0, 2), { criteria: 'brevity', judges: 2 });
  return { list, winner, after, nothing, verdict, votes, against, choice, files, part, best, scores, time: Date.now() > 0 }`;

/** What the script calls; the folder is where the driver looks for saved ones. */
const PART = `export const meta = { name: 'part', description: 'called' }
return await agent('inside, told ' + args.choice)`;

const RESULT = {
  list: ['a', 'b', 'c'].map((x) => `re: sum up ${x}: re: read ${x}`),
  winner: 're: the quick one',
  after: 're: after re: the quick one',
  nothing: null,
  verdict: 'upheld',
  votes: 2,
  against: 1,
  choice: 'Yes',
  files: 'part.js',
  part: 're: inside, told Yes',
  best: 1,
  scores: [4, 6],
  time: true,
};
const AGENTS = 16;
const CONCURRENCY = 4;

/** The slow one has its answer only when the race is decided, on disk, so that the result is the same whenever it is cut. */
function answers(): FakeScript {
  const decided = Promise.withResolvers<void>();
  return async (body) => {
    const prompt = promptOf(body);
    if (prompt === 'refused') return { status: 400 };
    if (prompt.startsWith('after')) decided.resolve();
    if (prompt === 'the slow one') await decided.promise;
    if (prompt.startsWith('Counterpoint-Task: judge'))
      return { tools: [{ name: 'answer', input: { scores: { 1: 4, 2: 6 }, reason: 'shorter' } }] };
    if (body.tools?.some(({ name }) => name === 'answer')) {
      const verdict = prompt.includes('impact') ? 'refuted' : 'upheld';
      return { tools: [{ name: 'answer', input: { verdict, reason: 'so it is' } }] };
    }
    return { text: `re: ${prompt}` };
  };
}

interface Cut {
  /** What was on disk when the process was dead. */
  stored: StoredState;
  askedBefore: string[];
  askedAfter: string[];
  outcome: RunOutcome;
  end: StoredState;
}

/** Kills a run around one transaction and resumes it in a second process; null where it ended before there was such a transaction. */
async function cutAt(transaction: number, side: 'before' | 'after'): Promise<Cut | null> {
  const api = await startFakeAnthropic(answers(), { delayMs: 3 });
  const workspace = tempDir();
  const task = { workspace, api: api.url };
  writeFileSync(join(workspace, 'part.js'), PART);
  const start = { ...task, script: writeScript(workspace, SCRIPT), limits: { concurrency: CONCURRENCY } };
  try {
    const first = await startDriver({ ...start, die: { transaction, side } });
    const last = await first.gone;
    if (first.child.signalCode !== 'SIGKILL') {
      expect(last).toMatchObject({ type: 'ended', outcome: { result: RESULT } });
      return null;
    }
    const stored = readStored(workspace);
    const askedBefore = promptsOf(api);
    const second = await startDriver(stored.runId ? { ...task, resume: stored.runId } : start);
    const ended = await second.gone;
    if (ended?.type !== 'ended') throw new Error(`after transaction ${transaction}: ${JSON.stringify(ended)}`);
    const askedAfter = promptsOf(api).slice(askedBefore.length);
    return { stored, askedBefore, askedAfter, outcome: ended.outcome, end: readStored(workspace) };
  } finally {
    await api.close();
  }
}

/** The agents that could only be asked once the script had the answer of another. */
const NEEDS = ['a', 'b', 'c']
  .map((x) => [`sum up ${x}: re: read ${x}`, `read ${x}`])
  .concat([
    ['after re: the quick one', 'the quick one'],
    ['refused', 'after re: the quick one'],
  ]);

/**
 * Cuts at every transaction, two at a time. Their number differs a little from run to run, for what ends together is written
 * together: so the last ones are tried until the very last was among them.
 */
async function cutEverywhere(side: 'before' | 'after'): Promise<Cut[]> {
  const cuts: Cut[] = [];
  let next = 1;
  let undisturbed = 0;
  const work = async (): Promise<void> => {
    while (undisturbed < 4) {
      const cut = await cutAt(next++, side);
      if (cut) cuts.push(cut);
      else undisturbed += 1;
    }
  };
  await Promise.all([work(), work()]);
  const last = next - undisturbed;
  for (let tries = 0; tries < 12 && !cuts.some(isAtTheEnd); tries++) {
    const cut = await cutAt(last - (tries % 4), side);
    if (cut) cuts.push(cut);
  }
  return cuts;
}

/** All have ended but the refused one, which never does: the last transaction is among those that it was cut at. */
function isAtTheEnd({ stored }: Cut): boolean {
  return stored.finished.length === AGENTS - 1;
}

test.each(['before', 'after'] as const)(
  'killed right %s any transaction, a run resumes to the same result and pays for nothing twice',
  async (side) => {
    const cuts = await cutEverywhere(side);
    console.log(
      `kill ${side}: ${cuts.length} boundaries, finished ${cuts.map(({ stored }) => stored.finished.length)}`,
    );
    for (const { stored, askedBefore, askedAfter, outcome, end } of cuts) {
      expect(outcome).toEqual({ status: 'completed_with_failures', result: RESULT });
      expect(isGapless(stored.events)).toBe(true);
      expect(isGapless(end.events)).toBe(true);
      expect(end.events.slice(0, stored.events.length)).toEqual(stored.events);
      expect(askedAfter.filter((prompt) => stored.finished.includes(prompt))).toEqual([]);
      const twice = askedAfter.filter((prompt) => askedBefore.includes(prompt) && prompt !== 'refused');
      expect(twice.length).toBeLessThanOrEqual(CONCURRENCY);
      expect(new Set([...askedBefore, ...askedAfter]).size).toBe(AGENTS);
      const heardUnwritten = NEEDS.filter(([later = '']) => askedBefore.includes(later)).filter(
        ([, earlier = '']) => !stored.finished.includes(earlier),
      );
      expect(heardUnwritten).toEqual([]);
    }
    expect(cuts.some(({ stored }) => stored.finished.length === 0)).toBe(true);
    expect(cuts.some(isAtTheEnd)).toBe(true);
  },
  90_000,
);
