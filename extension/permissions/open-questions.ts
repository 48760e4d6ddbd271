import { orAborted } from '../protocol/or-aborted.ts';

interface OpenQuestion<T> {
  id: number;
  answer: Promise<T>;
  /** Calls that wait for the answer. */
  waiting: number;
  /** One of them has it. */
  told: boolean;
  /** Aborted when none waits any more. */
  unwanted: AbortController;
}

/** The questions of one run that wait for an answer: each once, however many calls it is about. */
export class OpenQuestions<T> {
  readonly #open = new Map<string, OpenQuestion<T>>();
  #lastId: number;

  constructor(lastId: number) {
    this.#lastId = lastId;
  }

  /**
   * The answer to what these grants are about, from the question that is open about them, else from a new one.
   * @param ask Asks the question of that id until the signal is aborted.
   * @param onWait Hears of which question it waits for.
   * @returns `first`: no other call got this answer before. Rejects with the signal's reason when aborted, and as `ask` does.
   */
  async answer(
    about: readonly string[],
    signal: AbortSignal,
    ask: (id: number, unwanted: AbortSignal) => Promise<T>,
    onWait: (id: number) => void = () => undefined,
  ): Promise<{ id: number; first: boolean; answer: T }> {
    const key = JSON.stringify([...new Set(about)].sort());
    const question = this.#open.get(key) ?? this.#begin(key, ask);
    question.waiting += 1;
    try {
      onWait(question.id);
      const answer = await orAborted(question.answer, signal);
      const first = !question.told;
      question.told = true;
      return { id: question.id, first, answer };
    } finally {
      question.waiting -= 1;
      // Whoever asks the same after this asks anew.
      if (question.waiting === 0) {
        this.#open.delete(key);
        question.unwanted.abort(signal.reason);
      }
    }
  }

  #begin(key: string, ask: (id: number, unwanted: AbortSignal) => Promise<T>): OpenQuestion<T> {
    const unwanted = new AbortController();
    const id = ++this.#lastId;
    const question = { id, waiting: 0, told: false, unwanted, answer: ask(id, unwanted.signal) };
    this.#open.set(key, question);
    return question;
  }
}
