import { isAtSymbol } from './symbol-place.ts';

/** A place in a text as VS Code counts: line and character from 0, the character in UTF-16 units. */
export interface TextPlace {
  line: number;
  character: number;
}

/** What stands between two places gives way to another text. */
export interface PlacedEdit {
  start: TextPlace;
  end: TextPlace;
  newText: string;
}

/** What became of a text, and the lines where it was changed, from 1; or why it was not. */
export type PlacedOutcome = { text: string; lines: number[] } | { problem: string };

/**
 * Applies the edits of a rename, all of them to the text as it is. Each has to be where the old name stands: whoever made them may have
 * seen another text, and an edit at a wrong place damages it.
 */
export function applyRename(text: string, edits: readonly PlacedEdit[], symbol: string): PlacedOutcome {
  const starts = lineStarts(text);
  const offset = ({ line, character }: TextPlace): number => {
    const [from, to] = [starts[line], starts[line + 1] ?? text.length];
    return from === undefined || character > to - from ? -1 : from + character;
  };
  const spans = edits
    .map(({ start, end, newText }) => ({ from: offset(start), to: offset(end), line: start.line + 1, newText }))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const parts: string[] = [];
  let done = 0;
  for (const { from, to, line, newText } of spans) {
    if (from < 0 || to < from) return { problem: `an edit at line ${line} lies outside of the text` };
    if (from < done) return { problem: `two edits at line ${line} overlap` };
    if (!isAtSymbol(text, from, to, symbol))
      return { problem: `an edit at line ${line} is not where ${JSON.stringify(symbol)} stands` };
    parts.push(text.slice(done, from), newText);
    done = to;
  }
  return { text: parts.join('') + text.slice(done), lines: [...new Set(spans.map(({ line }) => line))] };
}

/** Where each line begins; a line ends as VS Code has it, by CRLF, LF or CR. */
function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({ index, 0: end }) => index + end.length)];
}
