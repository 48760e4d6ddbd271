import {
  type CompletionWatch,
  type ContentBlock,
  ModelError,
  type ModelMessage,
  type ModelReply,
  type ModelRequest,
  type ToolSpec,
} from '../models/provider.ts';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import { errorInfo } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import { addUsage, type FailureCause, NO_USAGE, type Usage } from '../protocol/run-events.ts';
import type { AgentOptions, AgentRole } from '../protocol/sandbox-wire.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import { type AnswerSchema, answerSchema, BadSchemaError } from './answer-schema.ts';
import {
  ANSWER_TOOL,
  answerRejected,
  GO_ON,
  INPUT_CUT,
  REMINDER,
  systemPrompt,
  textOf,
  toolSpecs,
} from './instructions.ts';
import { runToolCall, type ToolCall, type ToolResult } from './tool-calls.ts';

export interface AgentTask {
  prompt: string;
  options: AgentOptions;
  /** The model's own name, no alias. */
  model: string;
  role: AgentRole;
}

export interface AgentDeps {
  /** One reply of a model. Whoever is behind it cares for concurrency and retries: what it throws is final. */
  complete(request: ModelRequest, watch: CompletionWatch): Promise<ModelReply>;
  tools: readonly Tool[];
  toolContext: ToolContext;
  signal: AbortSignal;
  /** Heard at every step, many times a second: thin it out before it is shown. */
  onProgress(doing: string, usage: Usage): void;
  onTranscript(entry: TranscriptEntry): void;
  /** Replies one agent may take; 50 by default. */
  maxTurns?: number;
}

/** `requests` counts the replies that were asked for; the retries of each are known to `complete` alone. */
export type AgentOutcome =
  | { ok: true; value: Json; usage: Usage; requests: number }
  | { ok: false; cause: FailureCause; usage: Usage; requests: number };

const MAX_TURNS = 50;
const MAX_ANSWERS = 5;
const MAX_CONTINUATIONS = 3;
/** Every model of the price table can give as many; thinking counts into it. */
const MAX_OUTPUT_TOKENS = 32_000;

/** An agent at work: what has been said so far, and what it has used up. */
interface Conversation {
  task: AgentTask;
  deps: AgentDeps;
  answer: AnswerSchema | null;
  system: string;
  specs: ToolSpec[];
  messages: ModelMessage[];
  usage: Usage;
  requests: number;
  rejectedAnswers: number;
  continuations: number;
  /** Text of the replies that were cut off, to go before the next. */
  text: string;
  forceAnswer: boolean;
}

/** What a reply came to: a result, or null to ask on. */
type Step = { value: Json } | null;

/** Ends a conversation without a result. */
class AgentFailure extends Error {
  readonly why: FailureCause;
  constructor(why: FailureCause) {
    super(why.message);
    this.why = why;
  }
}

/**
 * Runs one agent to its end: asks the model, runs the tools it calls, and checks its answer.
 * Without a schema the result is the text of its last reply; with one, what it gave to the tool `answer`.
 * Never throws: whatever happens is in the outcome.
 */
export async function runAgent(task: AgentTask, deps: AgentDeps): Promise<AgentOutcome> {
  const conversation = begin(task, deps);
  try {
    const { schema } = task.options;
    conversation.answer = schema === undefined ? null : answerSchema(schema);
    conversation.specs = toolSpecs(deps.tools, conversation.answer?.inputSchema ?? null);
    const value = await converse(conversation);
    return { ok: true, value, usage: conversation.usage, requests: conversation.requests };
  } catch (error) {
    return {
      ok: false,
      cause: failureCause(error, deps.signal),
      usage: conversation.usage,
      requests: conversation.requests,
    };
  }
}

function begin(task: AgentTask, deps: AgentDeps): Conversation {
  const hasSchema = task.options.schema !== undefined;
  return {
    task,
    deps,
    answer: null,
    system: systemPrompt({ role: task.role, hasTools: deps.tools.length > 0, hasSchema }),
    specs: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: task.prompt }] }],
    usage: NO_USAGE,
    requests: 0,
    rejectedAnswers: 0,
    continuations: 0,
    text: '',
    forceAnswer: false,
  };
}

async function converse(conversation: Conversation): Promise<Json> {
  const { maxTurns = MAX_TURNS } = conversation.deps;
  for (let turn = 0; turn < maxTurns; turn++) {
    const reply = await ask(conversation);
    const step = await take(conversation, reply);
    if (step) return step.value;
  }
  throw new AgentFailure({ kind: 'turns', message: `No result after ${maxTurns} replies.` });
}

