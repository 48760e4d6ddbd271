/** What a failure for good says about the provider. `none`: about this one request only. */
export type Blame = 'key' | 'outage' | 'request' | 'none';

/** Failures in a row, without an answer in between, until nobody believes in the next one any more. */
const IN_A_ROW: Record<Exclude<Blame, 'none'>, number> = { key: 3, outage: 8, request: 8 };

/**
 * Tells a dead provider from requests that fail for their own reasons (Nygard, "Release It!", circuit breaker).
 * It opens after so many requests in a row that failed for good. An outage may pass: then one request probes, and
 * only when it fails too the provider is dead. A key that is refused is dead at once; so is a provider that refuses
 * the requests themselves, as long as it has never answered one.
 */
export class Breaker {
  #row = { key: 0, outage: 0, request: 0 };
  #answered = false;
  /** The newest request sent when a row was full: those sent before it may still bring an answer. */
  #fullAt: number | null = null;
  /** Open since this request; a later one is the probe. */
  #openedAt: number | null = null;

  get open(): boolean {
    return this.#openedAt !== null;
  }

  /** Failures in a row of the kind that has most. */
  get row(): number {
    return Math.max(this.#row.key, this.#row.outage, this.#row.request);
  }

  /** There was an answer; returns whether that closed it. */
  answered(): boolean {
    const wasOpen = this.open;
    this.#answered = true;
    this.#close();
    return wasOpen;
  }

  /** A request has failed for good, or as the probe. `oldest` is the first of those still out, `last` the newest sent. */
  failed(blame: Blame, sent: number, oldest: number, last: number): 'closed' | 'open' | 'dead' {
    if (this.#openedAt !== null) {
      if (blame === 'outage') return sent > this.#openedAt ? 'dead' : 'open';
      // A refusal is an answer of sorts: somebody is there.
      this.#close();
    }
    if (blame === 'none' || (blame === 'request' && this.#answered)) return 'closed';
    this.#row[blame] += 1;
    if (this.#row[blame] < IN_A_ROW[blame]) return 'closed';
    if (blame === 'key') return 'dead';
    this.#fullAt ??= sent;
    if (oldest <= this.#fullAt) return 'closed';
    if (blame !== 'outage') return 'dead';
    this.#openedAt = last;
    return 'open';
  }

  #close(): void {
    this.#row = { key: 0, outage: 0, request: 0 };
    this.#fullAt = null;
    this.#openedAt = null;
  }
}
