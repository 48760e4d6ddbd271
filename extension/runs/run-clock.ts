import { alarm } from './checkpoints.ts';

/** Milliseconds between two looks at least. */
const LOOK_MS = 1_000;

class RunTimeoutError extends Error {
  override name = 'RunTimeoutError';
}

/** The wall-clock limit of an attempt. Time in which the run was held back, by its provider or by a person, is not its own. */
export class RunClock {
  #heldMs: () => number;
  #onOver: (error: Error) => void;
  #callOff: () => void = () => undefined;

  constructor(heldMs: () => number, onOver: (error: Error) => void) {
    this.#heldMs = heldMs;
    this.#onOver = onOver;
  }

  /** @param limitMs from now on; null without a limit. */
  limit(limitMs: number | null): void {
    this.#callOff();
    if (limitMs === null) return;
    const end = Date.now() - this.#heldMs() + limitMs;
    const ring = (): void => {
      const left = end + this.#heldMs() - Date.now();
      // Held back, nothing is left of it but what will be: a look a second is enough.
      if (left > 0) this.#callOff = alarm(Date.now() + Math.max(left, LOOK_MS), ring);
      else this.#onOver(overTime(limitMs));
    };
    this.#callOff = alarm(Date.now() + limitMs, ring);
  }

  stop(): void {
    this.#callOff();
  }
}

function overTime(limitMs: number): RunTimeoutError {
  return new RunTimeoutError(
    `the run took longer than its limit of ${limitMs / 1_000} s; resume goes on where it stopped`,
  );
}
