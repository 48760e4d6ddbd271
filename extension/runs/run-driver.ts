import type { StoredResult, StoredRun } from '../journal/journal.ts';
import { type ErrorInfo, errorInfo } from '../protocol/errors.ts';
import type { RunControl } from '../protocol/run-control.ts';
import type { EndStatus, ProgressEvent, RunChange, RunInfo } from '../protocol/run-events.ts';
import type { CallState, RunTree } from '../protocol/run-tree.ts';
import { type Command, RUN_SANDBOX_LIMITS, type ScriptEnd, type YieldMessage } from '../protocol/sandbox-wire.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { SandboxError } from '../sandbox/sandbox-error.ts';
import { Caps } from '../scheduler/caps.ts';
import { AddedAgents, type AddedAgentsParts } from './added-agents.ts';
import type { AgentCalls } from './agent-calls.ts';
import { AgentWork, type AgentWorkParts } from './agent-work.ts';
import { CallLog } from './call-log.ts';
import { ProgressFeed } from './progress-feed.ts';
import { RunCalls, type RunCallsParts } from './run-calls.ts';
import { RunClock } from './run-clock.ts';
import type { RunLog } from './run-log.ts';
import type { RunPermissions } from './run-permissions.ts';
import type { RunOutcome } from './run-service.ts';
import { RunSteering } from './run-steering.ts';
import { INBOX } from './script-tools.ts';

export interface DriverParts
  extends Pick<RunCallsParts, 'runTool' | 'loadWorkflow' | 'turns' | 'agentTypes' | 'askedAt'>,
    Pick<AgentWorkParts, 'worktrees' | 'resolveModel' | 'onReply'>,
    Pick<AddedAgentsParts, 'added'> {
  /** Every finished call of the run, as it is on disk. */
  readResults(): Map<string, StoredResult>;
  run: StoredRun;
  permissions(onFailure: (error: unknown) => void): RunPermissions;
  /** The script's text, and as `readScript` prepared it. */
  script: ScriptText;
  log: RunLog;
  startSandbox(): Promise<Sandbox>;
  agents: AgentCalls;
  tellProgress(events: ProgressEvent[]): void;
  /** What the run goes by from now on, in place of what it went by before. */
  change?: RunChange;
  /** @throws UserError where these limits cannot hold. */
  checkLimits(info: RunInfo): void;
}

export interface ScriptText {
  text: string;
  /** The text with its meta blanked out. */
  source: string;
}

/** Why a run is cut from outside. `detach` leaves it resumable and writes nothing more. */
export type StopReason = 'stop' | 'detach';

/** The script is to begin anew. */
const ANEW = Symbol('anew');

/** Drives one run to its end: activations in, commands out, every result on disk before the script hears of it. */
export class RunDriver {
  #parts: DriverParts;
  #script: ScriptText;
  #book: CallLog;
  #calls: RunCalls;
  #added: AddedAgents;
  #steering: RunSteering;
  #progress: ProgressFeed;
  #clock: RunClock;
  #cut: StopReason | null = null;
  /** The last event is on its way; what comes late must not come after it. */
  #ended = false;
  #failure = Promise.withResolvers<never>();
  #begun = Promise.withResolvers<void>();
  #anew = Promise.withResolvers<typeof ANEW>();
  #sandbox: Sandbox | null = null;
  /** Agents that the script has no answer of, and items that it dropped, when it returned. */
  #scriptFailures = 0;

  constructor(parts: DriverParts) {
    const { log, agents, run, script } = parts;
    this.#parts = parts;
    this.#script = script;
    this.#progress = new ProgressFeed(parts.tellProgress);
    const onFailure = (error: unknown): void => this.#failure.reject(error);
    const info = (): RunInfo => infoOf(log, run.id);
    // Before the caps, which begin with what was used.
    parts.turns.tellWhatDied(onFailure);
    const caps = new Caps(parts.change?.limits ?? info().limits, log.tree.usage);
    const shared = {
      ...parts,
      caps,
      info,
      onFailure,
      progress: this.#progress,
      permissions: parts.permissions(onFailure),
    };
    this.#book = new CallLog(shared);
    const { added, calls } = callsOf({ ...shared, book: this.#book });
    this.#added = added;
    this.#calls = calls;
    this.#steering = new RunSteering({
      ...shared,
      calls,
      added,
      beginAnew: (replacement) => this.#beginAnew(replacement),
      stop: () => this.stop('stop'),
    });
    this.#clock = new RunClock(() => agents.heldMs, onFailure);
    agents.listen({
      tell: (message, governor) => {
        this.#record({ type: 'log', level: 'warning', message });
        this.#record({ type: 'run.governed', governor });
      },
      onDead: onFailure,
    });
    // It is raced against in drive(); before and after that nobody listens, and that is fine.
    this.#failure.promise.catch(() => undefined);
  }

