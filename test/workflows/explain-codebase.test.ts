import { expect, test } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { challengers, claimsOf, type LibraryRun, type Line, runLibrary, thoseOf } from '../support/library-run.ts';

interface Statement {
  statement: string;
  file: string;
  line: number;
  verdict: { for: number; against: number; failed: number; reasons: string[] };
}
interface Result {
  overview: string | null;
  flows: { name: string; outcome: string; steps: { step: string; exists: boolean }[] }[];
  begin: { file: string; exists: boolean }[];
  glossary: { term: string; exists: boolean }[];
  statements: Statement[];
  refuted: Statement[];
  unverified: Statement[];
  misses: { question: string }[] | null;
  report: string;
}

const FILES: Record<string, string> = {
  'package.json': '{\n  "main": "src/index.js"\n}\n',
  'README.md': '# Loom\n',
  'src/index.js': 'exports.weave = require("./shuttle").weave;\n',
  'src/shuttle.js': '// The shuttle carries the weft.\nexports.weave = () => 1;\n',
  'app/[id]/page.ts': 'export const page = 1;\n',
  'vendor/x.min.js': 'x\n',
  'picture.png': 'no text',
};
const AT = { file: 'src/shuttle.js', line: 2 };
const TRUE = { statement: 'Weaving is in the shuttle.', ...AT };
const FALSE = { statement: 'Weaving takes an hour.', ...AT };
const NOWHERE = { statement: 'The loom has a cellar.', file: 'src/cellar.js', line: 3 };
const reading = (...statements: Json[]): Json => ({ purpose: 'It weaves.', statements, terms: [] });
const READERS: Line = [/^Read one area/, reading(TRUE)];
const MAP = { overview: 'A loom.', parts: [{ name: 'shuttle', role: 'weaves', uses: ['weft'] }], flows: [], begin: [] };
const DRAWN: Line = ['Draw a map', MAP];
const CONTENT: Line = ['You are that newcomer', { misses: [] }];

function explain(lines: Line[], args: Record<string, Json> = {}, files = FILES): Promise<LibraryRun<Result>> {
  return runLibrary<Result>('explain-codebase', args, lines, files);
}
const said = (statements: Statement[]): string[] => statements.map(({ statement }) => statement);
/** The files that readers were given, area by area. */
const listedIn = (prompts: string[]): string[][] =>
  thoseOf(prompts, 'Read one area').map((prompt) => /files?:\n(.*?)\n\n/s.exec(prompt)?.[1]?.split('\n') ?? []);

test('a small repository is one area; the scout lists it, its languages and where it is entered, without a model', async () => {
  const { status, result, prompts, logs } = await explain([READERS, DRAWN, CONTENT, challengers()]);
  expect(status).toBe('completed');
  expect(listedIn(prompts)).toEqual([['README.md', 'app/[id]/page.ts', 'src/index.js', 'src/shuttle.js']]);
  expect(logs[0]).toBe('4 files in 1 area: JavaScript 2, Markdown 1, TypeScript 1. 3 of other kinds are not mapped.');
  const [painter] = thoseOf(prompts, 'Draw a map');
  expect(painter).toContain(
    `Where it may be entered: ${JSON.stringify(['README.md', 'package.json', 'package.json:2:  "main": "src/index.js"'])}`,
  );
  expect(result.report).toContain('| shuttle | weaves | weft |');
});

test('statements are held against the code; what is refuted does not come into the map, and what cannot be checked is marked', async () => {
  const { result, prompts, logs } = await explain([
    [/^Read one area/, reading(TRUE, FALSE, NOWHERE)],
    DRAWN,
    CONTENT,
    challengers(['hour']),
  ]);
  expect([said(result.statements), said(result.refuted), said(result.unverified)]).toEqual([
    ['Weaving is in the shuttle.'],
    ['Weaving takes an hour.'],
    ['The loom has a cellar.'],
  ]);
  // A line that is not there needs no challenger to be told.
  expect(
    claimsOf(prompts)
      .map(({ title }) => title)
      .sort(),
  ).toEqual(['Weaving is in the shuttle.', 'Weaving takes an hour.']);
  expect(Object.keys(claimsOf(prompts)[0]!)).toEqual(['title', 'file', 'line']);
  expect(logs).toContain('Not checked, for there is no line 3 in src/cellar.js: The loom has a cellar.');
  const [painter] = thoseOf(prompts, 'Draw a map');
  expect(painter).toContain('"Weaving is in the shuttle.","file":"src/shuttle.js","line":2,"checked":true');
  expect(painter).toContain('"The loom has a cellar.","file":"src/cellar.js","line":3,"checked":false');
  expect(painter).not.toContain('hour');
  expect(result.report).toContain('- `src/cellar.js:3` The loom has a cellar. **(unverified)**');
});

