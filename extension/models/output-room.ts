import type { ModelError } from './provider.ts';

/** How those who have no room for the reply that was asked for say so: vLLM, LiteLLM, Anthropic. */
const TOO_MUCH = /max_(completion_|output_)?tokens|number of output tokens/i;
/** With less a model can say nothing of use: the prompt itself is too long. */
const LEAST = 1_024;

/**
 * How long a reply of a model may be, where that is less than is asked for: a small context window has no room for it, and
 * some servers refuse such a request in place of giving what there is. Found out by halving.
 */
export class OutputRoom {
  /** The most that was ever granted, of models that refused more. */
  #granted = new Map<string, number>();

  /** What to ask for at first. */
  of(model: string, wanted: number): number {
    return Math.min(wanted, this.#granted.get(model) ?? wanted);
  }

  /** What to ask for after a refusal; null where that was not the reason, or there is no less. */
  after(error: ModelError, asked: number): number | null {
    const refused = error.status === 400 || error.status === 422;
    return refused && asked > LEAST && TOO_MUCH.test(error.message) ? Math.max(LEAST, Math.floor(asked / 2)) : null;
  }

  /** So much was granted where more was refused. Returns what to tell a person, the first time; else null. */
  grant(model: string, tokens: number): string | null {
    const before = this.#granted.get(model);
    // A longer prompt leaves less room, which says nothing of the next.
    this.#granted.set(model, Math.max(before ?? 0, tokens));
    return before === undefined
      ? `${model} has no room for longer replies: they are asked for with ${tokens} tokens at most`
      : null;
  }
}
