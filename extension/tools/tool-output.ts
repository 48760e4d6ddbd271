/** Characters of one tool's answer; about 25,000 tokens. */
const MAX_OUTPUT = 100_000;

/**
 * Joins the lines of a tool's answer. What was left out is told in notes after an empty line, so
 * that no line of the answer itself can be taken for one. Cuts at 100,000 characters, at a line's end.
 */
export function linesWithNote(lines: string[], ...remarks: (string | null)[]): string {
  let length = 0;
  const fitting = lines.findIndex((line) => {
    length += line.length + 1;
    return length > MAX_OUTPUT;
  });
  const kept = fitting === -1 ? lines : lines.slice(0, fitting);
  const notes = remarks.filter((note) => note !== null);
  if (kept.length < lines.length)
    notes.push(`(${lines.length - kept.length} more lines were cut: the answer is too long. Ask for less.)`);
  return notes.length === 0 ? kept.join('\n') : `${kept.join('\n')}\n\n${notes.join('\n')}`;
}

/** Names come from a repository that may be hostile: one with a line break in it must not look like two lines. */
export function printablePath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return path.replace(/[\u0000-\u001f\u007f]/g, '\ufffd');
}
