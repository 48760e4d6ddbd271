import { ModelError, type ModelReply, type ModelRequest } from '../models/provider.ts';
import type { Json } from '../protocol/json.ts';
import { addUsage, type FailureCause, type Usage } from '../protocol/run-events.ts';
import { AgentFailure, failureCause } from './agent-failure.ts';
import { answerSchema } from './answer-schema.ts';
import {
  type AgentDeps,
  type AgentTask,
  begin,
  type Conversation,
  goOnFromKept,
  hear,
  keepLazily,
  keepTurn,
  nextRequest,
  note,
  say,
  takeMessages,
  tokensLeft,
} from './conversation.ts';
import {
  ANSWER_TOOL,
  answerHeldBack,
  answerNotTaken,
  answerRejected,
  GO_ON,
  INPUT_CUT,
  INTERRUPTED,
  REMINDER,
  RESULT_AGAIN,
  textOf,
  toolSpecs,
} from './instructions.ts';
import { isFull, makeRoom, sizeAfter, tooLong } from './make-room.ts';
import { tokensOf } from './size.ts';
import { runToolCall, type ToolCall, type ToolResult } from './tool-calls.ts';
import { addResults, openCalls } from './turns.ts';

/** `requests` counts the replies that were asked for; the retries of each are known to `complete` alone. */
export type AgentOutcome =
  | { ok: true; value: Json; usage: Usage; requests: number }
  | { ok: false; cause: FailureCause; usage: Usage; requests: number };

const MAX_TURNS = 50;
const MAX_ANSWERS = 5;
const MAX_CONTINUATIONS = 3;

/** What a reply came to: a result, or null to ask on. */
type Step = { value: Json } | null;

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
    if (await goOnFromKept(conversation)) await finishCalls(conversation);
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

async function converse(conversation: Conversation): Promise<Json> {
  const { maxTurns = MAX_TURNS, maxTokens } = conversation.deps;
  while (conversation.turns < maxTurns) {
    if (tokensLeft(conversation) < 1) {
      const message = `No result after ${maxTokens} output tokens, which is all that one agent may use.`;
      throw new AgentFailure({ kind: 'tokens', message });
    }
    if (isFull(conversation)) await makeRoom(conversation, (request) => send(conversation, () => request));
    const reply = await askForTurn(conversation);
    const step = reply && (await take(conversation, reply));
    if (step) return step.value;
  }
  throw new AgentFailure({ kind: 'turns', message: `No result after ${maxTurns} replies.` });
}

/** The next reply; null where it did not fit into the context window, and there is room for it by now. */
async function askForTurn(conversation: Conversation): Promise<ModelReply | null> {
  await keepTurn(conversation);
  try {
    const reply = await send(conversation, () => nextRequest(conversation));
    if (reply.stopReason !== 'context_full') {
      conversation.turns += 1;
      conversation.didNotFit = false;
      conversation.size = sizeAfter(reply);
      return reply;
    }
    note(conversation, { type: 'lost', usage: reply.usage });
  } catch (error) {
    if (!(error instanceof ModelError) || !error.promptTooLong) throw error;
    if (conversation.didNotFit || conversation.messages.length < 2) throw tooLong(error.message);
  }
  if (conversation.didNotFit) throw tooLong('its last reply was cut off');
  conversation.didNotFit = true;
  await makeRoom(conversation, (request) => send(conversation, () => request));
  return null;
}

/** While a reply streams in, who watches hears now and then that it still does. */
const STILL_ANSWERING_MS = 10_000;

/** Asks for one reply, and counts what it used. */
async function send(conversation: Conversation, build: () => ModelRequest): Promise<ModelReply> {
  const { deps } = conversation;
  deps.signal.throwIfAborted();
  deps.onProgress('thinking', conversation.usage);
  let toldAt = 0;
  const onText = (): void => {
    if (Date.now() - toldAt < STILL_ANSWERING_MS) return;
    toldAt = Date.now();
    deps.onProgress('answering', conversation.usage);
  };
  conversation.requests += 1;
  const reply = await deps.complete(build, { signal: deps.signal, onText });
  conversation.usage = addUsage(conversation.usage, reply.usage);
  conversation.outputTokens += reply.usage.outputTokens;
  return reply;
}

/** Decides what a reply means. */
async function take(conversation: Conversation, reply: ModelReply): Promise<Step> {
  const text = textOf(reply.content);
  if (text !== '') conversation.deps.onTranscript({ type: 'text', at: Date.now(), text });
  if (reply.stopReason === 'refusal')
    throw new AgentFailure({ kind: 'refused', message: withDetail('The model declined to answer', reply.stopDetail) });
  if (reply.stopReason === 'other') {
    const message = withDetail(
      'The model stopped before its end, for a reason that is not known here',
      reply.stopDetail,
    );
    throw new AgentFailure({ kind: 'refused', message });
  }
  conversation.forceAnswer = false;
  conversation.replies += 1;
  note(conversation, { type: 'reply', content: reply.content, usage: reply.usage });
  // An empty message would be refused by the next request.
  if (reply.content.length > 0) conversation.messages.push({ role: 'assistant', content: reply.content });
  const calls = reply.content.filter((block) => block.type === 'tool_use');
  if (calls.length > 0) return takeCalls(conversation, calls);
  if (reply.stopReason === 'pause_turn') {
    conversation.text += text;
    return null;
  }
  if (!conversation.answer && reply.stopReason === 'max_tokens') return goOn(conversation, text);
  if (hear(conversation)) return goOnAfterMessage(conversation);
  if (conversation.answer) return remind(conversation);
  return { value: conversation.text + text };
}

