import { expect, test } from 'vitest';
import { masked } from '../../../extension/models/builtin/find.ts';
import { answerOf, runBuiltin } from '../../support/builtin-agent.ts';

interface Answer {
  findings: { file: string; line: number; severity: string; title: string; evidence: string }[];
}

async function find(
  lens: string,
  files: Record<string, string>,
  asked = Object.keys(files),
): Promise<Answer['findings']> {
  const prompt = `Counterpoint-Task: find\nLens: ${JSON.stringify(lens)}\nFiles: ${JSON.stringify(asked)}\n\nLook.`;
  return (answerOf(await runBuiltin(files, prompt)) as unknown as Answer).findings;
}

test('reports file, line, severity, title and the line itself', async () => {
  const findings = await find('injection', { 'a.py': 'import os\n\n  os.system("ls " + name)\n' });
  expect(findings).toEqual([
    {
      file: 'a.py',
      line: 3,
      severity: 'critical',
      title: 'Command line put together from text',
      evidence: 'os.system("ls " + name)',
    },
  ]);
});

test('keeps to the files and to the language of the rule', async () => {
  const files = { 'a.js': 'eval(x);', 'b.js': 'eval(y);', 'c.py': 'document.write(x)' };
  expect((await find('dangerous-calls', files, ['a.js', 'c.py'])).map(({ file }) => file)).toEqual(['a.js']);
});

test('casts wide: what is in a comment is found too', async () => {
  expect(await find('dangerous-calls', { 'a.js': '// eval(x)' })).toHaveLength(1);
});

test('does not pass on the secret itself', async () => {
  const [finding] = await find('secrets', { 'a.py': 'API_KEY = "s3cr3t-value-0815"' });
  expect(finding?.evidence).toBe('API_KEY = "s3c…"');
});

test('no lens passes on what is a credential by its form', async () => {
  const [finding] = await find('dangerous-calls', {
    'a.js': "eval(load('https://app:s3cr3t-value@host', 'AKIAABCDEFGHIJKLMNOP'));",
  });
  expect(finding?.evidence).toBe("eval(load('https://app:…@host', 'AKIA…'));");
});

test.each([
  ["app.config['SECRET_KEY'] = 's3cr3t-value'", "app.config['SECRET_KEY'] = 's3c…'"],
  ['{ "password": "s3cr3t-value" }', '{ "password": "s3c…" }'],
  ["const password = old ? 's3cr3t-value' : 's3cr3t-other';", "const password = old ? 's3c…' : 's3c…';"],
  ["token = os.environ.get('TOKEN', b's3cr3t-value')", "token = os.environ.get('T…', b's3c…')"],
  [`password = "it's a s3cr3t-value"`, 'password = "it\'…"'],
  [`// don't: password = 's3cr3t-value'`, `// don't: password = 's3c…'`],
  ["const key = 's3cr3t-value that goes on and on", "const key = 's3c…"],
  ['const key = String.raw`s3cr3t-value`;', 'const key = String.raw`s3c…`;'],
  ["const keys = ['s3cr3t-value'];", "const keys = ['s3c…'];"],
  ["const key = 's3cr\\'3t-value';", "const key = 's3c…';"],
  ['# AKIAABCDEFGHIJKLMNOP is ours', '# AKIA… is ours'],
  ['postgres://app:s3cr3t-value@db/x', 'postgres://app:…@db/x'],
])('masks the secret in %j, and leaves what names it', (line, expected) => {
  expect(masked(line)).toBe(expected);
  expect(masked(line)).not.toContain('3t-value');
});

test('looks into the block below a handler', async () => {
  const text = 'try {\n  a();\n} catch (e) {\n  log.warn(e);\n}\ntry {\n  b();\n} catch (e) {\n}\n';
  expect((await find('swallowed-errors', { 'a.js': text })).map(({ line }) => line)).toEqual([8]);
});

test('more matches than one search may give are all found', async () => {
  const many = Array.from({ length: 60 }, (_, n) => `f${n}.js`);
  const text = `${'x'.repeat(350)}; eval(x);\n`.repeat(12);
  const findings = await find('dangerous-calls', Object.fromEntries(many.map((name) => [name, text])));
  expect(findings).toHaveLength(60 * 12);
});

test('a lens that it does not know fails with those it knows', async () => {
  const { outcome } = await runBuiltin({}, 'Counterpoint-Task: find\nLens: "style"\nFiles: []\n\n');
  expect(outcome).toMatchObject({ ok: false, cause: { message: expect.stringContaining('weak-crypto') } });
});

test('a file that is gone fails the finder, and does not pass for one without bugs', async () => {
  const { outcome } = await runBuiltin({}, 'Counterpoint-Task: find\nLens: "secrets"\nFiles: ["gone.js"]\n\n');
  expect(outcome).toMatchObject({ ok: false, cause: { message: expect.stringContaining('gone.js') } });
});

test('of files with Lines, only those lines count', async () => {
  const files = { 'a.js': 'eval(a);\neval(b);\neval(c);\neval(d);\n', 'b.js': 'eval(x);\n' };
  const lines = JSON.stringify({ 'a.js': [[2, 2], [4, 9], 'odd', [1]] });
  const prompt = `Counterpoint-Task: find\nLens: "dangerous-calls"\nFiles: ["a.js","b.js"]\nLines: ${lines}\n\nLook.`;
  const { findings } = answerOf(await runBuiltin(files, prompt)) as unknown as Answer;
  expect(findings.map(({ file, line }) => `${file}:${line}`)).toEqual(['a.js:2', 'a.js:4']);
});
