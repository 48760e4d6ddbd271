import type { AgentTypes } from '../agents/agent-types.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import type { Provider } from '../models/provider.ts';
import type { CallDetails } from '../protocol/call-details.ts';
import type { ErrorInfo } from '../protocol/errors.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { SearchHit } from '../protocol/panel-messages.ts';
import type { PermissionRules, Profile } from '../protocol/permissions.ts';
import type { RunControl } from '../protocol/run-control.ts';
import type {
  EndStatus,
  ProgressEvent,
  RoleModels,
  RunEvent,
  RunInfo,
  RunLimits,
  RunStatus,
  Usage,
} from '../protocol/run-events.ts';
import type { StateCounts } from '../protocol/run-tree.ts';
import type { EngineChoice } from '../protocol/sandbox-wire.ts';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { AgentCalls } from './agent-calls.ts';
import type { AgentHistory } from './agent-history.ts';
import type { LookingTools } from './offered-tools.ts';
import type { PermitReading } from './permit-reading.ts';
import type { LocatedScript } from './workflow-catalogue.ts';
import type { AppliedChanges, LeftChanges } from './worktrees.ts';

/** All runs of one workspace: what the editor and the CLI ask of the runtime. Every failure a person can act on is a `UserError`. */
export interface RunService {
  /** Scripts of the project, of the person and bundled ones, each name once; a script that cannot be read is listed with its error. */
  workflows(): Promise<WorkflowEntry[]>;
  /** Real path of the folder that the runs work in. */
  readonly workspace: string;
  /** Reads a script by its path or its name. @throws UserError `script-not-found`, ScriptRefusedError. */
  locate(script: string): Promise<LocatedScript>;
  /** The kinds of agents that a script may ask for here, those that the project and the person have defined among them. */
  agentTypes(): Promise<AgentTypes>;
  /** A sandbox for a dry run; whoever takes it closes it. */
  sandbox(): Promise<Sandbox>;
  /** The tools that only look, of agents and of scripts; those of an editor among them, where one drives the runs. */
  readonly lookingTools: LookingTools;
  /**
   * One call of a tool that only reads, as the script of a run makes it. Rejects with the signal's reason when aborted.
   * @param permit By whose leave; absent: of nobody's rules.
   */
  readTool(name: string, input: JsonObject, signal: AbortSignal, permit?: PermitReading): Promise<AgentOutcome>;
  /** What agents of earlier runs came to, and what they answered. */
  history(): AgentHistory;
  /**
   * @param model That was chosen, so that none has to be found for agents that name none.
   * @throws UserError that says how to set it up.
   */
  provider(id: string, model?: string): Promise<Provider>;
  /** Sends out agents that belong to no run, such as the planner's; they may look at the workspace. */
  agents(provider: Provider): AgentCalls;
  /**
   * Starts a run and returns its id as soon as its first event is on disk.
   * @throws ScriptRefusedError where the script must not run, UserError for everything else a person can mend.
   */
  start(request: StartRequest): Promise<string>;
  /**
   * Goes on with a run that was cut or stopped, that failed, or that completed with failures; finished calls are not
   * asked again, whatever `change` brings.
   */
  resume(runId: string, change?: ResumeChange): Promise<void>;
  /** Starts a new run from an old one as it was at event `from`: what was finished by then and is asked again is reused. Returns its id. */
  fork(request: ForkRequest): Promise<string>;
  /**
   * Does what a person asked for, also where another process drives the run; resolves when it is done. A checkpoint
   * can be answered while nobody drives the run, too.
   * @throws UserError `not-running`, `not-possible` with the reason, `bad-arguments`.
   */
  control(runId: string, control: RunControl): Promise<void>;
  /** What an agent changed in its worktree, once it has ended; null where that is nothing. */
  changes(runId: string, call: number): Promise<LeftChanges | null>;
  /**
   * Applies what an agent changed in its worktree to the workspace, once; the diff stays.
   * @throws UserError `not-possible` where it left no changes, or they cannot be applied; then nothing was changed.
   */
  applyChanges(runId: string, call: number): Promise<AppliedChanges>;
  /** Stops a run, whichever process drives it; resolves when its last event is on disk. */
  stop(runId: string): Promise<void>;
  /** Hears of each run whose driver died, once, while this process lives. Returns the way to stop. */
  onInterrupted(listener: (runId: string) => void): () => void;
  /** Newest first. */
  runs(): RunSummary[];
  /** Ids of the runs that have not ended, whoever drives them, or nobody; cheap enough to be asked every second. */
  unfinished(): string[];
  /** Null where there is no such run. */
  summary(runId: string): RunSummary | null;
  /** Events with `seq` over `after`, in order, up to `limit`. */
  events(runId: string, after: number, limit?: number): RunEvent[];
  /** Hears every later event of a run, also one that another process drives (that one within a second). Returns the way to stop. */
  subscribe(runId: string, listener: (events: (RunEvent | ProgressEvent)[]) => void): () => void;
  /** `call` as numbered in the run's latest attempt. `after`: so many entries of the transcript are left out at its beginning. */
  details(runId: string, call: number, after?: number): CallDetails;
  /**
   * Hears what a call says while it says it, until the returned function is called: at once, and then at most ten times a
   * second while it changes. The text that is on its way is only known of a run that this process drives.
   */
  watchCall(runId: string, call: number, listener: (live: LiveCallText) => void): () => void;
  /** Where `text` stands in prompts, answers and transcripts of the latest attempt, in the order of the calls; upper and lower case are one. */
  search(runId: string, text: string): Promise<SearchHit[]>;
  /** What a list shows of a run; cheap enough to be asked of all runs, again and again. @throws UserError where there is no such run. */
  overview(runId: string): RunOverview;
  /**
   * The text of the script as it ran. `title`: of a script that it called, as places in that one name it.
   * @throws UserError where it called none of that title.
   */
  script(runId: string, title?: string): string;
  /** What the run was given, and its script takes, as `args`. */
  args(runId: string): Json | undefined;
  /** Undefined while there is none. */
  result(runId: string): Json | undefined;
  /** The Markdown that the result carries as `report`, or that the result is; null where it has none. */
  report(runId: string): string | null;
  /** Resolves when a run driven by this process has ended. */
  finished(runId: string): Promise<RunOutcome>;
  /** Stops driving (the runs stay resumable) and closes the journal. */
  close(): Promise<void>;
}

