/** How long the cache of a prefix lives after its last use, less what a request may be under way. */
const WARM_MS = 4 * 60_000;
/** Nobody waits longer for another's first token: then the cache is worth less than the time. */
const LONGEST_WAIT_MS = 20_000;
const MOST_PREFIXES = 500;

interface Prefix {
  warmUntil: number;
  /** Settles when the one who goes first has its first token, or has come to nothing; null: nobody is out. */
  first: Promise<void> | null;
}

/** A request that may go out now. Both may be told more than once. */
export interface WarmPass {
  /** It was held back for another. */
  waited: boolean;
  /** Its first token has come: the prefix is in the cache from now on. */
  begun(): void;
  /** It is over, whatever came of it. */
  ended(): void;
}

/**
 * Lets one of many requests with the same prefix go first, while the cache does not have that prefix yet, and holds the
 * others until its first token: a prefix can only be read once the first reply has begun
 * (https://platform.claude.com/docs/en/build-with-claude/prompt-caching), so that all of them at once would each pay for
 * writing it. If the first fails, the next one goes first.
 */
export class CacheWarmth {
  #prefixes = new Map<string, Prefix>();
  #longestWaitMs: number;

  constructor(options: { longestWaitMs?: number } = {}) {
    this.#longestWaitMs = options.longestWaitMs ?? LONGEST_WAIT_MS;
  }

  /** Resolves when a request with this prefix may go. @throws the signal's reason when aborted. */
  async enter(key: string, signal: AbortSignal): Promise<WarmPass> {
    const until = Date.now() + this.#longestWaitMs;
    for (let waited = false; ; waited = true) {
      const prefix = this.#prefixOf(key);
      const warm = prefix.warmUntil > Date.now();
      if (!warm && prefix.first && Date.now() < until) {
        await settledBy(prefix.first, until, signal);
        continue;
      }
      return { waited, ...(warm || prefix.first ? followOn(prefix) : goFirst(prefix)) };
    }
  }

  #prefixOf(key: string): Prefix {
    let prefix = this.#prefixes.get(key);
    if (!prefix) {
      if (this.#prefixes.size >= MOST_PREFIXES) this.#forgetCold();
      prefix = { warmUntil: 0, first: null };
      this.#prefixes.set(key, prefix);
    }
    return prefix;
  }

  #forgetCold(): void {
    const now = Date.now();
    for (const [key, { warmUntil, first }] of this.#prefixes)
      if (!first && warmUntil <= now) this.#prefixes.delete(key);
  }
}

/** Each use of what is cached lets it live on. */
function followOn(prefix: Prefix): Omit<WarmPass, 'waited'> {
  return { begun: () => heat(prefix), ended: () => undefined };
}

function goFirst(prefix: Prefix): Omit<WarmPass, 'waited'> {
  const { promise, resolve } = Promise.withResolvers<void>();
  prefix.first = promise;
  const over = (): void => {
    if (prefix.first === promise) prefix.first = null;
    resolve();
  };
  return {
    begun: () => {
      heat(prefix);
      over();
    },
    ended: over,
  };
}

function heat(prefix: Prefix): void {
  prefix.warmUntil = Date.now() + WARM_MS;
}

/** Resolves when `promise` does, or the time has come. @throws the signal's reason when aborted. */
async function settledBy(promise: Promise<void>, until: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: other, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(resolve, Math.max(0, until - Date.now()));
  try {
    await Promise.race([promise, other]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
