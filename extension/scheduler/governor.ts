import type { RateLimit } from '../protocol/rate-limit.ts';
import type { GovernorState } from '../protocol/run-events.ts';
import { type Blame, Breaker } from './breaker.ts';
import { Gate } from './gate.ts';
import { RequestWindow } from './request-window.ts';
import { sleep } from './sleep.ts';

/** What a failure says about trying again. */
export interface RetryHint {
  retryable: boolean;
  status: number | undefined;
  /** Milliseconds the other side asked us to wait. */
  retryAfterMs: number | undefined;
  /** What is allowed is used up until then. */
  usageLimit?: boolean;
  rateLimit?: RateLimit | undefined;
}

export interface GovernorTuning {
  /** Tries in all before a retryable failure is passed on. */
  maxTries?: number;
  /** Wait before the second try, doubled for each further one. */
  baseDelayMs?: number;
  maxDelayMs?: number;
  /** A limit that lasts longer than this parks the run; no try is to blame for it. */
  parkOverMs?: number;
  /** How long a provider that seems dead is left alone before one request probes it. */
  probeDelayMs?: number;
}

export interface GovernorOptions extends GovernorTuning {
  /** How to read a failure; null where it is none of the provider's. */
  hint(error: unknown): RetryHint | null;
  /** Requests that may be out at a time, at most. */
  maxInFlight?: number;
  /** Hears in words what slows the fleet down, and when it is over. */
  tell?(message: string, state: GovernorState): void;
  /** The provider is dead: what waits will never be sent, and the one who hears this has to stop it. */
  onDead?(error: ProviderDeadError): void;
  /** `held` has changed otherwise than by time. */
  onHeld?(): void;
}

/** The provider has failed so often in a row that asking on would only burn agents. */
export class ProviderDeadError extends Error {
  override name = 'ProviderError';
}

/** Statuses that mean the provider wants less from all of us, not only from this one call. */
const OVERLOAD = new Set([429, 529]);
/** The key, or the account's money; 403 may be about one model alone. */
const KEY_REFUSED = new Set([401, 402]);
/** Less than this share of a limit is nearly nothing: the next answers would be refusals. */
const NEARLY_USED_UP = 0.02;
/** Such a limit fills up all the time, so it is looked at again after a minute at most. */
const MAX_HOLD_MS = 60_000;

/**
 * Governs the model requests of all agents of a run together: how many are out at a time, when all of them wait, which
 * failures are tried again, and when there is no point in asking on.
 */
export class Governor {
  #options: Required<GovernorOptions>;
  #window: RequestWindow;
  #gate: Gate;
  #breaker = new Breaker();
  /** The size that was last told; the whole window needs no telling. */
  #told: number;
  #toldParked = 0;
  #toldHold = false;
  /** Why all wait or are fewer, as last told. */
  #why = '';

  constructor(options: GovernorOptions) {
    const silent = { tell: () => undefined, onDead: () => undefined, onHeld: () => undefined };
    const tuning = { maxTries: 6, baseDelayMs: 1_000, maxDelayMs: 60_000, parkOverMs: 60_000, probeDelayMs: 30_000 };
    this.#options = { ...tuning, maxInFlight: 256, ...silent, ...options };
    this.#window = new RequestWindow(this.#options.maxInFlight);
    this.#told = this.#window.max;
    this.#gate = new Gate(() => (this.#breaker.open ? 1 : this.#window.size));
  }

