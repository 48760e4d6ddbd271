import { callNumberWords } from '../protocol/call-number.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { printable } from './printable.ts';
import { printDone } from './steer.ts';
import type { CommandLine } from './usage.ts';

/** Applies to the workspace what an agent changed in its worktree. Returns the exit code: 1 where conflicts are left to a person. */
export async function apply(line: CommandLine, manager: RunManager, runId: string): Promise<number> {
  const agent = line.call ?? 0;
  const { files, conflicts } = await manager.applyChanges(runId, agent);
  const applied = files.map((file) => `\n  ${conflicts.includes(file) ? 'conflict: ' : ''}${printable(file)}`).join('');
  const next = conflicts.length === 0 ? '' : '\nFiles with a conflict have its marks in them; look for <<<<<<<.';
  const told = `what agent ${callNumberWords(agent)} changed is in the workspace, ${files.length} file${files.length === 1 ? '' : 's'}:${applied}${next}`;
  const code = printDone(line, runId, { done: 'applied', ...{ agent, files, conflicts } }, told);
  return conflicts.length === 0 ? code : 1;
}
