import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { ErrorInfo } from '../protocol/errors.ts';
import type { ChildMessage, HostMessage } from '../protocol/sandbox-wire.ts';
import { readLines } from './json-lines.ts';
import { SandboxError } from './sandbox-error.ts';
import { parseChildMessage } from './yield-schema.ts';

/** Three bytes for each of the 32 M characters that the prelude lets a yield have, and some room. */
const LINE_BYTES = 100 * 1024 * 1024;
const STDERR_KEPT = 4096;

/** The host's end of the pipes to a child: it speaks, the child answers once. */
export interface ChildChannel {
  send(message: HostMessage): void;
  /** The next message; the child is killed, with `late` as the cause, where none comes in time. @throws SandboxError */
  next(milliseconds: number, late: ErrorInfo): Promise<Exclude<ChildMessage, { type: 'fatal' }>>;
  /** Kills the child. The first cause stays the cause; it rejects whoever waits, and is returned. */
  fail(cause: ErrorInfo): SandboxError;
}

interface Waiter {
  resolve(message: Exclude<ChildMessage, { type: 'fatal' }>): void;
  reject(error: SandboxError): void;
}

export function openChannel(child: ChildProcessWithoutNullStreams): ChildChannel {
  let dead: SandboxError | null = null;
  let waiter: Waiter | null = null;
  let heard = false;
  let stderr = '';

  const fail = (cause: ErrorInfo): SandboxError => {
    dead ??= new SandboxError(cause);
    child.kill('SIGKILL');
    waiter?.reject(dead);
    waiter = null;
    return dead;
  };
  const receive = (line: string): void => {
    if (dead) return;
    let message: ChildMessage;
    try {
      message = parseChildMessage(line);
    } catch {
      fail(nonsense());
      return;
    }
    heard = true;
    if (message.type === 'fatal' || !waiter) {
      fail(message.type === 'fatal' ? message.error : nonsense());
      return;
    }
    const { resolve } = waiter;
    waiter = null;
    resolve(message);
  };

  readLines(child.stdout, receive, LINE_BYTES, () => fail(nonsense()));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  // A pipe that breaks while we write to it means that the child is gone; `close` tells why.
  child.stdin.on('error', () => undefined);
  child.on('error', (error) =>
    fail({ name: 'SandboxError', message: `The sandbox process could not start: ${error.message}` }),
  );
  child.on('close', (code, signal) => fail(causeOfDeath(code, signal, stderr, heard)));

  return {
    send(message) {
      if (!dead) child.stdin.write(`${JSON.stringify(message)}\n`);
    },
    next(milliseconds, late) {
      if (dead) return Promise.reject(dead);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => fail(late), milliseconds);
        waiter = {
          resolve: (message) => {
            clearTimeout(timer);
            resolve(message);
          },
          reject: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        };
      });
    },
    fail,
  };
}

export function nonsense(): ErrorInfo {
  return { name: 'SandboxError', message: 'The sandbox process sent what it should not; it was ended.' };
}

/** A crash of the engine (SIGSEGV, SIGABRT, SIGTRAP) is nearly always memory: V8 aborts when it can get none. */
function causeOfDeath(code: number | null, signal: string | null, stderr: string, heard: boolean): ErrorInfo {
  if (/out of memory|Last few GCs|allocation failed/i.test(stderr)) {
    return { name: 'MemoryLimitError', message: 'The script used more memory than the sandbox process may have.' };
  }
  const how = signal ?? `exit code ${code}`;
  const said = heard ? '' : `: ${stderr.trim().split('\n')[0] ?? ''}`;
  return { name: 'SandboxError', message: `The sandbox process ended unexpectedly (${how})${said}` };
}
