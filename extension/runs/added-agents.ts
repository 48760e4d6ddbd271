import type { AgentTypes } from '../agents/agent-types.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import { addedNumber, callNumberWords } from '../protocol/call-number.ts';
import { UserError } from '../protocol/errors.ts';
import type { Json, JsonObject } from '../protocol/json.ts';
import { orAborted } from '../protocol/or-aborted.ts';
import type { AddedTask } from '../protocol/run-control.ts';
import { type CallInfo, type CallSettled, FIRST_ADDED_CALL, type RunInfo } from '../protocol/run-events.ts';
import type { AgentRequest } from '../protocol/sandbox-wire.ts';
import type { Caps } from '../scheduler/caps.ts';
import { addedInfo, checkAddedTask, requestOf, type StoredAdded, takesNoMore } from './added-task.ts';
import { requireModel } from './agent-task.ts';
import type { AgentWork } from './agent-work.ts';
import { answered, type EndDetails, refusal } from './call-info.ts';
import type { CallLog } from './call-log.ts';
import { type Cut, type LiveCall, liveCall } from './live-call.ts';
import type { RunPermissions } from './run-permissions.ts';
import type { RunTurns } from './run-turns.ts';
import { inboxProblem } from './script-tools.ts';

export interface AddedAgentsParts {
  book: CallLog;
  work: AgentWork;
  caps: Caps;
  permissions: RunPermissions;
  turns: RunTurns;
  agentTypes: AgentTypes;
  info(): RunInfo;
  /** Those of earlier attempts, and of the run that this one was forked from. */
  added: readonly StoredAdded[];
}

interface AddedAgent {
  request: AgentRequest;
  info: CallInfo;
  /** Null where it has ended, or waits for an attempt to begin. */
  live: LiveCall<AgentRequest> | null;
  end: AddedEnd | null;
}

interface AddedEnd {
  seq: number;
  settled: CallSettled;
  /** Null where it has none. */
  answer: { value: Json } | null;
}

/** A run is a script's, after all. */
const MOST_ADDED = 100;

/**
 * The agents that a person added to a run. They are beside the script: it did not ask for them, so no attempt of it
 * numbers them or hears of their end, but by `tool('inbox')`; and they are issued again in each attempt, where those that
 * have an answer keep it. One that has none is asked again when the run is resumed, as the script's are, or by a retry.
 */
export class AddedAgents {
  readonly #parts: AddedAgentsParts;
  readonly #agents = new Map<number, AddedAgent>();
  /** Resolved at the next end of one. */
  #nextEnd = Promise.withResolvers<void>();
  /** An attempt of the script has begun, in which they can be. */
  #begun = false;
  #closed = false;

  constructor(parts: AddedAgentsParts) {
    this.#parts = parts;
    for (const { id, request, result } of parts.added) {
      const end = result && { seq: result.seq, settled: result.settled, answer: { value: result.value } };
      this.#agents.set(id, { request, info: this.#infoOf(id, request), live: null, end });
    }
  }

