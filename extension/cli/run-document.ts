import type { ErrorInfo } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import type { RunStatus } from '../protocol/run-events.ts';
import { type RunCensus, runCensus } from '../protocol/run-census.ts';
import { type RunTree, type StateCounts, UNNAMED_PHASE } from '../protocol/run-tree.ts';

/** A run for another program to read: what `--json` prints. */
export interface RunDocument {
  runId: string;
  status: RunStatus;
  result: Json;
  error?: ErrorInfo;
  phases: { title: string; agents: StateCounts }[];
  agents: RunCensus;
  usage: { inputTokens: number; outputTokens: number; costUsd: number | null };
  logs: string[];
  /** Of the last attempt. */
  durationMs: number;
}

export function runDocument(runId: string, tree: RunTree, result: Json | undefined): RunDocument {
  const { inputTokens, outputTokens, costUsd } = tree.usage;
  return {
    runId,
    status: tree.status,
    result: result ?? null,
    ...(tree.error && { error: tree.error }),
    phases: tree.phases
      .filter((phase) => phase.title !== UNNAMED_PHASE)
      .map((phase) => ({ title: phase.title, agents: phase.counts })),
    agents: runCensus(tree),
    usage: { inputTokens, outputTokens, costUsd },
    logs: tree.logs.map((line) => line.message),
    durationMs: tree.startedAt === null ? 0 : (tree.endedAt ?? Date.now()) - tree.startedAt,
  };
}
