import { orAborted } from '../protocol/or-aborted.ts';
import { HeldTime } from './held-time.ts';

/** Timers take no more than 2^31 ms, and a machine that slept has to notice that the time has come. */
const MAX_TIMER_MS = 30_000;

interface Waiter {
  let(sent: number): void;
}

/** Where requests or agents wait for their turn: so many at a time, first come first served, and none while it is closed. */
export class Gate {
  #limit: () => number;
  #out = new Set<number>();
  #last = 0;
  #queue: Waiter[] = [];
  #closedUntil = 0;
  #held = new HeldTime();
  /** Settled when the person who paused lets go; null while nobody has. */
  #pause: PromiseWithResolvers<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #shut = false;

  /** @param limit how many may be out, asked each time. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get out(): number {
    return this.#out.size;
  }

  /** Number of the newest request that went out. */
  get last(): number {
    return this.#last;
  }

  /** Number of the oldest that is still out; infinity where none is. */
  get oldest(): number {
    return this.#out.values().next().value ?? Number.POSITIVE_INFINITY;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** How long it has been parked or paused in all, and until when it is. */
  get held(): Pick<HeldTime, 'ms' | 'until' | 'parkedUntil'> {
    return this.#held;
  }

  /** The number under which a request goes out; null where it has to wait. */
  tryEnter(): number | null {
    return this.#queue.length === 0 && this.#isFree() ? this.#let() : null;
  }

  /** Waits for its turn. Rejects with the signal's reason when aborted. */
  enter(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(signal.reason);
        this.next();
      };
      const waiter: Waiter = {
        let: (sent) => {
          signal.removeEventListener('abort', onAbort);
          resolve(sent);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(waiter);
      this.next();
    });
  }

  /** A request is back. `next` must follow, once it is clear what that means for the others. */
  leave(sent: number): void {
    this.#out.delete(sent);
  }

  /** Lets nothing out until then, milliseconds since the epoch. */
  closeUntil(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }

  /** As `closeUntil`, for a reason that nobody here is to blame for. */
  park(until: number): void {
    this.#held.park(until);
    this.closeUntil(until);
  }

  /** Takes back every `closeUntil` and `park`; a person's pause stays. */
  reopen(): void {
    this.#closedUntil = 0;
    this.#held.endPark();
    this.next();
  }

  /** A person holds all back until `unpause`, whatever else may hold them. */
  pause(): void {
    this.#pause ??= Promise.withResolvers();
    this.#held.setPaused(true);
    this.next();
  }

  unpause(): void {
    this.#held.setPaused(false);
    this.#pause?.resolve();
    this.#pause = null;
    this.next();
  }

  /** Resolves at once where nobody has paused, else when that is over; rejects with the signal's reason when aborted. */
  async unpaused(signal: AbortSignal): Promise<void> {
    while (this.#pause) await orAborted(this.#pause.promise, signal);
  }

  /** Lets nothing out any more. */
  shut(): void {
    this.#shut = true;
    this.next();
  }

  /** Lets out what may go. One timer serves all who wait for a time to come; for a person there is none. */
  next(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#queue.length > 0 && this.#isFree()) this.#queue.shift()?.let(this.#let());
    const left = this.#closedUntil - Date.now();
    if (this.#shut || this.#held.paused || this.#queue.length === 0 || left <= 0) return;
    this.#timer = setTimeout(() => this.next(), Math.min(left, MAX_TIMER_MS));
  }

  #isFree(): boolean {
    if (this.#shut || this.#held.paused || this.#out.size >= this.#limit()) return false;
    return this.#closedUntil === 0 || Date.now() >= this.#closedUntil;
  }

  #let(): number {
    this.#last += 1;
    this.#out.add(this.#last);
    return this.#last;
  }
}
