import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { editFileTool } from '../../extension/tools/edit-file.ts';
import { gitDiffTool } from '../../extension/tools/git-diff.ts';
import { globTool } from '../../extension/tools/glob.ts';
import { grepTool } from '../../extension/tools/grep.ts';
import { listDirectoryTool } from '../../extension/tools/list-directory.ts';
import { readFileTool } from '../../extension/tools/read-file.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { writeFileTool } from '../../extension/tools/write-file.ts';
import { commitFiles, git } from '../support/git-folder.ts';
import { underRules } from '../support/permitted-call.ts';
import { tempDir } from '../support/temp-dir.ts';
import { workspaceWith, writeFiles } from '../support/workspace.ts';

const FILES = {
  'a.txt': 'KEY open\n',
  'secret/x.txt': 'KEY hidden\n',
  'secret/deep/y.txt': 'KEY hidden\n',
  'deep/Secret/z.txt': 'KEY open\n',
};

test('what a rule denies is left out of every search over a folder around it, and that is said', async () => {
  const context = await workspaceWith(FILES);
  const { call } = underRules(context, { rules: { deny: ['read_file(secret/**)'] }, profile: 'read-only' });
  const note = '\n\n(left out 2 files that rules keep back)';
  const open = 'a.txt:1:KEY open\ndeep/Secret/z.txt:1:KEY open';
  expect(await call(grepTool, { pattern: 'KEY' })).toBe(open + note);
  expect(await call(grepTool, { pattern: 'KEY', glob: '*.txt' })).toBe(open + note);
  expect(await call(globTool, { pattern: '**/*.txt' })).toBe(`a.txt\ndeep/Secret/z.txt${note}`);
  expect(await call(listDirectoryTool, {})).toBe('a.txt\ndeep/\n\n(left out 1 file that rules keep back)');
  // Elsewhere nothing is left out, and nothing said.
  expect(await call(grepTool, { pattern: 'KEY', path: 'deep' })).toBe('deep/Secret/z.txt:1:KEY open');
  expect(await call(listDirectoryTool, { path: 'deep' })).toBe('Secret/');
});

test('how many are left out is no answer to what is in them', async () => {
  const context = await workspaceWith(FILES);
  const { call } = underRules(context, { rules: { deny: ['grep(secret/**)'] } });
  const none = 'No matches.\n\n(left out 2 files that rules keep back)';
  expect(await call(grepTool, { pattern: 'hidden' })).toBe(none);
  expect(await call(grepTool, { pattern: 'nowhere' })).toBe(none);
  const files = 'No files found.\n\n(left out 2 files that rules keep back)';
  expect(await call(globTool, { pattern: 'x.txt' })).toBe(files);
  expect(await call(globTool, { pattern: 'nothing' })).toBe(files);
});

test('what is denied is denied to every tool that reads, by its name and through a link', async () => {
  const context = await workspaceWith(FILES);
  symlinkSync('secret', join(context.workspace, 'link'));
  symlinkSync('secret/x.txt', join(context.workspace, 'file-link'));
  const { call } = underRules(context, { rules: { deny: ['list_directory(secret/**)', 'glob(named-link)'] } });
  for (const path of ['secret', 'SECRET/../secret/', 'link', 'link/deep']) {
    for (const [tool, input] of [
      [grepTool, { pattern: 'KEY', path }],
      [grepTool, { pattern: 'KEY', paths: ['a.txt', path] }],
      [globTool, { pattern: '**', path }],
      [listDirectoryTool, { path }],
    ] as [Tool, JsonObject][])
      expect(await call(tool, input), `${tool.name} ${path}`).toMatch(/^refused: /);
  }
  for (const path of ['secret/x.txt', 'file-link', 'link/x.txt']) {
    expect(await call(readFileTool, { path }), path).toMatch(/the rule list_directory\(secret\/\*\*\) denies it/);
    expect(await call(editFileTool, { path, edits: [{ old: 'KEY', new: 'x' }] }), path).toMatch(/denies it/);
  }
  symlinkSync('a.txt', join(context.workspace, 'named-link'));
  expect(await call(readFileTool, { path: 'named-link' })).toMatch(/the rule glob\(named-link\) denies it/);
  expect(await call(readFileTool, { path: 'a.txt' })).toBe('1\tKEY open');
});

