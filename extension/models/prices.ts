import { UserError } from '../protocol/errors.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';
import type { Usage } from '../protocol/run-events.ts';
import { MODELS, type Model, type Price } from './model-table.ts';

/** Of a model of which nothing is known. */
const USUAL_CONTEXT_WINDOW = 200_000;

/** What AWS and Google ask on top where a request must stay in one part of the world; from the models 4.5 on. */
export const REGIONAL_FACTOR = 1.1;

/** Prices that a person gave, by the name of the model. */
const ownPrices = new Map<string, Price>();

/**
 * What is known of a model, under whatever name it goes: with the date of its release (`claude-haiku-4-5-20251001`), as
 * Vertex has it (`claude-haiku-4-5@20251001`), Bedrock (`eu.anthropic.claude-haiku-4-5-20251001-v1:0`, or the ARN of such
 * a profile) or a gateway (`anthropic/claude-haiku-4-5`).
 */
export function knownModel(name: string): Model | undefined {
  const plain = plainName(name);
  return Object.hasOwn(MODELS, plain) ? MODELS[plain] : undefined;
}

function plainName(name: string): string {
  return name
    .replace(/^.*\//, '')
    .replace(/^([a-z-]+\.)?anthropic\./, '')
    .replace(/-v\d+(:\d+)?$/, '')
    .replace(/@(default|latest)$/, '')
    .replace(/[-@]\d{8}$/, '');
}

/** Bedrock asks more for a profile of one part of the world (`eu.anthropic…`) than for the global one. */
function factorOf(name: string): number {
  const region = /^([a-z-]+)\.anthropic\./.exec(name.replace(/^.*\//, ''))?.[1];
  return region === undefined || region === 'global' ? 1 : REGIONAL_FACTOR;
}

/** Price of one request in US dollars; null for a model that is not in the table. */
export function costUsd(model: string, usage: Omit<Usage, 'costUsd'>): number | null {
  const price = priceOf(model, usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens);
  if (!price) return null;
  const sum =
    usage.inputTokens * price.input +
    usage.outputTokens * price.output +
    usage.cacheReadTokens * price.cacheRead +
    usage.cacheWriteTokens * price.cacheWrite;
  return (sum / 1_000_000) * factorOf(model);
}

function priceOf(model: string, promptTokens: number): Price | undefined {
  const own = ownPrices.get(model);
  if (own) return own;
  const known = knownModel(model);
  return known?.longPrompt && promptTokens > known.longPrompt.over ? known.longPrompt.price : known?.price;
}

/**
 * What a request comes to at most, in US dollars: its prompt, all of it written to the cache, and each token of the
 * reply; null for a model that is not in the table.
 */
export function requestPrice(
  model: string,
  promptTokens: number,
): { inputUsd: number; usdPerOutputToken: number } | null {
  const prompt = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: promptTokens };
  const inputUsd = costUsd(model, prompt);
  const withReply = costUsd(model, { ...prompt, outputTokens: 1 });
  return inputUsd === null || withReply === null ? null : { inputUsd, usdPerOutputToken: withReply - inputUsd };
}

/** Tokens that prompt and reply may have together; of a model that we do not know, what most have. */
export function contextWindow(model: string): number {
  return knownModel(model)?.contextWindow ?? USUAL_CONTEXT_WINDOW;
}

const NUMBERS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;

/**
 * Takes prices that a person gives, for models that the table does not have or at other terms, until the process ends:
 * `{ "my-model": { "input": 1, "output": 5 } }`, US dollars per million tokens; what is cached costs as `input` where
 * nothing else is said.
 * @param source Names the place of the text in a complaint.
 * @throws UserError `bad-arguments`
 */
export function takeOwnPrices(prices: Json, source: string): void {
  if (!isJsonObject(prices)) throw badPrices(source, 'it has to be a JSON object of models');
  for (const [model, given] of Object.entries(prices)) {
    if (!isJsonObject(given)) throw badPrices(source, `the price of ${JSON.stringify(model)} is no object`);
    const { input, output, cacheRead = input, cacheWrite = input } = given;
    const price = { input, output, cacheRead, cacheWrite } as unknown as Price;
    const wrong = NUMBERS.find((key) => !(price[key] >= 0 && Number.isFinite(price[key])));
    if (wrong) throw badPrices(source, `"${wrong}" of ${JSON.stringify(model)} is no amount of US dollars`);
    ownPrices.set(model, price);
  }
}

function badPrices(source: string, problem: string): UserError {
  const example = '{ "my-model": { "input": 1, "output": 5 } }';
  return new UserError('bad-arguments', `The prices in ${source} cannot be read: ${problem}, such as ${example}.`);
}
