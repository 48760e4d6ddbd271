/** Cuts a request of which nothing is heard any more, and passes on that it was stopped. */
export class SilenceWatch {
  /** Nothing came for too long. */
  broken = false;
  #stop = new AbortController();
  #timer: NodeJS.Timeout;
  #outer: AbortSignal;
  #onAbort = (): void => this.#stop.abort();

  /** @param outer Who else may stop the request. */
  constructor(silenceMs: number, outer: AbortSignal) {
    this.#outer = outer;
    outer.addEventListener('abort', this.#onAbort);
    // Stopped while it was held back, it hears of that no more.
    if (outer.aborted) this.#onAbort();
    this.#timer = setTimeout(() => {
      this.broken = true;
      this.#stop.abort();
    }, silenceMs);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Something came. */
  heard(): void {
    this.#timer.refresh();
  }

  /** Hears of every piece of a body from now on. The SDK tells of events alone and keeps the pings to itself. */
  listen(response: Response): void {
    const { body } = response;
    if (!body) return;
    const heard = (): void => this.heard();
    async function* watched(pieces: AsyncIterable<unknown>): AsyncGenerator<unknown> {
      for await (const piece of pieces) {
        heard();
        yield piece;
      }
    }
    Object.defineProperty(response, 'body', { value: watched(body) });
  }

  /** It is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#onAbort);
  }
}