/** What a call says now: how many entries its transcript has, and the text of the reply that is on its way. */
export interface LiveCallText {
  entries: number;
  text: string;
}

/** A run at a glance. */
export interface RunOverview {
  /** Of the latest attempt. */
  counts: StateCounts;
  /** Of all attempts. */
  usage: Usage;
  paused: boolean;
  /** The title of the phase that agents work in now, else of the last that began; null before the first. */
  phase: string | null;
  /** Questions to a person that nobody has answered, those about tool calls among them. */
  questions: number;
  /** When the latest attempt began; null before the first. */
  startedAt: number | null;
  /** When it ended, or what drove it was last heard of; null while it is at work. */
  endedAt: number | null;
  /** Why it failed, where it did. */
  failure: string | null;
}

/** Where a script lies: in `.counterpoint/workflows` or `.claude/workflows` of the project, in those of the person's home, or with Counterpoint. */
export type WorkflowSource = 'project' | 'project-claude' | 'user' | 'user-claude' | 'bundled';

export interface WorkflowEntry {
  name: string;
  description: string;
  whenToUse: string;
  /** What it takes as `args`, where it says. */
  args?: WorkflowArgs;
  /** As in its meta. */
  servedBy?: string[];
  path: string;
  source: WorkflowSource;
  /** Why it cannot run, where it cannot. */
  error?: ErrorInfo;
}

/** Who answers what tool calls of a run are asked about, while this process drives it. */
export interface Attendance {
  /** Nobody is there: what would be asked is denied, at once or, where that is given, after `permissionTimeoutMs`. */
  unattended?: boolean;
  /** When silence becomes a no, milliseconds; absent: a question waits until it is answered. */
  permissionTimeoutMs?: number;
}

export interface StartRequest extends Attendance {
  /** A path (absolute, or relative to the workspace) or the name of a workflow. */
  script: string;
  /** SHA-256 of the text that a person has seen, hex: another is refused as `script-changed`. */
  digest?: string;
  /** What the run is called wherever it is shown, cut to a line of 80 characters; absent: as its workflow. */
  name?: string;
  args?: Json;
  provider: string;
  /** Absent: the provider's default. */
  model?: string;
  /** The models of agents of a role, where the script names none; absent: `model`. */
  models?: RoleModels;
  /** What runs the script; absent: `auto`. A resume keeps what the first attempt had. */
  engine?: EngineChoice;
  limits?: Partial<RunLimits>;
  /** What its agents may do; absent: `read-only`. */
  profile?: Profile;
  /** What the person allows, wants to be asked about, and denies. @throws by `start`: UserError for a rule that cannot be read. */
  permissions?: PermissionRules;
}

export interface ResumeChange extends Attendance {
  /** A path or a name, as in `StartRequest`: the run goes on with this script. */
  script?: string;
  /** Of that script, as in `StartRequest`. */
  digest?: string;
  /** The model where the script names none. */
  model?: string;
  /** Those of roles, beside those that the run has. */
  models?: RoleModels;
  limits?: Partial<RunLimits>;
  profile?: Profile;
  /** Beside those that the run has; that way a `deny` is never lost. */
  permissions?: PermissionRules;
}

export interface ForkRequest extends ResumeChange {
  run: string;
  /** `seq` of the last event that still counts; absent: the newest. */
  from?: number;
}

export interface RunSummary {
  run: RunInfo;
  status: RunStatus;
  createdAt: number;
  endedAt: number | null;
  /** This process drives it. */
  here: boolean;
}

export interface RunOutcome {
  status: EndStatus;
  result?: Json;
  error?: ErrorInfo;
}
