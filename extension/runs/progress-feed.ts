import type { ProgressEvent, Usage } from '../protocol/run-events.ts';

const INTERVAL_MS = 100;

/** What agents are doing now, told at most ten times a second: only the newest of each agent counts. */
export class ProgressFeed {
  #latest = new Map<number, ProgressEvent>();
  #timer: NodeJS.Timeout | null = null;
  #tell: (events: ProgressEvent[]) => void;

  constructor(tell: (events: ProgressEvent[]) => void) {
    this.#tell = tell;
  }

  set(id: number, doing: string, usage: Usage): void {
    this.#latest.set(id, { type: 'call.progress', id, at: Date.now(), doing, usage });
    this.#timer ??= setTimeout(() => this.#flush(), INTERVAL_MS);
  }

  /** The agent has ended: what it did last is of no interest any more. */
  clear(id: number): void {
    this.#latest.delete(id);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#latest.clear();
  }

  #flush(): void {
    this.#timer = null;
    const events = [...this.#latest.values()];
    this.#latest.clear();
    if (events.length > 0) this.#tell(events);
  }
}
