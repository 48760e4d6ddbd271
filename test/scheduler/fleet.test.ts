import pLimit from 'p-limit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Governor, type GovernorOptions, type RetryHint } from '../../extension/scheduler/governor.ts';

class Failure extends Error implements RetryHint {
  retryable: boolean;
  status: number | undefined;
  retryAfterMs: number | undefined;
  usageLimit: boolean;
  constructor(hint: Partial<RetryHint>) {
    super(`failed with ${hint.status ?? 'no answer'}`);
    this.retryable = hint.retryable ?? true;
    this.status = hint.status;
    this.retryAfterMs = hint.retryAfterMs;
    this.usageLimit = hint.usageLimit ?? false;
  }
}

/** A governor over a provider that a test switches; everything that happens is kept. */
function fleet(options: Partial<GovernorOptions> = {}, agents = options.maxInFlight ?? 16) {
  const told: string[] = [];
  const dead: string[] = [];
  const cancel = new AbortController();
  const governor = new Governor({
    hint: (error) => (error instanceof Failure ? error : null),
    baseDelayMs: 10,
    maxInFlight: 16,
    tell: (message) => told.push(message),
    onDead: (error) => {
      dead.push(error.message);
      cancel.abort(error);
    },
    ...options,
  });
  const load = { now: 0, peak: 0, sent: 0 };
  const provider: { answer(): unknown } = { answer: () => 'ok' };
  const send = (): Promise<unknown> =>
    governor.run(
      async () => {
        load.sent += 1;
        load.now += 1;
        load.peak = Math.max(load.peak, load.now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        load.now -= 1;
        return provider.answer();
      },
      cancel.signal,
      () => undefined,
    );
  const places = pLimit(agents);
  const sendMany = (count: number): Promise<PromiseSettledResult<unknown>[]> =>
    Promise.allSettled(Array.from({ length: count }, () => places(send)));
  return { governor, told, dead, load, provider, sendMany, cancel };
}

function fail(hint: Partial<RetryHint>): never {
  throw new Failure(hint);
}

const succeeded = (all: PromiseSettledResult<unknown>[]): number =>
  all.filter((one) => one.status === 'fulfilled').length;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 13, 0) });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets fake time pass until the work is through. */
async function through<T>(work: Promise<T>, ms: number): Promise<T> {
  await vi.advanceTimersByTimeAsync(ms);
  return await work;
}

describe('overload', () => {
  test('an overload halves what is out at a time for all; good answers widen it to the maximum and no further', async () => {
    const { governor, told, load, provider, sendMany } = fleet();
    provider.answer = () => (load.sent <= 16 ? fail({ status: 429, retryAfterMs: 50 }) : 'ok');
    const first = sendMany(40);
    await vi.advanceTimersByTimeAsync(60);
    expect(governor.limit).toBe(8);
    load.peak = load.now;
    await vi.advanceTimersByTimeAsync(30);
    expect(load.peak).toBeLessThanOrEqual(9);
    expect(succeeded(await through(first, 5_000))).toBe(40);
    expect(succeeded(await through(sendMany(400), 60_000))).toBe(400);
    expect(load.peak).toBe(16);
    expect(told).toEqual([
      'the provider is overloaded (429): model requests at a time reduced to 8',
      'model requests at a time: 16 again',
    ]);
  });

  test('a limit that is nearly used up holds all back until its reset', async () => {
    const { governor, told, load, sendMany } = fleet();
    governor.observe({ limit: 1_000, remaining: 500, resetAt: Date.now() + 5_000 });
    await through(sendMany(1), 30);
    expect(load.sent).toBe(1);
    governor.observe({ limit: 1_000, remaining: 3, resetAt: Date.now() + 5_000 });
    const held = sendMany(5);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(load.sent).toBe(1);
    expect(succeeded(await through(held, 200))).toBe(5);
    expect(told).toEqual(["the provider's rate limit is nearly used up: requests wait for its reset"]);
  });
});

