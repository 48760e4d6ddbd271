import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { webviewDist } from '../support/panel-page.ts';

it('builds one script of at most 600 kB, Markdown beside it, and one style sheet that loads nothing', async () => {
  const folder = join(await webviewDist(), 'webview');
  expect((await readdir(folder)).sort()).toEqual(['panel-markdown.js', 'panel.css', 'panel.js']);
  expect((await readFile(join(folder, 'panel.js'))).byteLength).toBeLessThanOrEqual(600_000);
  expect((await readFile(join(folder, 'panel-markdown.js'))).byteLength).toBeLessThanOrEqual(200_000);
  const loaded = (await readFile(join(folder, 'panel.css'), 'utf8')).match(/url\((?!["']?data:)[^)]*\)|@import/g);
  expect(loaded).toBeNull();
});

it('keeps Markdown out of the first script, and React out of the second', async () => {
  const folder = join(await webviewDist(), 'webview');
  const [first, second] = await Promise.all(
    ['panel.js', 'panel-markdown.js'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  // A name of micromark's, and one of React's.
  expect([first!.includes('thematicBreak'), second!.includes('thematicBreak')]).toEqual([false, true]);
  expect([first!.includes('__CLIENT_INTERNALS'), second!.includes('__CLIENT_INTERNALS')]).toEqual([true, false]);
});
