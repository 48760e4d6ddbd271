import { expect, test } from 'vitest';
import { addedNumber, callNumberOf, callNumberWords } from '../../extension/protocol/call-number.ts';
import { FIRST_ADDED_CALL } from '../../extension/protocol/run-events.ts';

test('what is written of a number is read as that number', () => {
  for (const id of [1, 42, 9_999, FIRST_ADDED_CALL, FIRST_ADDED_CALL + 1, FIRST_ADDED_CALL + 99])
    expect(callNumberOf(callNumberWords(id))).toBe(id);
  expect([callNumberWords(7), callNumberWords(FIRST_ADDED_CALL + 1)]).toEqual(['7', 'added-2']);
  expect(addedNumber(FIRST_ADDED_CALL + 1)).toBe(2);
});

test('what is no number of a call is none', () => {
  for (const wrong of ['', '0', '-1', '1.5', 'one', 'added', 'added-0', 'added-1x', 'added--1', 'Added-1', 'added-01'])
    expect(callNumberOf(wrong), wrong).toBeNull();
});
