import { expect, test } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { type LibraryRun, type Line, runLibrary, thoseOf } from '../support/library-run.ts';

interface Result {
  answer: string;
  winner: number;
  improved: boolean;
  attempts: { number: number; approach: string | null; answer: string }[];
  matches: { pair: number[]; winner: number; scores: number[] | null; reasons: string[]; note: string | null }[];
  report: string;
}
type Candidate = { number: number; candidate: string };

/** How good each way is: what the judges of these tests go by, through the text that it leads to. */
const QUALITY = { stone: 3, water: 9, wind: 5, fire: 4, wood: 6, iron: 2, sand: 1, glass: 7 };
const WAYS = Object.keys(QUALITY);
const THINKER: Line = ['Think of', { approaches: WAYS }];
const attempt = (prompt: string): string => `by ${/Your way: "(\w+)"/.exec(prompt)?.[1]}`;
const ATTEMPTS: Line = ['Do the task below', attempt];
const IMPROVER: Line = ['Make the winning answer better', 'by water, and better'];
const JUDGES: Line = [
  'Counterpoint-Task: judge',
  (prompt) => scored(prompt, (text) => (text.includes('better') ? 10 : QUALITY[text.slice(3) as 'stone'])),
];
const ALL = [THINKER, ATTEMPTS, IMPROVER, JUDGES];

function candidatesOf(prompt: string): Candidate[] {
  return JSON.parse(/^Candidates: (.*)$/m.exec(prompt)?.[1] ?? '[]') as Candidate[];
}

function scored(prompt: string, quality: (text: string, place: number) => number): Json {
  const scores = candidatesOf(prompt).map(({ number, candidate }, place) => [
    String(number),
    quality(candidate, place),
  ]);
  return { scores: Object.fromEntries(scores), reason: 'it is *clearer*' };
}

function play(args: Record<string, Json> = {}, lines = ALL): Promise<LibraryRun<Result>> {
  return runLibrary<Result>('tournament', { task: 'Name the product', ...args }, lines);
}

test('eight attempts, each its own way; the best of them wins wherever it stands, and is improved', async () => {
  const { status, result, prompts } = await play();
  expect(status).toBe('completed');
  expect(result).toMatchObject({ answer: 'by water, and better', winner: 2, improved: true });
  // One thinks, eight attempt, seven pairs by two judges, one improves, and two judge that.
  expect(prompts).toHaveLength(1 + 8 + 14 + 1 + 2);
  expect(
    thoseOf(prompts, 'Do the task')
      .map((prompt) => /Your way: "(\w+)"/.exec(prompt)?.[1])
      .sort(),
  ).toEqual([...WAYS].sort());
  expect(result.matches.map(({ pair }) => pair)).toEqual([
    [1, 2],
    [3, 4],
    [2, 3],
    [5, 6],
    [7, 8],
    [5, 8],
    [2, 8],
  ]);
});

test('of the two judges of a pair each sees it in the other order', async () => {
  const { prompts } = await play();
  const orders = new Map<string, number[]>();
  for (const prompt of thoseOf(prompts, 'Counterpoint-Task: judge')) {
    const shown = candidatesOf(prompt);
    const pair = shown
      .map(({ candidate }) => candidate)
      .sort()
      .join(' against ');
    orders.set(pair, [...(orders.get(pair) ?? []), shown[0]!.number]);
  }
  expect(orders.size).toBe(8);
  for (const [pair, first] of orders) expect([pair, first.sort()]).toEqual([pair, [1, 2]]);
});

test('the improver gets the winner, those that lost to it, and no others', async () => {
  const { prompts } = await play();
  const [improver] = thoseOf(prompts, 'Below are a task');
  expect(improver).toContain('The winner: "by water"\nThe others: ["by glass","by wind","by stone"]');
});

test('a liking for the first of two decides nothing: such a pair is a draw, is judged once more, and the report says so', async () => {
  const judges: Line = [
    'Counterpoint-Task: judge',
    (prompt) => scored(prompt, (_text, place) => (place === 0 ? 9 : 3)),
  ];
  const { result, prompts, logs } = await play({ attempts: 4 }, [THINKER, ATTEMPTS, IMPROVER, judges]);
  // Three pairs and the improved answer, four judges each.
  expect(thoseOf(prompts, 'Counterpoint-Task: judge')).toHaveLength(16);
  expect(result).toMatchObject({ answer: 'by stone', winner: 1, improved: false });
  expect(result.matches.map(({ note }) => note)).toEqual(['a draw', 'a draw', 'a draw']);
  expect(result.report).toContain('beat attempt 2, 6 : 6 (a draw)');
  expect(logs).toContain('attempt 1 against attempt 2: a draw; attempt 1 goes on.');
});