describe('usage limit', () => {
  test('parks all until its reset, burns no tries, and says until when, once', async () => {
    const { governor, told, load, provider, sendMany } = fleet({ maxTries: 2 });
    const reset = Date.UTC(2026, 10, 22, 14, 5);
    provider.answer = () => {
      if (Date.now() >= reset) return 'ok';
      return fail({ status: 429, retryAfterMs: reset - Date.now(), retryable: false });
    };
    const work = sendMany(40);
    await vi.advanceTimersByTimeAsync(64 * 60_000);
    expect(load.sent).toBe(16);
    expect(governor.held.ms).toBeGreaterThan(63 * 60_000);
    expect(succeeded(await through(work, 2 * 60_000))).toBe(40);
    expect(told).toEqual(['parked until 14:05 UTC: usage limit']);
    expect(governor.held.ms).toBeLessThanOrEqual(65 * 60_000);
  });

  test('a limit on spending may last for weeks, beyond what a timer takes', async () => {
    const { told, load, provider, sendMany } = fleet();
    const reset = Date.UTC(2027, 0, 1);
    provider.answer = () => {
      if (Date.now() >= reset) return 'ok';
      return fail({ status: 400, usageLimit: true, retryAfterMs: reset - Date.now() });
    };
    const work = sendMany(3);
    await vi.advanceTimersByTimeAsync(38 * 86_400_000);
    expect(load.sent).toBe(3);
    expect(succeeded(await through(work, 2 * 86_400_000))).toBe(3);
    expect(told).toEqual(['parked until 2027-01-01 00:00 UTC: usage limit']);
  });

  test('a stop ends the waiting, and leaves no timer behind', async () => {
    const { provider, sendMany, cancel } = fleet();
    provider.answer = () => fail({ status: 429, retryAfterMs: 3_600_000 });
    const work = sendMany(20);
    await vi.advanceTimersByTimeAsync(1_000);
    cancel.abort(new Error('stopped'));
    const all = await work;
    expect(succeeded(all)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a person', () => {
  test('holds all requests back and lets them go; those that are out come to their end, and no timer runs meanwhile', async () => {
    const { governor, load, sendMany } = fleet();
    const work = sendMany(40);
    await vi.advanceTimersByTimeAsync(10);
    governor.pause();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toMatchObject({ sent: 16, now: 0 });
    expect(vi.getTimerCount()).toBe(0);
    governor.unpause();
    expect(succeeded(await through(work, 1_000))).toBe(40);
    expect(governor.held.ms).toBe(60_000);
  });

  test('who lets go does not end a park, nor does the end of a park let go; time of both counts once', async () => {
    const { governor, load, provider, sendMany } = fleet({ maxInFlight: 1 });
    const reset = Date.now() + 3_600_000;
    provider.answer = () => (Date.now() >= reset ? 'ok' : fail({ status: 429, retryAfterMs: reset - Date.now() }));
    const work = sendMany(2);
    await vi.advanceTimersByTimeAsync(1_000);
    governor.pause();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    governor.unpause();
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(load.sent).toBe(1);
    governor.pause();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(load.sent).toBe(1);
    expect(governor.held.ms).toBe(3_000_000 + 3_600_000 + 2_000 - 20);
    governor.unpause();
    expect(succeeded(await through(work, 1_000))).toBe(2);
    expect(governor.held.ms).toBe(3_000_000 + 3_600_000 + 2_000 - 20);
  });

  test('a provider that answers its probe is open again, but not to those whom a person holds', async () => {
    const { governor, load, provider, sendMany } = fleet({ maxTries: 1, maxInFlight: 2 });
    let back = false;
    provider.answer = () => (back ? 'ok' : fail({ status: 503 }));
    const work = sendMany(20);
    await vi.advanceTimersByTimeAsync(1_000);
    back = true;
    const before = load.sent;
    await vi.advanceTimersByTimeAsync(29_090);
    expect(load.sent).toBe(before + 1);
    governor.pause();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load.sent).toBe(before + 1);
    governor.unpause();
    expect(succeeded(await through(work, 1_000))).toBe(13);
  });

  test('sets how many are out at a time, up and down, at once; an overload is told by the new measure', async () => {
    const { governor, told, load, provider, sendMany } = fleet({ maxInFlight: 4 }, 40);
    const work = sendMany(200);
    await vi.advanceTimersByTimeAsync(100);
    expect(load.peak).toBe(4);
    governor.setMaxInFlight(32);
    await vi.advanceTimersByTimeAsync(0);
    expect(load.now).toBe(32);
    governor.setMaxInFlight(2);
    await vi.advanceTimersByTimeAsync(40);
    load.peak = 0;
    await vi.advanceTimersByTimeAsync(100);
    expect(load.peak).toBe(2);
    governor.setMaxInFlight(8);
    expect(succeeded(await through(work, 5_000))).toBe(200);
    expect(told).toEqual([]);
    let failures = 8;
    provider.answer = () => (failures-- > 0 ? fail({ status: 529 }) : 'ok');
    await through(sendMany(100), 60_000);
    expect(told).toEqual([
      'the provider is overloaded (529): model requests at a time reduced to 4',
      'model requests at a time: 8 again',
    ]);
  });
});

describe('a dead provider', () => {
  test('a refused key stops all after three, and what waits is never sent', async () => {
    const { dead, load, provider, sendMany } = fleet({ maxInFlight: 1 });
    provider.answer = () => fail({ status: 401, retryable: false });
    await through(sendMany(100), 5_000);
    expect(load.sent).toBe(3);
    expect(dead).toEqual(['the provider failed 3 times in a row: failed with 401; resume goes on where it stopped']);
  });

  test('one request that is refused is nobody else’s business', async () => {
    const { dead, load, provider, sendMany } = fleet();
    provider.answer = () => (load.sent % 10 === 0 ? fail({ status: 400, retryable: false }) : 'ok');
    expect(await through(sendMany(200), 60_000)).toHaveLength(200);
    expect(dead).toEqual([]);
  });

  test('an outage that lasts is given up after one probe, not after a thousand agents', async () => {
    const { dead, told, load, provider, sendMany } = fleet({ maxTries: 2, maxInFlight: 4 });
    provider.answer = () => fail({});
    const all = await through(sendMany(1_000), 120_000);
    expect(dead).toEqual([
      expect.stringMatching(/^the provider failed 8 times in a row: failed with no answer; resume/),
    ]);
    expect(told).toEqual([expect.stringMatching(/; all wait 30 s, then one request tries$/)]);
    expect(load.sent).toBeLessThan(50);
    // Those before the eighth had failed for good; the others were stopped with the reason.
    expect(all.filter((one) => one.status === 'rejected' && one.reason instanceof Failure).length).toBe(7);
  });

  test('an outage that passes goes on after the probe, and nobody else fails', async () => {
    const { dead, told, load, provider, sendMany } = fleet({ maxTries: 2, maxInFlight: 4 });
    let back = false;
    provider.answer = () => (back ? 'ok' : fail({ status: 503 }));
    const work = sendMany(100);
    await vi.advanceTimersByTimeAsync(20_000);
    back = true;
    load.peak = 0;
    expect(succeeded(await through(work, 120_000))).toBe(93);
    expect(dead).toEqual([]);
    expect(told.at(-1)).toBe('the provider answers again');
  });
});
