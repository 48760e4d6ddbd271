import type { Json } from '../protocol/json.ts';
import {
  type CallInfo,
  type CallSettled,
  NO_USAGE,
  type RunEvent,
  type Usage,
  workflowNameOf,
} from '../protocol/run-events.ts';
import type { AgentRole } from '../protocol/sandbox-wire.ts';
import type { RunSummary } from './run-service.ts';

/** What the journal of a workspace knows of agents: an estimate of the next ones goes by it. */
export interface AgentHistory {
  /** Agents whose figures are in here. */
  agents: number;
  /** What agents of this model came to: those of the role where there are enough of them, else all; null where there are none. */
  figures(model: string, role: AgentRole): AgentFigures | null;
  /** What was answered in the newest run of the workflow of this name that has ended; null where there is none. */
  lastRun(workflow: string): PastAnswers | null;
}

/** Each figure is that of one agent. */
export interface AgentFigures {
  /** How many these figures come from. */
  agents: number;
  /** Prompt tokens of all its requests, those that came from the cache included. */
  inputTokens: Spread;
  outputTokens: Spread;
  ms: Spread;
  /** Mean US dollars; null where the model has no price. */
  costUsd: number | null;
}

/** The mean with the quartiles around it: `low` ≤ `mean` ≤ `high`. */
export interface Spread {
  low: number;
  mean: number;
  high: number;
}

export interface PastAnswers {
  runId: string;
  /** What was answered to the call of this content key; null where it was not asked, or has no answer. */
  answer(key: string): { value: Json; settled: CallSettled } | null;
}

/** Where the runs are read. */
export interface HistorySource {
  /** Ids of all runs, newest first. */
  ids(): string[];
  lastSeq(runId: string): number;
  /** The first `limit` events of a run. */
  events(runId: string, limit: number): RunEvent[];
  summary(runId: string): Omit<RunSummary, 'here'> | null;
  result(runId: string, key: string): { value: Json; settled: CallSettled } | null;
}

interface Sample {
  model: string;
  role: AgentRole;
  usage: Usage;
  ms: number;
}

/** Runs that are looked at, and events of each: estimates need some hundred agents, not all there ever were. */
const RUNS = 20;
const EVENTS_OF_A_RUN = 4_000;
/** Agents of one role that are enough to tell it from the others of its model. */
const ENOUGH = 3;

/** Reads the newest runs once each, and again only those that have grown. */
export class AgentHistories {
  #source: HistorySource;
  #known = new Map<string, { seq: number; samples: Sample[] }>();

  constructor(source: HistorySource) {
    this.#source = source;
  }

  read(): AgentHistory {
    const ids = this.#source.ids().slice(0, RUNS);
    const samples = ids.flatMap((id) => this.#samplesOf(id));
    for (const id of this.#known.keys()) if (!ids.includes(id)) this.#known.delete(id);
    const figures = new Map<string, AgentFigures | null>();
    return {
      agents: samples.length,
      figures(model, role) {
        const key = `${role} ${model}`;
        const known = figures.get(key);
        if (known !== undefined) return known;
        const made = figuresOf(samples, model, role);
        figures.set(key, made);
        return made;
      },
      lastRun: (workflow) => this.#lastRun(ids, workflow),
    };
  }

  #samplesOf(runId: string): Sample[] {
    const seq = this.#source.lastSeq(runId);
    const known = this.#known.get(runId);
    if (known?.seq === seq) return known.samples;
    const samples = samplesIn(this.#source.events(runId, EVENTS_OF_A_RUN));
    this.#known.set(runId, { seq, samples });
    return samples;
  }

  #lastRun(ids: string[], workflow: string): PastAnswers | null {
    const runId = ids.find((id) => {
      const summary = this.#source.summary(id);
      return summary !== null && workflowNameOf(summary.run) === workflow && summary.endedAt !== null;
    });
    return runId === undefined ? null : { runId, answer: (key) => this.#source.result(runId, key) };
  }
}

/** Agents that were really asked and have answered; one that comes back from the journal is counted where it was asked. */
function samplesIn(events: RunEvent[]): Sample[] {
  const samples: Sample[] = [];
  let issued = new Map<number, CallInfo>();
  for (const event of events) {
    if (event.type === 'run.started') issued = new Map();
    if (event.type === 'call.issued' && event.call.kind === 'agent') issued.set(event.call.id, event.call);
    if (event.type !== 'call.settled' || event.settled.reused || event.settled.outcome !== 'succeeded') continue;
    const call = issued.get(event.id);
    if (!call) continue;
    const { usage, durationMs } = event.settled;
    samples.push({ model: call.model, role: call.role, usage: usage ?? NO_USAGE, ms: durationMs });
  }
  return samples;
}

function figuresOf(samples: Sample[], model: string, role: AgentRole): AgentFigures | null {
  const ofModel = samples.filter((sample) => sample.model === model);
  const ofRole = ofModel.filter((sample) => sample.role === role);
  const these = ofRole.length >= ENOUGH ? ofRole : ofModel;
  if (these.length === 0) return null;
  const costs = these.map(({ usage }) => usage.costUsd);
  return {
    agents: these.length,
    inputTokens: spread(these.map(({ usage }) => usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens)),
    outputTokens: spread(these.map(({ usage }) => usage.outputTokens)),
    ms: spread(these.map(({ ms }) => ms)),
    costUsd: costs.every((cost) => cost !== null) ? mean(costs) : null,
  };
}

function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const middle = mean(sorted);
  return { low: Math.min(at(0.25), middle), mean: middle, high: Math.max(at(0.75), middle) };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
