import type { ToolNeed } from '../../protocol/preview.ts';
import { READ_ONLY_TOOLS, SCRIPT_TOOLS } from '../../tools/read-only-tools.ts';
import type { DryRun } from './dry-run.ts';

/** The tools that agents are given, and those that the script itself calls. */
export function toolNeeds(runs: DryRun[]): ToolNeed[] {
  const agents = runs.some((run) => run.agents.length > 0);
  const given = READ_ONLY_TOOLS.map(({ name, access }): ToolNeed => ({ name, by: 'agents', access }));
  const called = new Set(runs.flatMap(({ tools }) => [...tools]));
  // A tool that there is not is refused, and so is no need.
  const own = SCRIPT_TOOLS.filter(({ name }) => called.has(name));
  return [...(agents ? given : []), ...own.map(({ name, access }): ToolNeed => ({ name, by: 'script', access }))];
}
