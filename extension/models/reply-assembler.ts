import type { Messages } from '@anthropic-ai/sdk/resources/messages/messages';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import type { Usage } from '../protocol/run-events.ts';
import { costUsd } from './prices.ts';
import type { ContentBlock, ModelReply } from './provider.ts';

/** A content block while it streams in. Parts are joined once, at its end. */
interface OpenBlock {
  start: Messages.RawContentBlockStartEvent['content_block'];
  parts: string[];
  signature: string;
}

/** Where a server does not count: of text in English and code, a little more than it is. */
const CHARACTERS_PER_TOKEN = 3.5;
const MAX_DETAIL = 200;
const MOST_BLOCKS = 10_000;

export interface AssemblerOptions {
  model: string;
  /** Of the prompt, for a server that does not count its tokens. */
  promptCharacters(): number;
  /** What the price of the table is to be multiplied with. */
  priceFactor: number;
}

/** Puts the events of one stream together, or takes a reply that came whole. */
export class ReplyAssembler {
  /** The model has said its last word; a stream that ends without it was cut. */
  complete = false;
  #options: AssemblerOptions;
  #begun = false;
  #blocks: OpenBlock[] = [];
  #stopReason: Messages.StopReason | null = null;
  #stopDetail: string | undefined;
  #input = 0;
  #output = 0;
  #cacheRead = 0;
  #cacheWrite = 0;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** Takes one event; returns the text that came with it, if any. */
  add(event: Messages.RawMessageStreamEvent): string | null {
    switch (event.type) {
      case 'message_start':
        this.#begun = true;
        this.#count(event.message?.usage);
        return null;
      case 'content_block_start':
        // The index is a server's word, and an array is as long as its highest.
        if (event.index >= 0 && event.index < MOST_BLOCKS)
          this.#blocks[event.index] = { start: event.content_block, parts: [], signature: '' };
        return null;
      case 'content_block_delta':
        return this.#addDelta(event);
      case 'message_delta':
        this.#stop(event.delta);
        this.#count(event.usage);
        return null;
      case 'message_stop':
        this.complete = true;
        return null;
      default:
        return null;
    }
  }

  /** Takes a reply that came whole; returns its text. */
  addWhole(message: Messages.Message): string {
    this.#begun = true;
    this.#blocks = (message.content ?? []).map((start) => ({ start, parts: [], signature: '' }));
    this.#stop(message);
    this.#count(message.usage);
    this.complete = true;
    return this.#blocks.map(({ start }) => (start.type === 'text' ? (start.text ?? '') : '')).join('');
  }

