import pLimit from 'p-limit';
import { type AgentTypes, rulesOf } from '../agents/agent-types.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import { type TurnStore, usageLess } from '../agents/turns.ts';
import type { JournalRow, StoredResult } from '../journal/journal.ts';
import type { Permit } from '../permissions/permissions.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import type { PermissionAnswer } from '../protocol/permissions.ts';
import { addUsage, type CallInfo, type CallSettled, NO_USAGE, type RunInfo } from '../protocol/run-events.ts';
import type { CallCommand, CallRequest, CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import type { Caps } from '../scheduler/caps.ts';
import type { AgentCalls } from './agent-calls.ts';
import { AgentPlaces } from './agent-places.ts';
import { callInfo, type EndDetails, refusal, settledOf } from './call-info.ts';
import { CallKeys } from './call-key.ts';
import { alarm, alreadyAnswered, checkAnswer, schemaProblem } from './checkpoints.ts';
import { type Cut, isAgent, isCheckpoint, type LiveCall, liveCall, outcomeOfCut } from './live-call.ts';
import { modelOfAgent } from './model-choice.ts';
import { type CalledScript, guestAnswer, guestOutcomeFor, workflowProblem } from './outcomes.ts';
import type { ProgressFeed } from './progress-feed.ts';
import type { RunLog } from './run-log.ts';
import type { AskedCall, RunPermissions } from './run-permissions.ts';
import { NOBODYS_CALL, type RunTurns } from './run-turns.ts';
import { type Settlement, Settlements } from './settlements.ts';
import type { Worktrees } from './worktrees.ts';

export interface RunCallsParts {
  log: RunLog;
  agents: AgentCalls;
  caps: Caps;
  progress: ProgressFeed;
  /** A reply to the agent of this key is on its way, and what gives its text so far; null: no more. */
  onReply(key: string, text: (() => string) | null): void;
  /** As it is now: a person may change it. */
  info(): RunInfo;
  resolveModel(name: string): string;
  runTool(
    name: string,
    input: JsonObject,
    signal: AbortSignal,
    permit: (call: Omit<AskedCall, 'onWait'>) => Promise<Permit>,
  ): Promise<AgentOutcome>;
  permissions: RunPermissions;
  worktrees: Worktrees;
  /** @throws UserError where it cannot be had. */
  loadWorkflow(ref: Extract<CallRequest, { kind: 'workflow' }>['ref']): Promise<CalledScript>;
  /** Every finished call of the run, as it is on disk. */
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
 * Every call of one run: those the journal has the result of, those under way, and how each of them ends. An attempt of
 * the script is a numbering of them; what is under way goes on while the script begins anew, and is found again by its key.
 */
export class RunCalls {
  #parts: RunCallsParts;
  #places: AgentPlaces;
  #keys!: CallKeys;
  #settlements!: Settlements;
  #results!: Map<string, StoredResult>;
  #live = new Map<string, LiveCall>();
  #pastEnds = new Map<string, PastEnd>();
  #toolLimit = pLimit(TOOLS_AT_ONCE);
  /** Ends that the present attempt has not asked for. */
  #unheard = 0;
  #refused = 0;
  #closed = false;

  constructor(parts: RunCallsParts) {
    this.#parts = parts;
    this.#places = new AgentPlaces({
      ...parts,
      isolateAll: () => parts.info().profile === 'edit-in-worktrees',
      record: (event) => this.#record(event),
      transcribe: (key, entry) => this.#write({ table: 'transcripts', key, entries: [entry] }),
    });
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
    const call = callInfo(command, key, this.#modelOf(command), this.#parts.askedAt.get(key) ?? Date.now());
    this.#watch(
      this.#parts.log.record(
        { type: 'call.issued', call },
        { rows: () => (request.kind === 'timer' ? [] : [{ table: 'requests', key, request }]) },
      ),
    );
    const admitted = request.kind !== 'agent' || this.#parts.caps.admitAgent();
    if (admitted && (this.#reuse(call) || this.#join(call))) return;
    this.#settlements.expect();
    const live = liveCall(request, call);
    const problem = this.#problemWith(request, admitted);
    if (problem) return this.#watch(this.#settle(live, problem, {}));
    this.#live.set(key, live);
    this.#send(live);
  }

  #modelOf({ request, phase }: CallCommand): string {
    if (request.kind !== 'agent') return '';
    const { options, role } = request;
    const model = options.model || this.#parts.agentTypes.of(options.agentType)?.model;
    return modelOfAgent({ options: model ? { model } : {}, role, phase }, this.#parts.info(), this.#parts.resolveModel);
  }

  /** Tells the script again what is known of this call. */
  #reuse(call: CallInfo): boolean {
    const stored = this.#results.get(call.key);
    if (stored) {
      this.#unheard -= 1;
      const { seq, at: now, settled, value } = stored;
      this.#tellReused(call, settled);
      const answer = guestAnswer(call.kind, value);
      this.#settlements.addRecorded(seq, { call: call.id, now, spent: settled.spent, ...answer });
      return true;
    }
    const past = this.#pastEnds.get(call.key);
    if (!past) return false;
    this.#unheard -= 1;
    this.#tellReused(call, past.settled);
    this.#tellFailure(call, past.settled);
    this.#settlements.addRecorded(past.seq, { ...past.settlement, call: call.id });
    return true;
  }

  #tellReused(call: CallInfo, settled: CallSettled): void {
    this.#record({ type: 'call.settled', id: call.id, settled: { ...settled, reused: true } });
  }

  /** A call that is under way since an earlier attempt of the script. */
  #join(call: CallInfo): boolean {
    const live = this.#live.get(call.key);
    if (!live) return false;
    live.info = call;
    live.present = true;
    this.#settlements.expect();
    if (live.startedAt !== null) this.#record({ type: 'call.started', id: call.id });
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
    if (isAgent(live)) return this.#watch(this.#runAgent(live));
    if (isCheckpoint(live)) return this.#openCheckpoint(live);
    const { request, cancel } = live;
    if (request.kind === 'timer') {
      this.#markStarted(live);
      const timer = setTimeout(() => this.#watch(this.#settle(live, NOTHING, {})), request.delayMs);
      cancel.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    } else if (request.kind === 'tool') {
      this.#watch(this.#runTool(live, request.name, request.input));
    } else if (request.kind === 'workflow') {
      this.#watch(this.#loadWorkflow(live, request.ref));
    }
  }

  #markStarted(live: LiveCall): void {
    live.startedAt = Date.now();
    // A timer has no place to wait for, and screens do not show it.
    if (live.request.kind !== 'timer' && live.present) this.#record({ type: 'call.started', id: live.info.id });
  }

  async #runTool(live: LiveCall, name: string, input: JsonObject): Promise<void> {
    const { signal } = live.cancel;
    const outcome = await this.#toolLimit(() => {
      signal.throwIfAborted();
      this.#markStarted(live);
      const onWait = (what: string | null): void => {
        const doing = what === null ? name : `waits for a permission: ${what}`;
        if (live.present) this.#parts.progress.set(live.info.id, doing, NO_USAGE);
      };
      return this.#parts.runTool(name, input, signal, (call) =>
        this.#parts.permissions.permit(live, { ...call, onWait }),
      );
    }).catch((error: unknown) => refusal('tool', errorInfo(error).message));
    if (!signal.aborted) await this.#settle(live, outcome, {});
  }

  async #loadWorkflow(live: LiveCall, ref: Extract<CallRequest, { kind: 'workflow' }>['ref']): Promise<void> {
    this.#markStarted(live);
    let outcome: AgentOutcome;
    try {
      outcome = { ...NOTHING, value: (await this.#parts.loadWorkflow(ref)) as unknown as Json };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      outcome = refusal('workflow', workflowProblem(error));
    }
    if (!live.cancel.signal.aborted) await this.#settle(live, outcome, {});
  }

  #openCheckpoint(live: LiveCall<Extract<CallRequest, { kind: 'checkpoint' }>>): void {
    this.#markStarted(live);
    const { fallback } = live.request;
    const timeoutAt = live.info.checkpoint?.timeoutAt ?? null;
    if (timeoutAt === null || fallback === null) return;
    const callOff = alarm(timeoutAt, () => this.#watch(this.#answerCheckpoint(live, fallback, 'timeout')));
    live.cancel.signal.addEventListener('abort', callOff, { once: true });
  }

  async #answerCheckpoint(live: LiveCall, given: CheckpointAnswer, by: 'person' | 'timeout'): Promise<void> {
    const value = given as unknown as Json;
    await this.#settle(live, { ...NOTHING, value }, { answer: { given, by } });
    live.cancel.abort({ how: 'drop' } satisfies Cut);
  }

  async #runAgent(live: LiveCall<Extract<CallRequest, { kind: 'agent' }>>): Promise<void> {
    const { request } = live;
    const { signal } = live.cancel;
    const type = this.#parts.agentTypes.of(request.options.agentType);
    const rules = rulesOf(type);
    const turns = this.#turnsOf(live);
    try {
      await this.#places.begin(live, turns);
      await this.#parts.agents.run({
        ...(type && { type }),
        ...(rules !== undefined && { rules }),
        prompt: request.prompt,
        options: request.options,
        role: request.role,
        model: live.info.model,
        caps: this.#parts.caps,
        signal,
        takeMessages: () => live.messages.splice(0),
        turns,
        admit: (call) => this.#places.admit(live, call),
        onRefused: (call, why) => this.#parts.permissions.refuse(live, call, why),
        onStarted: () => this.#markStarted(live),
        onProgress: (doing, usage) => {
          live.used = addUsage(live.lost, usage);
          if (live.present) this.#parts.progress.set(live.info.id, doing, live.used);
        },
        onTranscript: (entry) => {
          if (!signal.aborted) this.#write({ table: 'transcripts', key: live.info.key, entries: [entry] });
        },
        onReply: (text) => this.#parts.onReply(live.info.key, text),
        onEnded: async (outcome) => {
          await this.#places.end(live);
          await this.#settle(live, { ...outcome, usage: addUsage(live.lost, outcome.usage) }, {});
        },
      });
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      await this.#afterCut(live, error as Cut);
    }
  }

  /** Where the agent's turns are kept, until its work is broken off: what comes late must not be taken for what came before. */
  #turnsOf(live: LiveCall): TurnStore {
    const { info } = live;
    const { signal } = live.cancel;
    const turns = this.#parts.turns.of(info.key, this.#parts.onFailure);
    const unlessOver = (write: () => Promise<void>): Promise<void> =>
      signal.aborted || this.#closed ? Promise.resolve() : write();
    return {
      kept: turns.kept,
      keep: (steps, how) => unlessOver(() => turns.keep(steps, how)),
      forget: () =>
        unlessOver(async () => {
          await this.#places.forget(live);
          await turns.forget();
        }),
    };
  }

  /** A person, or nobody's interest, ended the work for a call. */
  async #afterCut(live: LiveCall<Extract<CallRequest, { kind: 'agent' }>>, cut: Cut): Promise<void> {
    if (cut.how === 'drop' || this.#closed) return;
    if (cut.how !== 'retry') {
      const outcome = cut.how === 'skip' ? 'skipped' : 'stopped';
      await this.#places.end(live);
      return await this.#settle(live, outcomeOfCut(cut, live.used), { outcome });
    }
    live.lost = live.used;
    live.cancel = new AbortController();
    live.startedAt = null;
    const note = { type: 'note' as const, at: Date.now(), text: 'A person had it begin anew.' };
    this.#write({ table: 'transcripts', key: live.info.key, entries: [note] });
    // They are looked for at once.
    await this.#turnsOf(live).forget();
    await this.#runAgent(live);
  }

  /** Writes how a live call ended, and only then lets the script have it. */
  async #settle(live: LiveCall, outcome: AgentOutcome, how: Partial<EndDetails>): Promise<void> {
    if (this.#closed || live.ending) return;
    live.ending = true;
    const { caps, log, progress } = this.#parts;
    const { info } = live;
    progress.clear(info.id);
    caps.spend(outcome.usage.outputTokens);
    const durationMs = live.startedAt === null ? 0 : Date.now() - live.startedAt;
    const settled = settledOf(info, outcome, { durationMs, spent: caps.spent, ...how });
    const results = this.#results;
    const stored = (seq: number, at: number): StoredResult | null =>
      outcome.ok ? { key: info.key, seq, value: outcome.value, settled, at } : null;
    const { seq, at } = await log.record(
      { type: 'call.settled', id: live.present ? info.id : NOBODYS_CALL, settled },
      {
        durable: true,
        rows: (event) => [
          ...rowsOf(stored(event.seq, event.at)),
          ...this.#parts.turns.afterEnd(info.key, settled, usageLess(settled.usage, live.lost)),
        ],
      },
    );
    if (this.#live.get(info.key) === live) this.#live.delete(info.key);
    const settlement = { now: at, spent: settled.spent, ...guestOutcomeFor(info.kind, outcome) };
    if (!outcome.ok) this.#pastEnds.set(info.key, { seq, settled, settlement });
    // The present attempt of the script has not asked for it yet, and read what is on disk before this was.
    const result = results === this.#results && live.present ? null : stored(seq, at);
    if (result) this.#results.set(info.key, result);
    if (!live.present) {
      this.#unheard += 1;
      return;
    }
    if (live.info !== info) this.#tellReused(live.info, settled);
    this.#tellFailure(live.info, settled);
    this.#settlements.add({ call: live.info.id, ...settlement });
  }

  #tellFailure(call: CallInfo, { outcome, cause }: CallSettled): void {
    if (call.kind !== 'agent' || !cause) return;
    const message = `agent "${call.label}" ${outcome}: ${cause.message}`;
    this.#record({ type: 'log', level: outcome === 'failed' ? 'error' : 'warning', message });
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
    for (const row of this.#parts.turns.forgotten(key)) this.#write(row);
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

  /** The script has ended: what agents that it did not wait for have changed is kept and told. */
  async endPlaces(): Promise<void> {
    const agents = [...this.#live.values()].filter((live) => isAgent(live) && !live.ending);
    for (const live of agents) live.cancel.abort({ how: 'drop' } satisfies Cut);
    await Promise.all(agents.map((live) => this.#places.end(live)));
  }

  /** The run ends: what is still under way is stopped and said so. */
  close(): void {
    if (this.#closed) return;
    for (const live of this.#live.values()) if (!live.ending && isAgent(live)) this.#recordStopped(live);
    // Nothing may be told after the end of the run, which comes next.
    this.#closed = true;
    for (const live of this.#live.values()) live.cancel.abort({ how: 'drop' } satisfies Cut);
  }

  /** What it has used is paid for, answer or not. */
  #recordStopped(live: LiveCall): void {
    const { caps } = this.#parts;
    if (!live.present && live.used === NO_USAGE) return;
    caps.spend(live.used.outputTokens);
    const outcome = { ...refusal('stopped', 'the run ended before the agent did'), usage: live.used };
    const settled = settledOf(live.info, outcome, { durationMs: 0, spent: caps.spent, outcome: 'stopped' });
    this.#record(
      { type: 'call.settled', id: live.present ? live.info.id : NOBODYS_CALL, settled },
      { rows: () => this.#parts.turns.told(live.info.key, usageLess(live.used, live.lost)) },
    );
  }

  #drop(live: LiveCall): void {
    this.#live.delete(live.info.key);
    live.cancel.abort({ how: 'drop' } satisfies Cut);
  }

  #record(...event: Parameters<RunLog['record']>): void {
    if (!this.#closed) this.#watch(this.#parts.log.record(...event));
  }

  #write(row: JournalRow): void {
    if (!this.#closed) this.#watch(this.#parts.log.write([row]));
  }

  /** What nobody awaits must still end the run when it fails: it can only be a journal that takes no more. */
  #watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#parts.onFailure(error));
  }
}

const NOTHING = { ok: true as const, value: null as Json, usage: NO_USAGE, requests: 0 };

function rowsOf(result: StoredResult | null): JournalRow[] {
  return result ? [{ table: 'results', result }] : [];
}
