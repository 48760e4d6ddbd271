import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { deserializeMessage, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { Launch } from './config.ts';

/** Those that run: one that does not notice the end of its input would stay behind when this process ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) killGroup(child, 'SIGKILL');
});

/** Of one message. */
const MAX_MESSAGE_BYTES = 10_000_000;
/** Of all that it says until it is next spoken to; nobody has so much to tell of one call. */
const MAX_BYTES_UNASKED = 50_000_000;
/** Programs write to their output by mistake; those that do nothing else speak another language. */
const MAX_NONSENSE_LINES = 100;
/** Between one way of ending it and the next. */
const PATIENCE_MS = 1_000;
const MAX_ERRORS = 4_000;

/**
 * Speaks with a server that is a program of its own, over its input and output. The SDK's own transport ends that one process; most
 * servers are started by another, such as `npx`, which leaves them behind. So this one has a process group, and ends all of it.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];
  readonly #launch: Extract<Launch, { type: 'stdio' }>;
  /** The beginning of a line whose end has not come. */
  #parts: Buffer[] = [];
  #length = 0;
  #child: ChildProcess | null = null;
  #unasked = 0;
  #nonsense = 0;
  #givenUp = false;
  #errors = '';
  #end = '';

  /** @param launch Its environment is all that it gets. */
  constructor(launch: Extract<Launch, { type: 'stdio' }>) {
    this.#launch = launch;
  }

  /** The last of what it wrote to its error output. */
  get errors(): string {
    return this.#errors;
  }

  /** Why it ended; empty while it runs. */
  get end(): string {
    return this.#end;
  }

  async start(): Promise<void> {
    const { command, args, env, cwd } = this.#launch;
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    running.add(child);
    child.on('exit', (code, signal) => {
      running.delete(child);
      this.#end ||= signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`;
      // What it started would keep its output open, and it open for us.
      killGroup(child, 'SIGKILL');
    });
    child.on('close', () => this.onclose?.());
    child.on('error', (error) => {
      if (child.pid === undefined) running.delete(child);
      this.onerror?.(error);
    });
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.stdout.on('error', (error) => this.onerror?.(error));
    child.stdout.on('data', (chunk: Buffer) => this.#hear(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#errors = (this.#errors + chunk).slice(-MAX_ERRORS);
    });
    await once(child, 'spawn');
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#unasked = 0;
    const { stdin } = this.#child ?? {};
    return new Promise((resolve, reject) => {
      if (!stdin?.writable) return reject(new Error('it does not listen any more'));
      stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Lets it end by itself, and if it does not, ends it and all that it started. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#end ||= 'it was closed';
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const steps = [() => child.stdin?.end(), () => killGroup(child, 'SIGTERM'), () => killGroup(child, 'SIGKILL')];
    for (const step of steps) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      step();
      await Promise.race([closed, sleep(PATIENCE_MS, undefined, { ref: false })]);
    }
  }

  #hear(chunk: Buffer): void {
    this.#unasked += chunk.length;
    if (this.#unasked > MAX_BYTES_UNASKED) return this.#giveUp('it says more than anybody asked for');
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1 && !this.#givenUp; end = chunk.indexOf('\n', from)) {
      this.#parts.push(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.#length = 0;
      this.#hearLine(line);
    }
    this.#parts.push(chunk.subarray(from));
    this.#length += chunk.length - from;
    if (this.#length > MAX_MESSAGE_BYTES)
      this.#giveUp(`a message of it is larger than ${MAX_MESSAGE_BYTES / 1_000_000} MB`);
  }

  #hearLine(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch {
      // A line that is no message: it is gone, and the next may be one.
      if (++this.#nonsense > MAX_NONSENSE_LINES) this.#giveUp('what it says is no MCP');
      return;
    }
    this.onmessage?.(message);
  }

  #giveUp(why: string): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    this.#parts = [];
    this.#end = why;
    this.#child?.stdout?.destroy();
    if (this.#child) killGroup(this.#child, 'SIGKILL');
    this.onerror?.(new Error(why));
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // There is nobody left of it; on a Mac those that are just ending may not be signalled any more.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