  /** One more, which is written down when this resolves. @throws UserError where it cannot be had; then nothing is written. */
  async add(task: AddedTask): Promise<void> {
    const { caps, agentTypes } = this.#parts;
    const { id: runId, provider } = this.#parts.info();
    checkAddedTask(task);
    if (this.#closed) throw takesNoMore(runId);
    requireModel(provider);
    const typeProblem = agentTypes.problem(task.agentType);
    if (typeProblem !== null) throw new UserError('bad-arguments', `No agent was added: ${typeProblem}.`);
    if (this.#agents.size >= MOST_ADDED)
      throw new UserError(
        'not-possible',
        `${MOST_ADDED} agents were added to run ${runId} already, which is the most. Run Agent in Background runs more.`,
      );
    if (caps.exhausted !== null)
      throw new UserError('not-possible', `No agent was added: ${caps.exhausted}. Change the run's limits first.`);
    const id = Math.max(FIRST_ADDED_CALL - 1, ...this.#agents.keys()) + 1;
    const request = requestOf(task);
    const agent: AddedAgent = { request, info: this.#infoOf(id, request), live: null, end: null };
    this.#agents.set(id, agent);
    if (this.#begun) await this.#issue(agent);
    // The first attempt, which is about to begin, issues it anew and has it begin.
    else await this.#parts.book.issued(agent.info, request, { durable: true });
  }

  /** An attempt of the script begins: all of them are in it, too. */
  issueAll(): void {
    const { book, permissions } = this.#parts;
    this.#begun = true;
    for (const [id, agent] of this.#agents) {
      agent.info = this.#infoOf(id, agent.request);
      const { info, live, end } = agent;
      if (!live && !end) {
        book.watch(this.#issue(agent));
        continue;
      }
      void book.issued(info, agent.request);
      if (end) {
        book.reused(info, end.settled);
        book.tellFailure(info, end.settled);
      } else if (live) {
        live.info = info;
        if (live.startedAt !== null) book.record({ type: 'call.started', id });
        permissions.joined(live);
      }
    }
  }

  #infoOf(id: number, request: AgentRequest): CallInfo {
    // It stands in a phase of its own, which is none of the script's, whatever that calls its phases.
    return addedInfo(id, request, this.#parts.work.modelOf(request, null));
  }

  /** Has one begin, or begin again. It is on disk before anything is sent for it. */
  async #issue(agent: AddedAgent): Promise<void> {
    const { book, work, agentTypes } = this.#parts;
    const live = liveCall(agent.request, agent.info);
    agent.live = live;
    agent.end = null;
    await book.issued(agent.info, agent.request, { durable: true });
    const onEnd = (outcome: AgentOutcome, how: Partial<EndDetails>): Promise<void> =>
      this.#ended(agent, live, outcome, how);
    // Its definition may have gone since.
    const problem = agentTypes.problem(agent.request.options.agentType);
    book.watch(problem === null ? work.run(live, onEnd) : onEnd(refusal('bad-request', problem), {}));
  }

  async #ended(agent: AddedAgent, live: LiveCall, outcome: AgentOutcome, how: Partial<EndDetails>): Promise<void> {
    const { book } = this.#parts;
    const end = await book.ended(live, outcome, how);
    if (!end) return;
    const { seq, settled, info } = end;
    agent.live = null;
    agent.end = { seq, settled, answer: outcome.ok ? { value: outcome.value } : null };
    // An attempt that began meanwhile was told that it is at work.
    if (agent.info !== info) book.reused(agent.info, settled);
    book.tellFailure(agent.info, settled);
    this.#nextEnd.resolve();
    this.#nextEnd = Promise.withResolvers();
  }

  /** Those that have no end yet. */
  get underWay(): readonly LiveCall[] {
    return [...this.#agents.values()].flatMap(({ live }) => live ?? []);
  }

  /** What their answers are stored under. */
  get keys(): readonly string[] {
    return [...this.#agents.values()].map(({ info }) => info.key);
  }

  /** Resolves when none is at work, at least for a moment. */
  async idle(): Promise<void> {
    while (this.underWay.length > 0) await this.#nextEnd.promise;
  }

  /** Takes no more, where none is at work: the run ends. Whether that is so. */
  closeIfIdle(): boolean {
    if (this.underWay.length === 0) this.#closed = true;
    return this.#closed;
  }

  /** The run ends: it takes no more. */
  close(): void {
    this.#closed = true;
  }

  /** What `tool('inbox')` answers: those that have ended so far, in that order; with `wait`, those at work now among them. */
  async inbox(input: JsonObject, signal: AbortSignal): Promise<AgentOutcome> {
    const problem = inboxProblem(input);
    if (problem !== null) return refusal('tool', problem);
    if (input.wait === true) {
      const waitedFor = new Set(this.underWay);
      while (this.underWay.some((live) => waitedFor.has(live))) await orAborted(this.#nextEnd.promise, signal);
    }
    const ended = [...this.#agents].flatMap(([id, { request, info, end }]) =>
      end ? [{ id, request, info, end }] : [],
    );
    const value = ended
      .sort((one, other) => one.end.seq - other.end.seq)
      .map(({ id, request, info, end }) => ({
        number: addedNumber(id),
        task: request.prompt,
        label: info.label,
        outcome: end.settled.outcome,
        answer: end.answer?.value ?? null,
      }));
    return answered(value);
  }

  /** As of `RunCalls`. */
  cutAgent(id: number, cut: Exclude<Cut, { how: 'drop' }>): void {
    this.#liveAgent(id).cancel.abort(cut);
  }

  messageAgent(id: number, text: string): void {
    this.#liveAgent(id).messages.push(text);
  }

  /** Begins one at work anew, and sends one that has no answer again: the script never heard of it, and goes on as it is. @throws UserError where it has one. */
  async retry(id: number): Promise<void> {
    const agent = this.#agents.get(id);
    if (!agent?.end) return this.cutAgent(id, { how: 'retry' });
    if (this.#closed) throw takesNoMore(this.#parts.info().id);
    if (agent.end.answer) {
      throw new UserError(
        'not-possible',
        `Agent ${callNumberWords(id)} has its answer, which is kept. To ask again, add another one.`,
      );
    }
    for (const row of this.#parts.turns.forgotten(agent.info.key)) this.#parts.book.write(row);
    await this.#issue(agent);
  }

  #liveAgent(id: number): LiveCall {
    const { live = null, end = null } = this.#agents.get(id) ?? {};
    if (live && !live.ending) return live;
    const why = live || end ? 'has ended already.' : 'has not begun yet. Try again in a moment.';
    throw new UserError('not-possible', `Agent ${callNumberWords(id)} ${why}`);
  }
}
