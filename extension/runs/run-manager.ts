import { realpath } from 'node:fs/promises';
import type { AgentTypes } from '../agents/agent-types.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import { readScript } from '../dialect/read-script.ts';
import { forgetControls } from '../journal/controls.ts';
import { Journal, type JournalRow } from '../journal/journal.ts';
import { isDriven, Lease, leasedRuns } from '../journal/lease.ts';
import * as reader from '../journal/reader.ts';
import type { Provider } from '../models/provider.ts';
import type { CallDetails } from '../protocol/call-details.ts';
import { UserError } from '../protocol/errors.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { SearchHit } from '../protocol/panel-messages.ts';
import type { RunControl } from '../protocol/run-control.ts';
import type { RunEvent, RunEventBody } from '../protocol/run-events.ts';
import { foldRun, type RunTree } from '../protocol/run-tree.ts';
import type { EngineName } from '../protocol/sandbox-wire.ts';
import { pickEngine, type Sandbox } from '../sandbox/sandbox.ts';
import { carriedOver, checkAddedTask } from './added-task.ts';
import type { AgentCalls } from './agent-calls.ts';
import { AgentHistories, type AgentHistory } from './agent-history.ts';
import { answerAlone } from './checkpoints.ts';
import { ControlDesk, notRunning } from './control-desk.ts';
import { parseControl } from './control-schema.ts';
import { InterruptedWatch } from './interrupted-watch.ts';
import { RepliesUnderWay, watchText } from './live-text.ts';
import { changeOf, DEFAULT_LIMITS, digestOf, forkedRun, type NewRun, newRun } from './new-run.ts';
import { type LookingTools, lookingTools } from './offered-tools.ts';
import type { PermitReading } from './permit-reading.ts';
import { RunArchive } from './run-archive.ts';
import type { RunDriver } from './run-driver.ts';
import { RunEquipment, type RunManagerOptions } from './run-equipment.ts';
import { RunFeeds, type RunListener } from './run-feeds.ts';
import { RunOverviews } from './run-overview.ts';
import { searchRun } from './run-search.ts';
import type {
  Attendance,
  ForkRequest,
  LiveCallText,
  ResumeChange,
  RunOutcome,
  RunOverview,
  RunService,
  RunSummary,
  StartRequest,
  WorkflowEntry,
} from './run-service.ts';
import { runScriptTool } from './script-tools.ts';
import { fillArgs } from './workflow-args.ts';
import { type LocatedScript, listWorkflows, locateScript } from './workflow-catalogue.ts';
import { type AppliedChanges, type LeftChanges, Worktrees } from './worktrees.ts';

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
  return new RunManager({ ...options, workspace }, new Journal(workspace, options.leaveNoTrace ? 'memory' : 'folder'));
}

export class RunManager implements RunService {
  #options: RunManagerOptions;
  #journal: Journal;
  #active = new Map<string, ActiveRun>();
  /** Runs being started or driven here. */
  #claimed = new Set<string>();
  #archive: RunArchive;
  #overviews: RunOverviews;
  #histories: AgentHistories;
  #feeds: RunFeeds;
  #desk: ControlDesk;
  #interrupted: InterruptedWatch;
  #equipment: RunEquipment;
  #replies = new RepliesUnderWay();

