import { setTimeout as sleep } from 'node:timers/promises';

/** What a failure says about trying again. */
export interface RetryHint {
  retryable: boolean;
  status: number | undefined;
  /** Milliseconds the other side asked us to wait. */
  retryAfterMs: number | undefined;
}

export interface GovernorOptions {
  /** How to read a failure; null where it is none of the provider's. */
  hint(error: unknown): RetryHint | null;
  /** Tries in all before a retryable failure is passed on. */
  maxTries?: number;
  /** Wait before the second try, doubled for each further one. */
  baseDelayMs?: number;
  maxDelayMs?: number;
}

/** Statuses that mean the provider wants less from all of us, not only from this one call. */
const OVERLOAD = new Set([429, 529]);

/**
 * Retries what may be retried, for all agents of a run together: when the provider asks for less, every call waits,
 * not only the one that was told.
 */
export class Governor {
  #options: Required<GovernorOptions>;
  #pausedUntil = 0;

  constructor(options: GovernorOptions) {
    this.#options = { maxTries: 6, baseDelayMs: 1_000, maxDelayMs: 60_000, ...options };
  }

  /**
   * Runs `attempt` until it succeeds, fails for good, or its tries are used up; rethrows the last failure.
   * @param onRetry hears of each failure that will be tried again, and the wait in milliseconds.
   */
  async run<T>(
    attempt: () => Promise<T>,
    signal: AbortSignal,
    onRetry: (error: unknown, delayMs: number) => void,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      await this.#waitForFleet(signal);
      try {
        return await attempt();
      } catch (error) {
        const hint = this.#options.hint(error);
        if (!hint?.retryable || tries >= this.#options.maxTries || signal.aborted) throw error;
        const delay = hint.retryAfterMs ?? this.#backoff(tries);
        if (hint.status !== undefined && OVERLOAD.has(hint.status)) {
          this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + delay);
        }
        onRetry(error, delay);
        await sleep(delay, undefined, { signal });
      }
    }
  }

  async #waitForFleet(signal: AbortSignal): Promise<void> {
    for (let left = this.#pausedUntil - Date.now(); left > 0; left = this.#pausedUntil - Date.now()) {
      await sleep(left, undefined, { signal });
    }
  }

  /** Full jitter (AWS Architecture Blog, "Exponential Backoff and Jitter"), but never under half, so that it stays a wait. */
  #backoff(tries: number): number {
    const ceiling = Math.min(this.#options.maxDelayMs, this.#options.baseDelayMs * 2 ** (tries - 1));
    return ceiling / 2 + (Math.random() * ceiling) / 2;
  }
}
