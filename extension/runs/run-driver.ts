import { agentTypeProblem } from '../agents/agent-types.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import type { StoredResult, StoredRun } from '../journal/journal.ts';
import { type ErrorInfo, errorInfo } from '../protocol/errors.ts';
import {
  type CallInfo,
  type CallSettled,
  type EndStatus,
  type FailureCause,
  NO_USAGE,
  type ProgressEvent,
  type RunInfo,
} from '../protocol/run-events.ts';
import type {
  AgentOptions,
  CallCommand,
  CallRequest,
  Command,
  SandboxLimits,
  ScriptEnd,
  YieldMessage,
} from '../protocol/sandbox-wire.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { SandboxError } from '../sandbox/sandbox-error.ts';
import { Caps } from '../scheduler/caps.ts';
import type { AgentCalls } from './agent-calls.ts';
import { CallKeys } from './call-key.ts';
import { guestOutcomeFor, voteOf } from './outcomes.ts';
import { ProgressFeed } from './progress-feed.ts';
import type { RunLog } from './run-log.ts';
import type { RunOutcome } from './run-service.ts';
import { Settlements } from './settlements.ts';

export interface DriverParts {
  run: StoredRun;
  info: RunInfo;
  /** The script as `readScript` prepared it. */
  source: string;
  log: RunLog;
  startSandbox(): Promise<Sandbox>;
  agents: AgentCalls;
  results: Map<string, StoredResult>;
  resolveModel(name: string): string;
  tellProgress(events: ProgressEvent[]): void;
}

/** Why a run is cut from outside. `detach` leaves it resumable and writes nothing more. */
export type StopReason = 'stop' | 'detach';

/** Guest heap in megabytes, and milliseconds until a turn that does not yield ends the run. */
const SANDBOX_LIMITS: SandboxLimits = { memoryMb: 128, turnMs: 5_000 };

/** A script that goes on asking after its cap is reached would never end by itself. */
const MAX_REFUSED_CALLS = 10_000;

/** Drives one run to its end: activations in, commands out, every result on disk before the script hears of it. */
export class RunDriver {
  #parts: DriverParts;
  #keys = new CallKeys();
  #settlements = new Settlements();
  #caps: Caps;
  #cancel = new AbortController();
  #timers = new Set<NodeJS.Timeout>();
  #progress: ProgressFeed;
  #refused = 0;
  /** The last event is on its way; what comes late must not come after it. */
  #ended = false;
  #failure = Promise.withResolvers<never>();
  #begun = Promise.withResolvers<void>();
  #sandbox: Sandbox | null = null;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#caps = new Caps(parts.info.limits, parts.log.tree.usage);
    this.#progress = new ProgressFeed(parts.tellProgress);
    parts.agents.listen({
      tell: (message) => this.#record({ type: 'log', level: 'warning', message }),
      onDead: (error) => this.#failure.reject(error),
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
      const sandbox = await this.#begin();
      const end = await Promise.race([this.#runScript(sandbox), this.#failure.promise]);
      return await this.#finish(end);
    } catch (error) {
      if (this.#cancel.signal.reason === 'detach') return { status: 'stopped' };
      if (this.#cancel.signal.reason === 'stop') return await this.#finish(null);
      return await this.#finish({ ok: false, error: error instanceof SandboxError ? error.info : errorInfo(error) });
    } finally {
      this.#release();
    }
  }

  async #begin(): Promise<Sandbox> {
    const { log, startSandbox } = this.#parts;
    const sandbox = await startSandbox();
    this.#sandbox = sandbox;
    // A stop that came meanwhile must not begin an attempt.
    if (this.#cancel.signal.aborted) throw new Error('the run was cut before it began');
    await log.record({ type: 'run.started', attempt: log.tree.attempt + 1, engine: sandbox.engine });
    this.#begun.resolve();
    this.#limitTime();
    return sandbox;
  }

  #limitTime(): void {
    const limitMs = this.#parts.info.limits.runTimeoutMs ?? null;
    if (limitMs === null) return;
    const error = new RunTimeoutError(
      `the run took longer than its limit of ${limitMs / 1_000} s; resume goes on where it stopped`,
    );
    this.#timers.add(setTimeout(() => this.#failure.reject(error), limitMs));
  }

  stop(reason: StopReason): void {
    if (this.#cancel.signal.aborted) return;
    this.#cancel.abort(reason);
    this.#failure.reject(new Error(`the run was cut: ${reason}`));
  }

  async #runScript(sandbox: Sandbox): Promise<ScriptEnd> {
    const { run, source, info } = this.#parts;
    let turn: YieldMessage = await sandbox.start({
      source,
      args: run.args,
      now: run.createdAt,
      seed: run.seed,
      budgetTotal: info.limits.budget,
      limits: SANDBOX_LIMITS,
    });
    for (;;) {
      this.#cancel.signal.throwIfAborted();
      for (const command of turn.commands) this.#obey(command);
      if (turn.end) return turn.end;
      const settlement = await this.#settlements.next();
      if (!settlement) return { ok: false, error: STUCK };
      turn = await sandbox.settle(settlement);
    }
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
        return this.#call(command);
    }
  }

  #call(command: CallCommand): void {
    const { request } = command;
    const key = this.#keys.next(request);
    const call = callInfo(command, key, this.#modelOf(request));
    this.#watch(
      this.#parts.log.record(
        { type: 'call.issued', call },
        { rows: () => (request.kind === 'agent' ? [{ table: 'requests', key, request }] : []) },
      ),
    );
    const admitted = request.kind !== 'agent' || this.#caps.admitAgent();
    const stored = this.#parts.results.get(key);
    if (stored && admitted) return this.#reuse(call, stored);
    this.#settlements.expect();
    if (request.kind === 'timer') return this.#startTimer(call, request.delayMs);
    const refusal = this.#refusalOf(admitted, request.options);
    this.#watch(refusal ? this.#settle(call, refusal, 0) : this.#runAgent(call, request));
  }

