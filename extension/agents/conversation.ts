import type {
  CompletionWatch,
  ContentBlock,
  ModelMessage,
  ModelReply,
  ModelRequest,
  ToolSpec,
} from '../models/provider.ts';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import type { Json } from '../protocol/json.ts';
import { NO_USAGE, type Usage } from '../protocol/run-events.ts';
import type { AgentOptions, AgentRole } from '../protocol/sandbox-wire.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import type { AnswerSchema } from './answer-schema.ts';
import { ANSWER_TOOL, fromPerson, systemPrompt } from './instructions.ts';

export interface AgentTask {
  prompt: string;
  options: AgentOptions;
  /** The model's own name, no alias. */
  model: string;
  role: AgentRole;
  /** Rules of its trade, after what every agent is told; unlike the prompt, nothing foreign is in them. */
  rules?: string;
}

export interface AgentDeps {
  /**
   * One reply of a model. Whoever is behind it cares for concurrency and retries: what it throws is final.
   * `request` is asked for when one is really sent, again for each try: what a person said meanwhile is in it.
   */
  complete(request: () => ModelRequest, watch: CompletionWatch): Promise<ModelReply>;
  tools: readonly Tool[];
  toolContext: ToolContext;
  signal: AbortSignal;
  /** What a person said to this agent since it was last asked; emptied by asking. */
  takeMessages?(): string[];
  /** Looks at an answer that satisfies the schema. Resolves to what is wrong with it, for the model to mend, or to null: it is taken. */
  checkAnswer?(answer: Json): Promise<string | null>;
  /** Heard at every step, many times a second: thin it out before it is shown. */
  onProgress(doing: string, usage: Usage): void;
  onTranscript(entry: TranscriptEntry): void;
  /** Replies one agent may take, and again so many after each message of a person; 50 by default. */
  maxTurns?: number;
}

/** Every model of the price table can give as many; thinking counts into it. */
const MAX_OUTPUT_TOKENS = 32_000;

/** An agent at work: what has been said so far, and what it has used up. */
export interface Conversation {
  task: AgentTask;
  deps: AgentDeps;
  answer: AnswerSchema | null;
  system: string;
  specs: ToolSpec[];
  messages: ModelMessage[];
  usage: Usage;
  requests: number;
  /** Replies since its beginning, or since a person last spoke to it. */
  turns: number;
  rejectedAnswers: number;
  continuations: number;
  /** Text of the replies that were cut off, to go before the next. */
  text: string;
  forceAnswer: boolean;
}

export function begin(task: AgentTask, deps: AgentDeps): Conversation {
  const hasSchema = task.options.schema !== undefined;
  const system = systemPrompt({ role: task.role, hasTools: deps.tools.length > 0, hasSchema });
  return {
    task,
    deps,
    answer: null,
    system: task.rules === undefined ? system : `${system}\n\n${task.rules}`,
    specs: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: task.prompt }] }],
    usage: NO_USAGE,
    requests: 0,
    turns: 0,
    rejectedAnswers: 0,
    continuations: 0,
    text: '',
    forceAnswer: false,
  };
}

/** The request for the next reply, with what a person has said up to now. */
export function nextRequest(conversation: Conversation): ModelRequest {
  hear(conversation);
  const { task, system, specs, messages } = conversation;
  const request: ModelRequest = {
    model: task.model,
    system,
    messages: [...messages],
    tools: specs,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
  if (task.options.effort !== undefined) request.effort = task.options.effort;
  if (conversation.forceAnswer) request.toolChoice = ANSWER_TOOL;
  return request;
}

/** Tells the model what a person has said meanwhile. Returns whether there was anything. */
export function hear(conversation: Conversation): boolean {
  const texts = takeMessages(conversation);
  if (texts.length === 0) return false;
  say(
    conversation,
    texts.map((text) => ({ type: 'text', text: fromPerson(text) })),
  );
  return true;
}

/** What a person has said meanwhile, kept in the transcript. It may change what is to be done, so the agent gets time for it. */
export function takeMessages(conversation: Conversation): string[] {
  const { takeMessages: take, onTranscript } = conversation.deps;
  const texts = take?.() ?? [];
  for (const text of texts) onTranscript({ type: 'message', at: Date.now(), text });
  if (texts.length > 0) {
    conversation.turns = 0;
    conversation.forceAnswer = false;
  }
  return texts;
}

/** Adds to what the user says; the API wants the roles in turns, so that what follows on one another is one message. */
export function say(conversation: Conversation, content: ContentBlock[]): void {
  const { messages } = conversation;
  const last = messages.at(-1);
  if (last?.role === 'user') messages[messages.length - 1] = { role: 'user', content: [...last.content, ...content] };
  else messages.push({ role: 'user', content });
}
