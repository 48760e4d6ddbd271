import { type ContentBlock, ModelError, type ModelReply, type ModelRequest } from '../models/provider.ts';
import { GO_ON_BROKEN } from './instructions.ts';

/** Characters from which on a part of a reply is worth more than asking anew costs. */
const WORTH_KEEPING = 200;
/** An end and a beginning that have so many characters in common are the same text, told twice. */
const MIN_OVERLAP = 20;
const MAX_OVERLAP = 2_000;

/**
 * One reply that may need several tries: where its stream breaks off in the middle of a text, the next try asks for the
 * rest alone. The text goes back as the model's own, with a user's line after it: models from 4.6 on refuse a request that
 * ends with words of theirs (https://platform.claude.com/docs/en/build-with-claude/streaming, "Error recovery").
 */
export class Continuation {
  #base: ModelRequest | null = null;
  #text = '';

  /** The request to send: as `build` makes it, or the last one again with what had come of its reply. */
  request(build: () => ModelRequest): ModelRequest {
    if (this.#text === '' || !this.#base) {
      this.#base = build();
      return this.#base;
    }
    const { messages } = this.#base;
    return {
      ...this.#base,
      messages: [
        ...messages,
        { role: 'assistant', content: [{ type: 'text', text: this.#text }] },
        { role: 'user', content: [{ type: 'text', text: GO_ON_BROKEN }] },
      ],
    };
  }

  /** A try has failed and another follows. Returns how many characters there are to go on from, if this one brought any; else 0. */
  keep(error: unknown): number {
    const text = error instanceof ModelError ? error.partialText : '';
    if (text.trim().length < WORTH_KEEPING) return 0;
    this.#text = joined(this.#text, text);
    return this.#text.length;
  }

  /** A refusal to go on may be about the way it was asked for: then it is no end, and the next try asks anew. */
  excuse(error: unknown): unknown {
    if (this.#text === '' || !(error instanceof ModelError) || error.retryable || error.status !== 400) return error;
    this.#text = '';
    const { message, status, usage, rateLimit } = error;
    return new ModelError(message, { retryable: true, status, usage, rateLimit });
  }

  /** The reply's text so far, where the present try has brought this much. */
  textWith(rest: string): string {
    return joined(this.#text, rest);
  }

  /** The reply as it would be had it not been broken off. */
  whole(reply: ModelReply): ModelReply {
    return this.#text === '' ? reply : { ...reply, content: withText(this.#text, reply.content) };
  }
}

/** Signed thinking has to stay the first of a message, so the text goes in behind it. */
function withText(text: string, content: ContentBlock[]): ContentBlock[] {
  const at = content.findIndex(({ type }) => type !== 'opaque');
  const next = at === -1 ? undefined : content[at];
  const start = at === -1 ? content.length : at;
  const rest = next?.type === 'text' ? next.text : '';
  const whole: ContentBlock = { type: 'text', text: joined(text, rest) };
  return [...content.slice(0, start), whole, ...content.slice(next?.type === 'text' ? start + 1 : start)];
}

/** Models are told to repeat nothing, and some repeat their last words all the same. */
function joined(text: string, rest: string): string {
  return text + rest.slice(overlap(text, rest));
}

/**
 * Length of the beginning of `rest` that only repeats the end of `text`. Where that end is also found earlier in the text,
 * the text is of a kind that repeats itself, such as a table: then nobody can tell, and nothing is taken away.
 */
function overlap(text: string, rest: string): number {
  if (rest.startsWith(text)) return text.length;
  for (let length = Math.min(text.length, rest.length, MAX_OVERLAP); length >= MIN_OVERLAP; length--) {
    const end = rest.slice(0, length);
    if (text.endsWith(end)) return text.indexOf(end) === text.length - length ? length : 0;
  }
  return 0;
}
