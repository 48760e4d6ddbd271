import { isJsonObject, type Json } from '../../protocol/json.ts';
import { NO_USAGE } from '../../protocol/run-events.ts';
import { type CompletionWatch, ModelError, type ModelReply, type ModelRequest, type Provider } from '../provider.ts';
import { challengeTask } from './challenge.ts';
import { Conversation, type Step, type ToolCall } from './conversation.ts';
import { findTask } from './find.ts';
import { scoutTask } from './scout.ts';
import { severityTask } from './severity.ts';
import { createParser, type SourceParser } from './syntax/parser.ts';
import { parseTaskHeader, type TaskHeader } from './task-header.ts';
import { threatsTask } from './threats.ts';
import { triageTask } from './triage.ts';

const TITLE = 'built-in analyst (no AI model)';
const ANSWER_TOOL = 'answer';
const MODEL = 'builtin';

type Task = (header: TaskHeader, conversation: Conversation, parser: SourceParser) => Promise<Step>;

const TASKS: Record<string, Task> = {
  scout: scoutTask,
  triage: triageTask,
  threats: threatsTask,
  find: findTask,
  challenge: challengeTask,
  severity: severityTask,
};

/**
 * The built-in analyst: patterns over text that find, and a syntax tree that refutes. No language model, and it never
 * acts as one: it takes prompts with a task header (docs/task-header.md) and fails on every other.
 * Each turn is worked out from the request's messages alone.
 * @param options.dist the folder with `wasm/`, where the grammars lie
 */
export function createBuiltinProvider(options: { dist: string }): Provider {
  const parser = createParser(options.dist);
  return {
    id: 'builtin',
    title: TITLE,
    defaultModel: MODEL,
    free: true,
    understands: (prompt) => taskOf(parseTaskHeader(prompt)) !== undefined,
    resolveModel: () => MODEL,
    async complete(request: ModelRequest, watch: CompletionWatch): Promise<ModelReply> {
      watch.signal.throwIfAborted();
      const conversation = new Conversation(request.messages, ANSWER_TOOL);
      const header = parseTaskHeader(conversation.prompt);
      const task = taskOf(header);
      if (!header || !task) throw notUnderstood();
      if (conversation.rejection !== undefined)
        throw refuse(`its answer does not fit the schema: ${conversation.rejection}`);
      const step = await task(header, conversation, parser);
      watch.signal.throwIfAborted();
      return 'ask' in step ? askFor(step.ask, request) : answerWith(step.answer, request);
    },
  };
}

function taskOf(header: TaskHeader | null): Task | undefined {
  return header && Object.hasOwn(TASKS, header.task) ? TASKS[header.task] : undefined;
}

function askFor(calls: ToolCall[], request: ModelRequest): ModelReply {
  const offered = new Set(request.tools.map((tool) => tool.name));
  const absent = calls.find((call) => !offered.has(call.name));
  if (absent) throw refuse(`it needs the tool "${absent.name}", which this agent does not have.`);
  if (request.toolChoice !== undefined && calls.some((call) => call.name !== request.toolChoice)) {
    throw refuse('it was made to answer before it had seen what it asked for.');
  }
  return toolUse(calls, request);
}

/** Without a schema there is no tool to answer through: the answer is its JSON then. */
function answerWith(answer: Json, request: ModelRequest): ModelReply {
  const structured = request.tools.some((tool) => tool.name === ANSWER_TOOL);
  if (structured && isJsonObject(answer)) return toolUse([{ name: ANSWER_TOOL, input: answer }], request);
  return { content: [{ type: 'text', text: JSON.stringify(answer) }], stopReason: 'end_turn', usage: NO_USAGE };
}

/** The ids count on from the conversation's length, so that they are unique in it and the same on a replay. */
function toolUse(calls: ToolCall[], request: ModelRequest): ModelReply {
  const turn = request.messages.length;
  const content = calls.map((call, index) => ({ type: 'tool_use' as const, id: `builtin_${turn}_${index}`, ...call }));
  return { content, stopReason: 'tool_use', usage: NO_USAGE };
}

function refuse(reason: string): ModelError {
  return new ModelError(`The ${TITLE} cannot do this task: ${reason}`, { retryable: false });
}

function notUnderstood(): ModelError {
  return new ModelError(
    `The ${TITLE} is not a language model: it understands only prompts that begin with a task header, as the bundled workflows ` +
      'write them. For this prompt set up a model: put a key into the environment variable ANTHROPIC_API_KEY and run with ' +
      '--provider anthropic, or choose the provider "anthropic" in VS Code.',
    { retryable: false },
  );
}
