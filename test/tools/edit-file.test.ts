import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { editFileTool } from '../../extension/tools/edit-file.ts';
import { workspaceWith } from '../support/workspace.ts';

/** Edits a file that has this text, and gives what it has then. */
async function edited(text: string | Uint8Array, ...edits: JsonObject[]): Promise<string> {
  const context = await workspaceWith({ 'a.txt': text });
  try {
    await editFileTool.run({ path: 'a.txt', edits }, context);
  } catch (error) {
    // What was refused has changed nothing.
    expect(readFileSync(join(context.workspace, 'a.txt')).equals(Buffer.from(text))).toBe(true);
    throw error;
  }
  return readFileSync(join(context.workspace, 'a.txt'), 'utf8');
}

test('what is there once is replaced, and the answer says where', async () => {
  const context = await workspaceWith({ 'a.txt': 'one\ntwo\nthree\n' });
  const edits = [
    { old: 'two', new: '2\n2' },
    { old: 'three\n', new: '' },
  ];
  expect(await editFileTool.run({ path: 'a.txt', edits }, context)).toBe('Edited a.txt at lines 2, 4.');
  expect(readFileSync(join(context.workspace, 'a.txt'), 'utf8')).toBe('one\n2\n2\n');
});

test('what is there several times is replaced only where all of them are meant', async () => {
  await expect(edited('a\nb\na\n', { old: 'a', new: 'c' })).rejects.toThrow('is there 2 times, at the lines 1, 3');
  expect(await edited('a\nb\na\n', { old: 'a', new: 'c', all: true })).toBe('c\nb\nc\n');
  // What is put in is not looked through again.
  expect(await edited('aa', { old: 'a', new: 'aa', all: true })).toBe('aaaa');
  // Nor do places overlap.
  expect(await edited('aaa', { old: 'aa', new: 'b', all: true })).toBe('ba');
});

test('several edits are done one after the other, or none of them', async () => {
  expect(await edited('a b', { old: 'a', new: 'c' }, { old: 'c b', new: 'd' })).toBe('d');
  await expect(edited('a b', { old: 'a', new: 'c' }, { old: 'a', new: 'd' })).rejects.toThrow(
    /^Edit 2 of 2: "old" is not in the file.*None of them was done\.$/,
  );
});

test('text is taken as it is: no pattern, no replacement signs', async () => {
  expect(await edited('f(.*)[x]', { old: '(.*)[x]', new: "$& $1 $$ $'" })).toBe("f$& $1 $$ $'");
});

test('line ends and a byte order mark stay as they are', async () => {
  expect(await edited('\ufeffa\r\nb\r\nc\r\n', { old: 'a\nb', new: 'x\ny\nz' })).toBe('\ufeffx\r\ny\r\nz\r\nc\r\n');
  expect(await edited('a\r\nb\r\n', { old: 'a\r\nb', new: 'c' })).toBe('c\r\n');
  expect(await edited('a\r\nb\r\n', { old: 'b\n', new: '' })).toBe('a\r\n');
  expect(await edited('a\r\nb\r\n', { old: '\nb', new: '' })).toBe('a\r\n');
  // A file of both kinds keeps each line as it was.
  expect(await edited('a\nb\nc\r\nd\n', { old: 'd', new: 'e\nf' })).toBe('a\nb\nc\r\ne\nf\n');
  expect(await edited('a\nb\nc\r\nd\r\n', { old: 'c\nd', new: 'e' })).toBe('a\nb\ne\r\n');
  // A CR that ends no line is a character like any other.
  expect(await edited('a\rb\n', { old: 'a\rb', new: 'c' })).toBe('c\n');
});

