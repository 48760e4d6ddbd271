import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Socket } from 'node:net';
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
  /** The child owes one answer more. */
  send(message: HostMessage): void;
  /** The next message, in the order in which they were asked for; the child is killed, with `late` as the cause, where none comes in time. @throws SandboxError */
  next(milliseconds: number, late: ErrorInfo): Promise<Exclude<ChildMessage, { type: 'fatal' }>>;
  /** Kills the child. The first cause stays the cause; it rejects whoever waits, and is returned. */
  fail(cause: ErrorInfo): SandboxError;
  /** Whether nothing has ended the child yet, as far as this process has heard. */
  isAlive(): boolean;
  /** Whether the child keeps the host's process from ending by itself. It does unless it is told not to. */
  holdHost(hold: boolean): void;
}

interface Waiter {
  resolve(message: Exclude<ChildMessage, { type: 'fatal' }>): void;
  reject(error: SandboxError): void;
}

export function openChannel(child: ChildProcessWithoutNullStreams): ChildChannel {
  let dead: SandboxError | null = null;
  let waiter: Waiter | null = null;
  /** Answers nobody has waited for yet, and how many are still to come: that it is ready, and one for each message. */
  const answers: Exclude<ChildMessage, { type: 'fatal' }>[] = [];
  let owed = 1;
  let timer: NodeJS.Timeout | null = null;
  let holds = true;
  let heard = false;
  let stderr = '';

  const takeWaiter = (): Waiter | null => {
    const taken = waiter;
    waiter = null;
    if (timer) clearTimeout(timer);
    timer = null;
    return taken;
  };
  const fail = (cause: ErrorInfo): SandboxError => {
    dead ??= new SandboxError(cause);
    child.kill('SIGKILL');
    takeWaiter()?.reject(dead);
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
    if (message.type === 'fatal' || owed === 0) {
      fail(message.type === 'fatal' ? message.error : nonsense());
      return;
    }
    owed -= 1;
    if (waiter) takeWaiter()?.resolve(message);
    else answers.push(message);
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
      if (dead) return;
      owed += 1;
      child.stdin.write(`${JSON.stringify(message)}\n`);
    },
    next(milliseconds, late) {
      const answer = answers.shift();
      if (answer) return Promise.resolve(answer);
      if (dead) return Promise.reject(dead);
      return new Promise((resolve, reject) => {
        waiter = { resolve, reject };
        timer = setTimeout(() => fail(late), milliseconds);
        if (!holds) timer.unref();
      });
    },
    fail,
    isAlive: () => !dead && child.exitCode === null && child.signalCode === null,
    holdHost(hold) {
      holds = hold;
      // The pipes of a child are sockets, which its type does not say.
      const handles = [child, child.stdin as Socket, child.stdout as Socket, child.stderr as Socket, timer];
      for (const handle of handles) handle?.[hold ? 'ref' : 'unref']();
    },
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
