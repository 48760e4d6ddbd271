/** One replacement in a text. */
export interface TextEdit {
  old: string;
  new: string;
  /** Replace every place; else there must be exactly one. */
  all: boolean;
}

/** What became of a text: the lines where it was changed, from 1; or why it was not. */
export type EditOutcome = { text: string; lines: number[] } | { problem: string };

/**
 * Applies one edit. Line ends are compared as LF, whichever the text has, and what is put in gets those that the text mostly has; the
 * rest of the text stays as it is, byte for byte.
 */
export function applyEdit(text: string, edit: TextEdit): EditOutcome {
  const wanted = withLf(edit.old);
  const plain = withLf(text);
  if (wanted === '') return { problem: '"old" is empty; say what to replace, or use write_file.' };
  if (wanted === withLf(edit.new)) return { problem: '"old" and "new" are the same.' };
  const places = placesOf(plain, wanted);
  if (places.length === 0) return { problem: `"old" is not in the file. ${nearMiss(plain, wanted)}` };
  const lines = linesOf(plain, places);
  if (places.length > 1 && !edit.all) {
    const shown = lines.slice(0, 8).join(', ') + (lines.length > 8 ? ', …' : '');
    return {
      problem: `"old" is there ${places.length} times, at the lines ${shown}. Add lines around it, or set "all".`,
    };
  }
  return { text: replaceAt(text, places, wanted.length, withLf(edit.new)), lines };
}

function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** Where a text begins in another, without overlaps. */
function placesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

/** The line of each place. @param places In order. */
function linesOf(text: string, places: readonly number[]): number[] {
  let line = 1;
  let from = 0;
  return places.map((place) => {
    for (let at = text.indexOf('\n', from); at !== -1 && at < place; at = text.indexOf('\n', from)) {
      line += 1;
      from = at + 1;
    }
    return line;
  });
}

/** @param places In the text with LF. */
function replaceAt(text: string, places: readonly number[], length: number, put: string): string {
  const crs = carriageReturns(text);
  const feeds = text.split('\n').length - 1;
  const filled = crs.length * 2 > feeds ? put.replaceAll('\n', '\r\n') : put;
  const parts: string[] = [];
  let from = 0;
  let passed = 0;
  /** The same place in the text as it is; a line end is taken whole. */
  const inText = (place: number): number => {
    while (passed < crs.length && crs[passed]! - passed < place) passed += 1;
    return place + passed;
  };
  for (const place of places) {
    const start = inText(place);
    parts.push(text.slice(from, start), filled);
    from = inText(place + length);
  }
  return parts.join('') + text.slice(from);
}

/** Places of the CR of each CRLF. */
function carriageReturns(text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf('\r\n'); at !== -1; at = text.indexOf('\r\n', at + 2)) places.push(at);
  return places;
}

const MAX_SHOWN = 160;

/** Says where something like it is, so that the next try can be right. */
function nearMiss(text: string, wanted: string): string {
  const lines = text.split('\n');
  const wantedLines = wanted.split('\n');
  const loose = lines.map(squeezed);
  const looseWanted = wantedLines.map(squeezed);
  while (looseWanted.at(-1) === '') looseWanted.pop();
  const lead = looseWanted.findIndex((line) => line !== '');
  if (lead === -1) return 'It is nothing but blank.';
  const starts = loose.flatMap((line, at) => (line === looseWanted[lead] ? [at - lead] : [])).slice(0, 200);
  const agreed = (start: number): number => {
    const end = looseWanted.findIndex((line, at) => at >= lead && loose[start + at] !== line);
    return end === -1 ? looseWanted.length : end;
  };
  const best = starts.reduce<number | null>((a, b) => (a === null || agreed(b) > agreed(a) ? b : a), null);
  if (best === null) return near(loose, looseWanted[lead]!, lines);
  const length = agreed(best);
  if (length === looseWanted.length) {
    const spoken = wantedLines.findIndex((line, at) => line !== lines[best + at]);
    return `At line ${best + 1} it differs in white space only; line ${best + spoken + 1} is ${quoted(lines[best + spoken]!)}.`;
  }
  const found = lines[best + length];
  const there = found === undefined ? 'the file ends' : `it has ${quoted(found)}`;
  return `From line ${best + lead + 1} on it agrees up to line ${best + length}; at line ${best + length + 1} ${there}.`;
}

/** The line that holds it, or most of its beginning. */
function near(loose: readonly string[], wanted: string, lines: readonly string[]): string {
  for (let length = wanted.length; length >= Math.max(8, wanted.length / 3); length = Math.floor(length * 0.8)) {
    const at = loose.findIndex((line) => line.includes(wanted.slice(0, length)));
    if (at !== -1) return `The nearest is line ${at + 1}: ${quoted(lines[at]!)}.`;
  }
  return 'Nothing like it is there; read the file again.';
}

function squeezed(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

function quoted(line: string): string {
  return JSON.stringify(line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line);
}
