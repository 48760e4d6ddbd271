/**
 * A text that matches a regular expression, for the expressions that schemas have: literals, classes, groups, choices and
 * repetition. Null for what it does not know, such as a look ahead; the caller holds the text against the schema anyway.
 */
export function textMatching(pattern: string): string | null {
  const reader = new PatternReader(pattern);
  const text = reader.choice();
  return text === null || !reader.atEnd ? null : text;
}

/** Repetitions that are written out; more make no better example. */
const MOST_REPEATED = 100;
/** Characters of a text; repetitions of repetitions come to any number. */
const LONGEST = 20_000;
/** Groups inside of one another; nobody nests so deep but to break a reader. */
const DEEPEST = 50;
const CLASSES: Record<string, string> = { d: '1', w: 'a', s: ' ', D: 'a', W: '-', S: 'a' };
const CONTROLS: Record<string, string> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v' };
/** What stands for a class that says only what must not be in it. */
const CANDIDATES = 'abcxyzABCXYZ0189_- ./:';

class PatternReader {
  #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The first of the alternatives that can be written. */
  choice(): string | null {
    let chosen = this.#sequence();
    while (this.#take('|')) {
      const other = this.#sequence();
      chosen ??= other;
    }
    return chosen;
  }

  #sequence(): string | null {
    let text: string | null = '';
    while (!this.atEnd && this.#peek() !== '|' && this.#peek() !== ')') {
      const part = this.#repeated();
      text = text === null || part === null || text.length > LONGEST ? null : text + part;
    }
    return text;
  }

  #repeated(): string | null {
    const atom = this.#atom();
    const times = this.#times();
    // A lazy quantifier matches the same texts.
    if (times !== null) this.#take('?');
    const count = Math.min(times ?? 1, MOST_REPEATED);
    return atom === null || atom.length * count > LONGEST ? null : atom.repeat(count);
  }

  #times(): number | null {
    if (this.#take('*') || this.#take('?')) return 0;
    if (this.#take('+')) return 1;
    const counted = /^\{(\d+)(,\d*)?\}/.exec(this.#text.slice(this.#at));
    if (!counted) return null;
    this.#at += counted[0].length;
    return Number(counted[1]);
  }

  #atom(): string | null {
    const character = this.#next();
    switch (character) {
      case '^':
      case '$':
        return '';
      case '.':
        return 'a';
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      default:
        return character;
    }
  }

  #group(): string | null {
    const known = this.#take('?') ? this.#take(':') || this.#takeName() : true;
    this.#depth += 1;
    const inner = this.#depth > DEEPEST ? null : this.choice();
    this.#depth -= 1;
    return this.#take(')') && known ? inner : null;
  }

  #takeName(): boolean {
    const name = /^<[A-Za-z]\w*>/.exec(this.#text.slice(this.#at));
    this.#at += name?.[0].length ?? 0;
    return name !== null;
  }

  #escape(): string | null {
    const character = this.#next();
    if (character === 'b' || character === 'B') return '';
    if (character === 'u' || character === 'x') {
      const digits = character === 'u' ? 4 : 2;
      const code = Number.parseInt(this.#text.slice(this.#at, this.#at + digits), 16);
      this.#at += digits;
      return Number.isNaN(code) ? null : String.fromCharCode(code);
    }
    // What a group matched before, or a property of characters.
    if (/[1-9pPk]/.test(character)) return null;
    return CLASSES[character] ?? CONTROLS[character] ?? character;
  }

  /** The engine itself says which characters are in a class; the first of those that read well is taken. */
  #class(): string | null {
    const start = this.#at - 1;
    this.#take('^');
    this.#take(']');
    while (!this.atEnd && this.#peek() !== ']') this.#at += this.#peek() === '\\' ? 2 : 1;
    if (!this.#take(']')) return null;
    const source = this.#text.slice(start, this.#at);
    const literal = source
      .replace(/^\[\^?/, '')
      .replace(/\\./g, '')
      .slice(0, -1);
    try {
      const inside = new RegExp(`^${source}$`, 'u');
      return [...CANDIDATES, ...literal].find((character) => inside.test(character)) ?? null;
    } catch {
      // No class that `u` allows; then the whole is none that a schema can be checked with.
      return null;
    }
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #next(): string {
    const character = this.#peek();
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character || this.atEnd) return false;
    this.#at += 1;
    return true;
  }
}
