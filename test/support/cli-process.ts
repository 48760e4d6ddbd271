import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const CLI = join(import.meta.dirname, '../../dist/cli.js');

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliProcess {
  child: ChildProcess;
  /** What it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  ended: Promise<CliResult>;
}

/** Starts the built command line as its own process; `env` replaces what it would inherit of the API's settings. */
export function startCli(
  args: string[],
  options: { env?: Record<string, string>; node?: string; cwd?: string } = {},
): CliProcess {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_BASE_URL: _url, ...inherited } = process.env;
  const child = spawn(options.node ?? process.execPath, [CLI, ...args], {
    env: { ...inherited, ...options.env },
    ...(options.cwd && { cwd: options.cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return listenTo(child);
}

function listenTo(child: ChildProcess): CliProcess {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const ended = new Promise<CliResult>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    ended,
  };
}

/** The same at a terminal, where its streams are one: `stdout`. What is written to its stdin is typed. */
export function startInTerminal(args: string[], options: { env?: Record<string, string> } = {}): CliProcess {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  // One that has no size is drawn nothing on.
  const command = `stty rows 40 cols 120; exec ${words.join(' ')}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', ...options.env },
  });
  return listenTo(child);
}

export function runCli(args: string[], options?: Parameters<typeof startCli>[1]): Promise<CliResult> {
  return startCli(args, options).ended;
}
