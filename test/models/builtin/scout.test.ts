import { expect, test } from 'vitest';
import { answerOf, runBuiltin } from '../../support/builtin-agent.ts';

const FILES = {
  'src/app.js': '',
  'src/view.tsx': '',
  'src/types.d.ts': '',
  'tools/load.py': '',
  'tools/readme.md': '',
  'static/jquery-3.6.0.min.js': '',
  'vendor/lib.js': '',
  'src/app.test.js': '',
  'tests/test_load.py': '',
};

function scout(fields: string): Promise<unknown> {
  return runBuiltin(FILES, `Counterpoint-Task: scout\n${fields}\n\nList them.`).then(answerOf);
}

test('lists what people have written for production', async () => {
  expect(await scout('Paths: ["."]')).toEqual({ files: ['src/app.js', 'src/view.tsx', 'tools/load.py'], total: 3 });
});

test('says how many there are where it lists fewer', async () => {
  expect(await scout('Paths: ["."]\nMaxFiles: 1')).toEqual({ files: ['src/app.js'], total: 3 });
});

test('keeps to folders, files and a glob', async () => {
  expect(await scout('Paths: ["tools", "src/app.js"]')).toEqual({ files: ['tools/load.py', 'src/app.js'], total: 2 });
  expect(await scout('Paths: ["."]\nGlob: "*.py"')).toEqual({ files: ['tools/load.py'], total: 1 });
});

test('lists tests where there is nothing else', async () => {
  expect(await scout('Paths: ["tests"]')).toEqual({ files: ['tests/test_load.py'], total: 1 });
});

test('fails on a folder that is not there', async () => {
  const { outcome } = await runBuiltin(FILES, 'Counterpoint-Task: scout\nPaths: ["nowhere"]\n\nList them.');
  expect(outcome).toMatchObject({ ok: false, cause: { kind: 'refused' } });
});