  /** Resolves when the attempt is in the journal, or could not begin. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves when the last event is on disk; never rejects but for a journal that cannot be written. */
  async drive(): Promise<RunOutcome> {
    try {
      await this.#change();
      this.#clock.limit(infoOf(this.#parts.log, this.#parts.run.id).limits.runTimeoutMs ?? null);
      for (;;) {
        const end = await Promise.race([this.#attempt(), this.#anew.promise, this.#failure.promise]);
        // A script that failed waits for nobody: its person hears of that at once, and when they resume the run,
        // what they had added goes on by its turns.
        const isOver = end !== ANEW && (!end.ok || (await this.#afterScript()) !== ANEW);
        if (isOver) return await this.#finish(end);
        this.#sandbox?.close();
        this.#anew = Promise.withResolvers();
        this.#calls.beginAnew();
      }
    } catch (error) {
      if (this.#cut === 'detach') return { status: 'stopped' };
      if (this.#cut === 'stop') return await this.#finish(null);
      return await this.#finish({ ok: false, error: error instanceof SandboxError ? error.info : errorInfo(error) });
    } finally {
      this.#release();
    }
  }

  /** What a person wants of the run. @throws UserError where it cannot be. */
  control(control: RunControl): Promise<void> {
    return this.#steering.control(control);
  }

  stop(reason: StopReason): void {
    if (this.#cut) return;
    this.#cut = reason;
    this.#failure.reject(new Error(`the run was cut: ${reason}`));
  }

  async #change(): Promise<void> {
    const { change, script, log } = this.#parts;
    if (!change) return;
    await log.record(
      { type: 'run.changed', change },
      { rows: ({ seq }) => (change.edition ? [{ table: 'scripts', seq, text: script.text }] : []) },
    );
  }

  #beginAnew(replacement?: ScriptText): void {
    this.#script = replacement ?? this.#script;
    this.#anew.resolve(ANEW);
  }

  /** The script has returned. The run ends once agents that a person added have, too; until then it can still begin anew. */
  async #afterScript(): Promise<typeof ANEW | null> {
    // Before those that nobody waited for are stopped: that is no failure.
    this.#scriptFailures = failuresIn(this.#parts.log.tree, { added: false });
    await this.#calls.endUnawaited();
    this.#sandbox?.close();
    const { length } = this.#added.underWay;
    if (length > 0) {
      const agents = length === 1 ? '1 agent' : `${length} agents`;
      const message = `the script is done; the run waits for ${agents} that a person added`;
      this.#record({ type: 'log', level: 'info', message });
    }
    do {
      const next = await Promise.race([this.#anew.promise, this.#failure.promise, this.#added.idle()]);
      if (next === ANEW) return ANEW;
    } while (!this.#added.closeIfIdle());
    return null;
  }

  /** The script, from its first line to its end or to where it has to begin anew. */
  async #attempt(): Promise<ScriptEnd> {
    const anew = this.#anew;
    const { log, startSandbox, run } = this.#parts;
    const sandbox = await startSandbox();
    // A stop that came meanwhile must not begin an attempt.
    if (this.#cut || anew !== this.#anew) {
      sandbox.close();
      throw new Error('the run was cut before it began');
    }
    this.#sandbox = sandbox;
    const begun = log.record({ type: 'run.started', attempt: log.tree.attempt + 1, engine: sandbox.engine });
    this.#added.issueAll();
    if (this.#steering.paused) this.#record({ type: 'run.paused' });
    const governor = this.#parts.agents.governed;
    if (governor.why !== '') this.#record({ type: 'run.governed', governor });
    // Side by side: nothing that the script asks for is written before that it has begun.
    const [first] = await Promise.all([
      sandbox.start({
        source: this.#script.source,
        args: run.args,
        now: run.clock,
        seed: run.seed,
        budgetTotal: infoOf(log, run.id).limits.budget,
        limits: RUN_SANDBOX_LIMITS,
      }),
      begun.then(() => this.#begun.resolve()),
    ]);
    // What an attempt that is over still wants must not be mistaken for a wish of the next one.
    const isOver = (): boolean => this.#cut !== null || anew !== this.#anew;
    if (isOver()) return await this.#failure.promise;
    let end = this.#hear(first);
    while (!end) {
      const settlements = await this.#calls.next();
      if (!settlements) return { ok: false, error: STUCK };
      for await (const turn of sandbox.settleAll(settlements)) {
        if (isOver()) return await this.#failure.promise;
        end = this.#hear(turn);
        if (end) break;
      }
    }
    return end;
  }

  #hear({ commands, end }: YieldMessage): ScriptEnd | undefined {
    for (const command of commands) this.#obey(command);
    return end;
  }

  #obey(command: Command): void {
    switch (command.type) {
      case 'log':
        return this.#record({ type: 'log', level: command.level, message: command.message });
      case 'phase':
        return this.#record({ type: 'phase.began', title: command.title });
      case 'group-open': {
        const { type: _, group: parent, ...group } = command;
        return this.#record({ type: 'group.opened', group: { ...group, parent } });
      }
      case 'group-change':
        return this.#record({ type: 'group.changed', id: command.id, change: command.change });
      case 'call':
        return this.#calls.issue(command);
    }
  }

  /** Ends the run: what is still under way is stopped and said so. `end` is null where a person stopped it. */
  async #finish(end: ScriptEnd | null): Promise<RunOutcome> {
    const { log } = this.#parts;
    const status = this.#statusOf(end);
    this.#close();
    const error: ErrorInfo | undefined = end && !end.ok ? end.error : undefined;
    this.#ended = true;
    await log.record(
      { type: 'run.ended', status, ...(error && { error }) },
      {
        durable: true,
        rows: ({ seq }) => [
          ...(end?.ok ? [{ table: 'outcomes' as const, seq, result: end.result }] : []),
          ...(status === 'completed' ? this.#parts.turns.allForgotten() : []),
        ],
      },
    );
    return { status, ...(end?.ok && { result: end.result }), ...(error && { error }) };
  }

  #statusOf(end: ScriptEnd | null): EndStatus {
    if (!end) return 'stopped';
    if (!end.ok) return 'failed';
    const failures = this.#scriptFailures + failuresIn(this.#parts.log.tree, { added: true });
    return failures > 0 ? 'completed_with_failures' : 'completed';
  }

  /** Nothing goes on, and nothing more is taken. */
  #close(): void {
    this.#added.close();
    this.#book.close([...this.#calls.underWay, ...this.#added.underWay]);
  }

  /** What nobody awaits must still end the run when it fails: it can only be a journal that takes no more. */
  #record(body: Parameters<RunLog['record']>[0]): void {
    if (!this.#ended) this.#parts.log.record(body).catch((error: unknown) => this.#failure.reject(error));
  }

  #release(): void {
    this.#close();
    this.#clock.stop();
    this.#progress.close();
    this.#sandbox?.close();
    this.#begun.resolve();
  }
}

/** The agents of a run, those of its script and those that a person added, and how both do their work. */
function callsOf(
  parts: Omit<RunCallsParts & AgentWorkParts & AddedAgentsParts, 'work'> & Pick<DriverParts, 'readResults'>,
): { calls: RunCalls; added: AddedAgents } {
  const work = new AgentWork(parts);
  const added = new AddedAgents({ ...parts, work });
  const calls = new RunCalls({
    ...parts,
    work,
    readResults: () => {
      const results = parts.readResults();
      for (const key of added.keys) results.delete(key);
      return results;
    },
    runTool: (name, input, signal, permit) =>
      name === INBOX ? added.inbox(input, signal) : parts.runTool(name, input, signal, permit),
  });
  return { calls, added };
}

/** How many agents, of the script or of a person, have no answer; with the script's, the items that it dropped. */
function failuresIn({ calls, dropped }: RunTree, { added }: { added: boolean }): number {
  const failed = [...calls.values()].filter(
    ({ info, state }) => info.kind === 'agent' && (info.added ?? false) === added && FAILED_STATES.includes(state),
  );
  return failed.length + (added ? 0 : dropped);
}

const FAILED_STATES: readonly CallState[] = ['failed', 'skipped', 'stopped'];

const STUCK: ErrorInfo = {
  name: 'StuckError',
  message: 'the script waits for a promise that nothing will settle: no agent and no timer is under way',
};

function infoOf(log: RunLog, runId: string): RunInfo {
  const { run } = log.tree;
  if (!run) throw new Error(`run ${runId} has no beginning`);
  return run;
}