  /** What the provider holds back now. */
  get state(): GovernorState {
    const until = this.#gate.held.parkedUntil;
    const parkedUntil = until > Date.now() ? until : null;
    const requests = this.#told < this.#window.max ? this.#told : null;
    return { parkedUntil, why: parkedUntil === null && requests === null ? '' : this.#why, requests };
  }

  /** Requests that may be out at a time now. */
  get limit(): number {
    return this.#window.size;
  }

  /** Milliseconds that all requests have been parked or paused so far, for which no agent is to blame, and until when they are. */
  get held(): { readonly ms: number; readonly until: number } {
    return this.#gate.held;
  }

  /** A person holds all requests back; those that are out come to their end. */
  pause(): void {
    this.#gate.pause();
    this.#options.onHeld();
  }

  /** Ends what `pause` began. What the provider asked to be left alone for stays. */
  unpause(): void {
    this.#gate.unpause();
    this.#options.onHeld();
  }

  /** For a request that is through the gate and was held up since: resolves when no person holds it, or rejects when aborted. */
  unpaused(signal: AbortSignal): Promise<void> {
    return this.#gate.unpaused(signal);
  }

  /** Requests that may be out at a time from now on, at most; those that are out come to their end. */
  setMaxInFlight(max: number): void {
    const whole = this.#told === this.#window.max;
    this.#window.resize(max);
    this.#told = whole ? max : Math.min(this.#told, max);
    this.#gate.next();
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
    for (let tries = 1; ; ) {
      const sent = this.#gate.tryEnter() ?? (await this.#gate.enter(signal));
      let failure: unknown;
      try {
        const answer = await attempt();
        this.#answered(sent);
        return answer;
      } catch (error) {
        failure = error;
      }
      this.#gate.leave(sent);
      const verdict = this.#judge(failure, sent, tries, signal);
      this.#gate.next();
      if (verdict === null) throw failure;
      onRetry(failure, verdict.delayMs);
      if (verdict.burns) {
        tries += 1;
        await sleep(verdict.delayMs, signal);
      }
    }
  }

  /** Takes in what an answer tells of the provider's limits: the fleet slows down before it is told to. */
  observe(rateLimit: RateLimit): void {
    const { limit, remaining, resetAt } = rateLimit;
    if (remaining > limit * NEARLY_USED_UP) return;
    const until = Math.min(resetAt, Date.now() + MAX_HOLD_MS);
    if (until <= Date.now()) return;
    this.#gate.closeUntil(until);
    if (!this.#toldHold) this.#tell("the provider's rate limit is nearly used up: requests wait for its reset");
    this.#toldHold = true;
  }

  #answered(sent: number): void {
    this.#window.grow(this.#gate.out);
    if (this.#told < this.#window.max && this.#window.size === this.#window.max) {
      this.#told = this.#window.max;
      this.#tell(`model requests at a time: ${this.#told} again`);
    }
    if (this.#breaker.answered()) {
      this.#reopen();
      this.#tell('the provider answers again');
    }
    this.#gate.leave(sent);
    this.#gate.next();
  }

  /** What to do about a failure; null: pass it on. `burns`: it counts as a try, and waits by itself. */
  #judge(error: unknown, sent: number, tries: number, signal: AbortSignal): { delayMs: number; burns: boolean } | null {
    const hint = signal.aborted ? null : this.#options.hint(error);
    if (!hint) return null;
    if (hint.rateLimit) this.observe(hint.rateLimit);
    const delayMs = hint.retryAfterMs ?? this.#backoff(tries);
    if (hint.usageLimit || (hint.status === 429 && delayMs > this.#options.parkOverMs)) {
      this.#park(Date.now() + delayMs, 'usage limit');
      return { delayMs, burns: false };
    }
    if (hint.status !== undefined && OVERLOAD.has(hint.status)) this.#overloaded(hint, sent);
    if (hint.retryable && tries < this.#options.maxTries && !this.#breaker.open) return { delayMs, burns: true };
    return this.#isOver(error, hint, sent) ? { delayMs: this.#options.probeDelayMs, burns: false } : null;
  }

  /** A request has failed for good. Returns whether that was the provider's fault: then it waits with all the others. */
  #isOver(error: unknown, hint: RetryHint, sent: number): boolean {
    const { onDead, probeDelayMs } = this.#options;
    const wasOpen = this.#breaker.open;
    const state = this.#breaker.failed(blameFor(hint), sent, this.#gate.oldest, this.#gate.last);
    if (state === 'closed') {
      if (wasOpen) this.#reopen();
      return false;
    }
    const message = error instanceof Error ? error.message : String(error);
    const failed = `the provider failed ${this.#breaker.row} times in a row: ${message}`;
    if (state === 'dead') {
      this.#gate.shut();
      onDead(new ProviderDeadError(`${failed}; resume goes on where it stopped`));
    } else if (!wasOpen) {
      this.#parkUntil(Date.now() + probeDelayMs);
      this.#why = 'the provider fails';
      this.#tell(`${failed}; all wait ${probeDelayMs / 1_000} s, then one request tries`);
    }
    return true;
  }

  #overloaded(hint: RetryHint, sent: number): void {
    this.#gate.closeUntil(Date.now() + (hint.retryAfterMs ?? this.#backoff(1)));
    if (!this.#window.cut(sent, this.#gate.out + 1, this.#gate.last) || this.#window.size >= this.#told) return;
    this.#told = this.#window.size;
    this.#why = 'the provider is overloaded';
    this.#tell(`the provider is overloaded (${hint.status}): model requests at a time reduced to ${this.#told}`);
  }

  #park(until: number, why: string): void {
    this.#parkUntil(until);
    // The others that were out will tell the same in a moment.
    if (until < this.#toldParked + 60_000) return;
    this.#toldParked = until;
    this.#why = why;
    this.#tell(`parked until ${timeText(until)}: ${why}`);
  }

  #tell(message: string): void {
    this.#options.tell(message, this.state);
  }

  #parkUntil(until: number): void {
    this.#gate.park(until);
    this.#options.onHeld();
  }

  #reopen(): void {
    this.#gate.reopen();
    this.#options.onHeld();
  }

  /** Full jitter (AWS Architecture Blog, "Exponential Backoff and Jitter"), but never under half, so that it stays a wait. */
  #backoff(tries: number): number {
    const ceiling = Math.min(this.#options.maxDelayMs, this.#options.baseDelayMs * 2 ** (tries - 1));
    return ceiling / 2 + (Math.random() * ceiling) / 2;
  }
}

/** A failure that has no status and is not worth a second try is about what was asked, such as a task not understood. */
function blameFor({ status, retryable }: RetryHint): Blame {
  if (status !== undefined && KEY_REFUSED.has(status)) return 'key';
  if (retryable) return 'outage';
  return status === undefined ? 'none' : 'request';
}

/** `14:05 UTC`, with its date where that is another day. */
function timeText(at: number): string {
  const text = new Date(at).toISOString();
  const today = new Date().toISOString().slice(0, 10);
  return text.startsWith(today) ? `${text.slice(11, 16)} UTC` : `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}
