import { setImmediate } from 'node:timers/promises';
import type { EngineName } from '../protocol/sandbox-wire.ts';
import { type Launch, launchSandbox, type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';

/**
 * Keeps one process of an engine ready, so that a run need not wait for it to come up. A process is handed out once
 * and never comes back. One that waits costs its memory and nothing else, dies with the host, and keeps no host alive.
 */
export class SandboxPool {
  #options: Pick<SandboxOptions, 'dist' | 'node'>;
  #kept = new Map<EngineName, Launch>();
  #closed = false;

  constructor(options: Pick<SandboxOptions, 'dist' | 'node'>) {
    this.#options = options;
  }

  /**
   * The process kept for this engine, where it lives, be it still on its way up; else a new one.
   * @throws SandboxError where a new one does not come up, UserError where the engine cannot run here.
   */
  async take(engine: EngineName): Promise<Sandbox> {
    const kept = this.#kept.get(engine);
    this.#kept.delete(engine);
    return (kept && (await claim(kept))) ?? (await startSandbox({ ...this.#options, engine }));
  }

  /** Starts a process in the background where none is kept. If that fails, the next `take` tries again, and tells. */
  warm(engine: EngineName): void {
    if (this.#closed || this.#kept.get(engine)?.isAlive()) return;
    let launch: Launch;
    try {
      launch = launchSandbox({ ...this.#options, engine });
    } catch {
      // What stands in the way now stands there for whoever takes one, and is told then.
      this.#kept.delete(engine);
      return;
    }
    launch.holdHost(false);
    launch.ready.catch(() => undefined);
    this.#kept.set(engine, launch);
  }

  /** Ends what is kept, and keeps nothing from now on. What was taken is its taker's. */
  close(): void {
    this.#closed = true;
    for (const launch of this.#kept.values()) launch.close();
    this.#kept.clear();
  }
}

/** A kept process as one that is at work; null where it did not live to see that. */
async function claim(kept: Launch): Promise<Sandbox | null> {
  kept.holdHost(true);
  const sandbox = await kept.ready.catch(() => null);
  // The news of a death while this process was busy comes with the next turn of its loop.
  await setImmediate();
  return kept.isAlive() ? sandbox : null;
}
