import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { webviewDist } from '../support/panel-page.ts';

it('builds one script of at most 600 kB and one style sheet that loads nothing', async () => {
  const folder = join(await webviewDist(), 'webview');
  expect((await readdir(folder)).sort()).toEqual(['panel.css', 'panel.js']);
  expect((await readFile(join(folder, 'panel.js'))).byteLength).toBeLessThanOrEqual(600_000);
  const loaded = (await readFile(join(folder, 'panel.css'), 'utf8')).match(/url\((?!["']?data:)[^)]*\)|@import/g);
  expect(loaded).toBeNull();
});
