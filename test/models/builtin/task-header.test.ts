import { expect, test } from 'vitest';
import { parseTaskHeader } from '../../../extension/models/builtin/task-header.ts';

test('reads the kind and its fields up to the empty line', () => {
  const header = parseTaskHeader('Counterpoint-Task: find\nLens: "injection"\nFiles: ["a.js"]\n\nLens: "secrets"\n');
  expect(header).toEqual({ task: 'find', fields: { Lens: 'injection', Files: ['a.js'] } });
});

test('reads lines that end in CRLF, and a header without a text below', () => {
  expect(parseTaskHeader('Counterpoint-Task: scout\r\nMaxFiles: 7')).toEqual({
    task: 'scout',
    fields: { MaxFiles: 7 },
  });
});

test.each([
  ['no header', 'Please find all bugs.'],
  ['a header further down', 'Hello.\nCounterpoint-Task: find\n'],
  ['a field that is no JSON', 'Counterpoint-Task: find\nLens: injection\n'],
  ['a line that is no field', 'Counterpoint-Task: find\nlook here\n'],
  ['nothing', ''],
])('has none in %s', (_, prompt) => {
  expect(parseTaskHeader(prompt)).toBeNull();
});
