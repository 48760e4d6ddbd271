import type { ToolNeed } from '../../protocol/preview.ts';
import { READ_ONLY_TOOLS } from '../../tools/read-only-tools.ts';
import type { DryRun } from './dry-run.ts';

/** The tools that agents are given, and those that the script itself calls. */
export function toolNeeds(runs: DryRun[]): ToolNeed[] {
  const agents = runs.some((run) => run.agents.length > 0);
  const called = new Set(runs.flatMap(({ tools }) => [...tools]));
  const given: ToolNeed[] = READ_ONLY_TOOLS.map(({ name }) => ({ name, by: 'agents', access: 'read' }));
  // A script may call nothing but what reads: any other tool is refused, and that is an error of the dry run.
  return [...(agents ? given : []), ...[...called].map((name): ToolNeed => ({ name, by: 'script', access: 'read' }))];
}
