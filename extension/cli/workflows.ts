import type { RunManager } from '../runs/run-manager.ts';
import type { WorkflowEntry, WorkflowSource } from '../runs/run-service.ts';
import { saveWorkflow } from '../runs/save-workflow.ts';
import { argsWords } from '../runs/workflow-args.ts';
import { printable, shellWord, shortened } from './printable.ts';
import { errorText } from './show.ts';
import { scriptPath } from './steer.ts';
import type { CommandLine } from './usage.ts';

/** Lists what can be run by name. */
export async function listWorkflows(line: CommandLine, manager: RunManager): Promise<void> {
  const entries = await manager.workflows();
  if (line.json) {
    process.stdout.write(`${JSON.stringify(entries)}\n`);
    return;
  }
  const width = Math.max(0, ...entries.map(({ name }) => printable(name).length));
  for (const entry of entries) for (const text of entryLines(entry, Math.min(width, 40))) console.log(text);
}

const SOURCES: Record<WorkflowSource, string> = {
  project: 'project',
  'project-claude': 'project (.claude)',
  user: 'your own',
  'user-claude': 'your own (.claude)',
  bundled: 'bundled',
};

function entryLines({ name, source, description, whenToUse, args, error }: WorkflowEntry, width: number): string[] {
  const head = `${printable(name).padEnd(width)}  ${SOURCES[source].padEnd(18)}`;
  if (error) return [`${head}  cannot run: ${printable(errorText(error))}`];
  return [
    `${head}  ${shortened(description, 200)}`,
    ...(whenToUse ? [`  when: ${shortened(whenToUse, 300)}`] : []),
    ...(args ? [`  args: ${shortened(argsWords(args), 500)}`] : []),
  ];
}

/** Keeps a script under a name. */
export async function save(line: CommandLine, manager: RunManager): Promise<void> {
  const { text } = await manager.locate(scriptPath(line.subject));
  const { name, user, replace } = line;
  const path = await saveWorkflow(
    { workspace: manager.workspace },
    { text, name, to: user ? 'user' : 'project', replace },
  );
  if (line.json) process.stdout.write(`${JSON.stringify({ name, path })}\n`);
  else console.log(`workflow ${name}: ${printable(path)}; \`counterpoint run ${shellWord(name)}\` runs it`);
}
