import { expect, test } from 'vitest';
import { CapReachedError, Caps, type Grant } from '../../extension/scheduler/caps.ts';

const never = new AbortController().signal;
const NOTHING = { outputTokens: 0, costUsd: 0 };
const free = { price: null, agents: 1 };

function budget(tokens: number | null, spent = 0): Caps {
  return new Caps({ maxAgents: 9, budget: tokens, maxCostUsd: null }, { outputTokens: spent, costUsd: 0 });
}

test('the agent cap admits so many and no more', () => {
  const caps = new Caps({ maxAgents: 2, budget: null }, NOTHING);
  expect([caps.admitAgent(), caps.admitAgent(), caps.admitAgent()]).toEqual([true, true, false]);
});

test('the budget counts what earlier attempts spent', () => {
  const caps = budget(100, 60);
  expect(caps.exhausted).toBe(null);
  caps.spend(40);
  expect(caps.exhausted).toBe('the budget of 100 output tokens is spent');
  expect(caps.spent).toBe(100);
  expect(budget(null, 1e9).exhausted).toBe(null);
});

test('without a cap a request gets what it wants', async () => {
  const caps = budget(null);
  const grants = await Promise.all(Array.from({ length: 50 }, () => caps.reserve({ ...free, wanted: 32_000 }, never)));
  expect(new Set(grants.map((grant) => grant.maxOutputTokens))).toEqual(new Set([32_000]));
});

test('alone it may use all that is left, and nothing left is an error', async () => {
  const caps = budget(100);
  const grant = await caps.reserve({ ...free, wanted: 32_000 }, never);
  expect(grant.maxOutputTokens).toBe(100);
  grant.settle({ outputTokens: 100, costUsd: null });
  await expect(caps.reserve({ ...free, wanted: 32_000 }, never)).rejects.toThrow(
    'the budget of 100 output tokens is spent',
  );
});

test('agents that work side by side share what is left, and together never hold more', async () => {
  const caps = budget(200_000);
  const request = { price: null, wanted: 32_000, agents: 16 };
  const grants = await Promise.all(Array.from({ length: 16 }, () => caps.reserve(request, never)));
  const held = grants.reduce((sum, grant) => sum + grant.maxOutputTokens, 0);
  expect(held).toBeLessThanOrEqual(200_000);
  expect(Math.min(...grants.map((grant) => grant.maxOutputTokens))).toBeGreaterThanOrEqual(8_192);
});

test('with a small budget all still work side by side; as it runs out fewer do, each with as much as at first', async () => {
  const caps = budget(1_600);
  const request = { price: null, wanted: 32_000, agents: 16 };
  const grants = await Promise.all(Array.from({ length: 16 }, () => caps.reserve(request, never)));
  expect(new Set(grants.map((grant) => grant.maxOutputTokens))).toEqual(new Set([100]));
  for (const grant of grants) grant.settle({ outputTokens: 85, costUsd: null });
  const later = await Promise.all([caps.reserve(request, never), caps.reserve(request, never)]);
  expect(later.map((grant) => grant.maxOutputTokens)).toEqual([100, 100]);
});

test('nothing is never granted, however many want a part of it', async () => {
  const caps = budget(3);
  const request = { price: null, wanted: 32_000, agents: 16 };
  const first = await caps.reserve(request, never);
  expect(first.maxOutputTokens).toBeGreaterThanOrEqual(1);
  await Promise.all([caps.reserve(request, never), caps.reserve(request, never)]);
  const cancel = new AbortController();
  const fourth = caps.reserve(request, cancel.signal);
  cancel.abort(new Error('it waited'));
  await expect(fourth).rejects.toThrow('it waited');
});

test('where others hold all of it a request waits for what they give back', async () => {
  const caps = budget(10_000);
  const first = await caps.reserve({ ...free, wanted: 32_000 }, never);
  let second: Grant | null = null;
  const waiting = caps.reserve({ ...free, wanted: 32_000 }, never).then((grant) => {
    second = grant;
    return grant;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(second).toBe(null);
  first.settle({ outputTokens: 500, costUsd: null });
  expect((await waiting).maxOutputTokens).toBe(9_500);
});

test('waiting ends with a stop', async () => {
  const caps = budget(10_000);
  await caps.reserve({ ...free, wanted: 32_000 }, never);
  const cancel = new AbortController();
  const waiting = caps.reserve({ ...free, wanted: 32_000 }, cancel.signal);
  cancel.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});

test('a cap on cost holds back prompt and reply, and lets no reply grow over it', async () => {
  const caps = new Caps({ maxAgents: 9, budget: null, maxCostUsd: 1 }, { outputTokens: 0, costUsd: 0.25 });
  const price = { inputUsd: 0.25, usdPerOutputToken: 0.00002 };
  const grant = await caps.reserve({ price, wanted: 32_000, agents: 1 }, never);
  expect(Math.abs(grant.maxOutputTokens - 25_000)).toBeLessThanOrEqual(1);
  grant.settle({ outputTokens: 10_000, costUsd: 0.45 });
  expect(caps.exhausted).toBe(null);
  const last = await caps.reserve({ price, wanted: 32_000, agents: 1 }, never);
  expect(last.maxOutputTokens).toBeLessThanOrEqual(2_500);
  last.settle({ outputTokens: 2_500, costUsd: 0.3 });
  expect(caps.exhausted).toBe('the cost cap of $1 is reached');
  await expect(caps.reserve({ price, wanted: 32_000, agents: 1 }, never)).rejects.toBeInstanceOf(CapReachedError);
});

test('a prompt that costs more than is left is not sent', async () => {
  const caps = new Caps({ maxAgents: 9, budget: null, maxCostUsd: 0.1 }, NOTHING);
  const request = { price: { inputUsd: 0.2, usdPerOutputToken: 0.00002 }, wanted: 32_000, agents: 1 };
  await expect(caps.reserve(request, never)).rejects.toThrow(
    'what is left of the cost cap of $0.1 is less than a request takes',
  );
});