test('a miss says where something like it is', async () => {
  const text = 'function a() {\n\treturn  1;\n}\n';
  const miss = async (old: string) => await edited(text, { old, new: 'x' }).catch((error: Error) => error.message);
  expect(await miss('  return 1;')).toBe(
    '"old" is not in the file. At line 2 it differs in white space only; line 2 is "\\treturn  1;".',
  );
  expect(await miss('function a() {\n  return 2;\n}')).toBe(
    '"old" is not in the file. From line 1 on it agrees up to line 1; at line 2 it has "\\treturn  1;".',
  );
  expect(await miss('}\nmore')).toContain('From line 3 on it agrees up to line 3; at line 4 it has ""');
  expect(await miss('function a() { /* other */')).toBe(
    '"old" is not in the file. The nearest is line 1: "function a() {".',
  );
  expect(await miss('something else')).toContain('Nothing like it is there');
  expect(await miss('\n\n\n')).toContain('It is nothing but blank.');
});

test('an edit that says nothing, or changes nothing, is refused', async () => {
  await expect(edited('a', { old: '', new: 'b' })).rejects.toThrow('"old" is empty');
  await expect(edited('a', { old: 'a', new: 'a' })).rejects.toThrow('are the same');
  const context = await workspaceWith({ 'a.txt': 'a' });
  await expect(editFileTool.run({ path: 'a.txt', edits: [] }, context)).rejects.toThrow('a list with an edit');
  await expect(editFileTool.run({ path: 'a.txt', edits: ['a'] }, context)).rejects.toThrow('An edit must be');
  await expect(editFileTool.run({ path: 'b/c.txt', edits: [{ old: 'a', new: 'b' }] }, context)).rejects.toThrow(
    'There is no folder b.',
  );
  await expect(editFileTool.run({ path: 'c.txt', edits: [{ old: 'a', new: 'b' }] }, context)).rejects.toThrow(
    'There is no c.txt; write_file makes one.',
  );
});

test('what is no text in UTF-8 is left alone', async () => {
  await expect(edited(new Uint8Array([97, 0, 98]), { old: 'a', new: 'b' })).rejects.toThrow('binary');
  await expect(edited(new Uint8Array([97, 0xe4, 98]), { old: 'a', new: 'c' })).rejects.toThrow('not UTF-8');
});

test('the mode of a file stays, and no draft is left', async () => {
  const context = await workspaceWith({ 'run.sh': 'a' });
  const file = join(context.workspace, 'run.sh');
  chmodSync(file, 0o751);
  await editFileTool.run({ path: 'run.sh', edits: [{ old: 'a', new: 'b' }] }, context);
  expect(statSync(file).mode & 0o777).toBe(0o751);
  expect(readdirSync(context.workspace)).toEqual(['run.sh']);
});

test('a file of a megabyte is edited at its end, and in ten thousand places', async () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `${at % 2 === 0 ? 'even' : 'odd'} ${'x'.repeat(40)} ${at}`);
  const text = lines.join('\r\n');
  const changed = await edited(text, { old: `x ${19_999}`, new: 'end' }, { old: 'even', new: 'EVEN', all: true });
  expect(changed.split('\r\n')).toHaveLength(20_000);
  expect(changed.match(/EVEN/g)).toHaveLength(10_000);
  expect(changed.endsWith('end')).toBe(true);
});

test('edits of one file at the same time are all done', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `name${at}.`);
  const context = await workspaceWith({ 'a.txt': names.join('\n') });
  await Promise.all(
    names.map((name) => editFileTool.run({ path: 'a.txt', edits: [{ old: name, new: name.toUpperCase() }] }, context)),
  );
  expect(readFileSync(join(context.workspace, 'a.txt'), 'utf8')).toBe(names.join('\n').toUpperCase());
});

test('what it would write to is told before, every link resolved', async () => {
  const context = await workspaceWith({ 'src/a.txt': 'a' });
  expect(await editFileTool.targets!({ path: './src/../src/a.txt' }, context)).toEqual([
    { kind: 'path', path: 'src/a.txt', access: 'write' },
    { kind: 'path', path: 'src/a.txt', access: 'read' },
  ]);
});
