import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFileTool } from '../../extension/tools/read-file.ts';
import { runTool, workspaceWith } from '../support/workspace.ts';

test('lines are numbered from 1, with a tab', async () => {
  const context = await workspaceWith({ 'a.txt': 'one\n\n  three\n' });
  expect(await runTool(readFileTool, { path: 'a.txt' }, context)).toBe('1\tone\n2\t\n3\t  three');
});

test('an empty file is an empty text; CRLF and a byte order mark do not show', async () => {
  const context = await workspaceWith({ empty: '', windows: '\ufeffone\r\ntwo\r\n' });
  expect(await runTool(readFileTool, { path: 'empty' }, context)).toBe('');
  expect(await runTool(readFileTool, { path: 'windows' }, context)).toBe('1\tone\n2\ttwo');
});

test('a part is read by offset and limit, and it says how to go on', async () => {
  const context = await workspaceWith({
    'a.txt': Array.from({ length: 10 }, (_, index) => `line ${index + 1}`).join('\n'),
  });
  expect(await runTool(readFileTool, { path: 'a.txt', offset: 3, limit: 2 }, context)).toBe(
    '3\tline 3\n4\tline 4\n\n(lines 3 to 4 of 10; offset 5 goes on)',
  );
  expect(await runTool(readFileTool, { path: 'a.txt', offset: 10 }, context)).toBe('10\tline 10');
  await expect(runTool(readFileTool, { path: 'a.txt', offset: 11 }, context)).rejects.toThrow(
    'a.txt has only 10 lines.',
  );
});

test('long lines and long files are cut, and it is said', async () => {
  const context = await workspaceWith({
    'line.txt': 'x'.repeat(5_000),
    'file.txt': `${'y'.repeat(99)}\n`.repeat(3_000),
  });
  expect(await runTool(readFileTool, { path: 'line.txt' }, context)).toBe(`1\t${'x'.repeat(2_000)}…`);
  const many = await runTool(readFileTool, { path: 'file.txt', limit: 3_000 }, context);
  expect(many.length).toBeLessThan(101_000);
  expect(many).toMatch(/\(\d+ more lines were cut/);
});

test('what is no text is refused: a binary, a folder, a pipe, a giant, nothing at all', async () => {
  const context = await workspaceWith({ binary: new Uint8Array([1, 0, 2]), giant: '' });
  mkdirSync(join(context.workspace, 'folder'));
  execFileSync('mkfifo', [join(context.workspace, 'pipe')]);
  truncateSync(join(context.workspace, 'giant'), 20_000_000);
  const refusals = {
    binary: 'is a binary file',
    folder: 'is a directory',
    pipe: 'is not a regular file',
    giant: 'is too large',
    nothing: 'There is no nothing',
  };
  for (const [path, message] of Object.entries(refusals)) {
    await expect(runTool(readFileTool, { path }, context), path).rejects.toThrow(message);
  }
});

test('input of the wrong kind is refused in words', async () => {
  const context = await workspaceWith({});
  await expect(runTool(readFileTool, {}, context)).rejects.toThrow('"path" must be a string.');
  await expect(runTool(readFileTool, { path: 'a\0b' }, context)).rejects.toThrow('NUL');
  await expect(runTool(readFileTool, { path: 'a', offset: 1.5 }, context)).rejects.toThrow(
    '"offset" must be a whole number.',
  );
});
