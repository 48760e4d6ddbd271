import { spawn } from 'node:child_process';
import { KeptOutput } from './kept-output.ts';
import { endTree } from './process-tree.ts';

export interface Program {
  file: string;
  args: readonly string[];
  directory: string;
  environment: Readonly<Record<string, string>>;
  /** A text in its environment that no other program has there. */
  mark: string;
}

export interface ProgramEnd {
  output: KeptOutput;
  /** Null where a signal ended it. */
  code: number | null;
  /** Why it was ended by us; null where it ended by itself. */
  ended: 'timeout' | 'output' | null;
}

/** Characters: a program that says more is of no use to anybody. */
const MAX_OUTPUT = 50_000_000;
/** What has ended may have left its output with somebody that we cannot end. */
const LAST_WORDS_MS = 1_000;

/**
 * Runs a program to its end, and ends with it all that it started. Both of its streams are one, in the order in which it wrote.
 * @throws The signal's reason when aborted, once everything has ended; Error where it cannot be started.
 */
export async function runProgram(
  program: Program,
  how: { timeoutMs: number; signal: AbortSignal; onText(chunk: string): void },
): Promise<ProgramEnd> {
  const { file, args, directory, environment } = program;
  const output = new KeptOutput();
  let ended: ProgramEnd['ended'] = null;
  how.signal.throwIfAborted();
  const child = spawn('/bin/sh', ['-c', 'exec "$@" 2>&1', 'sh', file, ...args], {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // It leads a group, which can be ended as one.
    detached: true,
  });
  const end = (why: ProgramEnd['ended']): void => {
    ended ??= why;
    child.kill('SIGKILL');
  };
  const stop = (): void => end(null);
  const timer = setTimeout(() => end('timeout'), how.timeoutMs);
  how.signal.addEventListener('abort', stop, { once: true });
  const take = (chunk: string): void => {
    output.add(chunk);
    how.onText(chunk);
    if (output.length > MAX_OUTPUT) end('output');
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const closed = new Promise((resolve) => child.once('close', resolve));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('exit', resolve);
    });
    if (child.pid !== undefined) await endTree(child.pid, program.mark);
    const late = setTimeout(() => child.stdout.destroy(), LAST_WORDS_MS);
    await closed;
    clearTimeout(late);
    how.signal.throwIfAborted();
    return { output, code, ended };
  } finally {
    clearTimeout(timer);
    how.signal.removeEventListener('abort', stop);
  }
}
