import type { SettleMessage } from '../protocol/sandbox-wire.ts';

/** What one activation brings to the script. */
export type Settlement = Omit<SettleMessage, 'type' | 'activation'>;

/**
 * The order in which calls settle for the script. Those that had settled before come first, in the order in which they
 * were first recorded, so that a replay sees what the first attempt saw; then live ones, as they are written.
 */
export class Settlements {
  #recorded: { seq: number; settlement: Settlement }[] = [];
  #live: Settlement[] = [];
  #underWay = 0;
  #wake: (() => void) | null = null;

  /** @param seq the event that first told of it. */
  addRecorded(seq: number, settlement: Settlement): void {
    const after = this.#recorded.findLastIndex((other) => other.seq < seq);
    this.#recorded.splice(after + 1, 0, { seq, settlement });
  }

  /** A live call was sent out; `add` or `abandon` must follow. */
  expect(): void {
    this.#underWay += 1;
  }

  add(settlement: Settlement): void {
    this.#live.push(settlement);
    this.abandon();
  }

  /** A live call that the script will never hear of. */
  abandon(): void {
    this.#underWay -= 1;
    this.#wake?.();
  }

  /**
   * What comes next, and what comes right after it, up to `most`: only live ones go together. Null where nothing is under
   * way: the script waits for something that cannot come.
   */
  async next(most: () => number): Promise<Settlement[] | null> {
    for (;;) {
      const recorded = this.#recorded.shift();
      if (recorded) return [recorded.settlement];
      if (this.#live.length > 0) return this.#live.splice(0, most());
      if (this.#underWay === 0) return null;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }
}
