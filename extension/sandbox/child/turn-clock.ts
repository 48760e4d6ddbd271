/** After the first interrupt: time for the script's error to come to its end, so that its place is known. */
const GRACE_MS = 50;

/** Tells an interpreter that asks again and again when a turn has lasted too long. */
export class TurnClock {
  #deadline = Number.POSITIVE_INFINITY;
  #late = false;
  #stopped = false;

  begin(turnMs: number): void {
    this.#deadline = performance.now() + turnMs;
  }

  /** Whether to interrupt now: once when the turn is over, and always from a moment after it. */
  isOver(): boolean {
    if (performance.now() < this.#deadline) return false;
    if (this.#late) this.#stopped = true;
    this.#late = true;
    this.#deadline = this.#stopped ? 0 : performance.now() + GRACE_MS;
    return true;
  }

  /** Whether nothing of the script may go on. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Lifts the limit, and returns whether the turn had passed it. */
  end(): boolean {
    this.#deadline = Number.POSITIVE_INFINITY;
    return this.#late;
  }
}
