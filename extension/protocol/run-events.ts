import type { ErrorInfo, ScriptPosition } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { PermissionDecision, PermissionQuestion, PermissionRules, Profile } from './permissions.ts';
import type {
  AgentRole,
  CallKind,
  CheckpointAnswer,
  EngineName,
  GroupChange,
  GroupKind,
  LogLevel,
} from './sandbox-wire.ts';

/**
 * A run is a log of these. They are small: prompts, results and transcripts are stored beside them
 * and fetched when somebody looks. `seq` counts from 1 without gaps; `at` is milliseconds since the epoch.
 */
export type RunEvent = { seq: number; at: number } & RunEventBody;

export type RunEventBody =
  | { type: 'run.created'; run: RunInfo }
  | { type: 'run.started'; attempt: number; engine: EngineName }
  /** A person holds back new agents and model requests; what is under way comes to its next stop. */
  | { type: 'run.paused' }
  | { type: 'run.unpaused' }
  /** What slows the run down by the provider's will has changed. */
  | { type: 'run.governed'; governor: GovernorState }
  /** A person changed what the run goes by; a new script begins a new attempt. */
  | { type: 'run.changed'; change: RunChange }
  | { type: 'phase.began'; title: string }
  | { type: 'log'; level: LogLevel; message: string }
  | { type: 'group.opened'; group: GroupInfo }
  | { type: 'group.changed'; id: number; change: GroupChange }
  | { type: 'call.issued'; call: CallInfo }
  | { type: 'call.started'; id: number }
  | { type: 'call.settled'; id: number; settled: CallSettled }
  /** A tool call of this call waits for a person's yes or no. */
  | { type: 'permission.asked'; id: number; question: PermissionQuestion }
  /** A tool call of this call was decided that was not simply allowed. */
  | { type: 'permission.decided'; id: number; decision: PermissionDecision }
  | { type: 'run.ended'; status: EndStatus; error?: ErrorInfo };

/** What the provider allows of a run's model requests at the moment, where that is less than the run would send. */
export interface GovernorState {
  /** Until when all wait, milliseconds since the epoch; null: they do not. */
  parkedUntil: number | null;
  /** Why they wait, or are fewer; empty where nothing holds them. */
  why: string;
  /** How many may be out at a time; null: as many as the run's concurrency. */
  requests: number | null;
}

/** What an agent is doing now: told to whoever watches, never stored. */
export interface ProgressEvent {
  type: 'call.progress';
  id: number;
  at: number;
  /** A few words, such as `reading auth/session.ts`. */
  doing: string;
  usage: Usage;
}

export interface RunInfo {
  id: string;
  /** What people know it by: that of its workflow, unless whoever started it gave it one. */
  name: string;
  /** The name of the workflow, where the run has one of its own. */
  workflow?: string;
  description: string;
  /** Path of the script relative to the workspace where it lies inside, else its bundled name. */
  script: string;
  /** SHA-256 of the script's text, hex. */
  digest: string;
  /** How often the script was replaced; absent: never. */
  edition?: number;
  provider: string;
  /** The provider as people read it, such as `built-in analyst (no AI model)`. */
  providerTitle: string;
  /** The model used where the script names none. */
  model: string;
  /** The models of agents of a role, where the script names none; absent: `model`. */
  models?: RoleModels;
  /** `model` as the script names it: of the agents of that phase that name none themselves. */
  phases: { title: string; detail?: string; model?: string }[];
  limits: RunLimits;
  /** What its agents may do; absent: `read-only`. */
  profile?: Profile;
  /** What a person allows or denies beside that; absent: nothing. */
  permissions?: PermissionRules;
  /** Where a fork began: it took over what that run had finished up to this event, and what that had used. */
  forkedFrom?: { run: string; seq: number; usage: Usage };
  /** No run: what a dry run of the script expects. It has no attempt, and its calls stay as they were issued. */
  preview?: true;
}

/** By what the workflow of a run is known, whatever the run itself is called. */
export function workflowNameOf({ workflow, name }: Pick<RunInfo, 'workflow' | 'name'>): string {
  return workflow ?? name;
}

export type RunChange = Partial<
  Pick<RunInfo, 'script' | 'digest' | 'edition' | 'phases' | 'model' | 'models' | 'limits' | 'profile' | 'permissions'>
