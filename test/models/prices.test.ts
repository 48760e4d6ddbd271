import { expect, test } from 'vitest';
import { costUsd, MODEL_ALIASES, PRICES_DATE, takesEffort } from '../../extension/models/prices.ts';

const MILLION = { inputTokens: 1_000_000, outputTokens: 1_000_000, cacheReadTokens: 0, cacheWriteTokens: 0 };

test('every alias stands for a model with a price', () => {
  for (const model of Object.values(MODEL_ALIASES)) expect(costUsd(model, MILLION), model).toBeGreaterThan(0);
});

test('the table has a date', () => {
  expect(Date.parse(PRICES_DATE)).not.toBeNaN();
});

test('a name with the date of a release has the price of its model', () => {
  expect(costUsd('claude-haiku-4-5-20251001', MILLION)).toBe(6);
  expect(takesEffort('claude-opus-4-5-20251101')).toBe(true);
});

test('a model that is not in the table costs an unknown sum, not nothing', () => {
  expect(costUsd('somebody-elses-model', MILLION)).toBeNull();
  expect(costUsd('constructor', MILLION)).toBeNull();
});

test('a long prompt, cache and all, makes the whole request dearer where the model says so', () => {
  const short = { inputTokens: 60_000, outputTokens: 1_000_000, cacheReadTokens: 40_000, cacheWriteTokens: 0 };
  expect(costUsd('claude-haiku-5-5', short)).toBeCloseTo(0.006 + 0.5 + 0.0004, 10);
  expect(costUsd('claude-haiku-5-5', { ...short, cacheReadTokens: 40_001 })).toBeCloseTo(0.03 + 2.5 + 0.00200005, 10);
});