test('what would be asked is left out of a search, unless the person was asked about the folder or said yes before', async () => {
  const context = await workspaceWith(FILES);
  const ask = { ask: ['read_file(secret/**)'] };
  const silent = underRules(context, { rules: ask, answer: 'once' });
  expect(await silent.call(grepTool, { pattern: 'hidden' })).toMatch(/^No matches\.\n\n\(left out 2 files/);
  expect(silent.asked).toEqual([]);
  const folder = underRules(context, { rules: ask, answer: 'once' });
  expect(await folder.call(grepTool, { pattern: 'hidden', path: 'secret' })).toBe(
    'secret/deep/y.txt:1:KEY hidden\nsecret/x.txt:1:KEY hidden',
  );
  expect(folder.asked).toHaveLength(1);
  const before = underRules(context, { rules: ask, answer: 'run' });
  await before.call(grepTool, { pattern: 'hidden', path: 'secret/x.txt' });
  expect(await before.call(grepTool, { pattern: 'hidden' })).toBe(
    'secret/x.txt:1:KEY hidden\n\n(left out 1 file that rules keep back)',
  );
  // A yes to a folder is none to what another rule is about within it.
  const two = underRules(context, {
    rules: { ask: ['read_file(secret)'], deny: ['grep(secret/deep/**)'] },
    answer: 'once',
  });
  expect(await two.call(grepTool, { pattern: 'hidden', path: 'secret' })).toBe(
    'secret/x.txt:1:KEY hidden\n\n(left out 1 file that rules keep back)',
  );
});

test('changes to files that rules keep back are left out, also of those that are new or were moved away', async () => {
  const context = await workspaceWith({});
  commitFiles(context.workspace, {
    'a.txt': 'one\n',
    'secret/x.txt': 'one of many lines\ntwo\nthree\n',
    'secret/w.txt': 'w\n',
  });
  writeFiles(context.workspace, { 'a.txt': 'two\n', 'secret/new.txt': 'HIDDEN\n', 'secret/w.txt': 'HIDDEN\n' });
  git(context.workspace, 'mv', 'secret/x.txt', 'moved.txt');
  writeFiles(context.workspace, { 'moved.txt': 'one of many lines\ntwo\nfour\n' });
  const { call } = underRules(context, { rules: { deny: ['read_file(secret/**)'] }, profile: 'read-only' });
  const diff = await call(gitDiffTool, {});
  expect(diff).toContain('+two');
  expect(diff).not.toMatch(/HIDDEN|secret|three/);
  expect(diff).toMatch(/\(left out 3 files that rules keep back\)$/);
  expect(await call(gitDiffTool, { paths: ['secret/w.txt'] })).toMatch(/^refused: .*denies it/);
  expect(await call(gitDiffTool, { paths: ['./secret'] })).toMatch(/^refused: .*denies it/);
});

test('a link that is put in the way after a call was allowed leads nowhere else', async () => {
  const links: [path: string, callOf: (path: string) => [Tool, JsonObject]][] = [
    ['a.txt', (path) => [readFileTool, { path }]],
    ['a.txt', (path) => [writeFileTool, { path, content: 'x' }]],
    ['a.txt', (path) => [editFileTool, { path, edits: [{ old: 'KEY', new: 'x' }] }]],
    ['deep', (path) => [listDirectoryTool, { path }]],
    ['deep', (path) => [globTool, { pattern: '**', path }]],
    ['deep', (path) => [grepTool, { pattern: 'KEY', path }]],
  ];
  for (const [path, callOf] of links) {
    const context = await workspaceWith(FILES);
    const [tool, input] = callOf(path);
    const { call } = underRules(context, {
      rules: { deny: ['read_file(secret/**)', 'edit_file(secret/**)'] },
      between: () => {
        rmSync(join(context.workspace, path), { recursive: true });
        symlinkSync(path === 'deep' ? 'secret' : 'secret/x.txt', join(context.workspace, path));
      },
    });
    expect(await call(tool, input), tool.name).toMatch(/^refused: .* is not what was allowed/);
    expect(readFileSync(join(context.workspace, 'secret/x.txt'), 'utf8'), tool.name).toBe('KEY hidden\n');
  }
});

test('a link that is put in the way while a search is under way brings nothing', async () => {
  for (const tool of [globTool, grepTool]) {
    const context = await workspaceWith(FILES);
    const { workspace, ripgrep } = context;
    const swapping = join(tempDir(), 'rg');
    const swap = `[ -L ${workspace}/deep ] || { /bin/mv ${workspace}/deep ${workspace}/gone; /bin/ln -s ${workspace}/secret ${workspace}/deep; }`;
    writeFileSync(swapping, `#!/bin/sh\n${swap}\ncd ${workspace}/deep\nexec ${ripgrep} "$@"\n`, { mode: 0o755 });
    const { call } = underRules({ ...context, ripgrep: swapping }, { rules: { deny: ['read_file(secret/**)'] } });
    expect(await call(tool, { pattern: tool === globTool ? '**' : 'KEY', path: 'deep' }), tool.name).toMatch(
      /^refused: deep changed while it was being looked through/,
    );
  }
});
