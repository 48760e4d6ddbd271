/** Characters from which on a common beginning is worth a place of its own in the cache. */
const WORTH_SHARING = 2_000;
/** Prompts that are kept to be compared, of each kind of agent, and how much of each; and kinds. */
const MOST_PROMPTS = 8;
const MOST_CHARACTERS = 200_000;
const MOST_KINDS = 20;
/** Two long prompts that differ do so in what comes last. */
const ENOUGH_OF_THE_END = 2_000;

/** Prompts seen of one kind of agent, and the beginnings that some of them had in common. */
interface Kind {
  prompts: { start: string; end: string }[];
  starts: string[];
}

/**
 * Finds out what the prompts of agents have in common at their beginning, such as a file that each of them is to look at
 * from another side: the script gives each its whole prompt, and a cache is read only up to where a block ends.
 */
export class SharedStarts {
  #kinds = new Map<string, Kind>();

  /** How many characters at the beginning of this prompt are those of others, too; 0 where that is not worth it. */
  find(kindKey: string, prompt: string): number {
    if (prompt.length <= WORTH_SHARING) return 0;
    const kind = this.#kindOf(kindKey);
    const known = longest(kind.starts.filter((start) => start.length < prompt.length && prompt.startsWith(start)));
    if (known > 0) return known;
    // Asked again by the same agent it is no other's.
    const seen = { start: prompt.slice(0, MOST_CHARACTERS), end: prompt.slice(-ENOUGH_OF_THE_END) };
    if (kind.prompts.some(({ start, end }) => start === seen.start && end === seen.end)) return 0;
    const common = Math.max(0, ...kind.prompts.map(({ start }) => commonLength(start, seen.start)));
    remember(kind.prompts, seen);
    if (common < WORTH_SHARING || common >= prompt.length) return 0;
    remember(kind.starts, prompt.slice(0, common));
    return common;
  }

  #kindOf(key: string): Kind {
    let kind = this.#kinds.get(key);
    if (!kind) {
      const oldest = this.#kinds.size >= MOST_KINDS ? this.#kinds.keys().next().value : undefined;
      if (oldest !== undefined) this.#kinds.delete(oldest);
      kind = { prompts: [], starts: [] };
      this.#kinds.set(key, kind);
    }
    return kind;
  }
}

function longest(texts: string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > MOST_PROMPTS) list.shift();
}

/** Of what two texts begin with alike, up to the end of a line, so that no word or character is cut in two. */
function commonLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return a.lastIndexOf('\n', length - 1) + 1;
}
