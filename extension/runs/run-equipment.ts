import { homedir } from 'node:os';
import { AgentTypes } from '../agents/agent-types.ts';
import type { Journal, StoredRun } from '../journal/journal.ts';
import type { Lease } from '../journal/lease.ts';
import * as reader from '../journal/reader.ts';
import type { Provider } from '../models/provider.ts';
import { Grants } from '../permissions/grants.ts';
import type { Rule } from '../permissions/rules.ts';
import type { Profile } from '../protocol/permissions.ts';
import type { ProgressEvent, RunChange, RunEvent, RunInfo, RunLimits } from '../protocol/run-events.ts';
import type { EngineName } from '../protocol/sandbox-wire.ts';
import { pickEngine, type Sandbox } from '../sandbox/sandbox.ts';
import { SandboxPool } from '../sandbox/sandbox-pool.ts';
import type { GovernorTuning } from '../scheduler/governor.ts';
import type { McpServer } from '../tools/mcp/config.ts';
import { osSandbox } from '../tools/shell/os-sandbox.ts';
import type { Tool } from '../tools/tool.ts';
import { addedCalls, type StoredAdded } from './added-task.ts';
import { AgentCalls } from './agent-calls.ts';
import { askedAt } from './checkpoints.ts';
import { refuseUnpriced } from './model-choice.ts';
import { scriptToolsOf, TOOL_NAMES, toolsFor } from './offered-tools.ts';
import type { CalledScript } from './outcomes.ts';
import { RunDriver, type ScriptText } from './run-driver.ts';
import { RunLog } from './run-log.ts';
import { type Deciding, permissionsOf } from './run-permissions.ts';
import { rulesOf } from './run-rules.ts';
import { RunTurns } from './run-turns.ts';
import { runScriptTool } from './script-tools.ts';
import { ServerTools } from './server-tools.ts';
import { type CataloguePlaces, locateScript } from './workflow-catalogue.ts';
import { Worktrees } from './worktrees.ts';

/** What a workspace's runs are driven with, and by whose leave. */
export interface RunManagerOptions {
  workspace: string;
  /** Folder of the bundled scripts. */
  bundledWorkflows: string;
  /** Folder of the built files. */
  dist: string;
  /** Makes the provider of this id, `model` as in `RunService`; throws a `UserError` that says how to set it up. */
  provider(id: string, model?: string): Promise<Provider>;
  /** Path of the ripgrep binary. */
  ripgrep: string;
  /** Path of a Node that the engine isolated-vm can run on, null where there is none. */
  node: string | null;
  /** A process for the next script is kept ready, for a front end that lives on between runs. */
  keepWarm?: boolean;
  /** Nothing is written into the workspace, and so no run may start: for a folder without runs that a person only looks at. */
  leaveNoTrace?: boolean;
  /** Wait before the second try of a model request, milliseconds. */
  retryBaseMs?: number;
  /** How failures of a provider are met otherwise, where not by default. */
  governor?: GovernorTuning;
  /** Where the person keeps their own agents and what they allowed for good, in place of their home. */
  home?: string;
  /** What agents of a profile are offered; by default what there is. */
  tools?(profile: Profile): readonly Tool[];
  /** Tools that only an editor has, beside those of a profile. */
  editorTools?: readonly Tool[];
  /** Whether a person allows that an MCP server of the workspace is started, as in `McpServersOptions`; absent: none is. */
  mayStartServer?(server: McpServer): Promise<boolean>;
  /** Whether a sandbox of the operating system holds what tools run; by default it is tried. */
  confined?(): Promise<boolean>;
}

/** What one attempt to drive a run takes. */
export interface Driving extends Deciding {
  run: StoredRun;
  script: ScriptText;
  provider: Provider;
  past: RunEvent[];
  lease: Lease;
  engine: EngineName;
  agentTypes: AgentTypes;
  /** What its agents are offered. */
  tools: readonly Tool[];
  change?: RunChange;
}

/** What comes of a run while it is driven. */
export interface RunHearers {
  tell(runId: string, events: (RunEvent | ProgressEvent)[]): void;
  /** A reply to the agent of this key is on its way, and what gives its text so far; null: no more. */
  onReply(runId: string, key: string, text: (() => string) | null): void;
}

/** What the runs of one workspace are driven with: sandboxes, agents and their tools, permissions, the scripts that they may call. */
export class RunEquipment {
  readonly #options: RunManagerOptions;
  readonly #journal: Journal;
  readonly #hearers: RunHearers;
  readonly #sandboxes: SandboxPool;
  readonly #servers: ServerTools;

  constructor(options: RunManagerOptions, journal: Journal, hearers: RunHearers) {
    this.#options = options;
    this.#journal = journal;
    this.#hearers = hearers;
    const { workspace, dist, node, keepWarm, mayStartServer = async () => false } = options;
    this.#sandboxes = new SandboxPool({ dist, node });
    this.#servers = new ServerTools({ workspace, mayStart: mayStartServer });
    if (keepWarm) this.warm(pickEngine('auto', node));
  }

