import type { ErrorInfo } from './errors.ts';
import type { Access } from './permissions.ts';

/**
 * What a script would do, told by dry runs of it before a token is spent: it ran in the sandbox, and every agent was
 * answered by a made-up value of its schema. Plain data; the tree that it would make are run events beside it.
 */
export interface Preview {
  script: { title: string; name: string; description: string; digest: string };
  /** Agents that would be sent out, challengers and judges among them. */
  agents: Range;
  /** All that is sent, what comes from a cache included. */
  inputTokens: Range;
  outputTokens: Range;
  /** US dollars by the price table; null where a model has no price in it. A provider that costs nothing: zeros. */
  costUsd: Range | null;
  /** Wall-clock milliseconds, with the run's concurrency and without the time that a person takes to answer. */
  durationMs: Range;
  /** In order of their first agent. */
  phases: { title: string; agents: Range }[];
  models: { model: string; agents: Range }[];
  /** Where the figures come from, such as `214 agents of this machine's earlier runs`. */
  basis: string;
  /** The cap that the largest of the dry runs ran into. */
  capped: 'maxAgents' | 'budget' | 'maxCostUsd' | null;
  tools: ToolNeed[];
  /** Questions that a person would be asked. */
  checkpoints: number;
  /** What it might miss or waste, the gravest first. */
  advice: Advice[];
  /** Why it would fail even where every agent gives a good answer; null where it would not. */
  error: ErrorInfo | null;
}

/** `low` ≤ `likely` ≤ `high`. */
export interface Range {
  low: number;
  likely: number;
  high: number;
}

/** A tool that the run will ask for, and for whom. */
export interface ToolNeed {
  name: string;
  by: 'agents' | 'script';
  /** What it may do: nothing but read, change files, run programs, or reach the network. */
  access: Access;
}

export const ADVICE_KINDS = [
  /** It fails where an agent does: it takes an answer for granted that may be null. */
  'null-not-filtered',
  /** A loop that only a cap ends. */
  'unbounded-loop',
  /** Findings that nobody challenges. */
  'unchallenged',
  /** `parallel` waits for all, where each item could go on by itself. */
  'barrier',
  /** Agents that write beside each other in one tree of files. */
  'shared-writes',
  /** Code so far to the right that nobody sees it. */
  'out-of-sight',
  /** An option that is ignored, and what else reading the script warns of. */
  'script',
] as const;
export type AdviceKind = (typeof ADVICE_KINDS)[number];

export interface Advice {
  kind: AdviceKind;
  /** One or two sentences: what may go wrong, and what to write instead. */
  message: string;
  /** Counted from 1; null where it is about the script as a whole. */
  line: number | null;
}

/** Why a person is asked before a script runs; empty where it may run as it is. */
export interface Approval {
  reasons: string[];
  /** Workflows do not run here at all: Restricted Mode. */
  restricted: boolean;
}

/**
 * `run`: now, and in this window not asked again for this version; `once`: now, and asked again the next time;
 * `always`: now, and for this version never asked again in this folder.
 */
export const DECISIONS = ['run', 'once', 'always', 'cancel'] as const;
export type Decision = (typeof DECISIONS)[number];
