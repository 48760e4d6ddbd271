/**
 * How many model requests may be out at a time: additive increase, multiplicative decrease (Chiu and Jain, 1989; as TCP
 * does it, RFC 5681). From half of it, about eight rounds of good answers lead back to all of it.
 */
export class RequestWindow {
  #max: number;
  #size: number;
  /** Requests up to this number were sent before the last cut, and have no news about what came of it. */
  #cutAfter = 0;

  constructor(max: number) {
    this.#max = max;
    this.#size = max;
  }

  get max(): number {
    return this.#max;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  /** A request had its answer while `out` were out, itself among them. A window that is not full has proved nothing. */
  grow(out: number): void {
    if (out < this.size) return;
    const step = Math.max(1, this.#max / 16);
    this.#size = Math.min(this.#max, this.#size + step / this.#size);
  }

  /** Another maximum. A window that was whole stays whole; one that was cut grows into a larger one by good answers alone. */
  resize(max: number): void {
    this.#size = this.#size === this.#max ? max : Math.min(this.#size, max);
    this.#max = max;
  }

  /** Request `sent` was too much while `out` were out; `last` is the newest sent. Returns whether it was news. */
  cut(sent: number, out: number, last: number): boolean {
    if (sent <= this.#cutAfter) return false;
    this.#cutAfter = last;
    this.#size = Math.max(1, Math.min(this.#size, out) / 2);
    return true;
  }
}
