import type { Usage } from '../protocol/run-events.ts';

/** When the tables below were last held against the sources named at each. */
export const PRICES_DATE = '2026-11-22';

/** What the script names `opus`, `sonnet` and `haiku` stand for. Source: the type `Model` of `@anthropic-ai/sdk` 1.12.0. */
export const MODEL_ALIASES: Readonly<Record<string, string>> = {
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
};

/** US dollars per million tokens; `cacheWrite` is for the cache that lasts five minutes, the one we use. */
interface Price {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

interface Model {
  price: Price;
  /** Where a longer prompt (input and cache, read or written) makes the whole request dearer. */
  longPrompt?: { over: number; price: Price };
  /** Takes `output_config.effort`. */
  effort: boolean;
  /** Takes a forced tool. The models that always think refuse it with 400, and so do others while they think. */
  forcedTool: boolean;
}

const OPUS_4: Model = {
  price: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
  effort: true,
  forcedTool: true,
};
const SONNET_4: Model = {
  price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  effort: true,
  forcedTool: true,
};
const FABLE: Model = {
  price: { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 },
  effort: true,
  forcedTool: false,
};
const FABLE_5_1: Model = { ...FABLE, price: { ...FABLE.price, cacheRead: 0.25 } };

/**
 * Sources: prices, https://platform.claude.com/docs/en/about-claude/pricing and the page of each model below
 * https://platform.claude.com/docs/en/models; effort, https://platform.claude.com/docs/en/build-with-claude/effort;
 * forced tools, the pages "What's new" of Opus 5.5 and Sonnet 5.5.
 */
const MODELS: Readonly<Record<string, Model>> = {
  'claude-fable-5-1': FABLE_5_1,
  'claude-mythos-5-1': FABLE_5_1,
  'claude-fable-5': FABLE,
  'claude-mythos-5': FABLE,
  'claude-opus-5-5': {
    price: { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
    effort: true,
    forcedTool: false,
  },
  'claude-opus-5': { ...OPUS_4, forcedTool: false },
  'claude-opus-4-8': OPUS_4,
  'claude-opus-4-7': OPUS_4,
  'claude-opus-4-6': OPUS_4,
  'claude-opus-4-5': OPUS_4,
  'claude-sonnet-5-5': {
    price: { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
    effort: true,
    forcedTool: false,
  },
  'claude-sonnet-5': {
    price: { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 },
    effort: true,
    forcedTool: false,
  },
  'claude-sonnet-4-6': SONNET_4,
  'claude-sonnet-4-5': { ...SONNET_4, effort: false },
  'claude-haiku-5-5': {
    price: { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 },
    longPrompt: { over: 100_000, price: { input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625 } },
    effort: true,
    forcedTool: false,
  },
  'claude-haiku-4-5': {
    price: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
    effort: false,
    forcedTool: true,
  },
};

/** A model's name may end in the date of its release: `claude-haiku-4-5-20251001`. */
function modelOf(name: string): Model | undefined {
  const plain = name.replace(/-\d{8}$/, '');
  return Object.hasOwn(MODELS, plain) ? MODELS[plain] : undefined;
}

/** Price of one request in US dollars; null for a model that is not in the table. */
export function costUsd(model: string, usage: Omit<Usage, 'costUsd'>): number | null {
  const known = modelOf(model);
  if (!known) return null;
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const price = known.longPrompt && prompt > known.longPrompt.over ? known.longPrompt.price : known.price;
  const sum =
    usage.inputTokens * price.input +
    usage.outputTokens * price.output +
    usage.cacheReadTokens * price.cacheRead +
    usage.cacheWriteTokens * price.cacheWrite;
  return sum / 1_000_000;
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

/** Whether a model takes the effort parameter; one that we do not know is not asked to. */
export function takesEffort(model: string): boolean {
  return modelOf(model)?.effort ?? false;
}

/** Whether a model can be made to call a certain tool; one that we do not know is asked in words alone. */
export function takesForcedTool(model: string): boolean {
  return modelOf(model)?.forcedTool ?? false;
}
