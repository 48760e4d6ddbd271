import { expect, test } from 'vitest';
import { quietWords } from '../../extension/protocol/wait-words.ts';

const MINUTE = 60_000;

test('an agent that tells nothing for minutes is said to, with how long; one that has just told is not', () => {
  expect(quietWords(0, 2 * MINUTE - 1)).toBe('');
  expect(quietWords(0, 2 * MINUTE)).toBe('2 min without news');
  expect(quietWords(5, 95 * MINUTE)).toBe('1 h without news');
  expect(quietWords(null, 95 * MINUTE)).toBe('');
  // A clock that was set back.
  expect(quietWords(10 * MINUTE, 0)).toBe('');
});