  /** Where scripts are looked for. */
  get places(): CataloguePlaces {
    return { workspace: this.#options.workspace, bundled: this.#options.bundledWorkflows };
  }

  /** A sandbox comes up that `sandbox` will give. */
  warm(engine: EngineName): void {
    this.#sandboxes.warm(engine);
  }

  /** A sandbox of its own for whoever asks; they close it. */
  async sandbox(engine: EngineName): Promise<Sandbox> {
    const sandbox = await this.#sandboxes.take(engine);
    if (this.#options.keepWarm) this.warm(engine);
    return sandbox;
  }

  agentTypes(): Promise<AgentTypes> {
    const { workspace, home = homedir() } = this.#options;
    return AgentTypes.read({ workspace, home });
  }

  /** The agents of one run. @param offer Their tools; with rules, those of servers, too. */
  agents(
    provider: Provider,
    limits: RunLimits,
    { tools, rules }: { tools: readonly Tool[]; rules?: readonly Rule[] },
  ): AgentCalls {
    const { workspace, ripgrep, retryBaseMs, governor } = this.#options;
    return new AgentCalls({
      provider,
      concurrency: limits.concurrency,
      tools,
      ...(rules && { serverTools: (type, tell) => this.#servers.of(type, rules, tell) }),
      toolContext: { workspace, ripgrep },
      ...(retryBaseMs !== undefined && { retryBaseMs }),
      ...(governor && { governor }),
      agentTimeoutMs: limits.agentTimeoutMs ?? null,
      agentTurns: limits.agentTurns ?? null,
      agentTokens: limits.agentTokens ?? null,
    });
  }

  /** By what the tool calls of a run are decided. @throws UserError for a rule that cannot be read. */
  async deciding(info: RunInfo): Promise<Pick<Driving, 'rules' | 'tools' | 'confined'>> {
    const known = this.#options.tools?.(info.profile ?? 'read-only') ?? [];
    const rules = rulesOf(info, [...TOOL_NAMES, ...known.map(({ name }) => name)]);
    const tools = this.#toolsOf(info, rules);
    const { confined = async () => (await osSandbox()).available } = this.#options;
    // Those that run nothing need no sandbox, and most runs are such.
    return { rules, tools, confined: tools.some(({ access }) => access === 'execute') && (await confined()) };
  }

  /** What drives one attempt at a run. */
  driver(driving: Driving): RunDriver {
    const { run, script, provider, past, lease, engine, agentTypes, change } = driving;
    const log = this.log(run.id, past, lease);
    const { limits, profile = 'read-only' } = { ...log.tree.run, ...change } as RunInfo;
    const { workspace, ripgrep, home } = this.#options;
    const scriptTools = scriptToolsOf(driving.tools, profile);
    return new RunDriver({
      run,
      script,
      log,
      ...(change && { change }),
      startSandbox: () => this.sandbox(engine),
      agents: this.agents(provider, limits, driving),
      permissions: (onFailure) =>
        permissionsOf({ ...driving, log, profile, workspace, grants: new Grants(home), onFailure }),
      worktrees: new Worktrees({ workspace, ripgrep, runId: run.id }),
      readResults: () => {
        this.#journal.flush();
        return reader.readResults(this.#journal.database, run.id);
      },
      added: this.#addedTo(run.id, past),
      askedAt: askedAt(past),
      resolveModel: (name) => provider.resolveModel(name),
      runTool: (name, input, signal, permit) =>
        runScriptTool(scriptTools, name, input, { workspace, ripgrep, signal }, permit),
      turns: new RunTurns(this.#journal.database, log),
      agentTypes,
      loadWorkflow: (ref) => this.#loadWorkflow(ref),
      tellProgress: (events) => this.#hearers.tell(run.id, events),
      onReply: (key, text) => this.#hearers.onReply(run.id, key, text),
      checkLimits: (info) => refuseUnpriced(info, provider),
    });
  }

  /** The log of a run, for whoever has its lease. */
  log(runId: string, past: RunEvent[], lease: Lease): RunLog {
    return new RunLog(this.#journal, lease, runId, past, (events) => this.#hearers.tell(runId, events));
  }

  #toolsOf({ profile = 'read-only' }: Pick<RunInfo, 'profile'>, rules: readonly Rule[]): readonly Tool[] {
    const { tools, editorTools } = this.#options;
    return tools?.(profile) ?? toolsFor(profile, rules, editorTools);
  }

  /** What a person added to a run in earlier attempts. */
  #addedTo(runId: string, past: readonly RunEvent[]): StoredAdded[] {
    const { database } = this.#journal;
    return [...addedCalls(past)].flatMap(([id, { key }]) => {
      const request = reader.readRequest(database, runId, key);
      return request?.kind === 'agent' ? [{ id, request, result: reader.readResult(database, runId, key) }] : [];
    });
  }

  async #loadWorkflow(ref: { name: string } | { scriptPath: string }): Promise<CalledScript> {
    const wanted = 'name' in ref ? ref.name : ref.scriptPath;
    const { title, text, script } = await locateScript(this.places, wanted);
    return { title, name: script.meta.name, text };
  }

  async close(): Promise<void> {
    this.#sandboxes.close();
    await this.#servers.close();
  }
}
