import { beforeAll, describe } from 'vitest';
import { readScript } from '../../extension/dialect/read-script.ts';
import type { ErrorInfo } from '../../extension/protocol/errors.ts';
import type { Json } from '../../extension/protocol/json.ts';
import type {
  AgentOptions,
  CallCommand,
  CallRequest,
  CheckpointRequest,
  Command,
  EngineName,
  GroupChange,
  GroupOpenCommand,
  SandboxLimits,
  ScriptEnd,
  SettleMessage,
  YieldMessage,
} from '../../extension/protocol/sandbox-wire.ts';
import { type Sandbox, startSandbox } from '../../extension/sandbox/sandbox.ts';
import { builtDist } from './built-dist.ts';

export interface AgentCall {
  call: number;
  prompt: string;
  options: AgentOptions;
  command: CallCommand;
}

/** How an agent, a checkpoint or a tool is answered: a value, `fails(...)`, or `never`. */
export type Answer = Json | Failure | typeof never;

export const never: unique symbol = Symbol('never');
interface Failure {
  failure: ErrorInfo;
}

export function fails(name: string, message: string): Failure {
  return { failure: { name, message } };
}

export interface HostOptions {
  /** Answers each agent; by default it echoes the prompt. A list answers in order of issue. */
  answer?: ((call: AgentCall) => Answer) | Answer[];
  /** Answers checkpoints and tools; by default a checkpoint by its first choice, and a tool by its name and its input. */
  respond?: (request: CheckpointRequest | ToolRequest) => Answer;
  /** What `workflow()` finds, by name or path: texts of scripts, or what is wrong with them. A source goes by without being read. */
  workflows?: Record<string, string | { source: string } | Failure>;
  /** Which of the calls that wait settles next; by default the one that was issued first. */
  next?: (waiting: CallCommand[]) => CallCommand;
  args?: Json;
  budgetTotal?: number | null;
  /** Output tokens that each settled agent adds to `budget.spent()`. */
  tokensEach?: number;
  seed?: string;
  limits?: Partial<SandboxLimits>;
  engine?: EngineName;
}

export type ToolRequest = Extract<CallRequest, { kind: 'tool' }>;

/** How a call settles, and the script that comes with it. */
type Settled = Pick<SettleMessage, 'outcome' | 'source'>;

export const ENGINES: readonly EngineName[] = ['isolated-vm', 'quickjs'];

/** All that a script did, for tests to look at. */
export interface Played {
  end: ScriptEnd | undefined;
  commands: Command[];
  /** Prompts in order of issue. */
  prompts: string[];
  calls: CallCommand[];
  logs: string[];
  groups: Group[];
}

export interface Group extends GroupOpenCommand {
  change: GroupChange;
}

let currentEngine: EngineName = 'isolated-vm';

/** The engine that `describeOnEngines` is at. */
export function engineNow(): EngineName {
  return currentEngine;
}

/** Describes what holds on every engine: the scripts of these tests run on each in turn. */
export function describeOnEngines(title: string, tests: (engine: EngineName) => void): void {
  describe.each(ENGINES)(`%s: ${title}`, (engine) => {
    beforeAll(() => {
      currentEngine = engine;
    });
    tests(engine);
  });
}

/** The body of a script with the least of a meta on its first line, so that body line n is file line n + 1. */
export function script(body: string): string {
  return `export const meta = { name: 'test', description: 'A script of a test.' };\n${body}`;
}

/**
 * Runs the text of a script through the real reader, child process and engine, answering its calls as a run would:
 * one settles per activation. The clock gains a second with every one. Calls that `never` settle let it end without
 * an `end` once nothing else waits.
 */
export async function play(text: string, options: HostOptions = {}): Promise<Played> {
  const { source } = readScript(text);
  const sandbox = await startSandbox({
    dist: await builtDist(),
    node: process.execPath,
    engine: options.engine ?? currentEngine,
  });
  try {
    return await drive(sandbox, source, options);
  } finally {
    sandbox.close();
  }
}

