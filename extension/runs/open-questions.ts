import type { CallRef } from '../protocol/run-control.ts';
import type { CheckpointInfo } from '../protocol/run-events.ts';
import { foldRun, openCheckpoints, type RunTree } from '../protocol/run-tree.ts';
import type { RunService } from './run-service.ts';

/** A question that a run puts to a person. */
export interface Question {
  runId: string;
  runs: RunService;
  /** What tells it from all others, in whatever attempt. */
  key: string;
  asks: CheckpointInfo;
}

/** Those of one run that are not answered, in the order they were asked. */
export function questionsOf({ id, runs, tree }: { id: string; runs: RunService; tree: RunTree }): Question[] {
  return openCheckpoints(tree).flatMap(({ info }) =>
    info.checkpoint ? [{ runId: id, runs, key: info.key, asks: info.checkpoint }] : [],
  );
}

/**
 * What has become of a question by now. `kept`: nobody drives its run, and an answer waits until somebody does.
 * `over`: the run has ended without an answer, or asks no longer.
 */
export type Fate = { state: 'open' | 'kept'; on: CallRef } | { state: 'answered'; choice: string } | { state: 'over' };

export function fateOf({ runs, runId, key }: Question): Fate {
  const tree = foldRun(runs.events(runId, 0));
  const node = [...tree.calls.values()].find(({ info }) => info.key === key);
  const status = runs.summary(runId)?.status;
  if (node?.settled?.answer) return { state: 'answered', choice: node.settled.answer.choice };
  if (!node || node.settled || !status || status.startsWith('completed')) return { state: 'over' };
  return { state: status === 'running' ? 'open' : 'kept', on: { call: node.info.id, key } };
}
