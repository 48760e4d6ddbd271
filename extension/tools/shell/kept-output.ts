/** Characters that are kept of an output, half of its beginning and half of its end. */
const MAX_KEPT = 1_000_000;

/** The output of a program as it comes: all of it up to a megabyte, and of more its beginning and its end. */
export class KeptOutput {
  #head = '';
  #tail: string[] = [];
  #tailLength = 0;
  /** Characters in all. */
  length = 0;

  add(chunk: string): void {
    this.length += chunk.length;
    const room = MAX_KEPT / 2 - this.#head.length;
    this.#head += chunk.slice(0, Math.max(room, 0));
    const rest = chunk.slice(Math.max(room, 0));
    if (rest === '') return;
    this.#tail.push(rest);
    this.#tailLength += rest.length;
    while (this.#tailLength - this.#tail[0]!.length >= MAX_KEPT / 2) this.#tailLength -= this.#tail.shift()!.length;
  }

  /** All that was kept, as a terminal would leave it; where something is missing, that is told in its place. */
  whole(): string {
    const tail = this.#tail.join('').slice(-MAX_KEPT / 2);
    const missing = this.length - this.#head.length - tail.length;
    const between = missing > 0 ? `\n\n(${missing} characters were not kept)\n\n` : '';
    return asTerminal(`${this.#head}${between}${tail}`);
  }
}

/** Colours and the like; what moves the cursor is taken out, too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const OTHER_CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Without escapes; of a line that was written over and over, what it said last. */
function asTerminal(text: string): string {
  const plain = text.replace(ESCAPES, '').replaceAll('\r\n', '\n').replace(OTHER_CONTROLS, '\ufffd');
  if (!plain.includes('\r')) return plain;
  return plain
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace(/\r$/, ''))
    .join('\n');
}

/** Cuts a long output in its middle, at ends of lines where there are any near. @param most Characters, without the note. */
export function cutInMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, Math.floor(most / 3));
  const tail = text.slice(text.length - (most - head.length));
  const start = head.lastIndexOf('\n') > head.length / 2 ? head.slice(0, head.lastIndexOf('\n')) : head;
  const from = tail.indexOf('\n');
  const end = from !== -1 && from < tail.length / 2 ? tail.slice(from + 1) : tail;
  return `${start}\n\n(${text.length - start.length - end.length} characters left out; ask for less, or write to a file and search it)\n\n${end}`;
}
