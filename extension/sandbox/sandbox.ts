import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName, HostMessage, SettleMessage, StartMessage, YieldMessage } from '../protocol/sandbox-wire.ts';
import { type ChildChannel, nonsense, openChannel } from './child-channel.ts';
import { childEnvironment } from './child-environment.ts';

/** A process that runs one script. One activation at a time; when it has died every further call rejects with the cause. */
export interface Sandbox {
  engine: EngineName;
  pid: number;
  /** The first activation. @throws SandboxError when the process cannot go on. */
  start(message: Omit<StartMessage, 'type' | 'activation'>): Promise<YieldMessage>;
  /** A later one. @throws SandboxError when the process cannot go on. */
  settle(message: Omit<SettleMessage, 'type' | 'activation'>): Promise<YieldMessage>;
  /** Ends the process at once, whatever it does; a pending activation rejects. */
  close(): void;
}

export interface SandboxOptions {
  /** The directory that holds `sandbox/child.mjs`, `sandbox/prelude.js` and `sandbox/isolated-vm/`. */
  dist: string;
  /** Path of a Node that the engine's binaries fit, as `findNode` gives it. */
  node: string;
}

const READY_MS = 15_000;
/** Over the time the engine itself allows a turn; then it is beyond its own control. */
const GRACE_MS = 500;

/** Starts the process and resolves once its engine is loaded. @throws SandboxError where it does not come up. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const child = await spawnChild(options);
  const channel = openChannel(child);
  const ready = await channel.next(READY_MS, {
    name: 'SandboxError',
    message: `The sandbox process was not ready within ${READY_MS / 1000} s.`,
  });
  if (ready.type !== 'ready') throw channel.fail(nonsense());
  return openSandbox(channel, ready.engine, child.pid ?? 0);
}

function openSandbox(channel: ChildChannel, engine: EngineName, pid: number): Sandbox {
  let activation = 0;
  let turnMs = 0;
  let calls = 0;
  const activate = async (message: HostMessage): Promise<YieldMessage> => {
    channel.send(message);
    const late = { name: 'TurnTimeoutError', message: `The script did not yield within ${turnMs / 1000} s.` };
    const answer = await channel.next(turnMs + GRACE_MS, late);
    if (answer.type !== 'yield' || answer.activation !== activation) throw channel.fail(nonsense());
    for (const command of answer.commands) {
      if (command.type !== 'call') continue;
      calls += 1;
      if (command.call !== calls) throw channel.fail(nonsense());
    }
    return answer;
  };
  return {
    engine,
    pid,
    start(message) {
      turnMs = message.limits.turnMs;
      activation += 1;
      return activate({ ...message, type: 'start', activation });
    },
    settle(message) {
      activation += 1;
      return activate({ ...message, type: 'settle', activation });
    },
    close() {
      channel.fail({ name: 'SandboxError', message: 'The sandbox was closed.' });
    },
  };
}

/** A Node that may read its own files and do nothing else: no writing, no network of its own, no processes, no threads. */
async function spawnChild({ dist, node }: SandboxOptions): Promise<ChildProcessWithoutNullStreams> {
  const home = await realpath(join(dist, 'sandbox'));
  const flags = ['--no-node-snapshot', '--permission', '--allow-addons', `--allow-fs-read=${home}`];
  return spawn(node, [...flags, '--disable-warning=SecurityWarning', join(home, 'child.mjs')], {
    cwd: home,
    env: childEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}
