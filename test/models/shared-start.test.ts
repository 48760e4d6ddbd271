import { expect, test } from 'vitest';
import { SharedStarts } from '../../extension/models/shared-start.ts';

const FILE = 'a line of the file\n'.repeat(200);

test('the second prompt that begins like another has a start in common with it, and so have all that follow', () => {
  const starts = new SharedStarts();
  expect(starts.find('finder', `${FILE}Look for leaks.`)).toBe(0);
  expect(starts.find('finder', `${FILE}Look for races.`)).toBe(FILE.length);
  expect(starts.find('finder', `${FILE}And the rest.`)).toBe(FILE.length);
  expect(starts.find('finder', `${FILE}Look for leaks.`)).toBe(FILE.length);
});

test('what is asked again is nobody else, another kind is another, and what is short is not worth it', () => {
  const starts = new SharedStarts();
  for (let turn = 0; turn < 3; turn++) expect(starts.find('finder', `${FILE}Look for leaks.`)).toBe(0);
  expect(starts.find('challenger', `${FILE}Look for races.`)).toBe(0);
  expect(starts.find('short', 'Look for leaks.')).toBe(0);
  expect(starts.find('short', 'Look for races.')).toBe(0);
});

test('a start is never all of a prompt, and ends with a line', () => {
  const starts = new SharedStarts();
  starts.find('finder', `${FILE}one word and another`);
  expect(starts.find('finder', FILE)).toBe(0);
  expect(starts.find('finder', `${FILE}one word and yet another`)).toBe(FILE.length);
});

test('of a prompt of any length only its beginning is compared', () => {
  const starts = new SharedStarts();
  const long = 'another line of it\n'.repeat(50_000);
  starts.find('finder', `${long}one`);
  const found = starts.find('finder', `${long}two`);
  expect(found).toBeGreaterThan(199_000);
  expect(found).toBeLessThanOrEqual(200_000);
});
