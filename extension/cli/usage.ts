import { parseArgs } from 'node:util';
import type { Json } from '../protocol/json.ts';
import type { RunLimits } from '../protocol/run-events.ts';
import type { EngineChoice } from '../protocol/sandbox-wire.ts';

export const HELP = `counterpoint: workflows of many agents, scripted, challenged, journaled.

  counterpoint run SCRIPT|NAME   run a workflow script, or one by its name
  counterpoint runs              list the runs of the workspace
  counterpoint show RUN          show one run
  counterpoint resume RUN        go on with a run that was cut, stopped, or failed

\`counterpoint COMMAND --help\` tells the options of a command.
Exit codes: 0 completed, 1 failed or refused, 2 wrong usage, 3 completed with failures, 130 stopped.`;

const COMMON = `  --workspace DIR    the folder to work in (default: this one)
  --json             print one JSON document on stdout; progress goes to stderr
  --report DIR       also write the report (Markdown) and the tree (one HTML file) there
  --help             this text`;

export const COMMAND_HELP: Record<CommandName, string> = {
  run: `counterpoint run SCRIPT|NAME [options]

  --args JSON        what the script gets as \`args\`
  --provider ID      anthropic (the default; needs ANTHROPIC_API_KEY) or builtin (the built-in analyst, no AI model)
  --model ID         the model where the script names none (opus, sonnet, haiku, or a full name)
  --engine ID        what runs the script: isolated-vm, quickjs, or auto (the default: isolated-vm where its binaries load)
  --concurrency N    agents at a time, 1 to 256 (default 16)
  --max-agents N     agents in all, 1 to 10000 (default 1000)
  --budget N         output tokens in all (default: no cap)
  --max-cost USD     what all may cost, by the price table (default: no cap)
  --agent-timeout S  seconds one agent may take (default: no limit); over it the agent fails
  --timeout S        seconds the run may take (default: no limit); over it the run fails, and can be resumed
${COMMON}`,
  runs: `counterpoint runs [options]\n\n  --workspace DIR    the folder to look in (default: this one)\n  --json             print one JSON document\n  --help             this text`,
  show: `counterpoint show RUN [options]\n\nRUN is a run's id, or the beginning of one.\n\n${COMMON}`,
  resume: `counterpoint resume RUN [options]\n\nRUN is a run's id, or the beginning of one. Finished agents are not asked again.\n\n${COMMON}`,
};

export type CommandName = 'run' | 'runs' | 'show' | 'resume';

/** A wrong command line: exit code 2, and the text says what is right. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface CommandLine {
  command: CommandName;
  /** SCRIPT or RUN; empty for `runs`. */
  subject: string;
  workspace: string;
  json: boolean;
  report: string | null;
  args: Json | undefined;
  provider: string | null;
  model: string | null;
  engine: EngineChoice | null;
  limits: Partial<RunLimits>;
}

const COMMON_OPTIONS = {
  workspace: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
const REPORT_OPTION = { report: { type: 'string' } } as const;
const OPTIONS = {
  run: {
    ...COMMON_OPTIONS,
    ...REPORT_OPTION,
    args: { type: 'string' },
    provider: { type: 'string' },
    model: { type: 'string' },
    engine: { type: 'string' },
    concurrency: { type: 'string' },
    'max-agents': { type: 'string' },
    budget: { type: 'string' },
    'max-cost': { type: 'string' },
    'agent-timeout': { type: 'string' },
    timeout: { type: 'string' },
  },
  runs: COMMON_OPTIONS,
  show: { ...COMMON_OPTIONS, ...REPORT_OPTION },
  resume: { ...COMMON_OPTIONS, ...REPORT_OPTION },
} as const;

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
  if (values.help) return COMMAND_HELP[command];
  const wanted = command === 'runs' ? 0 : 1;
  if (positionals.length !== wanted) {
    throw new UsageError(
      `\`${command}\` takes ${wanted === 0 ? 'no argument' : 'one argument'}; \`counterpoint ${command} --help\` says more`,
    );
  }
  return {
    command,
    subject: positionals[0] ?? '',
    workspace: text(values.workspace) ?? process.cwd(),
    json: values.json === true,
    report: text(values.report),
    args: readArgs(text(values.args)),
    provider: readProvider(text(values.provider)),
    model: text(values.model),
    engine: readEngine(text(values.engine)),
    limits: readLimits(values),
  };
}

function isCommand(text: string): text is CommandName {
  return Object.hasOwn(COMMAND_HELP, text);
}

function parse(command: CommandName, args: string[]) {
  try {
    const parsed = parseArgs({ args, options: OPTIONS[command], allowPositionals: true, strict: true });
    return { values: parsed.values as Record<string, string | boolean | undefined>, positionals: parsed.positionals };
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : error} (\`counterpoint ${command} --help\` lists the options)`,
    );
  }
}

function text(value: string | boolean | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function readArgs(given: string | null): Json | undefined {
  if (given === null) return undefined;
  try {
    return JSON.parse(given) as Json;
  } catch (error) {
    throw new UsageError(
      `--args is no JSON (${error instanceof Error ? error.message : error}); a text needs its quotes: --args '"text"'`,
    );
  }
}

function readProvider(given: string | null): string | null {
  if (given === null || given === 'anthropic' || given === 'builtin') return given;
  throw new UsageError(`--provider is anthropic or builtin, not ${JSON.stringify(given)}`);
}

function readEngine(given: string | null): EngineChoice | null {
  if (given === null || given === 'auto' || given === 'isolated-vm' || given === 'quickjs') return given;
  throw new UsageError(`--engine is auto, isolated-vm or quickjs, not ${JSON.stringify(given)}`);
}

function readLimits(values: Record<string, string | boolean | undefined>): Partial<RunLimits> {
  const concurrency = readNumber('--concurrency', text(values.concurrency), 256);
  const maxAgents = readNumber('--max-agents', text(values['max-agents']), 10_000);
  const budget = readNumber('--budget', text(values.budget), Number.MAX_SAFE_INTEGER);
  const maxCostUsd = readAmount('--max-cost', text(values['max-cost']));
  const agentTimeout = readNumber('--agent-timeout', text(values['agent-timeout']), MAX_SECONDS);
  const runTimeout = readNumber('--timeout', text(values.timeout), MAX_SECONDS);
  return {
    ...(concurrency !== null && { concurrency }),
    ...(maxAgents !== null && { maxAgents }),
    ...(budget !== null && { budget }),
    ...(maxCostUsd !== null && { maxCostUsd }),
    ...(agentTimeout !== null && { agentTimeoutMs: agentTimeout * 1_000 }),
    ...(runTimeout !== null && { runTimeoutMs: runTimeout * 1_000 }),
  };
}

/** The longest that a timer takes: 24 days. */
const MAX_SECONDS = 2_000_000;

function readAmount(option: string, given: string | null): number | null {
  if (given === null) return null;
  const value = Number(given);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${option} takes an amount of US dollars over 0, such as 2.50, not ${JSON.stringify(given)}`);
}

function readNumber(option: string, given: string | null, max: number): number | null {
  if (given === null) return null;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(
    `${option} takes a whole number from 1${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}, not ${JSON.stringify(given)}`,
  );
}
