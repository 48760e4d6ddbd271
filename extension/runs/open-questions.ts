import type { ScriptPosition } from '../protocol/errors.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { CheckpointInfo, RunInfo } from '../protocol/run-events.ts';
import { foldRun } from '../protocol/run-tree.ts';
import type { RunService } from './run-service.ts';

/** A question that a run puts to a person. */
export interface Question {
  runId: string;
  runs: RunService;
  /** What tells it from all others, in whatever attempt. */
  key: string;
  asks: CheckpointInfo;
}

/** One that nobody has answered, with what it takes to show it where it belongs. */
export interface OpenQuestion extends Question {
  /** As numbered in the present attempt, and what it then must still be. */
  on: CallRef;
  /** The place in the script that asks; null where that is not known. */
  at: ScriptPosition | null;
  run: RunInfo;
  /** Path of the folder that the run belongs to. */
  folder: string;
  /** Somebody waits for the answer. Else nobody drives the run, and the answer is kept until somebody does. */
  driven: boolean;
}

/** The question of a run with this key, answered or not; undefined where its latest attempt has none. */
export function questionOf(runs: RunService, runId: string, key: string): Question | undefined {
  const { calls } = foldRun(runs.events(runId, 0));
  const asks = [...calls.values()].find(({ info }) => info.key === key)?.info.checkpoint;
  return asks && { runId, runs, key, asks };
}

/**
 * What has become of a question by now. `kept`: nobody drives its run, and an answer waits until somebody does.
 * `over`: the run has ended without an answer, or asks no longer.
 */
export type Fate =
  | { state: 'open' | 'kept'; on: CallRef }
  /** `byDefault`: its time ran out, and nobody had answered. */
  | { state: 'answered'; choice: string; byDefault?: true }
  | { state: 'over' };

export function fateOf({ runs, runId, key }: Question): Fate {
  const tree = foldRun(runs.events(runId, 0));
  const node = [...tree.calls.values()].find(({ info }) => info.key === key);
  const status = runs.summary(runId)?.status;
  if (node?.settled?.answer) {
    const byDefault = node.settled.answeredBy === 'timeout' ? { byDefault: true as const } : {};
    return { state: 'answered', choice: node.settled.answer.choice, ...byDefault };
  }
  if (!node || node.settled || !status || status.startsWith('completed')) return { state: 'over' };
  return { state: status === 'running' ? 'open' : 'kept', on: { call: node.info.id, key } };
}

/** How often the journal is asked for an answer that another gave a moment ago, and how long between. */
const LOOKS = 20;
const LOOK_MS = 50;

/** What has become of a question that was refused as answered: the driver says so before the answer is on disk. */
export async function settledFateOf(question: Question): Promise<Fate> {
  for (let look = 1; ; look++) {
    const fate = fateOf(question);
    if ((fate.state !== 'open' && fate.state !== 'kept') || look === LOOKS) return fate;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
