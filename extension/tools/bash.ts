import { randomBytes } from 'node:crypto';
import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../protocol/json.ts';
import type { Target } from '../protocol/permissions.ts';
import { plain } from '../protocol/plain-text.ts';
import { isExecutable } from './find-program.ts';
import { gitPasswords, withoutPasswords } from './shell/git-passwords.ts';
import { cutInMiddle } from './shell/kept-output.ts';
import { type KeptPlaces, keptFromPrograms, keptPlaces } from './shell/kept-places.ts';
import { confined, osSandbox } from './shell/os-sandbox.ts';
import { parseCommand } from './shell/parse-command.ts';
import { placedTargets } from './shell/placed-targets.ts';
import { type Program, type ProgramEnd, runProgram } from './shell/run-program.ts';
import { lineFor, makeHome, shellEnvironment } from './shell/shell-environment.ts';
import { rootsOf, shellLimits } from './shell/shell-limits.ts';
import { type Tool, type ToolContext, ToolError, type ToolOutput } from './tool.ts';
import { integerInput, stringInput } from './tool-input.ts';
import { printablePath } from './tool-output.ts';

const BASH = '/bin/bash';
/** Longer ones would not fit where a command is handed to a program; they belong into a file. */
const MAX_COMMAND = 20_000;
/** Characters for the model; about 8,000 tokens. */
const MAX_FOR_MODEL = 30_000;

/**
 * Runs a line of bash in the workspace, in the sandbox of the operating system where there is one: it changes the workspace and nothing else,
 * sees neither the home, nor files that may hold secrets, nor what rules keep from being read, writes nothing that they keep from being
 * written, and reaches no network but the hosts that are allowed. Its environment is made up of a short list; its home is its own. What it
 * starts ends with it.
 * Input `{ command, timeout? }`: `timeout` in seconds, 120 by default, 600 at most.
 * Output: what it wrote, errors and all in their order, without colours, and with stars for passwords of the repository's remotes; over 30,000 characters its middle is left out. How it ended is
 * told after an empty line, where that was not well.
 */
export const bashTool: Tool = {
  name: 'bash',
  description: 'Run a bash command in the workspace. Network only where allowed; what it starts ends with it.',
  inputSchema: {
    type: 'object',
    properties: {
      command: { type: 'string' },
      timeout: { type: 'integer', description: 'Seconds, default 120' },
    },
    required: ['command'],
    additionalProperties: false,
  },
  access: 'execute',
  targets: async (input, { workspace }) => {
    const command = readCommand(input);
    const targets = await placedTargets(await parseCommand(command), workspace);
    const sandbox = await osSandbox();
    const open: Target[] = sandbox.available ? [] : [{ kind: 'unclear', text: plain(command, 500), why: sandbox.why }];
    return [...targets, ...open];
  },
  describe: (input) => `running ${plain(String(input.command), 60)}`,
  run: bash,
};

function readCommand(input: JsonObject): string {
  const command = stringInput(input, 'command');
  if (command.trim() === '') throw new ToolError('"command" is empty.');
  if (command.length > MAX_COMMAND)
    throw new ToolError(`"command" is too long (${command.length} characters); write a file, and run that.`);
  return command;
}

