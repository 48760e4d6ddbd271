import pLimit from 'p-limit';
import type { AgentTypes } from '../agents/agent-types.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import type { StoredResult } from '../journal/journal.ts';
import type { Permit } from '../permissions/permissions.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { PermissionAnswer } from '../protocol/permissions.ts';
import { type CallInfo, type CallSettled, NO_USAGE, type RunInfo } from '../protocol/run-events.ts';
import type { CallCommand, CallRequest, CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import type { Caps } from '../scheduler/caps.ts';
import type { AgentWork } from './agent-work.ts';
import { answered, callInfo, type EndDetails, refusal } from './call-info.ts';
import { CallKeys } from './call-key.ts';
import { type CallLog, storedResult } from './call-log.ts';
import { alarm, alreadyAnswered, checkAnswer, schemaProblem } from './checkpoints.ts';
import { type Cut, isAgent, isCheckpoint, type LiveCall, liveCall } from './live-call.ts';
import { type CalledScript, guestAnswer, guestOutcomeFor, workflowProblem } from './outcomes.ts';
import type { ProgressFeed } from './progress-feed.ts';
import type { AskedCall, RunPermissions } from './run-permissions.ts';
import type { RunTurns } from './run-turns.ts';
import { INBOX } from './script-tools.ts';
import { type Settlement, Settlements } from './settlements.ts';

export interface RunCallsParts {
  book: CallLog;
  work: AgentWork;
  caps: Caps;
  progress: ProgressFeed;
  /** As it is now: a person may change it. */
  info(): RunInfo;
  runTool(
    name: string,
    input: JsonObject,
    signal: AbortSignal,
    permit: (call: Omit<AskedCall, 'onWait'>) => Promise<Permit>,
  ): Promise<AgentOutcome>;
  permissions: RunPermissions;
  /** @throws UserError where it cannot be had. */
  loadWorkflow(ref: Extract<CallRequest, { kind: 'workflow' }>['ref']): Promise<CalledScript>;
  /** Every finished call of the script, as it is on disk. */
  readResults(): Map<string, StoredResult>;
  turns: RunTurns;
  agentTypes: AgentTypes;
  /** When each checkpoint was first asked, by its key. */
  askedAt: Map<string, number>;
  /** The run cannot go on. */
  onFailure(error: unknown): void;
}

/** A call that ended without an answer; it is told again when the script begins anew, unless it is asked again. */
interface PastEnd {
  seq: number;
  settled: CallSettled;
  settlement: Omit<Settlement, 'call'>;
}

/** A script that goes on asking after its cap is reached would never end by itself. */
const MAX_REFUSED_CALLS = 10_000;

/** Settled calls that the script hears of without a wait between. */
const MOST_TOGETHER = 64;

/** Calls of tools by the script itself at a time. */
const TOOLS_AT_ONCE = 8;

/**
 * Every call of one run's script: those the journal has the result of, those under way, and how each of them ends. An attempt of
 * the script is a numbering of them; what is under way goes on while the script begins anew, and is found again by its key.
 */
export class RunCalls {
  #parts: RunCallsParts;
  readonly #book: CallLog;
  #keys!: CallKeys;
  #settlements!: Settlements;
  #results!: Map<string, StoredResult>;
  #live = new Map<string, LiveCall>();
  #pastEnds = new Map<string, PastEnd>();
  #toolLimit = pLimit(TOOLS_AT_ONCE);
  /** Ends that the present attempt has not asked for. */
  #unheard = 0;
  #refused = 0;

  constructor(parts: RunCallsParts) {
    this.#parts = parts;
    this.#book = parts.book;
    this.#restart();
  }

  /** The script begins anew: calls that wait for their place are forgotten, the others go on. */
  beginAnew(): void {
    for (const live of this.#live.values()) {
      live.present = false;
      if (isAgent(live) && live.startedAt === null) this.#drop(live);
    }
    this.#parts.caps.restart();
    this.#restart();
  }

  /** Calls that ended without an answer will be asked again. */
  forgetFailures(): void {
    this.#pastEnds.clear();
  }

  #restart(): void {
    this.#keys = new CallKeys(this.#parts.info().edition);
    this.#settlements = new Settlements();
    this.#results = this.#parts.readResults();
    this.#unheard = this.#results.size + this.#pastEnds.size;
    this.#refused = 0;
  }

  /**
   * What the script hears of next; null where nothing is under way. Several go together only where nothing is known that
   * the script has not asked for: for that would have to come between, as it did the first time.
   */
  next(): Promise<Settlement[] | null> {
    return this.#settlements.next(() => (this.#unheard === 0 ? MOST_TOGETHER : 1));
  }

  /** Takes in a call of the script: answers it from what is known, joins it to what is under way, or sends it out. */
  issue(command: CallCommand): void {
    const { request } = command;
    const key = this.#keys.next(request);
    const model = request.kind === 'agent' ? this.#parts.work.modelOf(request, command.phase) : '';
    const call = callInfo(command, key, model, this.#parts.askedAt.get(key) ?? Date.now());
    void this.#book.issued(call, request);
    const admitted = request.kind !== 'agent' || this.#parts.caps.admitAgent();
    if (admitted && (this.#reuse(call) || this.#join(call))) return;
    this.#settlements.expect();
    const live = liveCall(request, call);
    const problem = this.#problemWith(request, admitted);
    if (problem) return this.#book.watch(this.#settle(live, problem, {}));
    this.#live.set(key, live);
    this.#send(live);
  }

  /** Tells the script again what is known of this call. */
  #reuse(call: CallInfo): boolean {
    const stored = this.#results.get(call.key);
    if (stored) {
      this.#unheard -= 1;
      const { seq, at: now, settled, value } = stored;
      this.#book.reused(call, settled);
      const answer = guestAnswer(call.kind, value);
      this.#settlements.addRecorded(seq, { call: call.id, now, spent: settled.spent, ...answer });
      return true;
    }
    const past = this.#pastEnds.get(call.key);
    if (!past) return false;
    this.#unheard -= 1;
    this.#book.reused(call, past.settled);
    this.#book.tellFailure(call, past.settled);
    this.#settlements.addRecorded(past.seq, { ...past.settlement, call: call.id });
    return true;
  }

  /** A call that is under way since an earlier attempt of the script. */
  #join(call: CallInfo): boolean {
    const live = this.#live.get(call.key);
    if (!live) return false;
    live.info = call;
    live.present = true;
    this.#settlements.expect();
    if (live.startedAt !== null) this.#book.record({ type: 'call.started', id: call.id });
    this.#parts.permissions.joined(live);
    return true;
  }

  /** Why a call is not even sent out; null where it is. */
  #problemWith(request: CallRequest, admitted: boolean): AgentOutcome | null {
    if (request.kind === 'checkpoint') {
      const problem = schemaProblem(request.schema);
      return problem === null ? null : refusal('bad-request', problem);
    }
    if (request.kind !== 'agent') return null;
    const { exhausted } = this.#parts.caps;
    const typeProblem = this.#parts.agentTypes.problem(request.options.agentType);
    if (typeProblem) return refusal('bad-request', typeProblem);
    if (admitted && exhausted === null) return null;
    this.#refused += 1;
    if (this.#refused > MAX_REFUSED_CALLS) {
      this.#parts.onFailure(
        new Error(`the script went on asking for agents after its cap was reached, ${MAX_REFUSED_CALLS} times`),
      );
    }
    if (admitted && exhausted !== null) return refusal('budget', exhausted);
    const { maxAgents } = this.#parts.info().limits;
    return refusal('cap', `the run may ask for ${maxAgents} agents and has asked for all of them`);
  }

  #send(live: LiveCall): void {
    if (isAgent(live)) {
      const work = this.#parts.work.run(live, (outcome, how) => this.#settle(live, outcome, how));
      return this.#book.watch(work);
    }
    if (isCheckpoint(live)) return this.#openCheckpoint(live);
    const { request, cancel } = live;
    if (request.kind === 'timer') {
      this.#book.started(live);
      const timer = setTimeout(() => this.#book.watch(this.#settle(live, answered(null), {})), request.delayMs);
      cancel.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    } else if (request.kind === 'tool') {
      this.#book.watch(this.#runTool(live, request.name, request.input));
    } else if (request.kind === 'workflow') {
      this.#book.watch(this.#loadWorkflow(live, request.ref));
    }
  }

  async #runTool(live: LiveCall, name: string, input: JsonObject): Promise<void> {
    const { signal } = live.cancel;
    const work = async (): Promise<AgentOutcome> => {
      signal.throwIfAborted();
      this.#book.started(live);
      const onWait = (what: string | null): void => {
        const doing = what === null ? name : `waits for a permission: ${what}`;
        if (live.present) this.#parts.progress.set(live.info.id, doing, NO_USAGE);
      };
      return await this.#parts.runTool(name, input, signal, (call) =>
        this.#parts.permissions.permit(live, { ...call, onWait }),
      );
    };
    // Who waits for agents that a person added does nothing meanwhile, and takes no place from those that do.
    const done = name === INBOX ? work() : this.#toolLimit(work);
    const outcome = await done.catch((error: unknown) => refusal('tool', errorInfo(error).message));
    if (!signal.aborted) await this.#settle(live, outcome, {});
  }

  async #loadWorkflow(live: LiveCall, ref: Extract<CallRequest, { kind: 'workflow' }>['ref']): Promise<void> {
    this.#book.started(live);
    let outcome: AgentOutcome;
    try {
      outcome = answered((await this.#parts.loadWorkflow(ref)) as unknown as Json);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      outcome = refusal('workflow', workflowProblem(error));
    }
    if (!live.cancel.signal.aborted) await this.#settle(live, outcome, {});
  }

  #openCheckpoint(live: LiveCall<Extract<CallRequest, { kind: 'checkpoint' }>>): void {
    this.#book.started(live);
    const { fallback } = live.request;
    const timeoutAt = live.info.checkpoint?.timeoutAt ?? null;
    if (timeoutAt === null || fallback === null) return;
    const callOff = alarm(timeoutAt, () => this.#book.watch(this.#answerCheckpoint(live, fallback, 'timeout')));
    live.cancel.signal.addEventListener('abort', callOff, { once: true });
  }

  async #answerCheckpoint(live: LiveCall, given: CheckpointAnswer, by: 'person' | 'timeout'): Promise<void> {
    await this.#settle(live, answered(given as unknown as Json), { answer: { given, by } });
    live.cancel.abort({ how: 'drop' } satisfies Cut);
  }

  /** Writes how a live call ended, and only then lets the script have it. */
  async #settle(live: LiveCall, outcome: AgentOutcome, how: Partial<EndDetails>): Promise<void> {
    const results = this.#results;
    const end = await this.#book.ended(live, outcome, how);
    if (!end) return;
    const { info, settled, seq } = end;
    if (this.#live.get(info.key) === live) this.#live.delete(info.key);
    const settlement = { now: end.at, spent: settled.spent, ...guestOutcomeFor(info.kind, outcome) };
    if (!outcome.ok) this.#pastEnds.set(info.key, { seq, settled, settlement });
    // The present attempt of the script has not asked for it yet, and read what is on disk before this was.
    const result = results === this.#results && live.present ? null : storedResult(end, outcome);
    if (result) this.#results.set(info.key, result);
    if (!live.present) {
      this.#unheard += 1;
      return;
    }
    if (live.info !== info) this.#book.reused(live.info, settled);
    this.#book.tellFailure(live.info, settled);
    this.#settlements.add({ call: live.info.id, ...settlement });
  }

  /** The work under way for an agent that is to be stopped, skipped, told something or begun anew. @throws UserError where there is none. */
  cutAgent(id: number, cut: Exclude<Cut, { how: 'drop' }>): void {
    const live = this.#liveAgent(id);
    live.cancel.abort(cut);
  }

  messageAgent(id: number, text: string): void {
    this.#liveAgent(id).messages.push(text);
  }

  /** Whether an agent can be asked again by beginning the script anew; it will be. */
  askAgain(key: string): boolean {
    for (const row of this.#parts.turns.forgotten(key)) this.#book.write(row);
    return this.#pastEnds.delete(key);
  }

  isLive(key: string): boolean {
    const live = this.#live.get(key);
    return live !== undefined && !live.ending;
  }

  /** @throws UserError where the answer is not right, or the question is answered already. */
  async answer(call: CallInfo, answer: CheckpointAnswer): Promise<void> {
    const live = this.#live.get(call.key);
    if (!live || live.ending || !isCheckpoint(live)) throw alreadyAnswered(call.label);
    checkAnswer(live.request, answer);
    await this.#answerCheckpoint(live, answer, 'person');
  }

  /** @throws UserError where the call waits for no such permission. */
  permit(call: CallInfo, permission: number, answer: PermissionAnswer): Promise<void> {
    return this.#parts.permissions.answer(call.id, permission, answer);
  }

  #liveAgent(id: number): LiveCall {
    for (const live of this.#live.values()) {
      if (live.info.id === id && live.present && !live.ending && isAgent(live)) return live;
    }
    throw new UserError('not-possible', `Agent ${id} has ended already.`);
  }

  /** Calls that have no end yet. */
  get underWay(): readonly LiveCall[] {
    return [...this.#live.values()];
  }

  /** The script has its end: agents that it did not wait for are stopped, and what they have changed is kept and told. */
  async endUnawaited(): Promise<void> {
    const agents = this.underWay.filter((live) => isAgent(live) && !live.ending);
    for (const live of agents) {
      this.#book.stopped(live);
      this.#drop(live);
    }
    await Promise.all(agents.map((live) => this.#parts.work.endPlace(live)));
  }

  #drop(live: LiveCall): void {
    this.#live.delete(live.info.key);
    live.cancel.abort({ how: 'drop' } satisfies Cut);
  }
}
