import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeldTime } from '../../extension/scheduler/held-time.ts';
import { TimeLimit, TimeLimitError } from '../../extension/scheduler/time-limit.ts';

const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13, 0) });
});
afterEach(() => {
  vi.useRealTimers();
});

test('it ends after its time, and says how long that was', () => {
  const limit = new TimeLimit(2_000, never, new HeldTime());
  vi.advanceTimersByTime(1_999);
  expect([limit.signal.aborted, limit.error]).toEqual([false, null]);
  vi.advanceTimersByTime(1);
  expect(limit.signal.reason).toBeInstanceOf(TimeLimitError);
  expect(limit.error?.message).toBe('the agent took longer than its limit of 2 s');
});

test('a pause does not count, and no timer runs in it', () => {
  const held = new HeldTime();
  const limit = new TimeLimit(2_000, never, held);
  vi.advanceTimersByTime(1_500);
  held.setPaused(true);
  limit.look();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(86_400_000);
  held.setPaused(false);
  limit.look();
  vi.advanceTimersByTime(499);
  expect(limit.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(limit.signal.aborted).toBe(true);
});

test('a park does not count, and is slept through; one that ends early is noticed', () => {
  const held = new HeldTime();
  const limit = new TimeLimit(2_000, never, held);
  vi.advanceTimersByTime(1_990);
  held.park(Date.now() + 3_600_000);
  const before = Date.now();
  // What was left by the old reckoning, and then once for all.
  vi.advanceTimersToNextTimer();
  vi.advanceTimersToNextTimer();
  expect(Date.now() - before).toBe(3_600_010);
  expect(limit.signal.aborted).toBe(true);

  const early = new TimeLimit(2_000, never, held);
  held.park(Date.now() + 3_600_000);
  early.look();
  vi.advanceTimersByTime(1_000);
  held.endPark();
  early.look();
  vi.advanceTimersByTime(2_000);
  expect(early.signal.aborted).toBe(true);
});

test('time that was held back before it began is no gift to it', () => {
  const held = new HeldTime();
  held.setPaused(true);
  vi.advanceTimersByTime(10_000);
  held.setPaused(false);
  const limit = new TimeLimit(2_000, never, held);
  vi.advanceTimersByTime(2_000);
  expect(limit.signal.aborted).toBe(true);
});

test('once cleared it never ends', () => {
  const limit = new TimeLimit(2_000, never, new HeldTime());
  limit.clear();
  vi.advanceTimersByTime(10_000);
  expect(limit.signal.aborted).toBe(false);
});
