import type { LiveCallText } from './run-service.ts';

/** Of a reply that is on its way only so many of its last characters are told. */
const MOST_TEXT = 20_000;
/** At most ten times a second. */
const LOOK_MS = 100;

/** Replies of models that are on their way, of all runs that this process drives. */
export class RepliesUnderWay {
  #texts = new Map<string, () => string>();

  /** `text` gives what has come of the reply, whenever it is asked for; null: none is on its way any more. */
  set(runId: string, key: string, text: (() => string) | null): void {
    if (text) this.#texts.set(nameOf(runId, key), text);
    else this.#texts.delete(nameOf(runId, key));
  }

  /** Empty where none is on its way; at most its last 20,000 characters. */
  text(runId: string, key: string): string {
    const text = this.#texts.get(nameOf(runId, key))?.() ?? '';
    if (text.length <= MOST_TEXT) return text;
    const end = text.slice(-MOST_TEXT);
    // Half of a pair of surrogates is no character.
    return /^[\udc00-\udfff]/.test(end) ? end.slice(1) : end;
  }
}

/** Neither a run's id nor a call's key has a slash before its end that the other could take for its own. */
function nameOf(runId: string, key: string): string {
  return `${runId}/${key}`;
}

/**
 * Tells what a call says at once, and then whenever it has changed, until the returned function is called. It looks, in
 * place of being told: a reply comes in hundreds of pieces a second for each agent, of which nobody looks at more than
 * one; and what another process writes into the journal is told by nobody.
 * @throws what the first look throws; a later one that does ends the watching.
 */
export function watchText(look: () => LiveCallText, listener: (live: LiveCallText) => void): () => void {
  let last = look();
  listener(last);
  const timer = setInterval(() => {
    let now: LiveCallText;
    try {
      now = look();
    } catch (error) {
      clearInterval(timer);
      console.warn(
        `Counterpoint: a call is watched no more: ${error instanceof Error ? error.message : String(error)}`,
      );
      return;
    }
    if (now.entries === last.entries && now.text === last.text) return;
    last = now;
    listener(now);
  }, LOOK_MS);
  return () => clearInterval(timer);
}
