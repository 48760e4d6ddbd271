import type { ScriptPosition } from '../protocol/errors.ts';

/** The name under which an engine compiles a script; stack traces are read by it. */
export const SCRIPT_FILE = 'workflow.js';

/**
 * What goes around a script's body to make it an async function in strict mode. The prefix has no line break, so with
 * a column offset of minus its length, or in place of as many blanks, every line and column stays that of the file; the suffix begins with one,
 * because the body may end in a line comment.
 */
export const SCRIPT_PREFIX = '(async function () { "use strict"; ';
export const SCRIPT_SUFFIX = '\n})';

// V8 puts the error before its frames, QuickJS does not.
const FRAME = /(?:^|\n) +at (?:[^\n]*\()?workflow\.js:(\d+):(\d+)/;

/** The innermost frame of a stack trace that lies in the script; null where there is none. */
export function scriptPosition(stack: unknown): ScriptPosition | null {
  const match = typeof stack === 'string' ? FRAME.exec(stack) : null;
  return match ? { line: Number(match[1]), column: Math.max(1, Number(match[2])) } : null;
}
