import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { grepTool } from '../../extension/tools/grep.ts';
import { tempDir } from '../support/temp-dir.ts';
import { workspaceWith } from '../support/workspace.ts';

const FILES = {
  'src/b.ts': 'import x\n  const key = "a:b"\nKEY\n',
  'src/a.ts': 'no\nkey\n',
  'a.md': 'key\n',
  'src-2/z.ts': 'key\n',
  'dist/out.ts': 'key\n',
  'node_modules/m/m.ts': 'key\n',
  '.git/config': 'key\n',
  '.gitignore': 'dist/\n',
};

test('every match is path:line:text as it stands, sorted by path and line', async () => {
  const context = await workspaceWith(FILES);
  expect(await grepTool.run({ pattern: 'key' }, context)).toBe(
    'a.md:1:key\nsrc-2/z.ts:1:key\nsrc/a.ts:2:key\nsrc/b.ts:2:  const key = "a:b"',
  );
  expect(await grepTool.run({ pattern: 'nowhere' }, context)).toBe('No matches.');
});

test('case, folder, files and glob narrow a search', async () => {
  const context = await workspaceWith(FILES);
  expect(await grepTool.run({ pattern: '^key$', ignoreCase: true, path: 'src' }, context)).toBe(
    'src/a.ts:2:key\nsrc/b.ts:3:KEY',
  );
  expect(await grepTool.run({ pattern: 'key', paths: ['src/b.ts', 'a.md'] }, context)).toBe(
    'a.md:1:key\nsrc/b.ts:2:  const key = "a:b"',
  );
  expect(await grepTool.run({ pattern: 'key', glob: '*.md' }, context)).toBe('a.md:1:key');
  expect(await grepTool.run({ pattern: 'key', glob: 'src/**' }, context)).toBe(
    'src/a.ts:2:key\nsrc/b.ts:2:  const key = "a:b"',
  );
});

test('a glob does not bring back what is ignored; a file that is named is searched all the same', async () => {
  const context = await workspaceWith(FILES);
  expect(await grepTool.run({ pattern: 'key', glob: '**' }, context)).not.toMatch(/dist|node_modules|\.git/);
  expect(await grepTool.run({ pattern: 'key', path: 'dist/out.ts' }, context)).toBe('dist/out.ts:1:key');
});

test('a line is told once, also where a file and its folder are both named', async () => {
  const context = await workspaceWith(FILES);
  expect(await grepTool.run({ pattern: 'key', paths: ['src', 'src/a.ts', './src/a.ts'], path: 'src' }, context)).toBe(
    'src/a.ts:2:key\nsrc/b.ts:2:  const key = "a:b"',
  );
});

test('too many matches are cut, the same ones every time, and it is said', async () => {
  const context = await workspaceWith(
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}.txt`, 'hit\nhit\n'])),
  );
  const first = await grepTool.run({ pattern: 'hit', maxResults: 5 }, context);
  expect(first.split('\n')).toHaveLength(7);
  expect(first).toContain('(more than 5 matches; narrow the search or raise maxResults)');
  expect(await grepTool.run({ pattern: 'hit', maxResults: 5 }, context)).toBe(first);
  expect((await grepTool.run({ pattern: 'hit', maxResults: 80 }, context)).split('\n')).toHaveLength(80);
});

test('more files than one command line takes are all searched', async () => {
  const name = (index: number): string => `${'long-name-'.repeat(10)}${index}.txt`;
  const context = await workspaceWith(
    Object.fromEntries(Array.from({ length: 600 }, (_, index) => [name(index), 'hit'])),
  );
  const paths = Array.from({ length: 600 }, (_, index) => name(index));
  expect((await grepTool.run({ pattern: 'hit', paths, maxResults: 1_000 }, context)).split('\n')).toHaveLength(600);
});

test('a long line is cut, CRLF does not show, a binary file is left out', async () => {
  const context = await workspaceWith({
    'long.txt': `hit${'x'.repeat(9_000)}`,
    'crlf.txt': 'a hit\r\n',
    'data.bin': new Uint8Array([104, 105, 116, 10, 0, 1, 2]),
  });
  expect(await grepTool.run({ pattern: 'hit' }, context)).toBe(`crlf.txt:1:a hit\nlong.txt:1:hit${'x'.repeat(497)}…`);
  expect(await grepTool.run({ pattern: 'hit$' }, context)).toBe('crlf.txt:1:a hit');
});

test('a pattern is a pattern, whatever it looks like; a bad one is told', async () => {
  const context = await workspaceWith({ 'a.txt': '--files\n$(touch pwned)\n' });
  expect(await grepTool.run({ pattern: '--files' }, context)).toBe('a.txt:1:--files');
  expect(await grepTool.run({ pattern: '\\$\\(touch pwned\\)' }, context)).toBe('a.txt:2:$(touch pwned)');
  await expect(grepTool.run({ pattern: '(' }, context)).rejects.toThrow('unclosed group');
  await expect(grepTool.run({ pattern: '(?=x)' }, context)).rejects.toThrow('look-around');
});

test('a search gets none of our environment and no settings of the user', async () => {
  const context = await workspaceWith({ 'a.txt': 'hit' });
  const spy = join(tempDir(), 'rg');
  writeFileSync(spy, `#!/bin/sh\nexec /usr/bin/env -u PWD -u _ -u SHLVL -u OLDPWD /usr/bin/env > '${spy}.out'\n`);
  chmodSync(spy, 0o755);
  process.env.SOME_SECRET = 'must-not-travel';
  await grepTool.run({ pattern: 'hit' }, { ...context, ripgrep: spy });
  delete process.env.SOME_SECRET;
  expect(readFileSync(`${spy}.out`, 'utf8')).toBe('');
});

