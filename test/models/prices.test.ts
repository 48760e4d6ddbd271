import { expect, test } from 'vitest';
import { MODEL_ALIASES, MODELS, PRICES_DATE } from '../../extension/models/model-table.ts';
import { contextWindow, costUsd, knownModel, requestPrice, takeOwnPrices } from '../../extension/models/prices.ts';

const MILLION = { inputTokens: 1_000_000, outputTokens: 1_000_000, cacheReadTokens: 0, cacheWriteTokens: 0 };

test('every alias stands for a model with a price', () => {
  for (const model of Object.values(MODEL_ALIASES)) expect(costUsd(model, MILLION), model).toBeGreaterThan(0);
});

test('the table has a date, and no model that is cheaper to write than to read', () => {
  expect(Date.parse(PRICES_DATE)).not.toBeNaN();
  for (const { price } of Object.values(MODELS)) expect(price.cacheRead).toBeLessThan(price.cacheWrite);
});

test.each([
  'claude-haiku-4-5',
  'claude-haiku-4-5-20251001',
  'claude-haiku-4-5@20251001',
  'claude-haiku-4-5@default',
  'anthropic.claude-haiku-4-5-20251001-v1:0',
  'global.anthropic.claude-haiku-4-5-20251001-v1:0',
  'arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0',
  'anthropic/claude-haiku-4-5',
])('%s has the price of its model', (name) => {
  expect(knownModel(name)).toBe(MODELS['claude-haiku-4-5']);
  expect(costUsd(name, MILLION)).toBe(6);
});

test('a profile of one part of the world costs a tenth more', () => {
  for (const name of ['eu.anthropic.claude-haiku-4-5-20251001-v1:0', 'us-gov.anthropic.claude-haiku-4-5-20251001-v1:0'])
    expect(costUsd(name, MILLION)).toBeCloseTo(6.6, 10);
});

test('a model that is not in the table costs an unknown sum, not nothing', () => {
  for (const name of ['somebody-elses-model', 'constructor', 'anthropic.constructor', 'my-claude-haiku-4-5']) {
    expect(costUsd(name, MILLION)).toBeNull();
    expect(requestPrice(name, 10)).toBeNull();
    expect(contextWindow(name)).toBe(200_000);
  }
});

test('a long prompt, cache and all, makes the whole request dearer where the model says so', () => {
  const short = { inputTokens: 60_000, outputTokens: 1_000_000, cacheReadTokens: 40_000, cacheWriteTokens: 0 };
  expect(costUsd('claude-haiku-5-5', short)).toBeCloseTo(0.006 + 0.5 + 0.0004, 10);
  expect(costUsd('claude-haiku-5-5', { ...short, cacheReadTokens: 40_001 })).toBeCloseTo(0.03 + 2.5 + 0.00200005, 10);
});

test('prices that a person gives hold for the models they name', () => {
  takeOwnPrices({ 'prices-test/own': { input: 1, output: 5 }, 'prices-test/free': { input: 0, output: 0 } }, 'a file');
  const usage = { ...MILLION, cacheReadTokens: 1_000_000 };
  expect(costUsd('prices-test/own', usage)).toBe(7);
  expect(costUsd('prices-test/free', usage)).toBe(0);
});

test.each([
  [[], 'a JSON object of models'],
  [{ m: 3 }, 'the price of "m" is no object'],
  [{ m: { input: 1 } }, '"output" of "m" is no amount'],
  [{ m: { input: -1, output: 1 } }, '"input" of "m" is no amount'],
  [{ m: { input: '1', output: 5 } }, '"input" of "m" is no amount'],
  [{ m: { input: 1, output: Number.POSITIVE_INFINITY } }, '"output" of "m" is no amount'],
])('prices %j are refused: %s', (prices, problem) => {
  expect(() => takeOwnPrices(prices, 'prices.json')).toThrow(problem);
  expect(() => takeOwnPrices(prices, 'prices.json')).toThrow('prices.json');
});
