export interface MessageQueueOptions<T> {
  /**
   * Shows a message about these and resolves when the person has dealt with it, or turned it away.
   * @param gone Told when none of them matters any longer: a message that can go from the screen goes then.
   */
  show(items: T[], gone: AbortSignal): Promise<void>;
  /** Whether there is still a reason to tell of this one. */
  matters(item: T): boolean;
  /** How many one message tells of at the most. */
  together: number;
  onFailure(error: unknown): void;
}

/**
 * One message at a time: the next one comes when that before it was dealt with, or matters no longer. Most messages of VS Code
 * nobody can take back; such a one stays where it is, and whoever shows it has to look again when it is answered.
 */
export class MessageQueue<T> {
  #options: MessageQueueOptions<T>;
  #waiting: T[] = [];
  #shown: T[] = [];
  #gone = new AbortController();

  constructor(options: MessageQueueOptions<T>) {
    this.#options = options;
  }

  add(...items: T[]): void {
    this.#waiting.push(...items);
    this.look();
  }

  /** To be called when something that is told of, or waits to be, may matter no longer. */
  look(): void {
    const { matters, together, show, onFailure } = this.#options;
    this.#waiting = this.#waiting.filter(matters);
    if (this.#shown.some(matters)) return;
    this.#gone.abort();
    const shown = this.#waiting.splice(0, together);
    this.#shown = shown;
    if (shown.length === 0) return;
    this.#gone = new AbortController();
    void show(shown, this.#gone.signal)
      .catch(onFailure)
      .finally(() => {
        // Another may have taken its place meanwhile.
        if (this.#shown !== shown) return;
        this.#shown = [];
        this.look();
      });
  }
}
