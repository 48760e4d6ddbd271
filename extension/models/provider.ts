import type { Json, JsonObject } from '../protocol/json.ts';
import type { RateLimit } from '../protocol/rate-limit.ts';
import type { Usage } from '../protocol/run-events.ts';
import type { Effort } from '../protocol/sandbox-wire.ts';

/** A source of model answers. One turn a call: the agent loop, the retries and the tools are not its business. */
export interface Provider {
  id: string;
  /** As people read it, such as `built-in analyst (no AI model)`. */
  title: string;
  /** The model used where neither the script nor the user names one. */
  defaultModel: string;
  /** It costs nothing, whatever the model is called. */
  free?: true;
  /** Whether it can do anything with such a prompt; absent: it takes any. */
  understands?(prompt: string): boolean;
  /** Turns an alias (`opus`, `sonnet`, `haiku`) into a model's name; any other string passes as it is. */
  resolveModel(name: string): string;
  /**
   * Asks for one reply, streaming where the provider can.
   * @throws ModelError for everything that is the provider's answer or failure; the signal's reason when aborted.
   */
  complete(request: ModelRequest, watch: CompletionWatch): Promise<ModelReply>;
}

export interface CompletionWatch {
  signal: AbortSignal;
  /** Text as it streams; may never be called. */
  onText?(delta: string): void;
  /** Asked by a request that was held back of its own accord: resolves when no person holds requests back meanwhile. */
  unpaused?(): Promise<void>;
  /** What a person should know of how it is asked, such as what the other side does not understand; each told once. */
  onNote?(text: string): void;
}

export interface ModelRequest {
  model: string;
  system: string;
  messages: ModelMessage[];
  tools: ToolSpec[];
  /** Forces a call of the tool of this name. */
  toolChoice?: string;
  effort?: Effort;
  maxOutputTokens: number;
}

export interface ModelMessage {
  role: 'user' | 'assistant';
  content: ContentBlock[];
}

export type ContentBlock =
  | { type: 'text'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: Json }
  | { type: 'tool_result'; toolUseId: string; content: string; isError: boolean; images?: ContentImage[] }
  /** Anything else a provider needs back unchanged in the next turn, such as signed thinking. */
  | { type: 'opaque'; value: Json };

/** A picture beside what a tool says; a provider that takes none leaves it out. */
export interface ContentImage {
  mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Base64. */
  data: string;
}

export interface ToolSpec {
  name: string;
  description: string;
  inputSchema: JsonObject;
  /** Its input is to match the schema exactly, where the provider can hold the model to that; whoever asks checks it all the same. */
  strict?: true;
}

export interface ModelReply {
  content: ContentBlock[];
  /** `context_full`: the reply was cut because the conversation fills the model's context window. */
  stopReason: 'end_turn' | 'tool_use' | 'max_tokens' | 'refusal' | 'pause_turn' | 'context_full' | 'other';
  /** What the provider says of why it stopped, in a few words, where it says. */
  stopDetail?: string;
  usage: Usage;
  /** The limit of the provider that is nearest to being used up, where it tells. */
  rateLimit?: RateLimit;
}

/** A failure of a model call. Retryable and final differ by `retryable`, never by their text. */
export class ModelError extends Error {
  override name = 'ModelError';
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;
  /** Milliseconds the provider asked us to wait. */
  readonly retryAfterMs: number | undefined;
  /** The conversation does not fit into the model's context window. */
  readonly promptTooLong: boolean;
  /** What is allowed is used up for a long time, until `retryAfterMs` is over; no try is to blame for that. */
  readonly usageLimit: boolean;
  /** The limit of the provider that is nearest to being used up, where it tells. */
  readonly rateLimit: RateLimit | undefined;
  /** What was used before it failed, where that is known: it is paid for. */
  readonly usage: Usage | undefined;
  /** Text of a reply that broke off, to be gone on from; empty where there is none, or where more than text had come. */
  readonly partialText: string;
  constructor(message: string, details: ModelErrorDetails) {
    super(message, { cause: details.cause });
    this.retryable = details.retryable;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.promptTooLong = details.promptTooLong ?? false;
    this.usageLimit = details.usageLimit ?? false;
    this.rateLimit = details.rateLimit;
    this.usage = details.usage;
    this.partialText = details.partialText ?? '';
  }
}

export interface ModelErrorDetails {
  retryable: boolean;
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  promptTooLong?: boolean | undefined;
  usageLimit?: boolean | undefined;
  rateLimit?: RateLimit | undefined;
  usage?: Usage | undefined;
  partialText?: string | undefined;
  cause?: unknown;
}
