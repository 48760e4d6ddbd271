import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import type {
  EngineChoice,
  EngineName,
  HostMessage,
  SettleMessage,
  StartMessage,
  YieldMessage,
} from '../protocol/sandbox-wire.ts';
import { type ChildChannel, nonsense, openChannel } from './child-channel.ts';
import { childEnvironment, ownChildEnvironment } from './child-environment.ts';
import { CommandOrder } from './command-order.ts';

/** A process that runs one script. One activation at a time; when it has died every further call rejects with the cause. */
export interface Sandbox {
  engine: EngineName;
  pid: number;
  /** The first activation. @throws SandboxError when the process cannot go on. */
  start(message: Omit<StartMessage, 'type' | 'activation'>): Promise<YieldMessage>;
  /** A later one. @throws SandboxError when the process cannot go on. */
  settle(message: Omit<SettleMessage, 'type' | 'activation'>): Promise<YieldMessage>;
  /** As many later ones, sent together and answered in their order: each as if it had come alone. @throws SandboxError */
  settleAll(messages: Omit<SettleMessage, 'type' | 'activation'>[]): AsyncGenerator<YieldMessage, void>;
  /** Ends the process at once, whatever it does; a pending activation rejects. */
  close(): void;
}

export interface SandboxOptions {
  /** The directory that holds `sandbox/child.mjs`, `sandbox/prelude.js`, `sandbox/quickjs.wasm` and `sandbox/isolated-vm/`. */
  dist: string;
  /** Path of a Node that isolated-vm's binaries fit, as `findNode` gives it; null where there is none. */
  node: string | null;
  /** `auto`, which is the default, means isolated-vm where there is such a Node, and else QuickJS. */
  engine?: EngineChoice;
}

const READY_MS = 15_000;
/** Over the time the engine itself allows a turn; then it is beyond its own control. */
const GRACE_MS = 500;

/**
 * The engine that a sandbox would have.
 * @throws UserError where isolated-vm is asked for and there is no Node that it runs in.
 */
export function pickEngine(choice: EngineChoice, node: string | null): EngineName {
  if (choice !== 'auto') {
    if (choice === 'quickjs' || node !== null) return choice;
    throw new UserError(
      'no-engine',
      'The engine isolated-vm needs Node 24 or 26, and none was found. Install one or name it (in VS Code: the setting counterpoint.nodePath, then reload the window), or take the engine quickjs.',
    );
  }
  return node === null ? 'quickjs' : 'isolated-vm';
}

/** A process that has been started, on its way to a sandbox. */
export interface Launch {
  /** Resolves once its engine is loaded. @throws SandboxError where it does not come up. */
  ready: Promise<Sandbox>;
  /** False once it has ended, as far as this process has heard. */
  isAlive(): boolean;
  /** Whether it keeps the host's process from ending by itself, as it does unless it is told not to. */
  holdHost(hold: boolean): void;
  close(): void;
}

/**
 * Starts the process and resolves once its engine is loaded.
 * @throws SandboxError where it does not come up, UserError where the engine that is asked for cannot run here.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  return await launchSandbox(options).ready;
}

/** Starts the process and returns at once. @throws UserError where the engine that is asked for cannot run here. */
export function launchSandbox(options: SandboxOptions): Launch {
  const engine = pickEngine(options.engine ?? 'auto', options.node);
  const child = spawnChild(engine, options);
  const channel = openChannel(child);
  const bringUp = async (): Promise<Sandbox> => {
    const ready = await channel.next(READY_MS, {
      name: 'SandboxError',
      message: `The sandbox process was not ready within ${READY_MS / 1000} s.`,
    });
    if (ready.type !== 'ready' || ready.engine !== engine) throw channel.fail(nonsense());
    return openSandbox(channel, engine, child.pid ?? 0);
  };
  return { ready: bringUp(), isAlive: channel.isAlive, holdHost: channel.holdHost, close: () => closeChannel(channel) };
}

type Unsent<M extends HostMessage> = Omit<M, 'activation'>;

function closeChannel(channel: ChildChannel): void {
  channel.fail({ name: 'SandboxError', message: 'The sandbox was closed.' });
}

function openSandbox(channel: ChildChannel, engine: EngineName, pid: number): Sandbox {
  let activation = 0;
  let turnMs = 0;
  const order = new CommandOrder();
  const send = (message: Unsent<StartMessage> | Unsent<SettleMessage>): number => {
    activation += 1;
    channel.send({ ...message, activation } as HostMessage);
    return activation;
  };
  const answerTo = async (sent: number): Promise<YieldMessage> => {
    const late = { name: 'TurnTimeoutError', message: `The script did not yield within ${turnMs / 1000} s.` };
    const answer = await channel.next(turnMs + GRACE_MS, late);
    if (answer.type !== 'yield' || answer.activation !== sent) throw channel.fail(nonsense());
    if (!order.accepts(answer.commands)) throw channel.fail(nonsense());
    return answer;
  };
  return {
    engine,
    pid,
    start(message) {
      turnMs = message.limits.turnMs;
      return answerTo(send({ ...message, type: 'start' }));
    },
    settle(message) {
      return answerTo(send({ ...message, type: 'settle' }));
    },
    async *settleAll(messages) {
      const sent = messages.map((message) => send({ ...message, type: 'settle' }));
      for (const number of sent) yield await answerTo(number);
    },
    close: () => closeChannel(channel),
  };
}

/** A Node that may read its own files and do nothing else: no writing, no network of its own, no processes, no threads. */
function spawnChild(engine: EngineName, options: SandboxOptions): ChildProcessWithoutNullStreams {
  const home = realpathSync(join(options.dist, 'sandbox'));
  const confined = ['--permission', `--allow-fs-read=${home}`, '--disable-warning=SecurityWarning'];
  const io = { cwd: home, windowsHide: true };
  const program = [join(home, 'child.mjs'), engine];
  if (engine === 'isolated-vm' && options.node !== null) {
    const flags = ['--no-node-snapshot', '--allow-addons', ...confined];
    return spawn(options.node, [...flags, ...program], { ...io, env: childEnvironment() });
  }
  // QuickJS is WebAssembly, which runs on whatever executable we are.
  const flags = knowsPermissions(process.versions.node) ? confined : [];
  return spawn(process.execPath, [...flags, ...program], { ...io, env: ownChildEnvironment() });
}

/** `--permission` is there from Node 22.13 on. */
function knowsPermissions(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13);
}