>;

/** Models by what agents are there for: `agent` are those that find. */
export type RoleModels = Partial<Record<AgentRole, string>>;

export interface RunLimits {
  concurrency: number;
  maxAgents: number;
  /** Output tokens, null without a cap. */
  budget: number | null;
  /** US dollars by the price table, null without a cap. */
  maxCostUsd: number | null;
  /** Wall-clock milliseconds of one agent, and of one attempt of the run; null without a limit. */
  agentTimeoutMs: number | null;
  runTimeoutMs: number | null;
  /** Replies, and output tokens, that one agent may take; absent or null: 50 replies, and no limit of tokens. */
  agentTurns?: number | null;
  agentTokens?: number | null;
}

export type EndStatus = 'completed' | 'completed_with_failures' | 'failed' | 'stopped';
/** `interrupted`: it has not ended and nobody drives it. */
export type RunStatus = 'created' | 'running' | 'interrupted' | EndStatus;

export interface GroupInfo {
  id: number;
  kind: GroupKind;
  phase: string | null;
  /** The enclosing group and the place in it. */
  parent: number | null;
  slot: number[];
  label: string;
  detail: string;
  size: number;
  stages: number;
  labels: string[];
}

export interface CallInfo {
  id: number;
  /** Content key: what a result is stored and found under. */
  key: string;
  kind: CallKind;
  /** agent: what it is there for. */
  role: AgentRole;
  label: string;
  phase: string | null;
  group: number | null;
  slot: number[];
  model: string;
  at: ScriptPosition | null;
  /** checkpoint: what is asked. */
  checkpoint?: CheckpointInfo;
  /** agent: a person put it into the run. The script did not ask for it and learns of it only by `tool('inbox')`. */
  added?: true;
}

/** Agents that a person adds are numbered from here on in the order they came, the same in every attempt: no script has so many calls. */
export const FIRST_ADDED_CALL = 1_000_000_001;

/** The phase in which agents stand that a person added. */
export const ADDED_PHASE = 'Added by you';

/** A question to a person, as screens show it. */
export interface CheckpointInfo {
  /** At most 2,000 characters; the whole of it lies with the request. */
  question: string;
  detail: string;
  choices: string[];
  schema: JsonObject | null;
  /** When it was first asked, in whatever attempt; milliseconds since the epoch. */
  askedAt: number;
  /** When its default becomes the answer; null: never. */
  timeoutAt: number | null;
  /** The choice of its default; absent where it has none. */
  fallback?: string;
}

export type CallOutcome = 'succeeded' | 'failed' | 'skipped' | 'stopped';

export interface CallSettled {
  outcome: CallOutcome;
  /** The result came from the journal; nothing was asked again. */
  reused: boolean;
  cause?: FailureCause;
  usage: Usage;
  /** Model requests that were sent, retries included. */
  requests: number;
  durationMs: number;
  /** Output tokens of the run once this was settled; what `budget.spent()` gives from here on. */
  spent: number;
  /** challenger: what it decided. */
  vote?: 'for' | 'against';
  /** agent: how many files it changed in a worktree of its own, which a person may apply to the workspace; absent: none. */
  changedFiles?: number;
  /** checkpoint: the answer, and whether a person gave it or its time ran out. */
  answer?: CheckpointAnswer;
  answeredBy?: 'person' | 'timeout';
}

/** Why an agent has no answer. `kind` is stable; `message` is for people. */
export interface FailureCause {
  kind:
    | 'refused'
    | 'retries-exhausted'
    | 'schema'
    | 'turns'
    /** It used up the output tokens that one agent may use. */
    | 'tokens'
    /** What it was told, or has found, does not fit into the model's context window. */
    | 'context'
    | 'bad-request'
    | 'cap'
    | 'budget'
    | 'timeout'
    | 'stopped'
    | 'skipped'
    | 'tool'
    | 'workflow'
    | 'internal';
  message: string;
  /** The HTTP status, where there was one. */
  status?: number;
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars by the price table; null when the model is not in it. */
  costUsd: number | null;
  /** The provider did not count all of them: what is missing was estimated from the length of the text. */
  estimated?: true;
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };

/** An unknown cost makes the sum unknown. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
    ...((a.estimated || b.estimated) && { estimated: true }),
  };
}
