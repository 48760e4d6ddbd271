import type { ScriptPosition } from '../../protocol/errors.ts';
import {
  CHILD_FRAME,
  columnsGained,
  type FramePosition,
  framePosition,
  SCRIPT_FILE,
  SCRIPT_FRAME,
  type ScriptTitles,
  scriptPosition,
} from '../script-frame.ts';

/** A call that is returned, where QuickJS may point at the `return`; group 1 is what V8 points at. */
const AT_RETURN = /^return\s+(?:await\s+)?(?:[\w$]+\.)*?(new\b|[\w$]+(?=\())/;
const BEFORE_PARENTHESIS = /(new\s+[\w$.]+|[\w$]+)\s*$/;
const FIRST_FRAME = /^ {4}at (\S+) \([^\n]*\n/;

interface ScriptText {
  source: string;
  /** Split only when an engine's conventions ask for it. */
  lines: string[] | null;
}

const texts: Record<string, ScriptText> = Object.create(null);
const titles: ScriptTitles = Object.create(null);

/** To be told before a script runs: places are read with the text beside them. A called script has a title. */
export function setScriptText(file: string, source: string, title?: string): void {
  texts[file] = { source, lines: null };
  if (title !== undefined) titles[file] = title;
}

/** The file that a place is in; of a script that was called more than once, one of its files, which are alike. */
export function fileOf({ script }: ScriptPosition): string {
  if (script === undefined) return SCRIPT_FILE;
  return Object.keys(titles).find((file) => titles[file] === script) ?? SCRIPT_FILE;
}

/** The innermost place in a script that a stack trace tells, by V8's conventions whichever engine made it. */
export function positionOf(stack: unknown): ScriptPosition | null {
  const frame = framePosition(stack);
  // V8 puts the error's name first.
  const isQuickJs = typeof stack === 'string' && stack.startsWith('    at ');
  return scriptPosition(frame && isQuickJs ? asInV8(frame) : frame, titles);
}

function asInV8({ file, line, column }: FramePosition): FramePosition {
  const text = texts[file];
  if (!text) return { file, line, column };
  text.lines ??= text.source.split('\n');
  const moved = line === 1 ? columnsGained(text.source, file === SCRIPT_FILE ? SCRIPT_FRAME : CHILD_FRAME) : 0;
  return { file, line, column: columnByName(text.lines[line - 1] ?? '', Math.max(1, column - moved)) };
}

/** QuickJS points at a call's parenthesis, V8 at the name before it; and at a property's dot, V8 at the property. */
function columnByName(line: string, column: number): number {
  const before = line.slice(0, column - 1);
  const here = line.slice(column - 1);
  if (here.startsWith('(')) return (BEFORE_PARENTHESIS.exec(before)?.index ?? column - 1) + 1;
  if (here.startsWith('.')) return column + 1;
  const match = AT_RETURN.exec(here);
  return match?.[1] ? column + match[0].length - match[1].length : column;
}

/**
 * The stack of an error without the frames of its own constructors: V8 leaves them out, QuickJS keeps them.
 * An error of a class that the script made would else seem to come from there.
 */
export function stackBelowConstructors(error: Error): string {
  const names = new Set<unknown>();
  for (let proto = Object.getPrototypeOf(error); proto; proto = Object.getPrototypeOf(proto)) {
    names.add(proto.constructor?.name);
  }
  let stack = String(error.stack);
  for (let frame = FIRST_FRAME.exec(stack); frame && names.has(frame[1]); frame = FIRST_FRAME.exec(stack)) {
    stack = stack.slice(frame[0].length);
  }
  return stack;
}
