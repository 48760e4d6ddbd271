import { plural } from '../format.ts';

/** What stands for what was left out is shorter. */
const LONGEST_NOTE = 400;

/** Of all that a tool brought, what the model was told, in words: `the first 400 of 2,310 lines`. */
export function toldWords(output: string, whole: string): string {
  const head = commonStart(output, whole);
  const tail = commonEnd(output.slice(head), whole.slice(head));
  const told = head + tail;
  // Elsewhere than at a place of the whole stands no more than a note.
  if (output.length - told > LONGEST_NOTE) return `a part of ${sizeWords(whole)}`;
  if (tail > LONGEST_NOTE) return `the beginning and the end, ${number(told)} of ${number(whole.length)} characters`;
  const [some, all] = [linesIn(whole.slice(0, head)), linesIn(whole)];
  if (some === all) return `the first ${number(head)} of ${number(whole.length)} characters`;
  return `the first ${number(some)} of ${number(all)} lines`;
}

/** `2,310 lines`; of one long line its characters. */
export function sizeWords(text: string): string {
  const lines = linesIn(text);
  return lines === 1 ? plural(text.length, 'character') : `${number(lines)} lines`;
}

function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a[at] === b[at]) at += 1;
  return at;
}

function commonEnd(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a[a.length - 1 - at] === b[b.length - 1 - at]) at += 1;
  return at;
}

function linesIn(text: string): number {
  let lines = text === '' || text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
