/** How often the drivers of other processes are looked at. */
const LOOK_MS = 3_000;

/** What can be seen of drivers. */
export interface Drivers {
  /** Runs that somebody alive, of whatever process, drives now. */
  driven(): string[];
  /** The run has not ended, and nobody drives it. */
  isInterrupted(runId: string): boolean;
}

/** Notices runs whose driver died while others watched. It looks only while somebody listens. */
export class InterruptedWatch {
  #drivers: Drivers;
  #listeners = new Set<(runId: string) => void>();
  #driven = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(drivers: Drivers) {
    this.#drivers = drivers;
  }

  listen(listener: (runId: string) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#timer) {
      this.#driven = new Set(this.#drivers.driven());
      this.#timer = setInterval(() => this.#look(), LOOK_MS);
      this.#timer.unref();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const now = new Set(this.#drivers.driven());
    const gone = [...this.#driven].filter((runId) => !now.has(runId) && this.#drivers.isInterrupted(runId));
    this.#driven = now;
    for (const runId of gone) for (const listener of this.#listeners) listener(runId);
  }
}
