import type { RunEvent, RunStatus } from '../protocol/run-events.ts';
import { cutOff, emptyRunTree, foldRun, openCheckpoints, type RunTree } from '../protocol/run-tree.ts';
import { noSuchRun } from './run-archive.ts';
import type { RunOverview, RunSummary } from './run-service.ts';

type Summary = Omit<RunSummary, 'here'>;

/** Where the runs are read. */
export interface OverviewSource {
  lastSeq(runId: string): number;
  events(runId: string, after: number): RunEvent[];
  summary(runId: string): Summary | null;
  statusOf(runId: string): RunStatus;
}

interface Known {
  /** What is remembered holds as long as this is the newest event. */
  seq: number;
  summary: Summary;
  overview?: RunOverview;
}

/**
 * What lists show of all runs, again and again: read once, and remembered while nothing is written to a run. Of one
 * that is at work the fold is kept, for it grows with every look; of all others only what a list shows.
 */
export class RunOverviews {
  #source: OverviewSource;
  #known = new Map<string, Known>();
  #working = new Map<string, RunTree>();

  constructor(source: OverviewSource) {
    this.#source = source;
  }

  /** Null where there is no such run. */
  summary(runId: string): Summary | null {
    return this.#look(runId)?.summary ?? null;
  }

  /** @throws UserError where there is no such run. */
  overview(runId: string): RunOverview {
    const known = this.#look(runId);
    if (!known) throw noSuchRun(runId);
    known.overview ??= this.#read(runId, known.summary.status);
    return known.overview;
  }

  #look(runId: string): Known | null {
    const seq = this.#source.lastSeq(runId);
    const known = this.#known.get(runId);
    if (known?.seq !== seq) return this.#remember(runId, seq);
    const { status, endedAt } = known.summary;
    // A driver that dies leaves no event.
    const now = endedAt === null ? this.#source.statusOf(runId) : status;
    return now === status ? known : this.#remember(runId, seq);
  }

  #remember(runId: string, seq: number): Known | null {
    const summary = this.#source.summary(runId);
    if (!summary) return null;
    const known = { seq, summary };
    this.#known.set(runId, known);
    return known;
  }

  #read(runId: string, status: RunStatus): RunOverview {
    if (status === 'running') {
      const known = this.#working.get(runId) ?? emptyRunTree();
      const tree = foldRun(this.#source.events(runId, known.lastSeq), known);
      this.#working.set(runId, tree);
      return overviewOf(tree, null);
    }
    this.#working.delete(runId);
    const events = this.#source.events(runId, 0);
    const tree = foldRun(events);
    const lastAt = events.at(-1)?.at ?? null;
    if (status === 'interrupted' && lastAt !== null) cutOff(tree, lastAt);
    return overviewOf(tree, lastAt);
  }
}

/** Tool calls that wait for a person's yes or no. */
function waitingCalls({ calls }: RunTree): number {
  let waiting = 0;
  for (const { asks } of calls.values()) waiting += asks.length;
  return waiting;
}

function overviewOf(tree: RunTree, endedAt: number | null): RunOverview {
  const begun = tree.phases.filter((phase) => phase.beganAt !== null);
  const active = begun.findLast((phase) => phase.counts.working > 0) ?? begun.at(-1);
  return {
    counts: tree.counts,
    usage: tree.usage,
    paused: tree.paused,
    phase: active?.title ?? null,
    questions: openCheckpoints(tree).length + waitingCalls(tree),
    startedAt: tree.startedAt,
    endedAt,
    failure: tree.error?.message ?? null,
  };
}
