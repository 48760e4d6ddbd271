import type { ErrorInfo, ScriptPosition } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * What passes between the host and the process that runs a script: one JSON document a line.
 * The host sends one activation; the guest runs until its microtasks are empty and answers with
 * the commands it issued. There is no other traffic.
 */
export type HostMessage = StartMessage | SettleMessage;
export type ChildMessage = ReadyMessage | YieldMessage | FatalMessage;

/** First activation: evaluates the script up to its first real wait. */
export interface StartMessage {
  type: 'start';
  activation: number;
  /** The body of the script, meta blanked out, positions unchanged. */
  source: string;
  args: Json | undefined;
  /** Milliseconds since the epoch that `Date.now()` gives during this activation. */
  now: number;
  /** Seeds `Math.random()`; the same for every resume of a run. */
  seed: string;
  budgetTotal: number | null;
  limits: SandboxLimits;
}

/** Later activations: exactly one call settles, so a replay sees the same order of events. */
export interface SettleMessage {
  type: 'settle';
  activation: number;
  now: number;
  /** Output tokens spent so far, for `budget.spent()`. */
  spent: number;
  call: number;
  outcome: { ok: true; value: Json } | { ok: false; error: ErrorInfo };
  /** workflow: the script that was asked for, as `readScript` prepared it. The engine compiles it as `childScriptFile(call)`. */
  source?: string;
}

/** Names of the errors the host rejects a call with; scripts and the prelude tell them apart by these. */
export const CALL_ERRORS = {
  /** The run's cap on agents is reached. */
  agentLimit: 'AgentLimitError',
  /** The run's output tokens are spent. */
  budget: 'BudgetError',
  /** No answer satisfied the schema in five tries. */
  schema: 'SchemaError',
  /** An option that can never work: a bad schema, an unknown agent type. */
  type: 'TypeError',
  /** A tool refused or failed. */
  tool: 'ToolError',
  /** A workflow that cannot be found, read or parsed. */
  workflow: 'WorkflowError',
} as const;

export interface SandboxLimits {
  /** Megabytes of guest heap. */
  memoryMb: number;
  /** Milliseconds one activation may take before the run fails. */
  turnMs: number;
}

/** What the script of a run gets. A child prepares for it before the script comes. */
export const RUN_SANDBOX_LIMITS: Readonly<SandboxLimits> = { memoryMb: 128, turnMs: 5_000 };

/** The process is up and its engine loaded. */
export interface ReadyMessage {
  type: 'ready';
  engine: EngineName;
}

export type EngineName = 'isolated-vm' | 'quickjs';
/** `auto`: isolated-vm where there is a Node for it, else QuickJS. */
export type EngineChoice = EngineName | 'auto';

export interface YieldMessage {
  type: 'yield';
  activation: number;
  commands: Command[];
  /** Present once the body has returned or thrown; no activation follows. */
  end?: ScriptEnd;
}

export type ScriptEnd = { ok: true; result: Json } | { ok: false; error: ErrorInfo };

/** The engine could not go on (memory, time, a defect); the process ends after it. */
export interface FatalMessage {
  type: 'fatal';
  error: ErrorInfo;
}

export type Command = CallCommand | LogCommand | PhaseCommand | GroupOpenCommand | GroupChangeCommand;

/** Where in the tree something belongs: `slot` is relative to the group, and means what the kind of group says. */
export interface Place {
  phase: string | null;
  /** Id of the innermost group, as the guest numbered it. */
  group: number | null;
  /** parallel: [index]; pipeline: [item, stage]; challenge: [challenger]; converge: [round]; judge: [judge]; all from 0. */
  slot: number[];
}

export interface CallCommand extends Place {
  type: 'call';
  /** Unique within the run, counted from 1 in order of issue. */
  call: number;
  request: CallRequest;
  /** The script's line that asked for it. */
  at: ScriptPosition | null;
}

export type CallRequest =
  | AgentRequest
  | { kind: 'timer'; delayMs: number }
  | CheckpointRequest
  /** One tool call without a model. */
  | { kind: 'tool'; name: string; input: JsonObject }
  /** Loads another script, by its name or its path; what it then asks for are calls of their own. */
  | { kind: 'workflow'; ref: { name: string } | { scriptPath: string } };

export type CallKind = CallRequest['kind'];

export interface AgentRequest {
  kind: 'agent';
  prompt: string;
  options: AgentOptions;
  role: AgentRole;
}
export type AgentRole = 'agent' | 'challenger' | 'judge';

/** A question that only a person answers. */
export interface CheckpointRequest {
  kind: 'checkpoint';
  question: string;
  detail: string;
  /** At least one. */
  choices: string[];
  /** What `values` of the answer must satisfy; null where none are asked for. */
  schema: JsonObject | null;
  /** Milliseconds after which `fallback` is the answer; null: it waits for a person, however long. */
  timeoutMs: number | null;
  fallback: CheckpointAnswer | null;
}

export interface CheckpointAnswer {
  /** One of the request's choices. */
  choice: string;
  comment?: string;
  values?: JsonObject;
}

/** The options of `agent()` that we know; the prelude drops the others after a warning. */
export interface AgentOptions {
  label?: string;
  phase?: string;
  schema?: JsonObject;
  model?: string;
  effort?: Effort;
  isolation?: 'worktree';
  agentType?: string;
}
export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type LogLevel = 'info' | 'warning' | 'error';
export interface LogCommand {
  type: 'log';
  level: LogLevel;
  message: string;
}

export interface PhaseCommand {
  type: 'phase';
  title: string;
}

export const GROUP_KINDS = ['parallel', 'pipeline', 'challenge', 'converge', 'round', 'judge', 'workflow'] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

export interface GroupOpenCommand extends Place {
  type: 'group-open';
  id: number;
  kind: GroupKind;
  /** Shown as the group's title: the claim of a challenge, `round 2`, the criteria of a judge, a workflow's name, else empty. */
  label: string;
  /** Thunks, items, challengers, judges or 0 where it is not known beforehand. */
  size: number;
  /** pipeline: number of stages, else 0. */
  stages: number;
  /** pipeline: short names of the items, at most 256 of 48 characters. challenge: the lens of each challenger. judge: short names of the candidates. */
  labels: string[];
  /** challenge: a second line below the claim, such as `db/report.ts:88`. */
  detail: string;
}

/** Only what changed is present. */
export interface GroupChange {
  closed?: true;
  verdict?: Verdict;
  /** parallel, pipeline: items so far that became null because something threw; each has its line in the log. */
  dropped?: number;
  /** converge, round: items that were new. */
  fresh?: number;
  /** converge: items in all, why it stopped, and what is still unfound. */
  total?: number;
  stopped?: 'dry' | 'maxRounds' | 'budget';
  estimate?: Estimate;
  /** judge: the candidate with the best score, and the mean score of each, 0 to 10. */
  winner?: number;
  scores?: number[];
}

export interface GroupChangeCommand {
  type: 'group-change';
  id: number;
  change: GroupChange;
}

export interface Verdict {
  verdict: 'upheld' | 'refuted' | 'unverified';
  for: number;
  against: number;
  failed: number;
  /** One of each challenger, in their order; empty where it gave none. */
  reasons: string[];
}

/** Chao1 richness estimate with its 95 % interval: how many items there are, found or not. */
export interface Estimate {
  found: number;
  total: number;
  low: number;
  high: number;
}
