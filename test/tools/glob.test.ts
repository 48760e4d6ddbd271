import { join } from 'node:path';
import { expect, test } from 'vitest';
import { globTool } from '../../extension/tools/glob.ts';
import { grepTool } from '../../extension/tools/grep.ts';
import { workspaceWith } from '../support/workspace.ts';

const FILES = {
  'a.ts': '',
  'src/b.ts': '',
  'src/c.js': '',
  'src/deep/d.ts': '',
  '.hidden/e.ts': '',
  'dist/f.ts': '',
  'node_modules/g/g.ts': '',
  '.git/h.ts': '',
  '.gitignore': 'dist/\n*.log\n',
  'x.log': '',
};

test.each([
  ['*.ts', ['.hidden/e.ts', 'a.ts', 'src/b.ts', 'src/deep/d.ts']],
  ['**/*.ts', ['.hidden/e.ts', 'a.ts', 'src/b.ts', 'src/deep/d.ts']],
  ['src/*.ts', ['src/b.ts']],
  ['src/**', ['src/b.ts', 'src/c.js', 'src/deep/d.ts']],
  ['./src/*.{ts,js}', ['src/b.ts', 'src/c.js']],
  ['/a.ts', ['a.ts']],
  ['**', ['.gitignore', '.hidden/e.ts', 'a.ts', 'src/b.ts', 'src/c.js', 'src/deep/d.ts']],
])('%s finds sorted paths of the workspace, and nothing that is ignored', async (pattern, found) => {
  const context = await workspaceWith(FILES);
  expect(await globTool.run({ pattern }, context)).toBe(found.join('\n'));
});

test('a pattern does not bring back what is ignored', async () => {
  const context = await workspaceWith(FILES);
  for (const pattern of ['**/*.log', 'dist/**', 'node_modules/**', '**/g.ts', '.git/**']) {
    expect(await globTool.run({ pattern }, context), pattern).toBe('No files found.');
  }
});

test('a .gitignore counts where there is no repository, too', async () => {
  const context = await workspaceWith({ '.gitignore': 'out/\n', 'a.ts': '', 'out/b.ts': '' });
  expect(await globTool.run({ pattern: '*.ts' }, context)).toBe('a.ts');
});

test('with a path, the pattern is relative to it and the answer to the workspace; an ignored folder that is named is looked into', async () => {
  const context = await workspaceWith(FILES);
  expect(await globTool.run({ pattern: '*.ts', path: 'src' }, context)).toBe('src/b.ts\nsrc/deep/d.ts');
  expect(await globTool.run({ pattern: 'deep/*.ts', path: 'src' }, context)).toBe('src/deep/d.ts');
  expect(await globTool.run({ pattern: '*.ts', path: 'dist' }, context)).toBe('dist/f.ts');
  await expect(globTool.run({ pattern: '*', path: 'a.ts' }, context)).rejects.toThrow('a.ts is not a directory.');
});

test('too many are cut, and it is said', async () => {
  const context = await workspaceWith(FILES);
  expect(await globTool.run({ pattern: '*.ts', maxResults: 2 }, context)).toBe(
    '.hidden/e.ts\na.ts\n\n(2 more files were cut; narrow the pattern or raise maxResults)',
  );
});

test('a bad pattern, a turned one and one that looks like an option are no danger', async () => {
  const context = await workspaceWith({ ...FILES, '--help': '' });
  await expect(globTool.run({ pattern: '{a' }, context)).rejects.toThrow(/unclosed/);
  await expect(globTool.run({ pattern: '!*.ts' }, context)).rejects.toThrow('must not be empty or begin with');
  await expect(globTool.run({ pattern: '' }, context)).rejects.toThrow('must not be empty');
  expect(await globTool.run({ pattern: '--help' }, context)).toBe('--help');
});

test('a name with a line break in it is one line', async () => {
  const context = await workspaceWith({ 'fake\nsrc/b.ts': '' });
  expect(await globTool.run({ pattern: '*.ts' }, context)).toBe('fake\ufffdsrc/b.ts');
});

test('a worktree in our own folder, which git ignores, is looked through by what it ignores itself', async () => {
  const outer = await workspaceWith({
    '.counterpoint/.gitignore': '*\n',
    '.counterpoint/worktrees/r/1/src/a.txt': 'key',
    '.counterpoint/worktrees/r/1/src/out/b.txt': 'key',
    '.counterpoint/worktrees/r/1/.gitignore': 'out\n/left\n',
    '.counterpoint/worktrees/r/1/left/c.txt': 'key',
  });
  const context = { ...outer, workspace: join(outer.workspace, '.counterpoint/worktrees/r/1') };
  expect(await globTool.run({ pattern: '*.txt' }, context)).toBe('src/a.txt');
  expect(await globTool.run({ pattern: '*.txt', path: 'src' }, context)).toBe('src/a.txt');
  expect(await grepTool.run({ pattern: 'key' }, context)).toBe('src/a.txt:1:key');
  expect(await grepTool.run({ pattern: 'key', path: 'src', glob: '*.txt' }, context)).toBe('src/a.txt:1:key');
});
