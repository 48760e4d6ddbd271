/** The caps of one run: how many agents it may ask for, how many output tokens it may spend. */
export class Caps {
  readonly maxAgents: number;
  readonly budget: number | null;
  #agents = 0;
  #spent: number;

  /** @param spent output tokens that earlier attempts of the run used up. */
  constructor(limits: { maxAgents: number; budget: number | null }, spent: number) {
    this.maxAgents = limits.maxAgents;
    this.budget = limits.budget;
    this.#spent = spent;
  }

  /** Counts one more agent in; false where the cap is reached. */
  admitAgent(): boolean {
    if (this.#agents >= this.maxAgents) return false;
    this.#agents += 1;
    return true;
  }

  get spent(): number {
    return this.#spent;
  }

  /** Whether the output tokens are used up. */
  get exhausted(): boolean {
    return this.budget !== null && this.#spent >= this.budget;
  }

  spend(outputTokens: number): void {
    this.#spent += outputTokens;
  }
}
