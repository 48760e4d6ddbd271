/**
 * What is known of each model, as data. Sources: prices, context windows and limits of output, the page of each model
 * below https://platform.claude.com/docs/en/models and https://platform.claude.com/docs/en/about-claude/pricing; effort,
 * https://platform.claude.com/docs/en/build-with-claude/effort; thinking and forced tools, the pages "What's new" and
 * https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking; the shortest prefix that is cached,
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching.
 */

/** When the table was last held against its sources. */
export const PRICES_DATE = '2026-11-22';

/** What the script names `opus`, `sonnet` and `haiku` stand for. Source: the type `Model` of `@anthropic-ai/sdk` 1.12.0. */
export const MODEL_ALIASES: Readonly<Record<string, string>> = {
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
};

/** US dollars per million tokens; `cacheWrite` is for the cache that lasts five minutes, the one we use. */
export interface Price {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

export interface Model {
  price: Price;
  /** Where a longer prompt (input and cache, read or written) makes the whole request dearer. */
  longPrompt?: { over: number; price: Price };
  /** Tokens that prompt and reply may have together. */
  contextWindow: number;
  /** A prefix of fewer tokens is never cached. */
  minCached: number;
  /** Takes `output_config.effort`. */
  effort: boolean;
  /** Thinks when it is not told to, or has to be told: to think as much as it wants, or how many tokens at most. */
  thinking: 'by-default' | 'adaptive' | 'budget';
  /** Takes a forced tool. The models that always think refuse it with 400, and so do others while they think. */
  forcedTool: boolean;
  /** The date of its release, where Google has it in the name. */
  released?: string;
  /** What Amazon has behind the name. Source: https://platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock-legacy */
  bedrockSuffix?: string;
}

const MILLION = 1_000_000;

const OPUS_4: Model = {
  price: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
  contextWindow: MILLION,
  minCached: 4_096,
  effort: true,
  thinking: 'adaptive',
  forcedTool: true,
};
const SONNET_4: Model = {
  price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  contextWindow: MILLION,
  minCached: 1_024,
  effort: true,
  thinking: 'adaptive',
  forcedTool: true,
};
const FABLE: Model = {
  price: { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 },
  contextWindow: MILLION,
  minCached: 512,
  effort: true,
  thinking: 'by-default',
  forcedTool: false,
};
const FABLE_5_1: Model = { ...FABLE, price: { ...FABLE.price, cacheRead: 0.25 } };

export const MODELS: Readonly<Record<string, Model>> = {
  'claude-fable-5-1': FABLE_5_1,
  'claude-mythos-5-1': FABLE_5_1,
  'claude-fable-5': FABLE,
  'claude-mythos-5': FABLE,
  'claude-opus-5-5': { ...FABLE, price: { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 } },
  'claude-opus-5': { ...FABLE, price: OPUS_4.price },
  'claude-opus-4-8': { ...OPUS_4, minCached: 1_024 },
  'claude-opus-4-7': { ...OPUS_4, minCached: 2_048 },
  'claude-opus-4-6': { ...OPUS_4, contextWindow: 200_000, bedrockSuffix: '-v1' },
  'claude-opus-4-5': { ...OPUS_4, contextWindow: 200_000, thinking: 'budget', ...releasedOn('20251101') },
  'claude-sonnet-5-5': { ...FABLE, price: { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 } },
  'claude-sonnet-5': { ...FABLE, price: { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }, minCached: 1_024 },
  'claude-sonnet-4-6': { ...SONNET_4, contextWindow: 200_000 },
  'claude-sonnet-4-5': {
    ...SONNET_4,
    contextWindow: 200_000,
    effort: false,
    thinking: 'budget',
    ...releasedOn('20250929'),
  },
  'claude-haiku-5-5': {
    ...FABLE,
    price: { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 },
    longPrompt: { over: 100_000, price: { input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625 } },
  },
  'claude-haiku-4-5': {
    price: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
    contextWindow: 200_000,
    minCached: 4_096,
    effort: false,
    thinking: 'budget',
    forcedTool: true,
    ...releasedOn('20251001'),
  },
};

/** Up to 4.5 the clouds have the date of the release in the name. */
function releasedOn(date: string): Pick<Model, 'released' | 'bedrockSuffix'> {
  return { released: date, bedrockSuffix: `-${date}-v1:0` };
}
