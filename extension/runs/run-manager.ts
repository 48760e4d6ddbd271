import { createHash, randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { readScript } from '../dialect/read-script.ts';
import { Journal, type JournalRow, type StoredRun } from '../journal/journal.ts';
import { isDriven, Lease } from '../journal/lease.ts';
import * as reader from '../journal/reader.ts';
import { requestPrice } from '../models/prices.ts';
import type { Provider } from '../models/provider.ts';
import type { CallDetails } from '../protocol/call-details.ts';
import { UserError } from '../protocol/errors.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';
import type { RunEvent, RunInfo, RunLimits, RunStatus } from '../protocol/run-events.ts';
import { cutOff, emptyRunTree, foldRun, type RunTree } from '../protocol/run-tree.ts';
import type { EngineName } from '../protocol/sandbox-wire.ts';
import { pickEngine, startSandbox } from '../sandbox/sandbox.ts';
import type { GovernorTuning } from '../scheduler/governor.ts';
import { READ_ONLY_TOOLS } from '../tools/read-only-tools.ts';
import { AgentCalls } from './agent-calls.ts';
import { RunDriver } from './run-driver.ts';
import { RunFeeds, type RunListener } from './run-feeds.ts';
import { RunLog } from './run-log.ts';
import type { RunOutcome, RunService, RunSummary, StartRequest, WorkflowEntry } from './run-service.ts';
import { type CataloguePlaces, listWorkflows, locateScript } from './workflow-catalogue.ts';

export interface RunManagerOptions {
  workspace: string;
  /** Folder of the bundled scripts. */
  bundledWorkflows: string;
  /** Folder of the built files. */
  dist: string;
  /** Makes the provider of this id; throws a `UserError` that says how to set it up. */
  provider(id: string): Promise<Provider>;
  /** Path of the ripgrep binary. */
  ripgrep: string;
  /** Path of a Node that the engine isolated-vm can run on, null where there is none. */
  node: string | null;
  /** Wait before the second try of a model request, milliseconds. */
  retryBaseMs?: number;
  /** How failures of a provider are met otherwise, where not by default. */
  governor?: GovernorTuning;
}

export const DEFAULT_LIMITS: RunLimits = {
  concurrency: 16,
  maxAgents: 1_000,
  budget: null,
  maxCostUsd: null,
  agentTimeoutMs: null,
  runTimeoutMs: null,
};

interface ActiveRun {
  driver: RunDriver;
  finished: Promise<RunOutcome>;
}

/** @throws UserError where the workspace or its journal cannot be used. */
export async function openRunManager(options: RunManagerOptions): Promise<RunManager> {
  let workspace: string;
  try {
    workspace = await realpath(options.workspace);
  } catch (error) {
    throw new UserError('workspace-unusable', `There is no folder ${options.workspace}. Give one that exists.`, {
      cause: error,
    });
  }
  return new RunManager({ ...options, workspace }, new Journal(workspace));
}

export class RunManager implements RunService {
  #options: RunManagerOptions;
  #journal: Journal;
  #active = new Map<string, ActiveRun>();
  /** Runs being started or driven here. */
  #claimed = new Set<string>();
  #feeds: RunFeeds;
  #trees = new Map<string, RunTree>();

  constructor(options: RunManagerOptions, journal: Journal) {
    this.#options = options;
    this.#journal = journal;
    this.#feeds = new RunFeeds({
      lastSeq: (runId) => reader.readLastSeq(journal.database, runId),
      events: (runId, after) => reader.readEvents(journal.database, runId, after),
    });
  }

  get #places(): CataloguePlaces {
    return { workspace: this.#options.workspace, bundled: this.#options.bundledWorkflows };
  }

  workflows(): Promise<WorkflowEntry[]> {
    return listWorkflows(this.#places);
  }

  async start(request: StartRequest): Promise<string> {
    const { title, text, script } = await locateScript(this.#places, request.script);
    const engine = pickEngine(request.engine ?? 'auto', this.#options.node);
    const provider = await this.#options.provider(request.provider);
    const { name, description, phases } = script.meta;
    const id = newRunId(name);
    const info: RunInfo = {
      id,
      name,
      description,
      script: title,
      digest: createHash('sha256').update(text).digest('hex'),
      provider: provider.id,
      providerTitle: provider.title,
      model: request.model ? provider.resolveModel(request.model) : provider.defaultModel,
      phases: phases.map((phase) => ({ title: phase.title, ...(phase.detail && { detail: phase.detail }) })),
      limits: { ...DEFAULT_LIMITS, ...request.limits },
    };
    refuseUnpriced(info, provider);
    const run: StoredRun = {
      id,
      createdAt: Date.now(),
      script: text,
      args: request.args,
      seed: randomBytes(8).toString('hex'),
    };
    const created: RunEvent = { seq: 1, at: run.createdAt, type: 'run.created', run: info };
    const lease = this.#lease(id);
    try {
      const rows: JournalRow[] = [
        { table: 'runs', run },
        { table: 'events', event: created },
      ];
      await this.#journal.append(id, rows, { durable: true });
    } catch (error) {
      this.#release(id, lease);
      throw error;
    }
    this.#drive(this.#driverOf(run, info, script.source, provider, [created], lease, engine), id, lease);
    return id;
  }

  async resume(runId: string): Promise<void> {
    const { run, info } = this.#stored(runId);
    const lease = this.#lease(runId);
    let driver: RunDriver;
    try {
      // Only now nobody else can complete it any more.
      if (this.#statusOf(runId) === 'completed') throw finished(runId);
      const provider = await this.#options.provider(info.provider);
      const past = this.events(runId, 0);
      const engine = engineToResumeOn(runId, past, this.#options.node);
      driver = this.#driverOf(run, info, readScript(run.script).source, provider, past, lease, engine);
    } catch (error) {
      this.#release(runId, lease);
      throw error;
    }
    this.#drive(driver, runId, lease);
    await driver.begun;
  }

  async stop(runId: string): Promise<void> {
    const active = this.#active.get(runId);
    if (active) {
      active.driver.stop('stop');
      await active.finished;
      return;
    }
    this.#stored(runId);
    if (isDriven(this.#journal.database, runId)) throw busy(runId);
  }

  runs(): RunSummary[] {
    return reader.readRunIds(this.#journal.database).flatMap((id) => this.summary(id) ?? []);
  }

  summary(runId: string): RunSummary | null {
    const created = reader.readLastEvent(this.#journal.database, runId, ['run.created']);
    if (!created) return null;
    const last = reader.readLastEvent(this.#journal.database, runId, ['run.started', 'run.ended']);
    return {
      run: created.run,
      status: this.#statusOf(runId),
      createdAt: created.at,
      endedAt: last?.type === 'run.ended' ? last.at : null,
    };
  }

  events(runId: string, after: number, limit?: number): RunEvent[] {
    return reader.readEvents(this.#journal.database, runId, after, limit);
  }

  subscribe(runId: string, listener: RunListener): () => void {
    return this.#feeds.subscribe(runId, listener);
  }

  /** The fold of a run's events so far. */
  tree(runId: string): RunTree {
    this.#stored(runId);
    const known = this.#trees.get(runId) ?? emptyRunTree();
    const events = this.events(runId, known.lastSeq);
    const tree = foldRun(events, known);
    this.#trees.set(runId, tree);
    if (this.#statusOf(runId) === 'interrupted') cutOff(tree, events.at(-1)?.at ?? tree.createdAt);
    return tree;
  }

  details(runId: string, call: number): CallDetails {
    const db = this.#journal.database;
    const node = this.tree(runId).calls.get(call);
    if (!node) throw new UserError('bad-arguments', `Run ${runId} has no agent number ${call}.`);
    const { key } = node.info;
    const request = reader.readRequest(db, runId, key);
    const result = reader.readResult(db, runId, key);
    return {
      id: call,
      prompt: request?.kind === 'agent' ? request.prompt : '',
      options: request?.kind === 'agent' ? request.options : {},
      transcript: reader.readTranscript(db, runId, key),
      ...(result && { answer: result.value }),
      ...(node.settled && { settled: node.settled }),
    };
  }

  script(runId: string): string {
    return this.#stored(runId).run.script;
  }

  result(runId: string): Json | undefined {
    return reader.readOutcome(this.#journal.database, runId);
  }

  report(runId: string): string | null {
    const result = this.result(runId);
    if (typeof result === 'string') return result;
    return isJsonObject(result) && typeof result.report === 'string' ? result.report : null;
  }

  finished(runId: string): Promise<RunOutcome> {
    const active = this.#active.get(runId);
    if (active) return active.finished;
    // One that could not even begin may be over before anybody asks.
    const last = reader.readLastEvent(this.#journal.database, runId, ['run.started', 'run.ended']);
    if (last?.type === 'run.ended') return Promise.resolve(this.#outcomeOf(runId, last));
    throw new UserError('run-not-found', `Run ${runId} is not driven by this process.`);
  }

  #outcomeOf(runId: string, { status, error }: Extract<RunEvent, { type: 'run.ended' }>): RunOutcome {
    if (error) return { status, error };
    const result = status === 'stopped' ? undefined : this.result(runId);
    return { status, ...(result !== undefined && { result }) };
  }

  async close(): Promise<void> {
    const active = [...this.#active.values()];
    this.#feeds.close();
    for (const { driver } of active) driver.stop('detach');
    await Promise.allSettled(active.map(({ finished }) => finished));
    this.#journal.close();
  }

  #stored(runId: string): { run: StoredRun; info: RunInfo } {
    const run = reader.readRun(this.#journal.database, runId);
    const created = reader.readLastEvent(this.#journal.database, runId, ['run.created']);
    if (!run || !created) {
      throw new UserError(
        'run-not-found',
        `There is no run ${JSON.stringify(runId)} in this workspace. \`runs\` lists those there are.`,
      );
    }
    return { run, info: created.run };
  }

  #statusOf(runId: string): RunStatus {
    const last = reader.readLastEvent(this.#journal.database, runId, ['run.created', 'run.started', 'run.ended']);
    if (last?.type === 'run.ended') return last.status;
    return isDriven(this.#journal.database, runId) ? 'running' : 'interrupted';
  }

  /** The right to drive a run: one at a time, in this process as among all. */
  #lease(runId: string): Lease {
    if (this.#claimed.has(runId)) throw busy(runId);
    const lease = Lease.acquire(this.#journal, runId, () => this.#active.get(runId)?.driver.stop('detach'));
    if (!lease) throw busy(runId);
    this.#claimed.add(runId);
    return lease;
  }

  #release(runId: string, lease: Lease): void {
    lease.release();
    this.#claimed.delete(runId);
  }

  #driverOf(
    run: StoredRun,
    info: RunInfo,
    source: string,
    provider: Provider,
    past: RunEvent[],
    lease: Lease,
    engine: EngineName,
  ): RunDriver {
    const { workspace, ripgrep, dist, node, retryBaseMs, governor } = this.#options;
    const log = new RunLog(this.#journal, lease, run.id, past, (events) => this.#feeds.tell(run.id, events));
    const agents = new AgentCalls({
      provider,
      concurrency: info.limits.concurrency,
      tools: READ_ONLY_TOOLS,
      toolContext: { workspace, ripgrep },
      ...(retryBaseMs !== undefined && { retryBaseMs }),
      ...(governor && { governor }),
      agentTimeoutMs: info.limits.agentTimeoutMs ?? null,
    });
    return new RunDriver({
      run,
      info,
      source,
      log,
      startSandbox: () => startSandbox({ dist, node, engine }),
      agents,
      results: reader.readResults(this.#journal.database, run.id),
      resolveModel: (name) => provider.resolveModel(name),
      tellProgress: (events) => this.#feeds.tell(run.id, events),
    });
  }

  #drive(driver: RunDriver, runId: string, lease: Lease): void {
    const finished = driver.drive().finally(() => {
      this.#release(runId, lease);
      this.#active.delete(runId);
    });
    // Whoever waits for the run hears of a failing journal; nobody has to.
    finished.catch(() => undefined);
    this.#active.set(runId, { driver, finished });
  }
}

function finished(runId: string): UserError {
  return new UserError(
    'run-finished',
    `Run ${runId} has completed; there is nothing left to do. \`show ${runId}\` shows its result.`,
  );
}

/** A cap on cost that cannot be held is none. */
function refuseUnpriced({ limits, model }: RunInfo, provider: Provider): void {
  if (limits.maxCostUsd === null || provider.free || requestPrice(model, 0)) return;
  throw new UserError(
    'bad-arguments',
    `No price is known for the model ${JSON.stringify(model)}, so a cap on cost cannot hold: cap the output tokens (--budget) instead of the cost (--max-cost).`,
  );
}

function busy(runId: string): UserError {
  return new UserError(
    'run-busy',
    `Run ${runId} is being driven already, here or by another process. Wait for it, or stop it there.`,
  );
}

/**
 * The engine of the first attempt: another could ask for the calls in another order, or differently.
 * @throws UserError where that one cannot run here.
 */
function engineToResumeOn(runId: string, past: RunEvent[], node: string | null): EngineName {
  const first = past.find((event) => event.type === 'run.started');
  if (first?.engine !== 'isolated-vm' || node !== null) return pickEngine(first?.engine ?? 'auto', node);
  throw new UserError(
    'no-engine',
    `Run ${runId} began on the engine isolated-vm and can only go on there. That needs Node 24 or 26, and none was found; install one or name it (in VS Code: the setting counterpoint.nodePath, then reload the window).`,
  );
}

/** The workflow's name, and enough chance that two runs never meet. */
function newRunId(name: string): string {
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 32) || 'run';
  return `${slug}-${randomBytes(4).toString('hex')}`;
}
