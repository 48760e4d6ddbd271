import { expect, test } from 'vitest';
import { parseArgsText } from '../../extension/commands/args-text.ts';

test.each([
  ['', undefined],
  ['   ', undefined],
  ['{"paths": ["src"]}', { paths: ['src'] }],
  [' [1, 2] ', [1, 2]],
  ['"quoted"', 'quoted'],
  ['42', 42],
  ['true', true],
  ['null', null],
  ['look at src, please', 'look at src, please'],
  ["it's text", "it's text"],
])('%j is %j', (typed, args) => {
  expect(parseArgsText(typed)).toMatchObject({ ok: true, args });
});

test.each(['{"paths": [', '[1,', '"open', '{paths: 1}'])('%j begins like JSON and is refused', (typed) => {
  expect(parseArgsText(typed)).toMatchObject({ ok: false, problem: expect.stringContaining('not JSON yet') });
});

test('it says what the script will get', () => {
  expect(parseArgsText('{"a":1,"b":2}')).toMatchObject({ means: 'args is an object with a, b' });
  expect(parseArgsText('hello')).toMatchObject({ means: 'args is this text' });
});
