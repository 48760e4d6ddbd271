import type { ErrorInfo } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import { type RunCensus, runCensus } from '../protocol/run-census.ts';
import type { CheckpointInfo, RunStatus } from '../protocol/run-events.ts';
import { type RunTree, type StateCounts, UNNAMED_PHASE } from '../protocol/run-tree.ts';
import { openQuestions, type Question } from './questions.ts';

/** A run for another program to read: what `--json` prints. */
export interface RunDocument {
  runId: string;
  status: RunStatus;
  /** A person holds it back. */
  paused?: true;
  /** What waits for a person; absent where nothing does. */
  questions?: QuestionDocument[];
  result: Json;
  error?: ErrorInfo;
  phases: { title: string; agents: StateCounts }[];
  agents: RunCensus;
  /** `estimated`: the provider did not count all of the tokens. */
  usage: { inputTokens: number; outputTokens: number; costUsd: number | null; estimated?: true };
  logs: string[];
  /** Of the last attempt. */
  durationMs: number;
}

export interface QuestionDocument extends Omit<CheckpointInfo, 'askedAt' | 'timeoutAt' | 'fallback'> {
  number: number;
  /** Times are in ISO 8601. */
  askedAt: string;
  /** What holds where nobody answers until then; null where it waits without end. */
  timeoutAt: string | null;
  default: string | null;
}

export function runDocument(runId: string, tree: RunTree, result: Json | undefined): RunDocument {
  const { inputTokens, outputTokens, costUsd, estimated } = tree.usage;
  const questions = openQuestions(tree).map(questionDocument);
  return {
    runId,
    status: tree.status,
    ...(tree.paused && { paused: true }),
    ...(questions.length > 0 && { questions }),
    result: result ?? null,
    ...(tree.error && { error: tree.error }),
    phases: tree.phases
      .filter((phase) => phase.title !== UNNAMED_PHASE)
      .map((phase) => ({ title: phase.title, agents: phase.counts })),
    agents: runCensus(tree),
    usage: { inputTokens, outputTokens, costUsd, ...(estimated && { estimated }) },
    logs: tree.logs.map((line) => line.message),
    durationMs: tree.startedAt === null ? 0 : (tree.endedAt ?? Date.now()) - tree.startedAt,
  };
}

export function questionDocument({ info }: Question): QuestionDocument {
  const { askedAt, timeoutAt, fallback, ...asked } = info.checkpoint;
  return {
    number: info.id,
    ...asked,
    askedAt: new Date(askedAt).toISOString(),
    timeoutAt: timeoutAt === null ? null : new Date(timeoutAt).toISOString(),
    default: fallback ?? null,
  };
}
