const PAGE_BYTES = 64 * 1024;
/** What the engine is linked with: it imports a memory of these bounds. */
const BOUNDS = { initial: 256, maximum: 32_768 };
/** How often the engine asks for one piece of memory, each time with less in reserve, before it does without. */
const TRIES = 3;

/** A WebAssembly memory that grows up to a limit of ours, and remembers when somebody wanted more. */
export class CappedMemory extends WebAssembly.Memory {
  #maxBytes = Number.POSITIVE_INFINITY;
  #refusals = 0;

  constructor() {
    super(BOUNDS);
  }

  limitTo(megabytes: number): void {
    this.#maxBytes = megabytes * 1024 * 1024;
  }

  override grow(pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > this.#maxBytes) {
      this.#refusals += 1;
      throw new RangeError('The memory has reached its limit.');
    }
    if (!this.isExhausted) this.#refusals = 0;
    return super.grow(pages);
  }

  /** Whether something was refused for good. A script could catch that and go on, so somebody must ask. */
  get isExhausted(): boolean {
    return this.#refusals >= TRIES;
  }
}
