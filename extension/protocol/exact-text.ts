/** What nobody sees, or what turns, ends or steers a line: all but the plain blank. Unassigned characters may be drawn as nothing. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;
const NAMES: Readonly<Record<string, string>> = {
  '\n': 'line break',
  '\r': 'return',
  '\t': 'tab',
  '\u001b': 'escape',
  '\u00a0': 'no-break blank',
};

export interface ExactPart {
  text: string;
  /** The text is the name of a character that would not be seen. */
  named: boolean;
}

/**
 * A text of unknown origin piece by piece, with nothing left out: where `shown` takes what steers a terminal away, a
 * person who is to allow something has to see that it is there.
 */
export function exactParts(text: string): ExactPart[] {
  const parts: ExactPart[] = [];
  let from = 0;
  for (const { index, 0: found } of text.matchAll(UNSEEN)) {
    if (index > from) parts.push({ text: text.slice(from, index), named: false });
    parts.push({ text: nameOf(found), named: true });
    from = index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), named: false });
  return parts;
}

/** The same in one line of text, at most `length` characters. */
export function exactLine(text: string, length: number): string {
  // What is cut off in the end needs not be read.
  const whole = exactParts(text.slice(0, length + 1))
    .map((part) => (part.named ? `‹${part.text}›` : part.text))
    .join('');
  return whole.length > length ? `${whole.slice(0, length - 1)}…` : whole;
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return NAMES[character] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
