import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { findOnPath, pathDirectories } from './find-program.ts';
import { type ToolContext, ToolError } from './tool.ts';

const TIMEOUT_MS = 60_000;
const MAX_ERRORS = 1_000;
/** More than any list of refs or files is worth; what may be longer is read line by line. */
const MAX_TEXT = 64_000_000;

/** One call of git: its arguments, the directory it runs in, and what its environment has beside that of every call. */
export interface GitCall {
  git: string;
  args: readonly string[];
  directory: string;
  /** Undefined takes a variable away. */
  env: Readonly<Record<string, string | undefined>>;
}

/** @throws ToolError where there is no git. */
export async function findGit(): Promise<string> {
  const git = await findOnPath('git');
  if (git === undefined) throw new ToolError('git is missing: install it, so that "git" is on the PATH.');
  return git;
}

/** No pager, no prompt, no network, and of the settings of machine and person none. */
const HARDENED = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  // No address has a protocol of this name, so nothing is fetched where a git is too old for the line above.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_LITERAL_PATHSPECS: '1',
  LC_ALL: 'C',
};

/** What git prints and its exit code. @throws ToolError where it takes too long or prints too much; the signal's reason when aborted. */
export async function gitText(
  call: GitCall,
  context: ToolContext,
): Promise<{ code: number; text: string; errors: string }> {
  const parts: string[] = [];
  let length = 0;
  const { code, errors } = await runGit(call, context, (chunk) => {
    length += chunk.length;
    if (length > MAX_TEXT) throw new ToolError('git has too much to say; name fewer "paths".');
    parts.push(chunk);
  });
  return { code, errors, text: parts.join('') };
}

/** Tells what git prints line by line, without line ends. @throws ToolError with git's words where it fails; else as `gitText`. */
export async function gitLines(call: GitCall, context: ToolContext, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  const { code, errors } = await runGit(call, context, (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    // A file may be one line without an end: what is over what anybody shows is let go.
    rest = rest.slice(0, 1_000_000);
    for (const line of lines) onLine(line);
  });
  if (rest !== '') onLine(rest);
  if (code !== 0) throw new ToolError(errors || `git failed (${code}).`);
}

/** Nothing of this process's environment reaches git but where programs lie, so no `GIT_*` of it does. */
function runGit(
  call: GitCall,
  context: ToolContext,
  onText: (chunk: string) => void,
): Promise<{ code: number; errors: string }> {
  context.signal.throwIfAborted();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const child = spawn(call.git, ['--no-pager', ...call.args], {
    cwd: call.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...ofTheMachine(), ...HARDENED, ...call.env },
    windowsHide: true,
    signal: AbortSignal.any([context.signal, timeout]),
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(0, MAX_ERRORS);
  });
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      try {
        onText(chunk);
      } catch (error) {
        child.kill('SIGKILL');
        reject(error);
      }
    });
    child.on('error', (error) => {
      if (context.signal.aborted) reject(context.signal.reason);
      else if (timeout.aborted) reject(new ToolError('git took more than a minute; name fewer "paths".'));
      else reject(error);
    });
    child.on('close', (code) => resolve({ code: code ?? -1, errors: errors.trim() }));
  });
}

function ofTheMachine(): Record<string, string> {
  const { SystemRoot } = process.env;
  return { PATH: pathDirectories().join(delimiter), ...(SystemRoot !== undefined && { SystemRoot }) };
}
