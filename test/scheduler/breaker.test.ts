import { expect, test } from 'vitest';
import { type Blame, Breaker } from '../../extension/scheduler/breaker.ts';

/** Requests that fail one after another, nothing else out. */
function rowOf(blame: Blame, count: number, breaker = new Breaker(), from = 1): string[] {
  return Array.from({ length: count }, (_, i) => breaker.failed(blame, from + i, Number.POSITIVE_INFINITY, from + i));
}

test('a refused key is believed after three', () => {
  expect(rowOf('key', 3)).toEqual(['closed', 'closed', 'dead']);
});

test('an outage is believed after eight, and only the failure of the probe makes it final', () => {
  const breaker = new Breaker();
  expect(rowOf('outage', 8, breaker).slice(-2)).toEqual(['closed', 'open']);
  // Sent before it opened: no probe.
  expect(breaker.failed('outage', 8, 99, 8)).toBe('open');
  expect(breaker.failed('outage', 9, 99, 9)).toBe('dead');
});

test('a probe that is answered, or refused with reason, closes it', () => {
  const answered = new Breaker();
  rowOf('outage', 8, answered);
  expect([answered.answered(), answered.open]).toEqual([true, false]);
  const refused = new Breaker();
  rowOf('outage', 8, refused);
  expect([refused.failed('request', 9, 99, 9), refused.open]).toEqual(['closed', false]);
});

test('an answer in between starts the count over', () => {
  const breaker = new Breaker();
  rowOf('outage', 7, breaker);
  breaker.answered();
  expect(rowOf('outage', 7, breaker, 9)).not.toContain('open');
});

test('refused requests open it only where the provider never answered one', () => {
  expect(rowOf('request', 8).at(-1)).toBe('dead');
  const breaker = new Breaker();
  breaker.answered();
  expect(new Set(rowOf('request', 100, breaker))).toEqual(new Set(['closed']));
});

test('what is about one request alone never opens it', () => {
  expect(new Set(rowOf('none', 100))).toEqual(new Set(['closed']));
});

test('fast refusals do not overtake slow answers: those sent before may still bring one', () => {
  const breaker = new Breaker();
  const slow = 5;
  for (let sent = 6; sent < 40; sent++) expect(breaker.failed('request', sent, slow, sent)).toBe('closed');
  breaker.answered();
  expect(breaker.failed('request', 41, 50, 41)).toBe('closed');
});
