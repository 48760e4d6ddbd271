/** What would end a line, or turn the rest of it around. */
const UNSEEN = /[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu;
/** The same, but for the line break itself. */
const UNSEEN_IN_LINES = /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Text of a script or a model as one line of a message. VS Code makes links of `[text](command:…)` there, and what is
 * behind them would run; so nothing is left that looks like one.
 * @param length The most characters, an ellipsis included.
 */
export function plain(text: string, length = 240): string {
  return cut(text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim(), length).replaceAll('](', '] (');
}

/** Such text with its lines, for where something else keeps it from becoming markup. */
export function plainLines(text: string, length = 2_000): string {
  return cut(text.replace(/\r\n?/g, '\n').replaceAll('\t', ' ').replace(UNSEEN_IN_LINES, ' ').trim(), length);
}

/** One line of such text for a label in which VS Code would make pictures of `$(name)`. */
export function plainLabel(text: string, length = 240): string {
  return plain(text, length).replaceAll('$(', '\\$(');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}

/** What Markdown could take for anything but itself. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** Such text as Markdown that shows it as it is: no link, no emphasis, no list, and its lines where they were. */
export function escapedMarkdown(text: string, length?: number): string {
  return plainLines(text, length)
    .split('\n')
    .map((line) => line.replace(PUNCTUATION, '\\$&').replace(/^ +/, (blanks) => '&nbsp;'.repeat(blanks.length)))
    .join('  \n');
}
