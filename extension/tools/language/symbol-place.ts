/** What names are made of, in most languages. */
const NAME_CHARACTER = /[\p{L}\p{M}\p{N}_$]/u;

/** A place of a name in a line: how many UTF-16 units stand before it, as VS Code counts; or why there is none. */
export type SymbolPlace = { character: number } | { problem: string };

/**
 * Finds a name in a line, for models name a line well and cannot count columns. Of `a.b` the last name is meant; where it is there more
 * than once, the first place is taken.
 * @param line From 1.
 */
export function findSymbol(lines: readonly string[], line: number, symbol: string): SymbolPlace {
  const place = placeIn(lines[line - 1] ?? '', symbol);
  if (place !== null) return { character: place + lastName(symbol) };
  const holding = lines.flatMap((text, at) => (placeIn(text, symbol) === null ? [] : [at + 1]));
  const [first] = holding;
  const there =
    line > lines.length ? `There are only ${lines.length} lines.` : `${JSON.stringify(symbol)} is not in line ${line}.`;
  if (first === undefined) return { problem: `${there} No line has it.` };
  const nearest = holding.reduce((a, b) => (Math.abs(b - line) < Math.abs(a - line) ? b : a), first);
  return { problem: `${there} The nearest line that has it is ${nearest}.` };
}

/** Where a text stands in a line by itself, not as a part of a longer name; null: nowhere. */
function placeIn(text: string, symbol: string): number | null {
  if (symbol === '') return null;
  for (let at = text.indexOf(symbol); at !== -1; at = text.indexOf(symbol, at + 1)) {
    if (standsAlone(text, at, at + symbol.length)) return at;
  }
  return null;
}

/** Whether no name goes over either end of a part of a text. */
function standsAlone(text: string, from: number, to: number): boolean {
  const isInName = (at: number): boolean => isName(characterBefore(text, at)) && isName(characterAt(text, at));
  return !isInName(from) && !isInName(to);
}

function isName(character: string): boolean {
  return NAME_CHARACTER.test(character);
}

/** A whole character, which may take two units; empty at the end. */
function characterAt(text: string, at: number): string {
  return [...text.slice(at, at + 2)][0] ?? '';
}

function characterBefore(text: string, at: number): string {
  return [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
}

/** Where the last name of a symbol begins in it. */
function lastName(symbol: string): number {
  const names = [...symbol.matchAll(/[\p{L}\p{M}\p{N}_$]+/gu)];
  return names.at(-1)?.index ?? 0;
}

/** Whether a part of a text, taken with the rest of the names at its ends, has a name in it. */
export function isAtSymbol(text: string, from: number, to: number, symbol: string): boolean {
  let [start, end] = [from, to];
  while (isName(characterBefore(text, start))) start -= characterBefore(text, start).length;
  while (isName(characterAt(text, end))) end += characterAt(text, end).length;
  return placeIn(text.slice(start, end), symbol.slice(lastName(symbol))) !== null;
}
