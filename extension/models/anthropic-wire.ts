import type { Messages } from '@anthropic-ai/sdk/resources/messages/messages';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import type { Usage } from '../protocol/run-events.ts';
import { costUsd, knownModel } from './prices.ts';
import type { ContentBlock, ModelMessage, ModelReply, ModelRequest, ToolSpec } from './provider.ts';

type Params = Messages.MessageCreateParamsStreaming;

/** Turns a request of ours into the parameters of the Messages API. */
export function toParams(request: ModelRequest): Params {
  const params: Params = {
    model: request.model,
    max_tokens: request.maxOutputTokens,
    messages: request.messages.map(toMessageParam),
    stream: true,
  };
  if (request.system !== '') params.system = request.system;
  if (request.tools.length > 0) params.tools = request.tools.map(toTool);
  if (request.toolChoice !== undefined && knownModel(request.model)?.forcedTool)
    params.tool_choice = { type: 'tool', name: request.toolChoice };
  if (request.effort !== undefined && knownModel(request.model)?.effort)
    params.output_config = { effort: request.effort };
  // Writing to the cache costs a quarter more: it pays off only for a conversation that goes on.
  if (request.messages.length > 1) params.cache_control = { type: 'ephemeral' };
  return params;
}

function toTool(tool: ToolSpec): Messages.Tool {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: tool.inputSchema as Messages.Tool.InputSchema,
  };
}

function toMessageParam(message: ModelMessage): Messages.MessageParam {
  return { role: message.role, content: message.content.map(toBlockParam) };
}

function toBlockParam(block: ContentBlock): Messages.ContentBlockParam {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'tool_use':
      // Input that was cut off is kept as text; the API takes nothing but objects.
      return { type: 'tool_use', id: block.id, name: block.name, input: isJsonObject(block.input) ? block.input : {} };
    case 'tool_result':
      return { type: 'tool_result', tool_use_id: block.toolUseId, content: block.content, is_error: block.isError };
    case 'opaque':
      return block.value as unknown as Messages.ContentBlockParam;
  }
}

/** A content block while it streams in. Parts are joined once, at its end. */
interface OpenBlock {
  start: Messages.RawContentBlockStartEvent['content_block'];
  parts: string[];
  signature: string;
}

/** Puts the events of one stream together. */
export class ReplyAssembler {
  /** The model has said its last word; a stream that ends without it was cut. */
  complete = false;
  #blocks: OpenBlock[] = [];
  #stopReason: Messages.StopReason | null = null;
  #input = 0;
  #output = 0;
  #cacheRead = 0;
  #cacheWrite = 0;

  /** Takes one event; returns the text that came with it, if any. */
  add(event: Messages.RawMessageStreamEvent): string | null {
    switch (event.type) {
      case 'message_start':
        this.#count(event.message.usage);
        return null;
      case 'content_block_start':
        this.#blocks[event.index] = { start: event.content_block, parts: [], signature: '' };
        return null;
      case 'content_block_delta':
        return this.#addDelta(event);
      case 'message_delta':
        this.#stopReason = event.delta.stop_reason ?? this.#stopReason;
        this.#count(event.usage);
        return null;
      case 'message_stop':
        this.complete = true;
        return null;
      default:
        return null;
    }
  }

  #addDelta(event: Messages.RawContentBlockDeltaEvent): string | null {
    const block = this.#blocks[event.index];
    const { delta } = event;
    if (delta.type === 'text_delta') {
      block?.parts.push(delta.text);
      return delta.text;
    }
    if (delta.type === 'input_json_delta') block?.parts.push(delta.partial_json);
    else if (delta.type === 'thinking_delta') block?.parts.push(delta.thinking);
    else if (delta.type === 'signature_delta' && block) block.signature = delta.signature;
    return null;
  }

  /** The counts in a stream are totals so far, and may be left out. */
  #count(usage: Messages.Usage | Messages.MessageDeltaUsage): void {
    this.#input = usage.input_tokens ?? this.#input;
    this.#output = usage.output_tokens ?? this.#output;
    this.#cacheRead = usage.cache_read_input_tokens ?? this.#cacheRead;
    this.#cacheWrite = usage.cache_creation_input_tokens ?? this.#cacheWrite;
  }

  /**
   * What had come when the stream broke off. Its text can be gone on from; half a tool call cannot, nor can the
   * thinking before a text be given back without its signature.
   */
  soFar(model: string): { usage: Usage; partialText: string } {
    const blocks = this.#blocks.filter((block) => block !== undefined);
    const onlyText = blocks.every(({ start }) => start.type === 'text' || start.type === 'thinking');
    const texts = blocks.map(({ start, parts }) => (start.type === 'text' ? start.text + parts.join('') : ''));
    return { usage: this.#usage(model), partialText: onlyText ? texts.join('') : '' };
  }

  /** What was used so far, as far as the stream has told. */
  #usage(model: string): Usage {
    const counts = {
      inputTokens: this.#input,
      outputTokens: this.#output,
      cacheReadTokens: this.#cacheRead,
      cacheWriteTokens: this.#cacheWrite,
    };
    return { ...counts, costUsd: costUsd(model, counts) };
  }

  reply(model: string): ModelReply {
    const content = this.#blocks.filter((block) => block !== undefined).flatMap(toContentBlock);
    return { content, stopReason: toStopReason(this.#stopReason), usage: this.#usage(model) };
  }
}

function toContentBlock(block: OpenBlock): ContentBlock[] {
  const { start } = block;
  const whole = block.parts.join('');
  switch (start.type) {
    case 'text': {
      const text = start.text + whole;
      // The API refuses an empty text when it is sent back.
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'tool_use':
      return [{ type: 'tool_use', id: start.id, name: start.name, input: toInput(whole, start.input) }];
    case 'thinking': {
      const value: JsonObject = {
        type: 'thinking',
        thinking: start.thinking + whole,
        signature: start.signature + block.signature,
      };
      return [{ type: 'opaque', value }];
    }
    default:
      return [{ type: 'opaque', value: start as unknown as Json }];
  }
}

function toInput(json: string, start: unknown): Json {
  if (json === '') return isJsonObject(start) ? start : {};
  try {
    return JSON.parse(json) as Json;
  } catch {
    // Cut off by the limit of tokens: the caller tells the model.
    return json;
  }
}

function toStopReason(reason: Messages.StopReason | null): ModelReply['stopReason'] {
  switch (reason) {
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
