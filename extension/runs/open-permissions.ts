import type { PermissionQuestion } from '../protocol/permissions.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { RunInfo } from '../protocol/run-events.ts';
import type { RunTree } from '../protocol/run-tree.ts';
import type { RunService } from './run-service.ts';

/** A tool call that waits for a person's yes or no. */
export interface OpenPermission {
  runId: string;
  runs: RunService;
  question: PermissionQuestion;
  /** The call that shows it, as numbered in the present attempt. */
  on: CallRef & { key: string };
  /** Whose tool call it is: the label of the agent, or the script's own call. */
  asker: string;
  run: RunInfo;
  /** Path of the folder that the run belongs to. */
  folder: string;
  /** Only what somebody drives waits. */
  driven: true;
}

/** The tool calls of a run that wait for a person, in the order they were asked; none where nobody drives it. */
export function permissionsIn(
  { path, runs }: { path: string; runs: RunService },
  runId: string,
  { run, calls }: RunTree,
): OpenPermission[] {
  if (!run || runs.summary(runId)?.status !== 'running') return [];
  return [...calls.values()]
    .flatMap(({ asks, info }) =>
      asks.map((question): OpenPermission => {
        const on = { call: info.id, key: info.key };
        const asker = info.kind === 'agent' ? `agent ${info.label}` : `the script’s ${info.label}`;
        return { runId, runs, question, on, asker, run, folder: path, driven: true };
      }),
    )
    .sort((a, b) => a.question.id - b.question.id);
}