test('an improvement that is not better is not taken', async () => {
  const worse: Line = ['Make the winning answer better', 'by sand'];
  const { result, logs } = await play({}, [THINKER, ATTEMPTS, worse, JUDGES]);
  expect(result).toMatchObject({ answer: 'by water', improved: false });
  expect(logs).toContain('The improved answer was not judged better, so the winner stays as it was.');
});

test('ways that are given are gone, and nobody thinks of others', async () => {
  const { result, prompts, logs } = await play({ attempts: 2, approaches: ['iron', 'wood', 'glass'] });
  expect(thoseOf(prompts, 'Here is a task')).toEqual([]);
  expect(result.attempts.map(({ approach }) => approach)).toEqual(['iron', 'wood']);
  expect(logs).toContain('Not attempted, for there are 2 attempts: glass');
});

test('attempts that fail are told of, and the others are judged; where the thinker fails, all go their own way', async () => {
  const some = await play({}, [
    THINKER,
    ['"water"', { status: 400 }],
    ATTEMPTS,
    ['Make the winning', 'by glass, and better'],
    JUDGES,
  ]);
  expect(some.status).toBe('completed_with_failures');
  expect(some.result).toMatchObject({ winner: 8, answer: 'by glass, and better' });
  expect(some.result.matches).toHaveLength(6);
  expect(some.logs).toContain('1 of 8 attempts came to nothing; the others are judged.');
  const blind = await play({ attempts: 2 }, [
    ['Think of', { status: 400 }],
    ['Do the task', 'by wood'],
    IMPROVER,
    JUDGES,
  ]);
  expect(blind.logs).toContain('There are 0 ways for 2 attempts; all go their own.');
  expect(blind.result.attempts.map(({ approach }) => approach)).toEqual([null, null]);
});

test('judges that fail decide nothing, and the first goes on; without any attempt there is no result', async () => {
  const unjudged = await play({ attempts: 2 }, [
    THINKER,
    ATTEMPTS,
    IMPROVER,
    ['Counterpoint-Task: judge', { status: 400 }],
  ]);
  expect(unjudged.result).toMatchObject({ winner: 1, improved: false, answer: 'by stone' });
  expect(unjudged.result.report).toContain('**attempt 1** beat attempt 2 (nobody judged it)');
  const none = await play({ attempts: 2 }, [THINKER, ['Do the task', { status: 400 }]]);
  expect(none.status).toBe('failed');
  expect(none.error?.message).toBe('No attempt came to an answer, so there is nothing to judge; the log says why.');
});

test('an overloaded provider is asked again, and nothing is lost', async () => {
  let refusals = 3;
  const overloaded: Line = ['Do the task', (prompt) => (refusals-- > 0 ? { status: 529 } : attempt(prompt))];
  const { status, result } = await play({}, [overloaded, THINKER, IMPROVER, JUDGES]);
  expect(status).toBe('completed');
  expect(result.attempts).toHaveLength(8);
});

test('few agents make fewer attempts, so that those made can be judged', async () => {
  const { result, prompts, logs } = await play({ maxAgents: 9 });
  expect(result.attempts).toHaveLength(2);
  expect(prompts.length).toBeLessThanOrEqual(9);
  expect(result.improved).toBe(true);
  expect(logs).toContain('Only 2 of 8 attempts are made, for maxAgents is 9.');
});

test('what agents write does not become markup of the report', async () => {
  const hostile = '````\n# Ignore all that <script>alert(1)</script>\n```';
  const { result } = await play({ attempts: 2, approaches: ['a <b>way</b>', '[x](javascript:alert(1))'] }, [
    ['Do the task', hostile],
    ['Make the winning', hostile],
    ['Counterpoint-Task: judge', (prompt) => scored(prompt, (_text, place) => candidatesOf(prompt)[place]!.number)],
  ]);
  expect(result.report).toContain(`\`\`\`\`\`\n${hostile}\n\`\`\`\`\``);
  expect(result.report).toContain('| 1 | a \\<b\\>way\\</b\\> |');
  expect(result.report).toContain('\\[x\\](javascript:alert(1))');
  expect(result.report).toContain('“it is \\*clearer\\*”');
});

test.each<[Json, string]>([
  [{}, 'task'],
  [{ task: '' }, '"task" must NOT have fewer than 1 characters'],
  [{ task: 'x', attempts: 1 }, '"attempts" must be >= 2'],
  [{ task: 'x', tries: 3 }, '"tries" is not known'],
])('args %j are refused before anything runs', async (args, message) => {
  await expect(runLibrary('tournament', args, [])).rejects.toThrow(message);
});
