/** Timers take no more than 2^31 ms, and a machine that slept has to notice that the time has come. */
const MAX_TIMER_MS = 30_000;

interface Waiter {
  let(sent: number): void;
}

/** Where requests wait for their turn: so many at a time, first come first served, and none while it is paused. */
export class Gate {
  #limit: () => number;
  #out = new Set<number>();
  #last = 0;
  #queue: Waiter[] = [];
  #pausedUntil = 0;
  #parked = { since: 0, until: 0, before: 0 };
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

  /** Milliseconds it has been parked in all. */
  get parkedMs(): number {
    const { since, until, before } = this.#parked;
    return before + Math.max(0, Math.min(Date.now(), until) - since);
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
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  /** As `pause`, for a reason that nobody here is to blame for. */
  park(until: number): void {
    const { since, until: end, before } = this.#parked;
    const now = Date.now();
    if (now >= end) this.#parked = { since: now, until, before: before + (end - since) };
    else this.#parked.until = Math.max(end, until);
    this.pause(until);
  }

  /** Ends every pause. */
  resume(): void {
    this.#pausedUntil = 0;
    this.#parked.until = Math.min(this.#parked.until, Math.max(Date.now(), this.#parked.since));
    this.next();
  }

  /** Lets nothing out any more. */
  shut(): void {
    this.#shut = true;
    this.next();
  }

  /** Lets out what may go. One timer serves all who wait for the end of a pause. */
  next(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#queue.length > 0 && this.#isFree()) this.#queue.shift()?.let(this.#let());
    const left = this.#pausedUntil - Date.now();
    if (this.#shut || this.#queue.length === 0 || left <= 0) return;
    this.#timer = setTimeout(() => this.next(), Math.min(left, MAX_TIMER_MS));
  }

  #isFree(): boolean {
    if (this.#shut || this.#out.size >= this.#limit()) return false;
    return this.#pausedUntil === 0 || Date.now() >= this.#pausedUntil;
  }

  #let(): number {
    this.#last += 1;
    this.#out.add(this.#last);
    return this.#last;
  }
}
