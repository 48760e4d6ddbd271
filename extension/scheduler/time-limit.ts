import { MAX_TIMER_MS } from './sleep.ts';

/** An agent's time is over. */
export class TimeLimitError extends Error {
  override name = 'TimeLimitError';
}

/** Ends an agent after so many milliseconds of its own; time in which the whole run was parked is not its own. */
export class TimeLimit {
  readonly signal: AbortSignal;
  #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param parkedMs how long the run has been parked in all. */
  constructor(limitMs: number, outer: AbortSignal, parkedMs: () => number) {
    this.signal = AbortSignal.any([outer, this.#over.signal]);
    const end = Date.now() - parkedMs() + limitMs;
    const check = (): void => {
      const left = end - (Date.now() - parkedMs());
      if (left > 0) this.#timer = setTimeout(check, Math.min(left, MAX_TIMER_MS));
      else this.#over.abort(new TimeLimitError(`the agent took longer than its limit of ${limitMs / 1_000} s`));
    };
    check();
  }

  /** What to tell of an agent whose time was over; null where it was not. */
  get error(): TimeLimitError | null {
    return this.#over.signal.aborted ? (this.#over.signal.reason as TimeLimitError) : null;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
