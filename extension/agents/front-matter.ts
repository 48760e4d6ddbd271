/** What stands above the text of a Markdown file: flat keys with a text or a list each; null where it is more than that. */
export interface FrontMatter {
  fields: Map<string, string | string[] | null>;
  /** What follows it. */
  body: string;
}

const KEY = /^([A-Za-z][\w-]*):(?:\s+(.*))?$/;
const ITEM = /^\s*-\s+(.*)$/;
const FENCE = '---';
const MAX_LINES = 200;

/**
 * Reads the front matter of an agent's definition. It is written as YAML, and read more simply: what people write after
 * `description:` is often no YAML, for it has colons in it, and everything that is nested is of no use to us.
 * @throws Error with the line, where it cannot be read.
 */
export function readFrontMatter(text: string): FrontMatter {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const fields: FrontMatter['fields'] = new Map();
  if (lines[0]?.trimEnd() !== FENCE) return { fields, body: lines.join('\n').trim() };
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === FENCE);
  if (end === -1) throw new Error('its front matter has no end: a line of --- is missing');
  if (end > MAX_LINES) throw new Error(`its front matter is longer than ${MAX_LINES} lines`);
  for (let at = 1; at < end; ) {
    const line = lines[at]!.trimEnd();
    const next = at + 1;
    at = next;
    if (line === '' || line.startsWith('#')) continue;
    const [, key, rest = ''] = KEY.exec(line) ?? [];
    if (key === undefined) throw new Error(`line ${next} is no "key: value"`);
    // Which of the two would count is not for us to guess.
    if (fields.has(key)) throw new Error(`line ${next} gives "${key}" a second time`);
    while (at < end && belongsToKey(lines[at]!)) at += 1;
    fields.set(key, readValue(rest, lines.slice(next, at)));
  }
  return {
    fields,
    body: lines
      .slice(end + 1)
      .join('\n')
      .trim(),
  };
}

/** Indented, a list's item, or empty. */
function belongsToKey(line: string): boolean {
  return line.trim() === '' || /^\s/.test(line) || /^-\s/.test(line);
}

function readValue(rest: string, below: string[]): string | string[] | null {
  const lines = below.filter((line) => line.trim() !== '');
  if (/^[|>][+-]?$/.test(rest)) {
    return below
      .map((line) => line.trim())
      .join(rest.startsWith('>') ? ' ' : '\n')
      .trim();
  }
  if (rest === '' && lines.length > 0) {
    const items = lines.map((line) => ITEM.exec(line)?.[1]);
    return items.every((item) => item !== undefined && !KEY.test(item)) ? items.map((item) => plain(item!)) : null;
  }
  if (rest.startsWith('[')) return inlineList([rest, ...lines].join(' '));
  if (rest.startsWith('{')) return null;
  // A text that goes on in the lines below.
  return plain([rest, ...lines.map((line) => line.trim())].join(' '));
}

function inlineList(text: string): string[] | null {
  const inner = /^\[(.*)\]\s*(#.*)?$/.exec(text)?.[1];
  return inner === undefined ? null : splitList(inner);
}

/** `a, 'b', "c"`, as it also stands without brackets. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map(plain)
    .filter((item) => item !== '');
}

/** Without quotes, and without a comment behind it. */
function plain(text: string): string {
  const trimmed = text.trim();
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')\s*(?:#.*)?$/.exec(trimmed) ?? [];
  if (double !== undefined) return double.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  if (single !== undefined) return single.replaceAll("''", "'");
  return trimmed.replace(/(^|\s)#.*$/, '').trim();
}