async function bash(input: JsonObject, context: ToolContext): Promise<ToolOutput> {
  const command = readCommand(input);
  const seconds = integerInput(input, 'timeout', { fallback: 120, min: 1, max: 600 });
  if (!(await isExecutable(BASH))) throw new ToolError(`There is no ${BASH} on this machine, so nothing can be run.`);
  const home = await makeHome();
  const passwords = await gitPasswords(context.workspace);
  try {
    const { end, remarks } = await runIn(home, command, seconds, {
      ...context,
      onProgress: (doing) => context.onProgress?.(withoutPasswords(doing, passwords)),
    });
    return outputOf(end, seconds, remarks, passwords);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

interface Ran {
  end: ProgramEnd;
  /** What the model should know beside what the programs wrote. */
  remarks: string[];
}

async function runIn(home: string, command: string, seconds: number, context: ToolContext): Promise<Ran> {
  const mark = `COUNTERPOINT_CALL=${randomBytes(12).toString('hex')}`;
  const [name = '', id = ''] = mark.split('=');
  const environment = { ...shellEnvironment(home), [name]: id };
  const how = { timeoutMs: seconds * 1_000, signal: context.signal, onText: lastLines(context) };
  const program: Program = {
    file: BASH,
    args: ['--noprofile', '--norc', '-c', command],
    directory: context.workspace,
    environment,
    mark,
  };
  if (!(await osSandbox()).available) return { end: await runProgram(program, how), remarks: [] };
  const kept = await keptFromPrograms(rootsOf(context.workspace), context);
  const limits = await shellLimits(context, home, kept);
  const line = lineFor(command, environment, limits.allowedDomains.length > 0);
  const held = await confined(line, limits).catch((error: Error) => {
    throw new ToolError(`The sandbox could not be made: ${error.message}`);
  });
  const { file, args } = held;
  const { PATH = '' } = environment;
  const guard = await guardRepository(context.workspace);
  try {
    const end = await runProgram({ ...program, file, args, environment: { PATH, [name]: id } }, how);
    return { end, remarks: await remarksOn(kept, context) };
  } finally {
    held.release();
    await guard();
  }
}

/** What rules kept back from programs; and of files that came under names which they keep from being written, no sandbox could know before. */
async function remarksOn(kept: KeptPlaces, { workspace, bounds }: ToolContext): Promise<string[]> {
  if (!bounds) return [];
  const made = (await keptPlaces(workspace, bounds, 'write')).filter(
    (path) => !kept.write.includes(join(workspace, path)),
  );
  const remarks: string[] = [];
  if (kept.read.length + kept.write.length > kept.missing.length)
    remarks.push('(rules keep some files or folders from programs)');
  if (kept.history.length > 0)
    remarks.push(
      '(the history of the repository holds what rules keep back, so programs see none of it, and git no commit)',
    );
  if (made.length > 0)
    remarks.push(`(rules are against writing ${made.slice(0, 5).map(printablePath).join(', ')}: take that back)`);
  return remarks;
}

/**
 * A file of this name in a repository makes git take the settings of another one. No sandbox can hold the place of what is not there, so it
 * is taken away again. Only from a folder: a link, which a command may have made, could lead anywhere.
 */
async function guardRepository(workspace: string): Promise<() => Promise<void>> {
  const folder = join(workspace, '.git');
  const isFolder = (await lstat(folder).catch(() => null))?.isDirectory() ?? false;
  return async () => {
    if (isFolder) await rm(join(folder, 'commondir'), { force: true });
  };
}

/** Tells the last line that a program wrote, once a second at most. */
function lastLines({ onProgress }: ToolContext): (chunk: string) => void {
  let toldAt = Date.now();
  return (chunk) => {
    if (Date.now() - toldAt < 1_000) return;
    const line = plain(chunk.trim().split('\n').at(-1) ?? '', 80);
    if (line === '') return;
    toldAt = Date.now();
    onProgress?.(line);
  };
}

function outputOf(
  { output, code, ended }: ProgramEnd,
  seconds: number,
  remarks: readonly string[],
  passwords: readonly string[],
): ToolOutput {
  const whole = withoutPasswords(output.whole(), passwords);
  const text = cutInMiddle(whole.replace(/\n+$/, ''), MAX_FOR_MODEL);
  const note = noteOf(code, ended, seconds);
  const notes = [note, ...remarks].filter((part) => part !== null).join('\n');
  const forModel = [text === '' && note === null ? '(no output)' : text, notes]
    .filter((part) => part !== '')
    .join('\n\n');
  return whole.length > MAX_FOR_MODEL ? { forModel, whole } : { forModel };
}

function noteOf(code: number | null, ended: ProgramEnd['ended'], seconds: number): string | null {
  if (ended === 'timeout') return `(ended after ${seconds} seconds, with all that it had started)`;
  if (ended === 'output') return '(ended, for it wrote far too much)';
  if (code === 0) return null;
  return code === null ? '(ended by a signal)' : `(exit code ${code})`;
}
