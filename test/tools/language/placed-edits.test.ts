import { expect, test } from 'vitest';
import { applyRename, type PlacedEdit } from '../../../extension/tools/language/placed-edits.ts';

function edit(line: number, from: number, to: number, newText: string): PlacedEdit {
  return { start: { line, character: from }, end: { line, character: to }, newText };
}

test('edits are applied to the text as it was, in whatever order they come, and line ends stay', () => {
  const text = 'const load = 1;\r\nf(load, load);\rload\n';
  const edits = [edit(1, 8, 12, 'read'), edit(2, 0, 4, 'read'), edit(0, 6, 10, 'read'), edit(1, 2, 6, 'read')];
  expect(applyRename(text, edits, 'load')).toEqual({
    text: 'const read = 1;\r\nf(read, read);\rread\n',
    lines: [1, 2, 3],
  });
});

test('a part of the name may be replaced, and more than the name', () => {
  expect(applyRename('let user = 1;', [edit(0, 5, 7, 'nd')], 'user')).toEqual({ text: 'let undr = 1;', lines: [1] });
  expect(applyRename('𝒙𝒚 = 1;', [edit(0, 2, 4, 'y')], '𝒙𝒚')).toMatchObject({ text: '𝒙y = 1;' });
  expect(applyRename('f({ user })', [edit(0, 4, 8, 'user: agent')], 'user')).toMatchObject({
    text: 'f({ user: agent })',
  });
  expect(applyRename('x = "user"', [edit(0, 4, 10, '"agent"')], 'user')).toMatchObject({ text: 'x = "agent"' });
});

test.each([
  ['beyond the end', [edit(3, 0, 1, 'x')], 'an edit at line 4 lies outside of the text'],
  ['beyond its line', [edit(0, 0, 40, 'x')], 'an edit at line 1 lies outside of the text'],
  ['backwards', [edit(0, 8, 4, 'x')], 'an edit at line 1 lies outside of the text'],
  ['over each other', [edit(0, 4, 8, 'x'), edit(0, 6, 8, 'x')], 'two edits at line 1 overlap'],
  ['elsewhere', [edit(0, 0, 3, 'x')], 'an edit at line 1 is not where "user" stands'],
  ['in a longer name', [edit(1, 0, 4, 'x')], 'an edit at line 2 is not where "user" stands'],
])('edits %s are refused', (_, edits, problem) => {
  expect(applyRename('let user = 1;\nusers\n', edits, 'user')).toEqual({ problem });
});
