/** A word of a shell line: without its quotes where the line alone says what it is, else as it is written, with the reason. */
export interface ShellWord {
  text: string;
  /** Why nobody knows beforehand what it stands for; null where it is known. */
  unknown: string | null;
}

/** What ends a word, or begins something else than a word, where nothing quotes it. */
const OPERATORS = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);
const GLOBS = new Set(['*', '?', '[', ']']);
/** How the last command ended: always a number, so that it is taken as written. */
const STATUS = '$?';
/** What `find` and `xargs` put names in the place of; all other braces may become several words. */
const EMPTY_BRACES = '{}';
/** What makes of a `$` in double quotes more than a dollar sign. */
const EXPANDS = /[A-Za-z0-9_{([*@#$!-]/;

/**
 * Reads one word as bash would, by its quotes and backslashes. It stands on its own beside the grammar, so that where the grammar
 * is wrong about a word, the word is unknown in place of being another.
 */
export function readWord(source: string): ShellWord {
  let text = '';
  const unknown = (why: string): ShellWord => ({ text: source, unknown: why });
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === '\\') {
      const next = source[++at];
      if (next === undefined) return unknown('it ends in a backslash');
      if (next !== '\n') text += next;
    } else if (char === "'") {
      const end = source.indexOf("'", at + 1);
      if (end === -1) return unknown('a quote is not closed');
      text += source.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      const quoted = readDoubleQuoted(source, at + 1);
      if (typeof quoted === 'string') return unknown(quoted);
      text += quoted.text;
      at = quoted.end;
    } else if (source.startsWith(STATUS, at) || source.startsWith(EMPTY_BRACES, at)) {
      text += source.slice(at, at + 2);
      at += 1;
    } else {
      const why = whyNotLiteral(source, at);
      if (why !== null) return unknown(why);
      text += char;
    }
  }
  return { text, unknown: null };
}

/** Why a character that nothing quotes does not simply stand for itself; null where it does. */
function whyNotLiteral(source: string, at: number): string | null {
  const char = source[at]!;
  if (char === '$' && at < source.length - 1) return EXPANSION;
  if (char === '`') return EXPANSION;
  if (GLOBS.has(char)) return 'which files it names is known only when it runs';
  if (char === '{' || char === '}') return 'braces may become several words';
  if (char === '~' && (at === 0 || '=:'.includes(source[at - 1]!))) return 'it names a home directory';
  if (OPERATORS.has(char) || (char === '#' && at === 0)) return 'it cannot be read as one word';
  return null;
}

const EXPANSION = 'what it becomes is known only when it runs';

/** @param at Behind the opening quote. Returns the text with the place of the closing quote, or why it is not known. */
function readDoubleQuoted(source: string, at: number): { text: string; end: number } | string {
  let text = '';
  for (; at < source.length; at++) {
    const char = source[at]!;
    const next = source[at + 1] ?? '';
    if (char === '"') return { text, end: at };
    if (char === '`' || (char === '$' && EXPANDS.test(next))) return EXPANSION;
    if (char === '\\' && next !== '' && '$`"\\\n'.includes(next)) {
      if (next !== '\n') text += next;
      at++;
    } else {
      text += char;
    }
  }
  return 'a quote is not closed';
}