test('a stop ends the search, and its process', async () => {
  const context = await workspaceWith({ 'a.txt': 'hit' });
  const slow = join(tempDir(), 'rg');
  writeFileSync(slow, `#!/bin/sh\necho $$ > '${slow}.pid'\nexec sleep 60\n`);
  chmodSync(slow, 0o755);
  const stop = new AbortController();
  const searching = grepTool.run({ pattern: 'hit' }, { ...context, ripgrep: slow, signal: stop.signal });
  while (!existsSync(`${slow}.pid`) || readFileSync(`${slow}.pid`, 'utf8') === '') await sleep(5);
  const reason = new Error('stopped by a person');
  stop.abort(reason);
  await expect(searching).rejects.toBe(reason);
  const pid = Number(readFileSync(`${slow}.pid`, 'utf8'));
  await expect.poll(() => isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('of more matches than can be sorted, those of the first files are shown', async () => {
  const text = 'key\n'.repeat(1_000);
  const names = Array.from({ length: 25 }, (_, at) => `src/${String.fromCharCode(97 + at)}.ts`);
  const context = await workspaceWith(Object.fromEntries(names.map((name) => [name, text])));
  expect(await grepTool.run({ pattern: 'key', maxResults: 2 }, context)).toBe(
    'src/a.ts:1:key\nsrc/a.ts:2:key\n\n(more than 2 matches; narrow the search or raise maxResults)',
  );
  // And of fewer it is the same.
  expect(await grepTool.run({ pattern: 'key', path: 'src/b.ts', maxResults: 1 }, context)).toMatch(
    /^src\/b\.ts:1:key\n\n/,
  );
});

test('files with a mark of their encoding, and lines beyond what is shown, are found as they stand', async () => {
  const context = await workspaceWith({
    'utf-8.txt': Buffer.from('\ufeffkey é\nother key\r\n'),
    'utf-16.txt': Buffer.from('\ufeffno\nkey é\n', 'utf16le'),
    'broken.txt': Buffer.from([...Buffer.from('key '), 0xff, 0xfe, 10]),
    'wide.txt': `${'é'.repeat(700)} key\nkey${'é'.repeat(5_000)}\n`,
  });
  const found = (await grepTool.run({ pattern: 'key' }, context)).split('\n').map((line) => line.slice(0, 40));
  expect(found).toEqual([
    'broken.txt:1:key \ufffd\ufffd',
    'utf-16.txt:2:key é',
    'utf-8.txt:1:key é',
    'utf-8.txt:2:other key',
    `wide.txt:1:${'é'.repeat(29)}`,
    `wide.txt:2:key${'é'.repeat(26)}`,
  ]);
});

test('what is read while a link stands in the place of a file or a folder is not told', async () => {
  const context = await workspaceWith({ 'file.txt': 'free\n', 'folder/secret.txt': 'free\n' });
  const outside = tempDir();
  writeFileSync(join(outside, 'secret.txt'), 'CANARY\n');
  const swapping = join(tempDir(), 'rg');
  // Swapped before ripgrep begins, and back when it is through.
  const script = `#!/bin/sh
    PATH=/usr/bin:/bin; cd ${context.workspace} || exit 2
    mv file.txt file-0; ln -s ${outside}/secret.txt file.txt; mv folder folder-0; ln -s ${outside} folder
    ${context.ripgrep} "$@"
    rm file.txt folder; mv file-0 file.txt; mv folder-0 folder`;
  writeFileSync(swapping, script, { mode: 0o755 });
  const within = { ...context, ripgrep: swapping };
  expect(await grepTool.run({ pattern: '.', paths: ['file.txt', 'folder/secret.txt'] }, within)).toBe('No matches.');
  expect(await grepTool.run({ pattern: '.', paths: ['file.txt', 'folder/secret.txt'] }, context)).toBe(
    'file.txt:1:free\nfolder/secret.txt:1:free',
  );
});
