import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Journal, type JournalRow } from '../../extension/journal/journal.ts';
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import { MOST_HITS } from '../../extension/protocol/panel-messages.ts';
import { NO_USAGE } from '../../extension/protocol/run-events.ts';
import { finderOf, hitsIn } from '../../extension/protocol/text-search.ts';
import { RunArchive } from '../../extension/runs/run-archive.ts';
import { searchRun } from '../../extension/runs/run-search.ts';
import { promptOf, runHarness } from '../support/run-harness.ts';
import { sampleRun } from '../support/sample-run.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a text is found in prompts, answers and transcripts, in the order of the calls', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body).startsWith('one') ? 'A ZEBRA.' : 'nothing' }));
  const { runId } = await harness.run(
    `await agent('one'); await agent('two has a\\n  Striped zebra', { label: 'two' }); return 1`,
  );
  const hits = await harness.manager.search(runId, 'zebra');
  expect(hits.map(({ call, in: where }) => [call, where])).toEqual([
    [1, 'answer'],
    [1, 'transcript'],
    [2, 'prompt'],
  ]);
  expect(hits[2]?.excerpt).toBe('two has a Striped zebra');
  expect(await harness.manager.search(runId, 'striped ZEBRA')).toHaveLength(1);
  expect(await harness.manager.search(runId, 'giraffe')).toEqual([]);
  await expect(harness.manager.search('nowhere', 'zebra')).rejects.toMatchObject({ code: 'run-not-found' });
});

test('what is asked of a person is found; what only an earlier attempt asked for is not', async () => {
  const harness = await runHarness(() => ({ text: 'fine' }));
  const question = `return await checkpoint('Is the walrus late?', { choices: ['yes', 'no'], timeoutMs: 1, default: 'yes' })`;
  const { runId } = await harness.run(`await agent('the early walrus'); ${question}`);
  expect((await harness.manager.search(runId, 'walrus')).map(({ call }) => call)).toEqual([1, 2]);
  const later = join(harness.workspace, 'later.js');
  writeFileSync(later, `export const meta = { name: 'test', description: 'a test' }\n${question}`);
  await harness.manager.resume(runId, { script: later });
  await harness.manager.finished(runId);
  expect(await harness.manager.search(runId, 'walrus')).toEqual([
    { call: 1, in: 'prompt', excerpt: 'Is the walrus late?' },
  ]);
});

/** An archive over a journal with a run of so many agents, each of which was asked the same. */
async function archiveOf(agents: number, prompt: string): Promise<RunArchive> {
  const journal = new Journal(tempDir());
  onTestFinished(() => journal.close());
  const { events } = sampleRun({ agents, state: 'finished' });
  const created = events.find((event) => event.type === 'run.created')!;
  const run = { id: 'r', createdAt: created.at, script: '', args: undefined, seed: '', clock: 0 };
  const rows: JournalRow[] = [{ table: 'runs', run }];
  for (const event of events) {
    rows.push({ table: 'events', event });
    if (event.type !== 'call.issued') continue;
    const { key } = event.call;
    const settled = {
      outcome: 'succeeded' as const,
      reused: false,
      usage: NO_USAGE,
      requests: 1,
      durationMs: 1,
      spent: 0,
    };
    rows.push({ table: 'requests', key, request: { kind: 'agent', prompt, options: {}, role: 'agent' } });
    rows.push({ table: 'results', result: { key, seq: event.seq, value: { found: prompt }, settled, at: event.at } });
  }
  await journal.append('r', rows, { durable: false });
  return new RunArchive(journal);
}

test('other work goes on while thousands of agents are looked through, and no more hits are told than a view can use', async () => {
  const archive = await archiveOf(3000, `${'word '.repeat(1000)}needle`);
  let turns = 0;
  const turn = () => {
    turns += 1;
    beat = setImmediate(turn);
  };
  let beat = setImmediate(turn);
  const missing = await searchRun(archive, 'r', 'not there');
  clearImmediate(beat);
  expect(missing).toEqual([]);
  expect(turns).toBeGreaterThan(2);
  expect(await searchRun(archive, 'r', 'NEEDLE')).toHaveLength(MOST_HITS);
});

const details = (change: Partial<CallDetails>): CallDetails => ({
  id: 1,
  prompt: '',
  options: {},
  transcript: [],
  ...change,
});
const excerptOf = (prompt: string, text: string) => hitsIn(details({ prompt }), finderOf(text)!)[0]?.excerpt;

test('an excerpt is one line around the first place, short, and of whole characters', () => {
  const long = `${'😀'.repeat(300)}x\u0000\u001b[31m\n\tHERE${'😀'.repeat(300)}`;
  const excerpt = excerptOf(long, 'here')!;
  expect(excerpt.length).toBeLessThanOrEqual(200);
  expect(excerpt).toMatch(/^…(😀)+x HERE(😀)+…$/u);
  expect(excerptOf('the whole of it', 'whole')).toBe('the whole of it');
});

test.each([
  [`${'İstanbul'.repeat(3)} Ünlü`, 'ÜNLÜ', true],
  ['cafe\u0301 noir', 'CAFÉ', true],
  ['café noir', 'cafe\u0301', true],
  ['a.b*c(d)', '.B*C(', true],
  ['axb', 'a.b', false],
  ['line one\r\n   line two', 'one line', true],
  ['👩‍👩‍👧 family', '👩‍👩‍👧', true],
  ['💥', '\udca5', false],
])('%j holds %j: %s', (text, wanted, holds) => {
  const match = finderOf(wanted)!(text);
  expect(match !== null).toBe(holds);
  if (match)
    expect(excerptOf(text, wanted)).toContain(text.slice(match.index, match.index + match.length).split(/\s/)[0]);
});

test('nothing is looked for where there is nothing but white space', () => {
  expect(finderOf(' \n\t')).toBeNull();
});

test('all that a transcript holds is looked through, structured answers as they are shown and as they are meant', () => {
  const at = 0;
  const transcript: CallDetails['transcript'] = [
    { type: 'text', at, text: 'alpha' },
    {
      type: 'tool',
      at,
      id: 't',
      name: 'bravo',
      input: { path: 'charlie' },
      output: 'delta',
      isError: false,
      durationMs: 1,
    },
    { type: 'answer-rejected', at, answer: { x: 'echo "one"\ntwo' }, problems: 'foxtrot' },
    { type: 'retry', at, reason: 'golf', delayMs: 1 },
    { type: 'message', at, text: 'hotel' },
    { type: 'note', at, text: 'india' },
  ];
  const whole = details({ transcript, answer: { severity: 'high', why: ['say "no"\nnow'] } });
  const found = (text: string) => hitsIn(whole, finderOf(text)!).map((hit) => hit.in);
  const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo "one" two', 'foxtrot', 'golf', 'hotel', 'india'];
  for (const word of words) expect([word, found(word)]).toEqual([word, ['transcript']]);
  for (const text of ['"severity": "high"', 'say "no" now', 'say \\"no\\"']) expect(found(text)).toEqual(['answer']);
});
