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
import { tokensOf } from './size.ts';
import type { ToolCallDeps } from './tool-calls.ts';
import { addSaid, foldTurns, setupOf, type TurnStep, type TurnStore } from './turns.ts';

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
  /** As in `ToolCallDeps`. */
  admit?: ToolCallDeps['admit'];
  onRefused?: ToolCallDeps['onRefused'];
  signal: AbortSignal;
  /** What a person said to this agent since it was last asked; emptied by asking. */
  takeMessages?(): string[];
  /** Looks at an answer that satisfies the schema. Resolves to what is wrong with it, for the model to mend, or to null: it is taken. */
  checkAnswer?(answer: Json): Promise<string | null>;
  /** Heard at every step, many times a second: thin it out before it is shown. */
  onProgress(doing: string, usage: Usage): void;
  onTranscript(entry: TranscriptEntry): void;
  /** Keeps what is said, for whoever goes on after a break; absent: nobody will. */
  turns?: TurnStore;
  /** Replies one agent may take, and again so many after each message of a person; 50 by default. */
  maxTurns?: number;
  /** Output tokens that all its replies may have together; absent: no limit. */
  maxTokens?: number;
  /** Tokens that the model takes in at a time; by default what is known of it. */
  contextWindow?: number;
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
  /** Of this process; what earlier ones used is counted already. */
  usage: Usage;
  requests: number;
  /** Of all replies, also those before a break. */
  replies: number;
  outputTokens: number;
  /** Tokens of all that was said, as far as is known. */
  size: number;
  /** It did not fit the last time; had it been shortened then and does not fit again, there is no way on. */
  didNotFit: boolean;
  /** What is to be kept yet, and the end of the writing of what is not. */
  unkept: TurnStep[];
  keeping: Promise<void>;
  /** Ids of the calls of the last reply that were begun before a break. */
  begun: ReadonlySet<string>;
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
  const system = systemPrompt({ role: task.role, tools: deps.tools, hasSchema });
  return {
    task,
    deps,
    answer: null,
    system: task.rules === undefined ? system : `${system}\n\n${task.rules}`,
    specs: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: task.prompt }] }],
    usage: NO_USAGE,
    requests: 0,
    replies: 0,
    outputTokens: 0,
    size: 0,
    didNotFit: false,
    unkept: [],
    keeping: Promise.resolve(),
    begun: new Set(),
    turns: 0,
    rejectedAnswers: 0,
    continuations: 0,
    text: '',
    forceAnswer: false,
  };
}

/**
 * Goes on where an earlier process broke off, if it has left anything that still holds. To be called once `specs` are known.
 * @returns whether it does.
 */
export async function goOnFromKept(conversation: Conversation): Promise<boolean> {
  const { task, deps, system, specs, messages } = conversation;
  const { turns } = deps;
  if (!turns) return false;
  const setup = setupOf({ model: task.model, system, specs: specs as unknown as Json });
  const steps = turns.kept();
  const kept = foldTurns(steps, messages, setup);
  const note = (text: string): void => deps.onTranscript({ type: 'note', at: Date.now(), text });
  if (kept) {
    Object.assign(conversation, { ...kept.counts, messages: kept.messages });
    conversation.begun = kept.begun;
    conversation.replies = kept.replies;
    conversation.outputTokens = kept.outputTokens;
    note(`It goes on at turn ${kept.replies + 1} after a break.`);
    return true;
  }
  if (steps.some(({ type }) => type === 'reply')) {
    note('It begins anew after a break: its model, its rules or its tools are not those it had.');
    await turns.forget();
  }
  conversation.unkept.push({ type: 'began', setup });
  return false;
}

/** Has everything said so far written down, before anything is done or paid for that follows from it. */
export function keepTurn(conversation: Conversation): Promise<void> {
  conversation.keeping = keepUnkept(conversation, { lazily: false }) ?? conversation.keeping;
  return conversation.keeping;
}

/** Has it written down with whatever is written next: nothing waits for it. */
export function keepLazily(conversation: Conversation): void {
  void keepUnkept(conversation, { lazily: true });
}

function keepUnkept(conversation: Conversation, how: { lazily: boolean }): Promise<void> | null {
  const { deps, unkept, replies } = conversation;
  // An agent that is done with its first reply, as most are, has nothing to be gone on from.
  if (!deps.turns || replies === 0 || unkept.length === 0) return null;
  const { turns, rejectedAnswers, continuations, text, forceAnswer, size } = conversation;
  const counts = { turns, rejectedAnswers, continuations, text, forceAnswer, size };
  const kept = deps.turns.keep([...unkept.splice(0), { type: 'counted', counts }], how);
  // Whoever waits for it hears of a failure; the next turn does at the latest.
  kept.catch(() => undefined);
  return kept;
}

/** Something was added that is to be kept with the next turn. */
export function note(conversation: Conversation, step: TurnStep): void {
  if (conversation.deps.turns) conversation.unkept.push(step);
}

/** The request for the next reply, with what a person has said up to now. */
export function nextRequest(conversation: Conversation): ModelRequest {
  hear(conversation);
  // It need not be waited for: what is said here is no turn yet.
  void keepTurn(conversation);
  const { task, system, specs, messages } = conversation;
  const request: ModelRequest = {
    model: task.model,
    system,
    messages: [...messages],
    tools: specs,
    maxOutputTokens: Math.min(MAX_OUTPUT_TOKENS, tokensLeft(conversation)),
  };
  if (task.options.effort !== undefined) request.effort = task.options.effort;
  if (conversation.forceAnswer) request.toolChoice = ANSWER_TOOL;
  return request;
}

/** Output tokens that the agent may use yet. */
export function tokensLeft({ deps, outputTokens }: Conversation): number {
  return (deps.maxTokens ?? Number.POSITIVE_INFINITY) - outputTokens;
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

/** Adds to what the user says. */
export function say(conversation: Conversation, content: ContentBlock[]): void {
  addSaid(conversation.messages, content);
  note(conversation, { type: 'said', content });
  conversation.size += tokensOf(content);
}