test('one challenger decides at a confidence of 0.8, three in agreement at 0.98', async () => {
  const few = await explain([READERS, DRAWN, CONTENT, challengers()]);
  expect(claimsOf(few.prompts)).toHaveLength(1);
  const many = await explain([READERS, DRAWN, CONTENT, challengers()], { confidence: 0.98 });
  expect(claimsOf(many.prompts)).toHaveLength(3);
});

test('what the critic misses is read, checked and drawn in another round, and what is missed then is told', async () => {
  let critics = 0;
  const critic: Line = [
    'You are that newcomer',
    () => ({ misses: [{ question: ['Who winds the warp?', 'Who pays?'][critics++]!, where: 'src' }] }),
  ];
  const more = { statement: 'The warp winds itself.', ...AT };
  const { result, prompts } = await explain([
    READERS,
    [/a newcomer still asks: "Who winds the warp\?"/, reading(more)],
    DRAWN,
    critic,
    challengers(),
  ]);
  expect(said(result.statements).sort()).toEqual(['The warp winds itself.', 'Weaving is in the shuttle.']);
  const maps = thoseOf(prompts, 'Draw a map');
  expect(maps.map((prompt) => prompt.includes('The warp winds itself.'))).toEqual([false, true]);
  expect(result.misses).toEqual([{ question: 'Who pays?', where: 'src' }]);
  expect(result.report).toContain('## What the map does not say\n\n- Who pays? (src)');
});

test('flows are challenged as a whole, places that are not there are marked, and so are terms that do not stand there', async () => {
  const steps = [
    { step: 'enter', file: 'src/index.js', line: 1 },
    { step: 'vanish', ...NOWHERE_AT },
  ];
  const drawn = {
    ...MAP,
    flows: [
      { name: 'Weaving', steps },
      { name: 'Dreaming', steps: [steps[0]!] },
      { name: 'Floating', steps: [] },
    ],
    begin: [
      { why: 'the heart', ...AT },
      { why: 'the cellar', ...NOWHERE_AT },
    ],
  };
  const terms = [
    { term: 'weft', meaning: 'the thread across', ...AT },
    { term: 'flux', meaning: 'invented', ...AT },
  ];
  const { result, prompts, logs } = await explain([
    [/^Read one area/, { purpose: 'It weaves.', statements: [], terms }],
    ['Draw a map', drawn],
    CONTENT,
    challengers(['Dreaming']),
  ]);
  expect(result.flows.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['Weaving', 'upheld'],
    ['Dreaming', 'refuted'],
  ]);
  expect(claimsOf(prompts)).toContainEqual({
    title: 'Weaving: the code goes this way',
    file: 'src/index.js',
    line: 1,
    steps,
  });
  expect(result.report).toContain(
    '### Weaving\n\n1. `src/index.js:1` enter\n2. `src/cellar.js:3` vanish **(unverified)**',
  );
  expect(result.report).toContain('The flow “Dreaming”');
  expect(result.report).not.toContain('### Dreaming');
  expect(logs).toContain('Left out, for it names no place: the flow "Floating".');
  expect(result.report).toContain('2. `src/cellar.js:3` the cellar **(unverified)**');
  expect(result.glossary.map(({ term, exists }) => [term, exists])).toEqual([
    ['flux', false],
    ['weft', true],
  ]);
  expect(result.report).toContain('| flux | invented (unverified) |');
});
const NOWHERE_AT = { file: 'src/cellar.js', line: 3 };

test('a large repository is cut along its folders into few enough areas, and no file is in two or in none', async () => {
  const files: Record<string, string> = {};
  for (const folder of ['a', 'a/x', 'a/y', 'b', 'c/d/e', '.']) {
    for (let n = 0; n < 30; n++) files[`${folder}/f${n}.go`] = 'package p\n';
  }
  const { prompts } = await explain([READERS, DRAWN, CONTENT, challengers()], { maxAreas: 5 }, files);
  const areas = listedIn(prompts);
  expect(areas.length).toBeGreaterThan(2);
  expect(areas.length).toBeLessThanOrEqual(5);
  expect(areas.flat().sort()).toEqual(
    Object.keys(files)
      .map((file) => file.replace('./', ''))
      .sort(),
  );
});

