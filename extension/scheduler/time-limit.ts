import { MAX_TIMER_MS } from './sleep.ts';

/** An agent's time is over. */
export class TimeLimitError extends Error {
  override name = 'TimeLimitError';
}

/** Ends an agent after so many milliseconds of its own; time in which the whole run was held back is not its own. */
export class TimeLimit {
  readonly signal: AbortSignal;
  #limitMs: number;
  #held: { readonly ms: number; readonly until: number };
  /** When it is over, by a clock that stands while the run is held back. */
  #end: number;
  #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param held how long the run has been held back in all, milliseconds, and until when it is (`HeldTime`). */
  constructor(limitMs: number, outer: AbortSignal, held: { readonly ms: number; readonly until: number }) {
    this.signal = AbortSignal.any([outer, this.#over.signal]);
    this.#limitMs = limitMs;
    this.#held = held;
    this.#end = Date.now() - held.ms + limitMs;
    this.look();
  }

  /** Looks at the clock; to be called also where the run is held back or let go, for the timer stands by what was known of that. */
  look(): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    const left = this.#end - (now - this.#held.ms);
    if (left <= 0) {
      this.#over.abort(new TimeLimitError(`the agent took longer than its limit of ${this.#limitMs / 1_000} s`));
      return;
    }
    const wait = left + Math.max(0, this.#held.until - now);
    if (wait < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.look(), Math.min(wait, MAX_TIMER_MS));
  }

  /** What to tell of an agent whose time was over; null where it was not. */
  get error(): TimeLimitError | null {
    return this.#over.signal.aborted ? (this.#over.signal.reason as TimeLimitError) : null;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
