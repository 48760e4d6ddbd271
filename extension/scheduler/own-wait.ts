import type { HeldTime } from './held-time.ts';

/**
 * How long one agent has been held back: together with all others, and where it alone waited for a person's word. While both hold, the
 * time counts once.
 */
export class OwnWait {
  readonly #all: Pick<HeldTime, 'ms' | 'until'>;
  /** Milliseconds of its own alone, up to now or to `#since`. */
  #own = 0;
  #since: { at: number; allMs: number } | null = null;

  constructor(all: Pick<HeldTime, 'ms' | 'until'>) {
    this.#all = all;
  }

  /** Milliseconds in all. */
  get ms(): number {
    return this.#all.ms + this.#own + this.#ownNow();
  }

  /** When it will be over, milliseconds since the epoch: past where nothing holds it, infinity while it waits for a person. */
  get until(): number {
    return this.#since ? Number.POSITIVE_INFINITY : this.#all.until;
  }

  setWaiting(waiting: boolean): void {
    this.#own += this.#ownNow();
    this.#since = waiting ? { at: Date.now(), allMs: this.#all.ms } : null;
  }

  #ownNow(): number {
    return this.#since ? Date.now() - this.#since.at - (this.#all.ms - this.#since.allMs) : 0;
  }
}
