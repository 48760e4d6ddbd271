import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listDirectoryTool } from '../../extension/tools/list-directory.ts';
import { workspaceWith } from '../support/workspace.ts';

test('one folder is listed: sorted, folders and links marked, Git left out', async () => {
  const context = await workspaceWith({ 'b.txt': '', 'a/deep.txt': '', '.hidden': '', '.git/config': '', Z: '' });
  symlinkSync('/', join(context.workspace, 'link'));
  expect(await listDirectoryTool.run({}, context)).toBe('.hidden\nZ\na/\nb.txt\nlink@');
  expect(await listDirectoryTool.run({ path: 'a' }, context)).toBe('deep.txt');
});

test('a name with a line break in it is one entry', async () => {
  const context = await workspaceWith({ 'fake\nentry.txt': '' });
  expect(await listDirectoryTool.run({}, context)).toBe('fake\ufffdentry.txt');
});

test('many entries are cut, and it is said', async () => {
  const context = await workspaceWith(
    Object.fromEntries(Array.from({ length: 1_005 }, (_, index) => [`f${index}`, ''])),
  );
  const lines = (await listDirectoryTool.run({}, context)).split('\n');
  expect(lines).toHaveLength(1_002);
  expect(lines.at(-1)).toBe('(5 more entries were cut; find files with glob)');
});

test('a file, and nothing at all, are refused', async () => {
  const context = await workspaceWith({ 'a.txt': '' });
  await expect(listDirectoryTool.run({ path: 'a.txt' }, context)).rejects.toThrow('a.txt is not a directory.');
  await expect(listDirectoryTool.run({ path: 'nothing' }, context)).rejects.toThrow('There is no nothing.');
});
