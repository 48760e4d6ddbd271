import { type AgentTypes, toolsOf } from '../../agents/agent-types.ts';
import type { ToolNeed } from '../../protocol/preview.ts';
import type { LookingTools } from '../../runs/offered-tools.ts';
import type { DryRun } from './dry-run.ts';

/** The tools that agents are given, by what they are of, and those that the script itself calls. */
export function toolNeeds(runs: DryRun[], agentTypes: AgentTypes | null, looking: LookingTools): ToolNeed[] {
  const types = new Set(runs.flatMap(({ sites }) => sites.map(({ agentType }) => agentType)));
  const given = new Set([...types].flatMap((type) => toolsOf(agentTypes?.of(type), looking.agents)));
  const called = new Set(runs.flatMap(({ tools }) => [...tools]));
  return [
    ...looking.agents
      .filter((tool) => given.has(tool))
      .map(({ name, access }): ToolNeed => ({ name, by: 'agents', access })),
    // A tool that there is not is refused, and so is no need.
    ...looking.script
      .filter(({ name }) => called.has(name))
      .map(({ name, access }): ToolNeed => ({ name, by: 'script', access })),
  ];
}
