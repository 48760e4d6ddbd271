import type { ErrorInfo } from '../../protocol/errors.ts';

const SLIPS: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'SyntaxError', 'RangeError']);

/** Whether an error is a mistake in the script; what it throws on purpose is an `Error` in its own words. */
export function isSlip({ name, message }: ErrorInfo): boolean {
  // A script that checks its args says so with a TypeError that begins with its own name.
  return SLIPS.has(name) && !/^[\w-]+: /.test(message);
}

/** The line in the script itself; null where it is in one that this called, or not known. */
export function lineOf({ line, script }: ErrorInfo): number | null {
  return script === undefined ? (line ?? null) : null;
}