  constructor(options: RunManagerOptions, journal: Journal) {
    this.#options = options;
    this.#journal = journal;
    this.#archive = new RunArchive(journal);
    this.#overviews = new RunOverviews({
      lastSeq: (runId) => reader.readLastSeq(journal.database, runId),
      events: (runId, after) => this.#archive.events(runId, after),
      summary: (runId) => this.#archive.summary(runId),
      statusOf: (runId) => this.#archive.statusOf(runId),
    });
    this.#histories = new AgentHistories({
      ids: () => this.#archive.ids(),
      lastSeq: (runId) => reader.readLastSeq(journal.database, runId),
      events: (runId, limit) => this.#archive.events(runId, 0, limit),
      summary: (runId) => this.#overviews.summary(runId),
      result: (runId, key) => reader.readResult(journal.database, runId, key),
    });
    this.#feeds = new RunFeeds({
      lastSeq: (runId) => reader.readLastSeq(journal.database, runId),
      events: (runId, after) => reader.readEvents(journal.database, runId, after),
    });
    this.#desk = new ControlDesk(journal, (runId, control) => this.#performHere(runId, control));
    this.#interrupted = new InterruptedWatch({
      leased: () => leasedRuns(journal.database),
      isInterrupted: (runId) => this.#archive.statusOf(runId) === 'interrupted',
    });
    this.#equipment = new RunEquipment(options, journal, {
      tell: (runId, events) => this.#feeds.tell(runId, events),
      onReply: (runId, key, text) => this.#replies.set(runId, key, text),
    });
  }

  workflows(): Promise<WorkflowEntry[]> {
    return listWorkflows(this.#equipment.places);
  }

  get workspace(): string {
    return this.#options.workspace;
  }

  locate(script: string): Promise<LocatedScript> {
    return locateScript(this.#equipment.places, script);
  }

  agentTypes(): Promise<AgentTypes> {
    return this.#equipment.agentTypes();
  }

  sandbox(): Promise<Sandbox> {
    return this.#equipment.sandbox(pickEngine('auto', this.#options.node));
  }

  get lookingTools(): LookingTools {
    return lookingTools(this.#options.editorTools);
  }

  readTool(name: string, input: JsonObject, signal: AbortSignal, permit?: PermitReading): Promise<AgentOutcome> {
    const { workspace, ripgrep } = this.#options;
    return runScriptTool(this.lookingTools.script, name, input, { workspace, ripgrep, signal }, permit);
  }

  history(): AgentHistory {
    return this.#histories.read();
  }

  provider(id: string, model?: string): Promise<Provider> {
    return this.#options.provider(id, model);
  }

  agents(provider: Provider): AgentCalls {
    return this.#equipment.agents(provider, DEFAULT_LIMITS, { tools: this.lookingTools.agents });
  }

  async start(request: StartRequest): Promise<string> {
    const located = await this.#seenScript(request.script, request.digest);
    const args = fillArgs(located.script.meta.args, request.args);
    const engine = pickEngine(request.engine ?? 'auto', this.#options.node);
    // It comes up while the provider is loaded and the run is written down.
    this.#equipment.warm(engine);
    const provider = await this.#options.provider(request.provider, request.model);
    const made = newRun(located, { ...request, ...(args !== undefined && { args }) }, provider);
    return await this.#begin({ ...made, source: located.script.source, provider, engine, attendance: request });
  }

  /** Reads a script that is to run. @throws UserError `script-changed` where it is not the text of that digest any more. */
  async #seenScript(wanted: string, digest: string | undefined): Promise<LocatedScript> {
    const located = await locateScript(this.#equipment.places, wanted);
    if (digest !== undefined && digest !== digestOf(located.text)) throw changed(located.title);
    return located;
  }

  async fork({ run: from, from: upTo, ...wanted }: ForkRequest): Promise<string> {
    const { run, info } = this.#archive.stored(from);
    const past = this.events(from, 0);
    const seq = upTo ?? past.length;
    if (!Number.isInteger(seq) || seq < 1 || seq > past.length)
      throw new UserError('bad-arguments', `Run ${from} has the events 1 to ${past.length}; ${upTo} is none of them.`);
    const until = foldRun(past.slice(0, seq));
    const provider = await this.#options.provider(info.provider, info.model);
    const located = wanted.script === undefined ? null : await this.#seenScript(wanted.script, wanted.digest);
    const then = until.run ?? info;
    const text = located?.text ?? reader.readReplacedScript(this.#journal.database, from, seq) ?? run.script;
    const forkedFrom = { run: from, seq, usage: until.usage };
    const args = fillArgs(located?.script.meta.args, run.args);
    const made = forkedRun(
      { run: { ...run, args }, info: then, forkedFrom },
      changeOf(then, wanted, located, provider) ?? {},
      text,
    );
    const engine = engineToResumeOn(from, past, this.#options.node);
    const { source } = readScript(text);
    const isFinished = (key: string): boolean =>
      (reader.readResult(this.#journal.database, from, key)?.seq ?? Number.POSITIVE_INFINITY) <= seq;
    return await this.#begin(
      { ...made, source, provider, engine, attendance: wanted },
      { events: carriedOver(past.slice(0, seq), isFinished), rows: [{ table: 'copies', from, upTo: seq }] },
    );
  }

  /** Writes a run's first events and drives it. Returns its id. */
  async #begin(
    { run, info, source, provider, engine, attendance }: NewRun & Beginning,
    parents: { events: RunEventBody[]; rows: JournalRow[] } = { events: [], rows: [] },
  ): Promise<string> {
    const [agentTypes, permitted] = await Promise.all([this.agentTypes(), this.#equipment.deciding(info)]);
    const bodies: RunEventBody[] = [{ type: 'run.created', run: info }, ...parents.events];
    const past = bodies.map((body, index): RunEvent => ({ seq: index + 1, at: run.createdAt, ...body }));
    const lease = this.#lease(run.id);
    try {
      const events = past.map((event): JournalRow => ({ table: 'events', event }));
      await this.#journal.append(run.id, [{ table: 'runs', run }, ...events, ...parents.rows], { durable: true });
    } catch (error) {
      this.#release(run.id, lease);
      throw error;
    }
    const script = { text: run.script, source };
    const driving = { run, script, provider, past, lease, engine, agentTypes, attendance, ...permitted };
    this.#drive(this.#equipment.driver(driving), run.id, lease);
    return run.id;
  }

  async resume(runId: string, wanted: ResumeChange = {}): Promise<void> {
    const { run, info } = this.#archive.stored(runId);
    const lease = this.#lease(runId);
    let driver: RunDriver;
    try {
      // Only now nobody else can complete it any more.
      if (this.#archive.statusOf(runId) === 'completed' && wanted.script === undefined) throw finished(runId);
      const provider = await this.#options.provider(info.provider, info.model);
      const past = this.events(runId, 0);
      const engine = engineToResumeOn(runId, past, this.#options.node);
      const located = wanted.script === undefined ? null : await this.#seenScript(wanted.script, wanted.digest);
      const text = located?.text ?? this.script(runId);
      const change = changeOf(info, wanted, located, provider);
      const script = { text, source: readScript(text).source };
      const changed = { ...info, ...change };
      const [agentTypes, permitted] = await Promise.all([this.agentTypes(), this.#equipment.deciding(changed)]);
      const driving = { run, script, provider, past, lease, engine, agentTypes, attendance: wanted, ...permitted };
      driver = this.#equipment.driver({ ...driving, ...(change && { change }) });
    } catch (error) {
      this.#release(runId, lease);
      throw error;
    }
    this.#drive(driver, runId, lease);
    await driver.begun;
  }

  async stop(runId: string): Promise<void> {
    try {
      await this.control(runId, { action: 'stop' });
    } catch (error) {
      // It has ended, by this or by itself, and that is all that was wanted.
      if (!(error instanceof UserError) || error.code !== 'not-running') throw error;
    }
  }

  async control(runId: string, control: RunControl): Promise<void> {
    this.#archive.stored(runId);
    const checked = parseControl(JSON.parse(JSON.stringify(control)));
    if (!checked) throw new UserError('bad-arguments', `This is nothing that can be done to a run: ${control.action}.`);
    if (checked.action === 'replace-script') readScript(checked.text);
    if (checked.action === 'add-agent') checkAddedTask(checked.task);
    const done = this.#performHere(runId, checked);
    if (done) return await done;
    if (isDriven(this.#journal.database, runId)) return await this.#desk.ask(runId, checked);
    if (checked.action !== 'answer') throw notRunning(runId, checked);
    await this.#answerAlone(runId, checked);
  }

  #performHere(runId: string, control: RunControl): Promise<void> | undefined {
    const active = this.#active.get(runId);
    if (!active) return undefined;
    const done = active.driver.control(control);
    return control.action === 'stop' ? done.then(() => active.finished).then(() => undefined) : done;
  }

  /** Writes down a person's answer while nobody drives the run; whoever resumes it finds it. */
  async #answerAlone(runId: string, control: Extract<RunControl, { action: 'answer' }>): Promise<void> {
    const lease = this.#lease(runId);
    try {
      const log = this.#equipment.log(runId, this.events(runId, 0), lease);
      await answerAlone(log, control, (key) => reader.readRequest(this.#journal.database, runId, key));
    } finally {
      this.#release(runId, lease);
    }
  }

  async changes(runId: string, call: number): Promise<LeftChanges | null> {
    return await this.#worktrees(runId).left(this.#archive.call(runId, call).info.key);
  }

  async applyChanges(runId: string, call: number): Promise<AppliedChanges> {
    return await this.#worktrees(runId).apply(this.#archive.call(runId, call).info.key);
  }

  #worktrees(runId: string): Worktrees {
    const { workspace, ripgrep } = this.#options;
    return new Worktrees({ workspace, ripgrep, runId });
  }

  onInterrupted(listener: (runId: string) => void): () => void {
    return this.#interrupted.listen(listener);
  }

  runs(): RunSummary[] {
    return this.#archive.ids().flatMap((id) => this.summary(id) ?? []);
  }

  unfinished(): string[] {
    return this.#archive.unfinished();
  }

  summary(runId: string): RunSummary | null {
    const summary = this.#overviews.summary(runId);
    return summary && { ...summary, here: this.#active.has(runId) };
  }

  events(runId: string, after: number, limit?: number): RunEvent[] {
    return this.#archive.events(runId, after, limit);
  }

  tree(runId: string): RunTree {
    return this.#archive.tree(runId);
  }

  details(runId: string, call: number, after = 0): CallDetails {
    return this.#archive.details(runId, call, after);
  }

  watchCall(runId: string, call: number, listener: (live: LiveCallText) => void): () => void {
    const { key } = this.#archive.call(runId, call).info;
    return watchText(
      () => ({ entries: this.#archive.transcriptLength(runId, key), text: this.#replies.text(runId, key) }),
      listener,
    );
  }

  search(runId: string, text: string): Promise<SearchHit[]> {
    return searchRun(this.#archive, runId, text);
  }

  overview(runId: string): RunOverview {
    return this.#overviews.overview(runId);
  }

  args(runId: string): Json | undefined {
    return this.#archive.stored(runId).run.args;
  }

  script(runId: string, title?: string): string {
    return this.#archive.script(runId, title);
  }

  result(runId: string): Json | undefined {
    return this.#archive.result(runId);
  }

  report(runId: string): string | null {
    return this.#archive.report(runId);
  }

  subscribe(runId: string, listener: RunListener): () => void {
    return this.#feeds.subscribe(runId, listener);
  }

  finished(runId: string): Promise<RunOutcome> {
    const active = this.#active.get(runId);
    if (active) return active.finished;
    // One that could not even begin may be over before anybody asks.
    const outcome = this.#archive.outcome(runId);
    if (outcome) return Promise.resolve(outcome);
    throw new UserError('run-not-found', `Run ${runId} is not driven by this process.`);
  }

  async close(): Promise<void> {
    const active = [...this.#active.values()];
    this.#feeds.close();
    this.#interrupted.close();
    for (const { driver } of active) driver.stop('detach');
    await Promise.allSettled(active.map(({ finished }) => finished));
    this.#desk.serve(false);
    await this.#equipment.close();
    this.#journal.close();
  }

  /** The right to drive a run: one at a time, in this process as among all. */
  #lease(runId: string): Lease {
    if (this.#options.leaveNoTrace)
      throw new UserError('not-trusted', 'This folder is only looked at. Trust it, then workflows run in it.');
    if (this.#claimed.has(runId)) throw busy(runId);
    const lease = Lease.acquire(this.#journal, runId, () => this.#active.get(runId)?.driver.stop('detach'));
    if (!lease) throw busy(runId);
    this.#claimed.add(runId);
    forgetControls(this.#journal.database, runId);
    return lease;
  }

  #release(runId: string, lease: Lease): void {
    lease.release();
    this.#claimed.delete(runId);
  }

  #drive(driver: RunDriver, runId: string, lease: Lease): void {
    const finished = driver.drive().finally(() => {
      this.#release(runId, lease);
      this.#active.delete(runId);
      this.#desk.serve(this.#active.size > 0);
    });
    // Whoever waits for the run hears of a failing journal; nobody has to.
    finished.catch(() => undefined);
    this.#active.set(runId, { driver, finished });
    this.#desk.serve(true);
  }
}

/** What a new run begins with, beside what is stored of it. */
interface Beginning {
  source: string;
  provider: Provider;
  engine: EngineName;
  attendance: Attendance;
}

function finished(runId: string): UserError {
  return new UserError(
    'run-finished',
    `Run ${runId} has completed; there is nothing left to do. \`show ${runId}\` shows its result.`,
  );
}

function changed(title: string): UserError {
  return new UserError(
    'script-changed',
    `${title} has changed since you looked at it, so it was not run. Look at it as it is now, and decide again.`,
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
