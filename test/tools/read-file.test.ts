import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFileTool } from '../../extension/tools/read-file.ts';
import { outputOf } from '../../extension/tools/tool.ts';
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

/** Pictures of 3 × 2 pixels, each as short as its format allows. */
const IMAGES = {
  'image/png': 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAC0lEQVR4nGNggAEAAA4AAf5p8ZoAAAAASUVORK5CYII=',
  'image/gif': 'R0lGODlhAwACAIAAAP///wAAACwAAAAAAwACAAACAoRdADs=',
  'image/webp': 'UklGRhoAAABXRUJQVlA4TA4AAAAvAkAAAAcQEf0PRET/Aw==',
};

test('a picture is shown to the model, whatever its name says', async () => {
  const files = Object.entries(IMAGES).map(
    ([type, data]) => [`${type.slice(6)}.txt`, Buffer.from(data, 'base64')] as const,
  );
  // A frame of a JPEG behind a comment: 3 × 2 pixels.
  const jpeg = Buffer.from('ffd8fffe0004abcdffc0000b080002000301011100ffd9', 'hex');
  const context = await workspaceWith({ ...Object.fromEntries(files), 'jpeg.txt': jpeg });
  for (const type of ['png', 'gif', 'webp', 'jpeg']) {
    const { forModel, images } = outputOf(await readFileTool.run({ path: `${type}.txt` }, context));
    expect(forModel).toMatch(new RegExp(`^${type}\\.txt: image/${type}, 3 × 2 pixels, \\d+ bytes$`));
    const data = readFileSync(join(context.workspace, `${type}.txt`)).toString('base64');
    expect(images).toEqual([{ mediaType: `image/${type}`, data }]);
  }
});

test('a picture that no model takes is not shown: cut off, too wide, too heavy', async () => {
  const png = Buffer.from(IMAGES['image/png'], 'base64');
  const wide = Buffer.from(png);
  wide.writeUInt32BE(8_001, 16);
  const heavy = Buffer.concat([png.subarray(0, 40), Buffer.alloc(3_700_000), png.subarray(-12)]);
  const none = Buffer.from(png);
  none.writeUInt32BE(0, 16);
  const context = await workspaceWith({
    'cut.png': png.subarray(0, -12),
    'wide.png': wide,
    'heavy.png': heavy,
    'none.png': none,
  });
  const read = (path: string) => readFileTool.run({ path }, context);
  await expect(read('cut.png')).rejects.toThrow('it is cut off');
  await expect(read('wide.png')).rejects.toThrow('8000 pixels a side');
  await expect(read('heavy.png')).rejects.toThrow('at most 3700000 bytes');
  await expect(read('none.png')).rejects.toThrow('is a binary file');
});
