import { ModelError } from '../provider.ts';
import type { Step } from './conversation.ts';
import { LENSES, languageOf } from './rules/rule.ts';
import { isNotOurs } from './scout.ts';
import { isProbablyTest } from './syntax/place.ts';
import { stringListField, type TaskHeader } from './task-header.ts';

/** A lens that is left out, and why. */
export interface Skipped extends Record<string, string> {
  lens: string;
  why: string;
}

/**
 * Says what of a task is not worth the agents. Header: `Lenses`, `Files`.
 * Answer: `{ skip: [{ lens, why }], leave: [{ file, why }] }`: lenses without patterns, and files that no pattern is for.
 */
export async function triageTask(header: TaskHeader): Promise<Step> {
  const lenses = stringListField(header, 'Lenses');
  const files = stringListField(header, 'Files');
  if (!lenses || !files) throw new ModelError('The task header "triage" needs Lenses and Files.', { retryable: false });
  const leave = files.flatMap((file) => {
    const why = whyLeft(file);
    return why === null ? [] : [{ file, why }];
  });
  return { answer: { skip: skipped(lenses), leave } };
}

/** The lenses that the analyst has no patterns for. */
export function skipped(lenses: string[]): Skipped[] {
  const unknown = lenses.filter((lens) => !LENSES.some((known) => known === lens));
  return unknown.map((lens) => ({
    lens,
    why: 'the built-in analyst has no patterns for that, only a model can look',
  }));
}

function whyLeft(file: string): string | null {
  if (!languageOf(file))
    return 'neither JavaScript nor TypeScript nor Python, which is all that the built-in analyst reads';
  if (isNotOurs(file)) return 'of others, or made by a program';
  return isProbablyTest(file) ? 'a test, or beside the program' : null;
}
