/** How long all requests have been held back, by a limit or by a person; while both hold, the time counts once. */
export class HeldTime {
  #parkedUntil = 0;
  #paused = false;
  /** Milliseconds up to `#since`, which is the last time that something changed. */
  #before = 0;
  #since = 0;

  /** Milliseconds in all. */
  get ms(): number {
    return this.#before + Math.max(0, Math.min(Date.now(), this.until) - this.#since);
  }

  /** When it will be over, milliseconds since the epoch: past where nothing holds, infinity while a person does. */
  get until(): number {
    return this.#paused ? Number.POSITIVE_INFINITY : this.#parkedUntil;
  }

  /** When the park will be over, whatever a person holds; past where there is none. */
  get parkedUntil(): number {
    return this.#parkedUntil;
  }

  get paused(): boolean {
    return this.#paused;
  }

  park(until: number): void {
    this.#settle();
    this.#parkedUntil = Math.max(this.#parkedUntil, until);
  }

  endPark(): void {
    this.#settle();
    this.#parkedUntil = Math.min(this.#parkedUntil, Date.now());
  }

  setPaused(paused: boolean): void {
    this.#settle();
    this.#paused = paused;
  }

  #settle(): void {
    this.#before = this.ms;
    this.#since = Date.now();
  }
}