function withDetail(what: string, detail: string | undefined): string {
  return detail === undefined ? `${what}.` : `${what}: ${detail}`;
}

/** Runs the calls of one reply side by side; a good answer among them ends the agent, and the others are not run. */
async function takeCalls(conversation: Conversation, calls: ToolCall[]): Promise<Step> {
  conversation.text = '';
  const answers = await takeAnswers(conversation, calls);
  if ('value' in answers) return answers;
  for (const result of answers.turnedDown.values()) note(conversation, { type: 'result', result });
  // A call that does more than look waits until this is written, and the next request does; what only looks may be run again.
  if (answers.turnedDown.size > 0) await keepTurn(conversation);
  else keepLazily(conversation);
  takeResults(
    conversation,
    await Promise.all(calls.map((call) => answers.turnedDown.get(call) ?? runCall(conversation, call))),
  );
  return null;
}

async function runCall(conversation: Conversation, call: ToolCall): Promise<ToolResult> {
  const { tools, toolContext, admit, onRefused, signal, onTranscript, onProgress } = conversation.deps;
  const onDoing = (doing: string): void => onProgress(doing, conversation.usage);
  const onBegin = ({ id }: ToolCall): Promise<void> => {
    note(conversation, { type: 'begun', id });
    return keepTurn(conversation);
  };
  const asking = { ...(admit && { admit }), ...(onRefused && { onRefused }) };
  const deps = { tools, toolContext, signal, onDoing, onTranscript, onBegin, ...asking };
  const result = await runToolCall(call, deps);
  note(conversation, { type: 'result', result });
  // Others of the same reply may take long; this one is done, and must not be done again.
  if (!onlyLooks(conversation, call)) void keepTurn(conversation);
  return result;
}

function onlyLooks({ deps }: Conversation, { name }: ToolCall): boolean {
  return deps.tools.find((tool) => tool.name === name)?.access === 'read';
}

function takeResults(conversation: Conversation, results: ToolResult[]): void {
  addResults(conversation.messages, results);
  conversation.size += tokensOf(results);
}

/**
 * Calls that had no result when the process before this one ended. Those that only look are run again, and those that were not begun,
 * such as one that waited for a permission, are run now; of the others, which are in `begun`, the model is told.
 */
async function finishCalls(conversation: Conversation): Promise<void> {
  const { deps, begun } = conversation;
  const calls = openCalls(conversation.messages);
  if (calls.length === 0) return;
  const results = calls.map((call): ToolResult | Promise<ToolResult> => {
    const { id, name, input } = call;
    if (!begun.has(id)) return runCall(conversation, call);
    const result: ToolResult = { type: 'tool_result', toolUseId: id, content: INTERRUPTED, isError: true };
    const how = { output: INTERRUPTED, isError: true, durationMs: 0 };
    deps.onTranscript({ type: 'tool', at: Date.now(), id, name, input, ...how });
    note(conversation, { type: 'result', result });
    return result;
  });
  takeResults(conversation, await Promise.all(results));
}

/** The first good answer among the calls; else what to say to those that were none, or come too early because a person has spoken. */
async function takeAnswers(
  conversation: Conversation,
  calls: ToolCall[],
): Promise<{ value: Json } | { turnedDown: Map<ToolCall, ToolResult> }> {
  const { answer, deps } = conversation;
  const turnedDown = new Map<ToolCall, ToolResult>();
  const turnDown = (call: ToolCall, content: string, isError: boolean): void => {
    turnedDown.set(call, { type: 'tool_result', toolUseId: call.id, content, isError });
  };
  const wrong: string[] = [];
  let messages: string[] | null = null;
  for (const call of answer ? calls.filter(({ name }) => name === ANSWER_TOOL) : []) {
    const unfit = typeof call.input === 'string' ? INPUT_CUT : answer!.problems(call.input);
    const problems = unfit ?? (await deps.checkAnswer?.(call.input)) ?? null;
    if (problems !== null) {
      const words = unfit === null ? answerNotTaken(problems) : answerRejected(problems);
      deps.onTranscript({ type: 'answer-rejected', at: Date.now(), answer: call.input, problems });
      wrong.push(words);
      turnDown(call, words, true);
      continue;
    }
    messages ??= takeMessages(conversation);
    if (messages.length === 0) return { value: call.input };
    // It was no error of the model's, and is not counted as one.
    turnDown(call, answerHeldBack(messages), false);
  }
  if (messages !== null) noteHeldBack(conversation);
  else if (wrong[0] !== undefined) countRejected(conversation, wrong[0]);
  return { turnedDown };
}

/** A person spoke before the result was taken: it may no longer be what is wanted. */
function goOnAfterMessage(conversation: Conversation): Step {
  conversation.text = '';
  if (conversation.answer) return null;
  noteHeldBack(conversation);
  say(conversation, [{ type: 'text', text: RESULT_AGAIN }]);
  return null;
}

function noteHeldBack({ deps }: Conversation): void {
  deps.onTranscript({
    type: 'note',
    at: Date.now(),
    text: 'The message came before the result was taken; the model was asked for it again.',
  });
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