  #modelOf(request: CallRequest): string {
    if (request.kind !== 'agent') return '';
    return request.options.model ? this.#parts.resolveModel(request.options.model) : this.#parts.info.model;
  }

  #reuse(call: CallInfo, stored: StoredResult): void {
    this.#record({ type: 'call.settled', id: call.id, settled: { ...stored.settled, reused: true } });
    this.#settlements.addRecorded(stored, call.id);
  }

  /** Why an agent is not even sent out; null where it is. */
  #refusalOf(admitted: boolean, options: AgentOptions): AgentOutcome | null {
    const { exhausted } = this.#caps;
    const { maxAgents } = this.#parts.info.limits;
    const typeProblem = agentTypeProblem(options.agentType);
    if (typeProblem) return refusal('bad-request', typeProblem);
    if (admitted && exhausted === null) return null;
    this.#refused += 1;
    if (this.#refused > MAX_REFUSED_CALLS) {
      this.#failure.reject(
        new Error(`the script went on asking for agents after its cap was reached, ${MAX_REFUSED_CALLS} times`),
      );
    }
    if (admitted && exhausted !== null) return refusal('budget', exhausted);
    return refusal('cap', `the run may ask for ${maxAgents} agents and has asked for all of them`);
  }

  #startTimer(call: CallInfo, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#watch(this.#settle(call, { ok: true, value: null, usage: NO_USAGE, requests: 0 }, delayMs));
    }, delayMs);
    this.#timers.add(timer);
  }

  async #runAgent(call: CallInfo, request: Extract<CallRequest, { kind: 'agent' }>): Promise<void> {
    const { signal } = this.#cancel;
    let startedAt = 0;
    try {
      await this.#parts.agents.run({
        prompt: request.prompt,
        options: request.options,
        role: request.role,
        model: call.model,
        caps: this.#caps,
        signal,
        onStarted: () => {
          startedAt = Date.now();
          this.#record({ type: 'call.started', id: call.id });
        },
        onProgress: (doing, usage) => this.#progress.set(call.id, doing, usage),
        onTranscript: (entry) => {
          if (!signal.aborted)
            this.#watch(this.#parts.log.write([{ table: 'transcripts', key: call.key, entries: [entry] }]));
        },
        onEnded: (outcome) => {
          this.#progress.clear(call.id);
          return this.#settle(call, outcome, Date.now() - startedAt);
        },
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Writes how a live call ended, and only then lets the script have it. */
  async #settle(call: CallInfo, outcome: AgentOutcome, durationMs: number): Promise<void> {
    if (this.#ended) return;
    this.#caps.spend(outcome.usage.outputTokens);
    const settled = settledOf(call, outcome, durationMs, this.#caps.spent);
    const event = await this.#parts.log.record(
      { type: 'call.settled', id: call.id, settled },
      {
        durable: true,
        rows: ({ seq, at }) =>
          outcome.ok ? [{ table: 'results', result: { key: call.key, seq, value: outcome.value, settled, at } }] : [],
      },
    );
    if (!outcome.ok) {
      this.#record({ type: 'log', level: 'error', message: `agent "${call.label}" failed: ${outcome.cause.message}` });
    }
    this.#settlements.add({ call: call.id, now: event.at, spent: this.#caps.spent, outcome: guestOutcomeFor(outcome) });
  }

  /** Ends the run: what is still under way is stopped and said so. `end` is null where a person stopped it. */
  async #finish(end: ScriptEnd | null): Promise<RunOutcome> {
    const { log } = this.#parts;
    if (!this.#cancel.signal.aborted) this.#cancel.abort('ended');
    for (const { info, state } of log.tree.calls.values()) {
      if (info.kind === 'agent' && (state === 'waiting' || state === 'working')) this.#recordStopped(info);
    }
    const status = this.#statusOf(end);
    const error: ErrorInfo | undefined = end && !end.ok ? end.error : undefined;
    this.#ended = true;
    await log.record(
      { type: 'run.ended', status, ...(error && { error }) },
      {
        durable: true,
        rows: ({ seq }) => (end?.ok ? [{ table: 'outcomes', seq, result: end.result }] : []),
      },
    );
    return { status, ...(end?.ok && { result: end.result }), ...(error && { error }) };
  }

  /** What it has used is paid for, answer or not. */
  #recordStopped(call: CallInfo): void {
    const usage = this.#progress.usageOf(call.id);
    this.#caps.spend(usage.outputTokens);
    const cause: FailureCause = { kind: 'stopped', message: 'the run ended before the agent did' };
    const outcome: AgentOutcome = { ok: false, cause, usage, requests: 0 };
    const settled = { ...settledOf(call, outcome, 0, this.#caps.spent), outcome: 'stopped' as const };
    this.#record({ type: 'call.settled', id: call.id, settled });
  }

  #statusOf(end: ScriptEnd | null): EndStatus {
    if (!end) return 'stopped';
    if (!end.ok) return 'failed';
    const { counts, dropped } = this.#parts.log.tree;
    return counts.failed + counts.skipped + dropped > 0 ? 'completed_with_failures' : 'completed';
  }

  #record(body: Parameters<RunLog['record']>[0]): void {
    if (!this.#ended) this.#watch(this.#parts.log.record(body));
  }

  /** What nobody awaits must still end the run when it fails: it can only be a journal that takes no more. */
  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#failure.reject(error));
  }

  #release(): void {
    this.#cancel.abort('ended');
    for (const timer of this.#timers) clearTimeout(timer);
    this.#progress.close();
    this.#sandbox?.close();
    this.#begun.resolve();
  }
}

