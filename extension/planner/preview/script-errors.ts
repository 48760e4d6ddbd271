import type { ErrorInfo } from '../../protocol/errors.ts';
import type { DryRun } from './dry-run.ts';
import { wantsJson } from './synthetic-answer.ts';

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

/**
 * Whether a dry run failed after texts were read as JSON. What a model would have written there nobody can know, so it is
 * no error of the script.
 */
export function failsOnText({ end, sites }: DryRun): boolean {
  return !end.ok && isSlip(end.error) && sites.some(({ schema, prompt }) => schema === null && wantsJson(prompt));
}
