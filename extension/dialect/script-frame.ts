import type { ScriptPosition } from '../protocol/errors.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';

/** The name under which an engine compiles the script of a run; stack traces are read by it. */
export const SCRIPT_FILE = 'workflow.js';

/** The same for a script that the run's own one called, with the number of the call that brought it. */
export function childScriptFile(call: number): string {
  return `workflow-${call}.js`;
}

/**
 * What goes around a script's body to make it an async function in strict mode. The prefix has no line break, so with
 * a column offset of minus its length, or in place of as many blanks, every line and column stays that of the file; the suffix begins with one,
 * because the body may end in a line comment.
 */
export interface Frame {
  prefix: string;
  suffix: string;
}

export const SCRIPT_FRAME: Frame = { prefix: '(async function () { "use strict"; ', suffix: '\n})' };
/** A called script gets `args` and `workflow` of its own: from outside its body, so that it may declare the same names. */
export const CHILD_FRAME: Frame = {
  prefix: '(function (args, workflow) { "use strict"; return async function () { ',
  suffix: '\n}})',
};

/** A script in its frame, for an engine that knows no column offset: the prefix takes the place of blanks, as far as there are any. */
export function framedInPlace(source: string, { prefix, suffix }: Frame): string {
  return prefix + source.slice(prefix.length - columnsGained(source, { prefix, suffix })) + suffix;
}

/** By how many columns `framedInPlace` moves the first line: none where a meta stood on it, and nothing before that. */
export function columnsGained(source: string, { prefix }: Frame): number {
  const blanks = /^ */.exec(source)?.[0].length ?? 0;
  return Math.max(0, prefix.length - blanks);
}

// V8 puts the error before its frames, QuickJS does not.
const STACK_FRAME = /(?:^|\n) +at (?:[^\n]*\()?(workflow(?:-\d+)?\.js):(\d{1,9}):(\d{1,9})(?!\d)/;

/** A place as an engine tells it: in one of the files above. */
export interface FramePosition {
  file: string;
  line: number;
  column: number;
}

/** The innermost frame of a stack trace that lies in a script; null where there is none. */
export function framePosition(stack: unknown): FramePosition | null {
  const match = typeof stack === 'string' ? STACK_FRAME.exec(stack) : null;
  return match ? { file: String(match[1]), line: Number(match[2]), column: Math.max(1, Number(match[3])) } : null;
}

/** The same for people: the file's name gives way to the title of the script, which that of the run itself needs not. */
export function scriptPosition(frame: FramePosition | null, titles: ScriptTitles): ScriptPosition | null {
  if (!frame) return null;
  const { file, line, column } = frame;
  const script = titles[file];
  if (script !== undefined) return { line, column, script };
  return file === SCRIPT_FILE ? { line, column } : null;
}

/** Titles of called scripts by their file; make it without a prototype. */
export type ScriptTitles = Record<string, string>;

/** The title of a called script, out of what the host says of it. */
export function scriptTitle(file: string, value: Json): string {
  const { title, name } = isJsonObject(value) ? value : {};
  if (typeof title === 'string' && title !== '') return title;
  return typeof name === 'string' && name !== '' ? name : file;
}
