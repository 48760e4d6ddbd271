/** How often the drivers of other processes are looked at. */
const LOOK_MS = 3_000;

/** What can be seen of drivers. */
export interface Drivers {
  /** Runs that somebody alive, of whatever process, drives now, and those whose driver died. */
  leased(): { driven: string[]; orphaned: string[] };
  /** The run has not ended, and nobody drives it. */
  isInterrupted(runId: string): boolean;
}

/** Notices runs whose driver died while others watched. It looks only while somebody listens. */
export class InterruptedWatch {
  #drivers: Drivers;
  #listeners = new Set<(runId: string) => void>();
  #driven = new Set<string>();
  /** Their drivers died, and that was told or is old. */
  #known = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(drivers: Drivers) {
    this.#drivers = drivers;
  }

  listen(listener: (runId: string) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#timer) {
      const { driven, orphaned } = this.#drivers.leased();
      this.#driven = new Set(driven);
      this.#known = new Set(orphaned);
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
    const { driven, orphaned } = this.#drivers.leased();
    const now = new Set(driven);
    for (const runId of now) this.#known.delete(runId);
    // One that began and died between two looks was never seen alive.
    const candidates = new Set([...this.#driven, ...orphaned]);
    const gone = [...candidates].filter(
      (runId) => !now.has(runId) && !this.#known.has(runId) && this.#drivers.isInterrupted(runId),
    );
    this.#driven = now;
    for (const runId of orphaned) this.#known.add(runId);
    for (const runId of gone) for (const listener of this.#listeners) listener(runId);
  }
}
