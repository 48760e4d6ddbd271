import { openCheckpoints, type RunTree } from '../../extension/protocol/run-tree.ts';
import type { Question } from '../../extension/runs/open-questions.ts';
import type { RunService } from '../../extension/runs/run-service.ts';

/** Those of one run that are not answered, in the order they were asked. */
export function questionsOf({ id, runs, tree }: { id: string; runs: RunService; tree: RunTree }): Question[] {
  return openCheckpoints(tree).flatMap(({ info }) =>
    info.checkpoint ? [{ runId: id, runs, key: info.key, asks: info.checkpoint }] : [],
  );
}
