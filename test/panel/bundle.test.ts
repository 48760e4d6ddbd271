import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { webviewDist } from '../support/panel-page.ts';

it('builds one script of at most 600 kB, Markdown, code, the side and previews beside it, and one style sheet that loads nothing', async () => {
  const folder = join(await webviewDist(), 'webview');
  expect((await readdir(folder)).sort()).toEqual([
    'panel-code.js',
    'panel-markdown.js',
    'panel-preview.js',
    'panel-side.js',
    'panel.css',
    'panel.js',
  ]);
  expect((await readFile(join(folder, 'panel.js'))).byteLength).toBeLessThanOrEqual(600_000);
  expect((await readFile(join(folder, 'panel-markdown.js'))).byteLength).toBeLessThanOrEqual(200_000);
  expect((await readFile(join(folder, 'panel-code.js'))).byteLength).toBeLessThanOrEqual(200_000);
  expect((await readFile(join(folder, 'panel-side.js'))).byteLength).toBeLessThanOrEqual(100_000);
  expect((await readFile(join(folder, 'panel-preview.js'))).byteLength).toBeLessThanOrEqual(50_000);
  const loaded = (await readFile(join(folder, 'panel.css'), 'utf8')).match(/url\((?!["']?data:)[^)]*\)|@import/g);
  expect(loaded).toBeNull();
});

it('keeps Markdown and grammars out of the first script, and React out of the others', async () => {
  const folder = join(await webviewDist(), 'webview');
  const scripts = await Promise.all(
    ['panel.js', 'panel-markdown.js', 'panel-code.js', 'panel-side.js', 'panel-preview.js'].map((name) =>
      readFile(join(folder, name), 'utf8'),
    ),
  );
  const holding = (name: string) => scripts.map((script) => script.includes(name));
  // A name of micromark's, one of a grammar's, one of React's, and a decision, which previews and permissions have in common.
  expect(holding('thematicBreak')).toEqual([false, true, false, false, false]);
  expect(holding('template-variable')).toEqual([false, false, true, false, false]);
  expect(holding('__CLIENT_INTERNALS')).toEqual([true, false, false, false, false]);
  expect(holding('Always for This Version')).toEqual([false, false, false, true, true]);
});
