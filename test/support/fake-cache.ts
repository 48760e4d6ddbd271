import { createHash } from 'node:crypto';

/** The API looks so many blocks back from a mark for something that is cached. */
const LOOK_BACK = 20;
const MOST_MARKS = 4;

/** What one request reads and writes, and the word that its reply has begun, which a refused one has not. */
export interface Looked {
  usage: { input: number; cacheRead: number; cacheWrite: number };
  begun(): void;
}

/**
 * The prompt cache of the API as it is described in https://platform.claude.com/docs/en/build-with-claude/prompt-caching:
 * a prefix is what comes up to a mark, tools before system before messages, byte for byte and block for block; it can be
 * read once the reply that wrote it has begun, and a short one is never kept. A token is four characters here.
 */
export class FakeCache {
  /** Requests that wrote something, and that read something. */
  writes = 0;
  reads = 0;
  #kept = new Set<string>();
  #minTokens: number;

  constructor(minTokens: number) {
    this.#minTokens = minTokens;
  }

  /** @throws Error for a request that the API would refuse. */
  look(body: Record<string, unknown>): Looked {
    const blocks = blocksOf(body);
    const marks = blocks.flatMap(({ marked }, index) => (marked ? [index] : []));
    if (marks.length > MOST_MARKS)
      throw new Error(`${marks.length} marks, where ${MOST_MARKS} are the most there may be`);
    const worth = marks.filter((index) => blocks[index]!.tokens >= this.#minTokens);
    const read = Math.max(0, ...worth.map((index) => this.#longestKept(blocks, index)));
    const last = worth.at(-1);
    const written = last === undefined ? 0 : Math.max(0, blocks[last]!.tokens - read);
    const all = blocks.at(-1)?.tokens ?? 0;
    return {
      usage: { input: all - read - written, cacheRead: read, cacheWrite: written },
      begun: () => {
        if (written > 0) this.writes += 1;
        if (read > 0) this.reads += 1;
        for (const index of worth) this.#kept.add(blocks[index]!.hash);
      },
    };
  }

  #longestKept(blocks: Prefix[], mark: number): number {
    const near = blocks.slice(Math.max(0, mark - LOOK_BACK + 1), mark + 1).reverse();
    return near.find(({ hash }) => this.#kept.has(hash))?.tokens ?? 0;
  }
}

/** All up to and with one block. */
interface Prefix {
  hash: string;
  tokens: number;
  marked: boolean;
}

function blocksOf(body: Record<string, unknown>): Prefix[] {
  const { model, tools = [], system = [], messages = [] } = body as Record<string, unknown[]>;
  const contents = (messages as { role: string; content: object[] }[]).flatMap(({ role, content }) =>
    content.map((block) => ({ role, ...block })),
  );
  const systems = typeof system === 'string' ? [{ type: 'text', text: system }] : system;
  const hash = createHash('sha256').update(String(model));
  let characters = 0;
  return [...tools, ...systems, ...contents].map((block) => {
    const { cache_control: mark, ...rest } = block as { cache_control?: object };
    const text = JSON.stringify(rest);
    characters += text.length;
    hash.update(`${text}\n`);
    return { hash: hash.copy().digest('hex'), tokens: Math.ceil(characters / 4), marked: mark !== undefined };
  });
}
