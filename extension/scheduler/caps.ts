/** The limits of a run that caps hold; null is none. */
export interface CapLimits {
  maxAgents: number;
  /** Output tokens. */
  budget: number | null;
  /** Absent in runs that were stored before there was such a cap. */
  maxCostUsd?: number | null;
}

/** What has been used up, of one request or of all. */
export interface Spending {
  outputTokens: number;
  costUsd: number | null;
}

/** What a model request may come to. */
export interface Reservation {
  /** Output tokens it would like to be allowed. */
  wanted: number;
  /** Null where no price is known, which is no matter without a cap on cost. */
  price: { inputUsd: number; usdPerOutputToken: number } | null;
  /** Agents at work, this one included: what is left has to do for all of them. */
  agents: number;
}

/** A part of the caps, held for one request until it is settled. */
export interface Grant {
  maxOutputTokens: number;
  /** Must follow, whatever came of the request. */
  settle(spending: Spending): void;
}

/** A cap of the run leaves nothing for a request. */
export class CapReachedError extends Error {
  override name = 'CapReachedError';
}

/** A reply cut shorter than this is rarely worth its prompt: rather wait for what others give back. */
const USEFUL_TOKENS = 8_192;

/**
 * The caps of one run: how many agents it may ask for, how many output tokens and dollars it may spend. A request holds
 * what it may come to from before it is sent until it is settled, so that all together never come to more.
 */
export class Caps {
  #limits: CapLimits;
  #agents = 0;
  /** Of agents that have ended: what the script is told. */
  #spent: number;
  /** Of replies that have come. */
  #used: { tokens: number; usd: number };
  #held = { tokens: 0, usd: 0, grants: 0 };
  #waiting: (() => void)[] = [];

  /** @param spent what earlier attempts of the run used up. */
  constructor(limits: CapLimits, spent: Spending) {
    this.#limits = limits;
    this.#spent = spent.outputTokens;
    this.#used = { tokens: spent.outputTokens, usd: spent.costUsd ?? 0 };
  }

  /** A person changed the limits: what waits for room looks again. */
  change(limits: CapLimits): void {
    this.#limits = limits;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The script begins anew, and so does the count of what it asks for; what was spent stays. */
  restart(): void {
    this.#agents = 0;
  }

  /** Counts one more agent in; false where the cap is reached. */
  admitAgent(): boolean {
    if (this.#agents >= this.#limits.maxAgents) return false;
    this.#agents += 1;
    return true;
  }

  /** Output tokens of the agents that have ended. */
  get spent(): number {
    return this.#spent;
  }

  /** An agent has ended. */
  spend(outputTokens: number): void {
    this.#spent += outputTokens;
  }

  /** Which cap is used up, in words; null while none is. */
  get exhausted(): string | null {
    const { budget, maxCostUsd } = this.#limits;
    if (budget !== null && this.#tokens >= budget) return `the budget of ${budget} output tokens is spent`;
    if (maxCostUsd != null && this.#used.usd >= maxCostUsd) return `the cost cap of $${maxCostUsd} is reached`;
    return null;
  }

  /** Whether requests need a price. */
  get capsCost(): boolean {
    return this.#limits.maxCostUsd != null;
  }

  /**
   * Holds a fair share of what is left for one request; waits while others hold all of it.
   * @throws CapReachedError where nothing is left, and nothing can come back; the signal's reason when aborted.
   */
  async reserve(request: Reservation, signal: AbortSignal): Promise<Grant> {
    for (;;) {
      const tokens = this.#grantable(request);
      const alone = this.#held.grants === 0;
      if (tokens >= this.#useful(request) || (alone && tokens >= 1)) return this.#hold(request, tokens);
      if (alone)
        throw new CapReachedError(this.exhausted ?? `what is left of ${this.#capNames()} is less than a request takes`);
      await this.#change(signal);
    }
  }

  #grantable(request: Reservation): number {
    const { tokens, usd } = this.#held;
    const left = this.#inTokens(request, this.#tokens + tokens, this.#used.usd + usd + (request.price?.inputUsd ?? 0));
    const share = left / Math.max(1, request.agents - this.#held.grants);
    return Math.floor(Math.min(request.wanted, Math.max(share, Math.min(left, this.#useful(request)))));
  }

  /** Output tokens that a request should have at least: a fair share of the whole, or what makes a reply worth its prompt. */
  #useful(request: Reservation): number {
    const share = this.#inTokens(request, 0, 0) / Math.max(1, request.agents);
    return Math.max(1, Math.floor(Math.min(request.wanted, USEFUL_TOKENS, share)));
  }

  /** What the caps leave beyond so many output tokens and dollars, as output tokens of this request. */
  #inTokens({ price }: Reservation, tokens: number, usd: number): number {
    const { budget, maxCostUsd } = this.#limits;
    const left = budget === null ? Number.POSITIVE_INFINITY : budget - tokens;
    if (maxCostUsd == null || !price) return left;
    return Math.min(left, (maxCostUsd - usd) / price.usdPerOutputToken);
  }

  #hold({ price }: Reservation, tokens: number): Grant {
    const usd = price ? price.inputUsd + tokens * price.usdPerOutputToken : 0;
    this.#held = { tokens: this.#held.tokens + tokens, usd: this.#held.usd + usd, grants: this.#held.grants + 1 };
    return {
      maxOutputTokens: tokens,
      settle: (spending) => {
        this.#held = { tokens: this.#held.tokens - tokens, usd: this.#held.usd - usd, grants: this.#held.grants - 1 };
        this.#used = {
          tokens: this.#used.tokens + spending.outputTokens,
          usd: this.#used.usd + (spending.costUsd ?? 0),
        };
        for (const wake of this.#waiting.splice(0)) wake();
      },
    };
  }

  get #tokens(): number {
    return Math.max(this.#used.tokens, this.#spent);
  }

  #capNames(): string {
    const { budget, maxCostUsd } = this.#limits;
    return [
      budget !== null && `the budget of ${budget} output tokens`,
      maxCostUsd != null && `the cost cap of $${maxCostUsd}`,
    ]
      .filter(Boolean)
      .join(' and ');
  }

  #change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }
}