  #addDelta(event: Messages.RawContentBlockDeltaEvent): string | null {
    const block = this.#blocks[event.index];
    const { delta } = event;
    if (delta.type === 'text_delta') {
      block?.parts.push(delta.text);
      return delta.text ?? null;
    }
    if (delta.type === 'input_json_delta') block?.parts.push(delta.partial_json);
    else if (delta.type === 'thinking_delta') block?.parts.push(delta.thinking);
    else if (delta.type === 'signature_delta' && block) block.signature = delta.signature;
    return null;
  }

  #stop({ stop_reason, stop_details }: Pick<Messages.Message, 'stop_reason' | 'stop_details'>): void {
    this.#stopReason = stop_reason ?? this.#stopReason;
    const detail = stop_details?.explanation ?? stop_details?.category;
    if (typeof detail === 'string') this.#stopDetail = detail.replace(/\s+/g, ' ').trim().slice(0, MAX_DETAIL);
  }

  /** The counts in a stream are totals so far, and may be left out; some servers have none at all. */
  #count(usage: Messages.Usage | Messages.MessageDeltaUsage | undefined | null): void {
    this.#input = usage?.input_tokens ?? this.#input;
    this.#output = usage?.output_tokens ?? this.#output;
    this.#cacheRead = usage?.cache_read_input_tokens ?? this.#cacheRead;
    this.#cacheWrite = usage?.cache_creation_input_tokens ?? this.#cacheWrite;
  }

  /**
   * What had come when the stream broke off. Its text can be gone on from; half a tool call cannot, nor can the
   * thinking before a text be given back without its signature.
   */
  soFar(): { usage: Usage; partialText: string } {
    const blocks = this.#blocks.filter((block) => block !== undefined);
    const onlyText = blocks.every(({ start }) => start.type === 'text' || start.type === 'thinking');
    const texts = blocks.map(({ start, parts }) => (start.type === 'text' ? (start.text ?? '') + parts.join('') : ''));
    return { usage: this.#usage(), partialText: onlyText ? texts.join('') : '' };
  }

  /** What was used so far, as far as it was told; no prompt has no tokens, so what is not told is estimated. */
  #usage(): Usage {
    const inputMissing = this.#begun && this.#input + this.#cacheRead + this.#cacheWrite === 0;
    const said = this.#output === 0 ? charactersOf(this.#blocks) : 0;
    const counts = {
      inputTokens: inputMissing ? tokensOf(this.#options.promptCharacters()) : this.#input,
      outputTokens: said > 0 ? tokensOf(said) : this.#output,
      cacheReadTokens: this.#cacheRead,
      cacheWriteTokens: this.#cacheWrite,
    };
    const cost = costUsd(this.#options.model, counts);
    return {
      ...counts,
      costUsd: cost === null ? null : cost * this.#options.priceFactor,
      ...((inputMissing || said > 0) && { estimated: true }),
    };
  }

  reply(): ModelReply {
    const content = this.#blocks.filter((block) => block !== undefined).flatMap(toContentBlock);
    const stopReason = toStopReason(this.#stopReason, content);
    const detail = this.#stopDetail ?? (stopReason === 'other' ? this.#stopReason : undefined);
    return { content, stopReason, usage: this.#usage(), ...(detail && { stopDetail: detail }) };
  }
}

function tokensOf(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

function charactersOf(blocks: OpenBlock[]): number {
  let sum = 0;
  for (const block of blocks) {
    if (!block) continue;
    const { start, parts } = block;
    sum += parts.join('').length;
    if (start.type === 'text') sum += (start.text ?? '').length;
    else if (start.type === 'tool_use') sum += start.name.length + JSON.stringify(start.input ?? {}).length;
  }
  return sum;
}

function toContentBlock(block: OpenBlock): ContentBlock[] {
  const { start } = block;
  const whole = block.parts.join('');
  switch (start.type) {
    case 'text': {
      const text = (start.text ?? '') + whole;
      // The API refuses an empty text when it is sent back.
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'tool_use':
      return [{ type: 'tool_use', id: start.id, name: start.name, input: toInput(whole, start.input) }];
    case 'thinking': {
      const value: JsonObject = {
        type: 'thinking',
        thinking: (start.thinking ?? '') + whole,
        signature: (start.signature ?? '') + block.signature,
      };
      return [{ type: 'opaque', value }];
    }
    default:
      return [{ type: 'opaque', value: start as unknown as Json }];
  }
}

/** Some servers do not stream the input of a tool: it is whole at the start then. */
function toInput(json: string, start: unknown): Json {
  if (json === '') return isJsonObject(start) ? start : {};
  try {
    return JSON.parse(json) as Json;
  } catch {
    // Cut off by the limit of tokens: the caller tells the model.
    return json;
  }
}

function toStopReason(reason: Messages.StopReason | null, content: ContentBlock[]): ModelReply['stopReason'] {
  switch (reason) {
    case null:
      // Some servers say nothing where a reply simply ended.
      return content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
    case 'stop_sequence':
      return 'end_turn';
    case 'end_turn':
    case 'tool_use':
    case 'max_tokens':
    case 'refusal':
    case 'pause_turn':
      return reason;
    case 'model_context_window_exceeded':
      return 'context_full';
    default:
      return 'other';
  }
}
