import type { AppliedChanges } from '../runs/worktrees.ts';
import { plain } from './plain-text.ts';

/** So many files are named in a message; the diff has all of them. */
export const NAMED = 10;

/** `2 files of the workspace have changed.`, and where a person has to settle what two changed at once. */
export function appliedWords({ files, conflicts }: AppliedChanges): string {
  const changed = `${filesText(files.length)} of the workspace ${files.length === 1 ? 'has' : 'have'} changed.`;
  if (conflicts.length === 0) return changed;
  const named = conflicts.slice(0, NAMED).map((file) => plain(file, 120));
  const more = conflicts.length > NAMED ? ', …' : '';
  return `${changed} Others had changed the same places in ${named.join(', ')}${more}: look for <<<<<<< and settle it.`;
}

export function filesText(count: number): string {
  return `${count} ${count === 1 ? 'file' : 'files'}`;
}
