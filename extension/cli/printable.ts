const ESCAPE = String.fromCharCode(27);
/** What turns the rest of a line around, or ends it where nothing else does. */
const TURNING = '\\u2028-\\u202e\\u2066-\\u2069';
const CONTROL = new RegExp(`${ESCAPE}\\[[0-9;?]*[ -/]*[@-~]|[\\u0000-\\u001f\\u007f-\\u009f${TURNING}]`, 'g');
const CONTROL_IN_LINES = new RegExp(`[^\\P{Cc}\\n\\t]|[${TURNING}]`, 'gu');

/** One line. Text of a script, a model or a journal must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL, ' ').trim();
}

/** The same for a text of many lines, which keeps them. */
export function printableLines(text: string): string {
  return text.replace(CONTROL_IN_LINES, '');
}

/** A word for a shell to read as it is. */
export function shellWord(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The beginning of a text, as one line of at most so many characters. */
export function shortened(text: string, length: number): string {
  const line = printable(text);
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