/** Runs a body and returns its result; an error that ends the script is thrown, with name, line and column. */
export async function result(body: string, options: HostOptions = {}): Promise<Json> {
  const { end } = await play(script(body), options);
  if (!end) throw new Error('The script did not end.');
  if (end.ok) return end.result;
  throw Object.assign(new Error(end.error.message), end.error);
}

async function drive(sandbox: Sandbox, source: string, options: HostOptions): Promise<Played> {
  const commands: Command[] = [];
  const waiting: CallCommand[] = [];
  let now = 1_000_000;
  let spent = 0;
  let issued = 0;
  const take = (message: YieldMessage) => {
    commands.push(...message.commands);
    for (const command of message.commands) if (command.type === 'call') waiting.push(command);
    return message.end;
  };
  const answerTo = (command: CallCommand): Answer => {
    const { request } = command;
    const { answer } = options;
    if (request.kind === 'timer') return null;
    if (request.kind === 'checkpoint' || request.kind === 'tool') return (options.respond ?? respond)(request);
    if (request.kind === 'workflow') throw new Error('A workflow is no answer, but a script.');
    if (Array.isArray(answer)) return answer[issued++] ?? null;
    const { prompt } = request;
    return answer ? answer({ call: command.call, prompt, options: request.options, command }) : prompt;
  };
  let end = take(
    await sandbox.start({
      source,
      args: options.args,
      now,
      seed: options.seed ?? 'seed',
      budgetTotal: options.budgetTotal ?? null,
      limits: { memoryMb: 128, turnMs: 5000, ...options.limits },
    }),
  );
  while (!end && waiting.length > 0) {
    const command = options.next ? options.next(waiting) : (waiting[0] as CallCommand);
    waiting.splice(waiting.indexOf(command), 1);
    const { request } = command;
    const settled = request.kind === 'workflow' ? loaded(request.ref, options) : settledBy(answerTo(command));
    if (!settled) continue;
    now += 1000;
    if (request.kind === 'agent') spent += options.tokensEach ?? 0;
    end = take(await sandbox.settle({ now, spent, call: command.call, ...settled }));
  }
  return summarise(commands, end);
}

function respond(request: CheckpointRequest | ToolRequest): Answer {
  if (request.kind === 'checkpoint') return { choice: request.choices[0] ?? '' };
  return `${request.name} ${JSON.stringify(request.input)}`;
}

function settledBy(answer: Answer): Settled | null {
  if (answer === never) return null;
  if (isFailure(answer)) return { outcome: { ok: false, error: answer.failure } };
  return { outcome: { ok: true, value: answer } };
}

/** A workflow's title is its name here, and its path where it has none. */
function loaded(ref: { name: string } | { scriptPath: string }, { workflows = {} }: HostOptions): Settled {
  const title = 'name' in ref ? ref.name : ref.scriptPath;
  const found = Object.hasOwn(workflows, title) ? workflows[title] : undefined;
  if (found === undefined) return { outcome: { ok: false, error: { name: 'WorkflowError', message: `no ${title}` } } };
  if (typeof found !== 'string' && 'failure' in found) return { outcome: { ok: false, error: found.failure } };
  const source = typeof found === 'string' ? readScript(found).source : found.source;
  return { outcome: { ok: true, value: { title, name: title } }, source };
}

function isFailure(answer: Json | Failure): answer is Failure {
  return typeof answer === 'object' && answer !== null && !Array.isArray(answer) && 'failure' in answer;
}

function summarise(commands: Command[], end: ScriptEnd | undefined): Played {
  const calls = commands.filter((command) => command.type === 'call');
  const groups = commands
    .filter((command) => command.type === 'group-open')
    .map((group): Group => ({ ...group, change: {} }));
  for (const command of commands) {
    const group = command.type === 'group-change' && groups.find(({ id }) => id === command.id);
    if (group) Object.assign(group.change, command.change);
  }
  return {
    end,
    commands,
    calls,
    groups,
    prompts: calls.flatMap(({ request }) => (request.kind === 'agent' ? [request.prompt] : [])),
    logs: commands.flatMap((command) => (command.type === 'log' ? [command.message] : [])),
  };
}
