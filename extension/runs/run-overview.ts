import { openCheckpoints, type RunTree } from '../protocol/run-tree.ts';
import type { RunOverview } from './run-service.ts';

export function overviewOf(tree: RunTree): RunOverview {
  const begun = tree.phases.filter((phase) => phase.beganAt !== null);
  const active = begun.findLast((phase) => phase.counts.working > 0) ?? begun.at(-1);
  return {
    counts: tree.counts,
    usage: tree.usage,
    paused: tree.paused,
    phase: active?.title ?? null,
    questions: openCheckpoints(tree).length,
  };
}
