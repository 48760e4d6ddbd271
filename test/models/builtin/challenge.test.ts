import { expect, test } from 'vitest';
import { answerOf, challengeLine, runBuiltin } from '../../support/builtin-agent.ts';

const SIDES = ['live code', 'data flow', 'real impact'];

/** The sides that refute, in order. */
async function against(file: string, text: string, claim: { lens: string; at: string }): Promise<string[]> {
  const verdicts = await Promise.all(SIDES.map((side) => challengeLine(file, text, claim, side)));
  return SIDES.filter((_, index) => verdicts[index]?.verdict === 'refuted');
}

const EVAL = { lens: 'dangerous-calls', at: 'eval(' };

test('nobody refutes what is real', async () => {
  expect(await against('a.js', 'exports.run = (text) => eval(text);', EVAL)).toEqual([]);
});

test.each([
  ['a comment', 'a.js', '// eval(text)\nrun();'],
  ['a string', 'a.js', "exports.help = 'call eval(text) here';"],
  ['a docstring', 'a.py', 'def run(text):\n    """\n    eval(text)\n    """\n'],
  ['a method of the same name', 'a.py', 'def run(model):\n    model.eval()\n    return 1\n'],
])('all sides refute what the syntax tree shows to be %s', async (_, file, text) => {
  expect(await against(file, text, { lens: 'dangerous-calls', at: 'eval(' })).toEqual(SIDES);
});

test.each([
  ['a test by its path', 'tests/a.py', 'def run(text):\n    eval(text)\n'],
  ['what follows a return', 'a.js', 'exports.run = (text) => {\n  return;\n  eval(text);\n};'],
  [
    'what stands under a condition that never holds',
    'a.js',
    'exports.run = (text) => {\n  if (false) {\n    eval(text);\n  }\n};',
  ],
  ['a private function that nothing calls', 'a.py', 'def _run(text):\n    eval(text)\n'],
])('two sides refute %s, each by its own way', async (_, file, text) => {
  expect(await against(file, text, EVAL)).toEqual(['live code', 'real impact']);
});

test.each([
  ['a constant', "exports.run = () => eval('1 + 1');"],
  ['a constant by another name', "const SUM = '1 + 1';\nexports.run = () => eval(SUM);"],
  ['what the only callers give', "function run(text) {\n  return eval(text);\n}\nmodule.exports = () => run('2');"],
])('two sides refute a call with %s', async (_, text) => {
  expect(await against('a.js', text, EVAL)).toEqual(['data flow', 'real impact']);
});

test('a parameter of an exported function may be anything', async () => {
  expect(
    await against('a.js', 'function run(text) {\n  return eval(text);\n}\nmodule.exports = { run };', EVAL),
  ).toEqual([]);
});

test('an allow list counts, and one of something else does not', async () => {
  const guarded = (checked: string): string =>
    `exports.run = (text, kind) => {\n  if (!['a', 'b'].includes(${checked})) throw new Error('no');\n  eval(text);\n};`;
  expect(await against('a.js', guarded('text'), EVAL)).toEqual(['live code', 'real impact']);
  expect(await against('a.js', guarded('kind'), EVAL)).toEqual([]);
});

test('marks for values are no values, however many there are', async () => {
  const text = (marks: string): string =>
    `exports.all = (db, ids) => {\n  const marks = ${marks}.join(', ');\n  return db.query(\`SELECT a FROM b WHERE c IN (\${marks})\`, ids);\n};`;
  const claim = { lens: 'injection', at: 'SELECT' };
  expect(await against('a.js', text("ids.map(() => '?')"), claim)).toEqual(['data flow', 'real impact']);
  expect(await against('a.js', text("Array(ids.length).fill('?')"), claim)).toEqual(['data flow', 'real impact']);
  expect(await against('a.js', text('ids.map((id) => id)'), claim)).toEqual([]);
});

test('a verdict names its ground', async () => {
  const { reason } = await challengeLine('a.js', '// eval(text)', EVAL, 'live code');
  expect(reason).toBe('Line 1 is a comment.');
});

test('any other lens asks all three sides', async () => {
  expect(await challengeLine('a.js', '// eval(text)', EVAL, 'reachability')).toMatchObject({ verdict: 'refuted' });
  expect(await challengeLine('a.js', 'exports.run = (text) => eval(text);', EVAL, 'reachability')).toMatchObject({
    verdict: 'upheld',
  });
});

test('reads a long file to its end', async () => {
  const text = `${'const filler = "............................................................";\n'.repeat(4_000)}exports.run = (text) => eval(text);`;
  expect(await against('a.js', text, EVAL)).toEqual([]);
});

test('TypeScript, TSX and Python have their grammars', async () => {
  expect(
    await against('a.ts', 'export function run(text: string): unknown {\n  return eval(text as string);\n}', EVAL),
  ).toEqual([]);
  expect(await against('a.tsx', 'export const A = ({ text }: { text: string }) => <p>{eval(text)}</p>;', EVAL)).toEqual(
    [],
  );
  expect(await against('a.py', 'def run(text):\n    return eval(text)\n', EVAL)).toEqual([]);
});

test.each([
  ['a file that is not there', {}],
  [
    'code that nests deeper than any stack',
    { 'a.js': `db.query('SELECT a FROM b WHERE c = ' +\n${'x +\n'.repeat(30_000)}y);` },
  ],
  [
    'a line longer than anybody writes',
    { 'a.js': `db.query('SELECT a FROM b WHERE c = ' + x);${'a = 1;'.repeat(10_000)}` },
  ],
])('is unsure about %s, rather than for or against', async (_, files: Record<string, string>) => {
  const claim = JSON.stringify({ file: 'a.js', line: 1, lens: 'injection' });
  const run = await runBuiltin(files, `Counterpoint-Task: challenge\nLens: "data flow"\nClaim: ${claim}\n\n`);
  expect(answerOf(run)).toMatchObject({ verdict: 'unsure' });
});

test('a line that the file does not have is refuted', async () => {
  const claim = JSON.stringify({ file: 'a.js', line: 9, lens: 'dangerous-calls' });
  const run = await runBuiltin(
    { 'a.js': 'a();' },
    `Counterpoint-Task: challenge\nLens: "data flow"\nClaim: ${claim}\n\n`,
  );
  expect(answerOf(run)).toMatchObject({ verdict: 'refuted' });
});

test('a claim without a lens that it knows fails', async () => {
  const { outcome } = await runBuiltin(
    {},
    'Counterpoint-Task: challenge\nLens: "data flow"\nClaim: {"file":"a.js","line":1}\n\n',
  );
  expect(outcome).toMatchObject({ ok: false, cause: { kind: 'refused' } });
});
