import { expect, test } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { findingsOf, sarifOf } from '../../extension/runs/run-findings.ts';

const GOOD = { file: 'a.ts', line: 3, severity: 'high', title: 'Leak', body: 'It stays open.' };

test('what a script gives back for lines of files is read, in its order', () => {
  const said = { ...GOOD, line: 9, body: '', lens: 'x', title: ' Twice ' };
  expect(findingsOf({ comments: [GOOD, said] })).toEqual({
    findings: [GOOD, { file: 'a.ts', line: 9, severity: 'high', title: 'Twice', body: '' }],
    more: 0,
  });
});

test.each([
  ['no file', { ...GOOD, file: '' }],
  ['a file that is no text', { ...GOOD, file: 7 }],
  ['no line', { title: 'x', file: 'a.ts' }],
  ['line 0', { ...GOOD, line: 0 }],
  ['half a line', { ...GOOD, line: 1.5 }],
  ['a line as text', { ...GOOD, line: '3' }],
  ['nothing to say', { file: 'a.ts', line: 1, title: ' ', body: 7 }],
  ['null', null],
])('an entry with %s is passed over', (_, entry) => {
  expect(findingsOf({ comments: [entry, GOOD] }).findings).toEqual([GOOD]);
});

test.each([[undefined], [null], ['text'], [[GOOD]], [{}], [{ comments: 'many' }]])('%j has no findings', (result) => {
  expect(findingsOf(result)).toEqual({ findings: [], more: 0 });
});

test('of very many the first are shown, and the others counted', () => {
  const comments = Array.from({ length: 1_003 }, (_, at) => ({ ...GOOD, line: at + 1 }));
  const { findings, more } = findingsOf({ comments });
  expect([findings.length, findings.at(-1)?.line, more]).toEqual([1_000, 1_000, 3]);
});

test('a SARIF log is one by its shape', () => {
  const log = { version: '2.1.0', runs: [] };
  expect(sarifOf({ sarif: log })).toEqual(log);
  const others: Json[] = [log, { sarif: [] }, { sarif: { version: 2, runs: [] } }, { sarif: { version: '2.1.0' } }];
  for (const result of [undefined, null, ...others]) expect(sarifOf(result)).toBeNull();
});