class RunTimeoutError extends Error {
  override name = 'RunTimeoutError';
}

const STUCK: ErrorInfo = {
  name: 'StuckError',
  message: 'the script waits for a promise that nothing will settle: no agent and no timer is under way',
};

function refusal(kind: FailureCause['kind'], message: string): AgentOutcome {
  return { ok: false, cause: { kind, message }, usage: NO_USAGE, requests: 0 };
}

function callInfo(command: CallCommand, key: string, model: string): CallInfo {
  const { request, phase, group, slot, at, call } = command;
  const agent = request.kind === 'agent' ? request : null;
  return {
    id: call,
    key,
    kind: request.kind,
    role: agent?.role ?? 'agent',
    label: agent ? labelOf(agent.prompt, agent.options) : 'timer',
    phase,
    group,
    slot,
    model,
    at,
  };
}

const LABEL_LENGTH = 80;

function labelOf(prompt: string, options: AgentOptions): string {
  const label = (options.label || prompt).trim().replace(/\s+/g, ' ');
  return label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH - 1)}…` : label;
}

function settledOf(call: CallInfo, outcome: AgentOutcome, durationMs: number, spent: number): CallSettled {
  const vote = outcome.ok && call.role === 'challenger' ? voteOf(outcome.value) : undefined;
  return {
    outcome: outcome.ok ? 'succeeded' : 'failed',
    reused: false,
    ...(!outcome.ok && { cause: outcome.cause }),
    usage: outcome.usage,
    requests: outcome.requests,
    durationMs,
    spent,
    ...(vote && { vote }),
  };
}