test('a listing too long for one answer is asked for folder by folder, hostile names and all', async () => {
  const long = 'n'.repeat(150);
  const files: Record<string, string> = {};
  for (let n = 0; n < 800; n++) files[`${n % 2 ? 'odd [1] {a,b}' : 'even*'}/${long}${n}.py`] = '';
  const { logs } = await explain([READERS, DRAWN, CONTENT, challengers()], { maxAreas: 1 }, files);
  expect(logs[0]).toBe('800 files in 1 area: Python 800. 0 of other kinds are not mapped.');
});

test('readers, painters and critics that fail are told of; without any reader there is no map', async () => {
  const files = { ...FILES, ...Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`lib/${n}.js`, 'x\n'])) };
  const some = await explain(
    [
      [/^Read one area.*"lib/, { status: 400 }],
      READERS,
      DRAWN,
      ['You are that newcomer', { status: 400 }],
      challengers(),
    ],
    {},
    files,
  );
  expect(some.status).toBe('completed_with_failures');
  expect(some.result.report).toMatch(/- \*\*Not read:\*\* lib\/.*: its reader failed, or none was left\./);
  expect(some.result.misses).toBeNull();
  expect(some.result.report).toContain('Nobody has looked for that, for the critic failed.');
  const undrawn = await explain([READERS, ['Draw a map', { status: 400 }], challengers()]);
  expect(undrawn.result.overview).toBeNull();
  expect(undrawn.result.report).toContain('No map was drawn, for its agent failed; below is what the readers found.');
  expect(said(undrawn.result.statements)).toEqual(['Weaving is in the shuttle.']);
  const none = await explain([[/^Read one area/, { status: 400 }]]);
  expect(none.error?.message).toContain('No reader gave an answer');
});

test('what no agents are left for is unverified, and told of', async () => {
  const { result, logs, prompts } = await explain(
    [[/^Read one area/, reading(TRUE, FALSE)], DRAWN, CONTENT, challengers()],
    { maxAgents: 8 },
  );
  // Whichever is checked first may take five challengers, so that none are left for the other.
  expect([result.statements.length, result.unverified.length]).toEqual([1, 1]);
  expect(logs.some((line) => line.startsWith('Not checked, for the limit of 8 agents was reached: '))).toBe(true);
  expect(prompts.length).toBeLessThanOrEqual(8);
  // The map is drawn all the same.
  expect(result).toMatchObject({ overview: 'A loom.', misses: [] });
});

test('agents are kept for the map and its critic, however many challengers cannot tell', async () => {
  const unsure: Line = ['Counterpoint-Task: challenge', { verdict: 'unsure', reason: 'it was dark' }];
  const lines: Line[] = [[/^Read one area/, reading(TRUE, FALSE)], DRAWN, CONTENT, unsure];
  const { result, prompts } = await explain(lines, { maxAgents: 12 });
  // One reads, and five check the one statement; five for the other would leave one.
  expect(claimsOf(prompts)).toHaveLength(5);
  expect(result).toMatchObject({ overview: 'A loom.', misses: [] });
  expect(result.unverified).toHaveLength(2);
});

test('challengers that a statement did not take are free for others', async () => {
  const flows = [{ name: 'Weaving', steps: [{ step: 'enter', ...AT }] }];
  const lines: Line[] = [READERS, ['Draw a map', { ...MAP, flows }], CONTENT, challengers()];
  // One reads, one of five checks, one draws, one criticises; the flow may take five, and two are kept.
  const { result } = await explain(lines, { maxAgents: 11 });
  expect(result.flows.map(({ outcome }) => outcome)).toEqual(['upheld']);
});

test('the focus reaches everybody who weighs what to tell', async () => {
  const { prompts } = await explain([READERS, DRAWN, CONTENT, challengers()], { focus: 'add a second shuttle' });
  const told = prompts
    .filter((prompt) => prompt.includes('"add a second shuttle"'))
    .map((prompt) => prompt.slice(0, 10));
  expect(told).toEqual(['Read one a', 'Draw a map', 'Below is a']);
});

test('a folder without files is a mistake', async () => {
  const { status, error } = await explain([], { paths: ['scr'] });
  expect(status).toBe('failed');
  expect(error?.message).toBe(
    'explain-codebase: there are no files below "scr". Give folders of the workspace in args.paths.',
  );
});

test('what models write does not become markup of the report', async () => {
  const evil = '<img src=x> | # [a](command:b) ```';
  const { result } = await explain([
    [/^Read one area/, reading({ statement: evil, ...AT })],
    ['Draw a map', { ...MAP, overview: evil }],
    CONTENT,
    challengers(),
  ]);
  expect(result.report).not.toMatch(/(?<!\\)<img/);
  expect(result.report).toContain("- `src/shuttle.js:2` \\<img src=x\\> \\| \\# \\[a\\](command:b) '");
});
