/** What would end a line, or turn the rest of it around. */
const UNSEEN = /[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu;

/**
 * Text of a script or a model as one line of a message. VS Code makes links of `[text](command:…)` there, and what is
 * behind them would run; so nothing is left that looks like one.
 * @param length The most characters, an ellipsis included.
 */
export function plain(text: string, length = 240): string {
  const line = text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  const short = line.length > length ? `${line.slice(0, length - 1).trimEnd()}…` : line;
  return short.replaceAll('](', '] (');
}