async function ask(conversation: Conversation): Promise<ModelReply> {
  const { task, deps, system, specs, messages } = conversation;
  deps.signal.throwIfAborted();
  deps.onProgress('thinking', conversation.usage);
  let answering = false;
  const onText = (): void => {
    if (answering) return;
    answering = true;
    deps.onProgress('answering', conversation.usage);
  };
  const request: ModelRequest = {
    model: task.model,
    system,
    messages,
    tools: specs,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
  if (task.options.effort !== undefined) request.effort = task.options.effort;
  if (conversation.forceAnswer) request.toolChoice = ANSWER_TOOL;
  conversation.requests += 1;
  const reply = await deps.complete(request, { signal: deps.signal, onText });
  conversation.usage = addUsage(conversation.usage, reply.usage);
  return reply;
}

/** Decides what a reply means. */
async function take(conversation: Conversation, reply: ModelReply): Promise<Step> {
  const text = textOf(reply.content);
  if (text !== '') conversation.deps.onTranscript({ type: 'text', at: Date.now(), text });
  if (reply.stopReason === 'refusal')
    throw new AgentFailure({ kind: 'refused', message: 'The model declined to answer.' });
  if (reply.stopReason === 'other') {
    throw new AgentFailure({
      kind: 'refused',
      message: 'The model stopped before its end; its context window may be full.',
    });
  }
  conversation.forceAnswer = false;
  // An empty message would be refused by the next request.
  if (reply.content.length > 0) conversation.messages.push({ role: 'assistant', content: reply.content });
  const calls = reply.content.filter((block) => block.type === 'tool_use');
  if (calls.length > 0) return takeCalls(conversation, calls);
  if (reply.stopReason === 'pause_turn') {
    conversation.text += text;
    return null;
  }
  if (conversation.answer) return remind(conversation);
  if (reply.stopReason === 'max_tokens') return goOn(conversation, text);
  return { value: conversation.text + text };
}

/** Runs the calls of one reply side by side; a good answer among them ends the agent, and the others are not run. */
async function takeCalls(conversation: Conversation, calls: ToolCall[]): Promise<Step> {
  const { answer, deps } = conversation;
  conversation.text = '';
  const rejected = new Map<ToolCall, ToolResult>();
  for (const call of answer ? calls.filter(({ name }) => name === ANSWER_TOOL) : []) {
    const problems = typeof call.input === 'string' ? INPUT_CUT : answer!.problems(call.input);
    if (problems === null) return { value: call.input };
    deps.onTranscript({ type: 'answer-rejected', at: Date.now(), answer: call.input, problems });
    rejected.set(call, { type: 'tool_result', toolUseId: call.id, content: answerRejected(problems), isError: true });
  }
  const [first] = rejected.values();
  if (first) countRejected(conversation, first.content);
  const onDoing = (doing: string): void => deps.onProgress(doing, conversation.usage);
  const { tools, toolContext, signal, onTranscript } = deps;
  const results = calls.map(
    (call) => rejected.get(call) ?? runToolCall(call, { tools, toolContext, signal, onDoing, onTranscript }),
  );
  say(conversation, await Promise.all(results));
  return null;
}

function remind(conversation: Conversation): Step {
  conversation.deps.onTranscript({
    type: 'note',
    at: Date.now(),
    text: 'The reply ended without an answer; the model was reminded.',
  });
  countRejected(conversation, 'It ended without an answer.');
  conversation.forceAnswer = true;
  say(conversation, [{ type: 'text', text: REMINDER }]);
  return null;
}

function countRejected(conversation: Conversation, problems: string): void {
  conversation.rejectedAnswers += 1;
  if (conversation.rejectedAnswers < MAX_ANSWERS) return;
  const message = `No answer matched the schema in ${MAX_ANSWERS} tries. The last: ${problems}`;
  throw new AgentFailure({ kind: 'schema', message });
}

function goOn(conversation: Conversation, text: string): Step {
  conversation.continuations += 1;
  if (conversation.continuations > MAX_CONTINUATIONS) {
    throw new AgentFailure({
      kind: 'turns',
      message: `The answer was still not whole after ${conversation.continuations} replies.`,
    });
  }
  conversation.text += text;
  say(conversation, [{ type: 'text', text: GO_ON }]);
  return null;
}

function say(conversation: Conversation, content: ContentBlock[]): void {
  conversation.messages.push({ role: 'user', content });
}

function failureCause(error: unknown, signal: AbortSignal): FailureCause {
  if (signal.aborted) return { kind: 'stopped', message: 'The agent was stopped.' };
  if (error instanceof AgentFailure) return error.why;
  if (error instanceof BadSchemaError) return { kind: 'bad-request', message: error.message };
  if (error instanceof ModelError) {
    const kind = error.retryable ? 'retries-exhausted' : 'refused';
    return error.status === undefined
      ? { kind, message: error.message }
      : { kind, message: error.message, status: error.status };
  }
  return { kind: 'internal', message: errorInfo(error).message };
}
