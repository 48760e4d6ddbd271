import { parseArgs } from 'node:util';
import type { PlanSize } from '../planner/plan-request.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { PermissionAnswer, PermissionRules, Profile } from '../protocol/permissions.ts';
import type { RoleModels, RunLimits } from '../protocol/run-events.ts';
import type { EngineChoice } from '../protocol/sandbox-wire.ts';
import { commandHelp, HELP } from './help.ts';
import { ARGUMENTS, type CommandName, isCommand, OPTIONS } from './options.ts';
import {
  type Given,
  readAgent,
  readEngine,
  readJson,
  readLimits,
  readNumber,
  readObject,
  readPermissionAnswer,
  readPermissions,
  readPermissionTimeout,
  readProfile,
  readProvider,
  readRoleModels,
  readSize,
  text,
  UsageError,
} from './values.ts';

/** One command line. What a command does not take is null, false or undefined. */
export interface CommandLine {
  command: CommandName;
  /** The options as they were given, by their names. */
  given: Given;
  /** SCRIPT, GOAL or TASK, else RUN; empty where the command takes none. */
  subject: string;
  /** The number of an agent or a question. */
  call: number | null;
  /** The script to go on with. */
  script: string | null;
  workspace: string;
  json: boolean;
  report: string | null;
  /** As it was given: what it is depends on the script. */
  args: string | null;
  /** What a run, or an agent, is called, and which kind of agent it is. */
  label: string | null;
  agentType: string | null;
  provider: string | null;
  model: string | null;
  /** Those of roles. */
  models: RoleModels;
  engine: EngineChoice | null;
  limits: Partial<RunLimits>;
  unattended: boolean;
  /** What agents may do; null: as it is. */
  profile: Profile | null;
  permissions: PermissionRules | null;
  permissionTimeoutMs: number | null;
  /** What `permit` says. */
  answer: PermissionAnswer | null;
  takeOver: boolean;
  /** `seq` of the last event that a fork takes over. */
  from: number | null;
  /** What `show` lists. */
  agents: boolean;
  events: boolean;
  /** What `skip` gives the script. */
  value: Json | undefined;
  /** What `tell` says, and what an agent is to do that `add` adds. */
  message: string;
  choice: string | null;
  comment: string | null;
  values: JsonObject | undefined;
  /** How many agents a plan should come to. */
  size: PlanSize;
  /** Where the script of a plan is to be written. */
  out: string | null;
  /** A plan is run, after a question that `yes` answers. */
  run: boolean;
  yes: boolean;
  /** What `save` calls the script, or the server that `mcp` allows or forbids; and whether it is the person's own, and may take another's place. */
  name: string;
  user: boolean;
  replace: boolean;
}

/**
 * Reads the command line; a string is a help text that was asked for.
 * @throws UsageError
 */
export function readCommandLine(argv: string[]): CommandLine | string {
  const [command, ...rest] = argv;
  if (command === undefined || command === '--help' || command === 'help') return HELP;
  if (!isCommand(command))
    throw new UsageError(`there is no command ${JSON.stringify(command)}; \`counterpoint --help\` lists them`);
  const { values, positionals } = parse(command, rest);
  if (values.help) return commandHelp(command);
  checkCount(command, positionals.length);
  const limits = readLimits(values);
  if (command === 'set' && Object.keys(limits).length === 0)
    throw new UsageError('`set` takes at least one of --concurrency, --max-agents, --budget and --max-cost');
  return {
    command,
    given: values,
    subject: positionals[0] ?? '',
    call: readCall(command, positionals[1] ?? null, text(values.agent)),
    script: command === 'replace' ? (positionals[1] ?? null) : text(values.script),
    workspace: text(values.workspace) ?? process.cwd(),
    json: values.json === true,
    report: text(values.report),
    args: text(values.args),
    label: text(values.label),
    agentType: text(values['agent-type']),
    provider: readProvider(text(values.provider)),
    model: text(values.model),
    models: readRoleModels(values),
    engine: readEngine(text(values.engine)),
    limits,
    unattended: values.unattended === true,
    profile: readProfile(text(values.profile)),
    permissions: readPermissions(values),
    permissionTimeoutMs: readPermissionTimeout(text(values['permission-timeout'])),
    answer: readPermissionAnswer(text(values.answer)),
    takeOver: values['take-over'] === true,
    from: readNumber('--from', text(values.from)),
    agents: values.agents === true,
    events: values.events === true,
    value: readJson('--value', text(values.value)),
    message: readMessage(command, positionals),
    choice: text(values.choice),
    comment: text(values.comment),
    values: readObject('--values', text(values.values)),
    size: readSize(text(values.size)),
    out: text(values.out),
    run: values.run === true,
    yes: values.yes === true,
    name: command === 'mcp' ? readServer(positionals) : readName(command, text(values.name)),
    user: values.user === true,
    replace: values.replace === true,
  };
}

function parse(command: CommandName, args: string[]): { values: Given; positionals: string[] } {
  try {
    const parsed = parseArgs({ args, options: OPTIONS[command], allowPositionals: true, strict: true });
    return { values: parsed.values as Given, positionals: parsed.positionals };
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : error} (\`counterpoint ${command} --help\` lists the options)`,
    );
  }
}

const COUNTS = ['no argument', 'one argument', 'two arguments', 'three arguments'];

function checkCount(command: CommandName, given: number): void {
  const names = ARGUMENTS[command];
  const needed = names.filter((name) => !name.startsWith('[')).length;
  if (given >= needed && given <= names.length) return;
  const which = names.length === 0 ? '' : `, ${names.join(' ')}`;
  const count = needed < names.length ? `${needed} or ${names.length} arguments` : COUNTS[needed];
  throw new UsageError(`\`${command}\` takes ${count}${which}; \`counterpoint ${command} --help\` says more`);
}

function readCall(command: CommandName, second: string | null, agent: string | null): number | null {
  switch (command) {
    case 'stop':
      return readAgent('--agent', agent);
    case 'answer':
      return readNumber('QUESTION', second);
    case 'skip':
    case 'retry':
    case 'tell':
    case 'permit':
    case 'apply':
      return readAgent('AGENT', second);
    default:
      return null;
  }
}

function readName(command: CommandName, given: string | null): string {
  if (command === 'save' && given === null) throw new UsageError('`save` takes --name NAME, what it is to be run by');
  return given ?? '';
}

function readServer([what, name]: string[]): string {
  if (what === undefined || (/^(allow|forbid)$/.test(what) && name !== undefined)) return name ?? '';
  throw new UsageError(
    '`mcp` takes no argument, or `allow NAME`, or `forbid NAME`; `counterpoint mcp --help` says more',
  );
}

function readMessage(command: CommandName, [, second = '', third = '']: string[]): string {
  if (command === 'add') return second;
  if (command === 'tell' && third.trim() === '') throw new UsageError('MESSAGE is empty, and there is nothing to tell');
  return third;
}
