/** What is due when, in virtual milliseconds: earliest first, and of what is due together what was entered first. */
export class Agenda<T> {
  /** Latest first, so that the next is taken from the end. */
  #entries: { at: number; order: number; what: T }[] = [];
  #entered = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** When the next is due; null where nothing is. */
  get nextAt(): number | null {
    return this.#entries.at(-1)?.at ?? null;
  }

  enter(at: number, what: T): void {
    const order = this.#entered++;
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, { at, order, what });
  }

  /** Takes out the next. */
  take(): { at: number; what: T } | undefined {
    return this.#entries.pop();
  }
}
