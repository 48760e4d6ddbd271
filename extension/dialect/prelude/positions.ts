import type { ScriptPosition } from '../../protocol/errors.ts';
import { scriptPosition } from '../script-frame.ts';

/** A call that is returned, where QuickJS may point at the `return`; group 1 is what V8 points at. */
const AT_RETURN = /^return\s+(?:await\s+)?(?:[\w$]+\.)*?(new\b|[\w$]+(?=\())/;
const BEFORE_PARENTHESIS = /(new\s+[\w$.]+|[\w$]+)\s*$/;
const FIRST_FRAME = /^ {4}at (\S+) \([^\n]*\n/;

let source = '';
let lines: string[] | null = null;

/** To be told before the script runs: places are read with the text beside them. */
export function setScriptText(text: string): void {
  source = text;
}

/** The innermost place in the script that a stack trace tells, by V8's conventions whichever engine made it. */
export function positionOf(stack: unknown): ScriptPosition | null {
  const position = scriptPosition(stack);
  // V8 puts the error's name first.
  if (!position || typeof stack !== 'string' || !stack.startsWith('    at ')) return position;
  lines ??= source.split('\n');
  const line = lines[position.line - 1] ?? '';
  return { line: position.line, column: columnByName(line, position.column) };
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
