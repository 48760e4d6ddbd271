import { expect, test } from 'vitest';
import { Governor, type RetryHint } from '../../extension/scheduler/governor.ts';

class Failure extends Error implements RetryHint {
  retryable: boolean;
  status: number | undefined;
  retryAfterMs: number | undefined;
  constructor(hint: Partial<RetryHint>) {
    super('failed');
    this.retryable = hint.retryable ?? true;
    this.status = hint.status;
    this.retryAfterMs = hint.retryAfterMs;
  }
}

function governor(maxTries = 6): Governor {
  return new Governor({ hint: (error) => (error instanceof Failure ? error : null), maxTries, baseDelayMs: 1 });
}

const never = new AbortController().signal;

/** Fails so many times before it answers. */
function failing(times: number, failure: Error) {
  let calls = 0;
  return {
    attempt: async () => {
      calls += 1;
      if (calls <= times) throw failure;
      return 'answer';
    },
    calls: () => calls,
  };
}

test('a retryable failure is tried again until it succeeds, and each wait is told', async () => {
  const work = failing(3, new Failure({ status: 500 }));
  const waits: number[] = [];
  expect(await governor().run(work.attempt, never, (_, delay) => waits.push(delay))).toBe('answer');
  expect(work.calls()).toBe(4);
  expect(waits).toHaveLength(3);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(2 ** index / 2);
    expect(wait).toBeLessThanOrEqual(2 ** index);
  }
});

test('a final failure, and one that is not the provider’s, are passed on at once', async () => {
  for (const failure of [new Failure({ retryable: false }), new Error('a defect')]) {
    const work = failing(1, failure);
    await expect(governor().run(work.attempt, never, () => undefined)).rejects.toBe(failure);
    expect(work.calls()).toBe(1);
  }
});

test('when the tries are used up the last failure is passed on', async () => {
  const failure = new Failure({});
  const work = failing(9, failure);
  await expect(governor(3).run(work.attempt, never, () => undefined)).rejects.toBe(failure);
  expect(work.calls()).toBe(3);
});

test('the wait is what the provider asked for', async () => {
  const waits: number[] = [];
  const work = failing(1, new Failure({ retryAfterMs: 7 }));
  await governor().run(work.attempt, never, (_, delay) => waits.push(delay));
  expect(waits).toEqual([7]);
});

test('an overload holds back the whole fleet, another failure only its own call', async () => {
  const order: string[] = [];
  const fleet = governor();
  const limited = failing(1, new Failure({ status: 429, retryAfterMs: 40 }));
  const first = fleet.run(limited.attempt, never, () => order.push('told to wait')).then(() => order.push('first'));
  await Promise.resolve();
  const second = fleet.run(
    async () => order.push('second sent'),
    never,
    () => undefined,
  );
  await Promise.all([first, second]);
  expect(order[0]).toBe('told to wait');
  expect(order.indexOf('second sent')).toBeGreaterThan(0);

  const alone: string[] = [];
  const calm = governor();
  const broken = failing(1, new Failure({ status: 500, retryAfterMs: 40 }));
  const slow = calm.run(broken.attempt, never, () => undefined).then(() => alone.push('slow'));
  await Promise.resolve();
  await calm.run(
    async () => alone.push('other'),
    never,
    () => undefined,
  );
  await slow;
  expect(alone).toEqual(['other', 'slow']);
});

test('waiting ends when the run is stopped', async () => {
  const cancel = new AbortController();
  const work = failing(1, new Failure({ retryAfterMs: 60_000 }));
  const waiting = governor().run(work.attempt, cancel.signal, () => cancel.abort());
  await expect(waiting).rejects.toThrow(/abort/i);
  expect(work.calls()).toBe(1);
});
