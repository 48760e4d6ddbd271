import type { AgentType } from '../agents/agent-definitions.ts';
import { toolsOf } from '../agents/agent-types.ts';
import { Continuation } from '../agents/continuation.ts';
import type { AgentDeps } from '../agents/conversation.ts';
import { type AgentOutcome, runAgent } from '../agents/run-agent.ts';
import { TOKENS_PER_IMAGE, withoutImages } from '../agents/size.ts';
import type { Admission } from '../agents/tool-calls.ts';
import type { TurnStore } from '../agents/turns.ts';
import { requestPrice } from '../models/prices.ts';
import {
  type CompletionWatch,
  ModelError,
  type ModelReply,
  type ModelRequest,
  type Provider,
} from '../models/provider.ts';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import { errorInfo } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import { orAborted } from '../protocol/or-aborted.ts';
import { addUsage, type FailureCause, type GovernorState, NO_USAGE, type Usage } from '../protocol/run-events.ts';
import type { AgentOptions, AgentRole } from '../protocol/sandbox-wire.ts';
import { CapReachedError, type Caps, type Grant } from '../scheduler/caps.ts';
import { Gate } from '../scheduler/gate.ts';
import { Governor, type GovernorTuning, type ProviderDeadError } from '../scheduler/governor.ts';
import { OwnWait } from '../scheduler/own-wait.ts';
import { TimeLimit } from '../scheduler/time-limit.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import type { AskedCall } from './run-permissions.ts';

export interface AgentCall {
  prompt: string;
  options: AgentOptions;
  role: AgentRole;
  model: string;
  /** As in `AgentTask`. */
  rules?: string;
  /** It may take tools away; absent: it has all of them. */
  type?: AgentType;
  caps: Caps;
  signal: AbortSignal;
  /** As in `AgentDeps`. */
  checkAnswer?(answer: Json): Promise<string | null>;
  turns?: TurnStore;
  /** Whether a tool call may be done, and where; absent: it may, in the workspace. */
  admit?(call: AskedCall): Promise<Admission>;
  /** As in `ToolCallDeps`. */
  onRefused?: AgentDeps['onRefused'];
  /** What a person said to this agent since it was last asked; emptied by asking. */
  takeMessages(): string[];
  onStarted(): void;
  onProgress(doing: string, usage: Usage): void;
  onTranscript(entry: TranscriptEntry): void;
  /** A reply is on its way: `text` gives what has come of it, whenever somebody looks. Null: it is through, or given up. */
  onReply?(text: (() => string) | null): void;
  /** Writes the end down. */
  onEnded(outcome: AgentOutcome): Promise<void>;
}

export interface AgentCallsOptions {
  provider: Provider;
  concurrency: number;
  tools: readonly Tool[];
  /** As `of` of `ServerTools`; absent: no agent has any. */
  serverTools?(type: AgentType | undefined, tell: (line: string) => void): Promise<readonly Tool[]> | null;
  toolContext: Omit<ToolContext, 'signal'>;
  /** Wait before the second try of a model request, milliseconds. */
  retryBaseMs?: number;
  /** How failures of the provider are met, where not by default. */
  governor?: GovernorTuning;
  /** Wall-clock milliseconds of one agent; null without a limit. */
  agentTimeoutMs?: number | null;
  /** Replies, and output tokens, that one agent may take; by default 50, and any number. */
  agentTurns?: number | null;
  agentTokens?: number | null;
}

export interface AgentCallsListener {
  /** What slows all agents down, and when that is over. */
  tell(message: string, state: GovernorState): void;
  /** The provider is dead: what is still under way has to be aborted. */
  onDead(error: ProviderDeadError): void;
}

/** What one agent's requests came to beside its conversation. */
interface Ledger {
  /** Sent, retries included. */
  requests: number;
  /** Used by replies that broke off, and of that what was not kept with the turns yet. */
  lost: Usage;
  unkept: Usage;
  /** Why it got no further, where that is neither its own doing nor the model's. */
  end: FailureCause | null;
}

/** As many agents as a run may have at work at a time. */
const MAX_CONCURRENCY = 256;

/** Sends out the agents of one run: so many at a time, their model requests under one governor. */
export class AgentCalls {
  #options: AgentCallsOptions;
  #concurrency: number;
  /** Agents at work, and those that wait for their place. */
  #places = new Gate(() => this.#concurrency);
  #governor: Governor;
  #timeLimits = new Set<TimeLimit>();
  #listener: AgentCallsListener | null = null;
  /** What servers cannot do is the same for all agents, and told once. */
  #toldOfServers = new Set<string>();

  /** @throws RangeError as `setConcurrency`. */
  constructor(options: AgentCallsOptions) {
    this.#options = options;
    this.#concurrency = checkedConcurrency(options.concurrency);
    this.#governor = new Governor({
      hint: (error) => (error instanceof ModelError ? error : null),
      maxInFlight: options.concurrency,
      tell: (message, state) => this.#listener?.tell(message, state),
      onDead: (error) => this.#listener?.onDead(error),
      onHeld: () => {
        for (const limit of this.#timeLimits) limit.look();
      },
      ...(options.retryBaseMs !== undefined && { baseDelayMs: options.retryBaseMs }),
      ...options.governor,
    });
  }

  /** Only one listens: the run whose agents they are. */
  listen(listener: AgentCallsListener): void {
    this.#listener = listener;
  }

  /** Nothing new goes out until `unpause`, neither agents nor model requests; requests under way come to their end. */
  pause(): void {
    this.#places.pause();
    this.#governor.pause();
  }

  /** Ends what `pause` began; a run that is parked as well stays so. */
  unpause(): void {
    this.#governor.unpause();
    this.#places.unpause();
  }

  /**
   * Agents at a time from now on, 1 to 256, and model requests with them: more start at once, fewer as places come free.
   * @throws RangeError for any other number.
   */
  setConcurrency(agents: number): void {
    this.#concurrency = checkedConcurrency(agents);
    this.#governor.setMaxInFlight(agents);
    this.#places.next();
  }

  /** What the provider holds back now. */
  get governed(): GovernorState {
    return this.#governor.state;
  }

  /** Milliseconds that model requests were parked or paused in all; where both held, they count once. */
  get heldMs(): number {
    return this.#governor.held.ms;
  }

  /**
   * Waits for a free place, runs the agent to its end, and holds the place until `onEnded` is through: so no more than
   * these many can ever be without a written end. Rejects at once when aborted, with the signal's reason; or with `onEnded`.
   */
  async run(call: AgentCall): Promise<void> {
    const place = await this.#places.enter(call.signal);
    try {
      call.signal.throwIfAborted();
      call.onStarted();
      // A tool may take its time to heed a stop; nobody waits for it.
      const outcome = await orAborted(this.#outcomeOf(call), call.signal);
      call.signal.throwIfAborted();
      await call.onEnded(outcome);
    } finally {
      this.#places.leave(place);
      this.#places.next();
    }
  }

  async #outcomeOf(call: AgentCall): Promise<AgentOutcome> {
    try {
      return await this.#runGoverned(call);
    } catch (error) {
      call.signal.throwIfAborted();
      return {
        ok: false,
        cause: { kind: 'internal', message: errorInfo(error).message },
        usage: NO_USAGE,
        requests: 0,
      };
    }
  }

  async #runGoverned(call: AgentCall): Promise<AgentOutcome> {
    const { agentTimeoutMs = null } = this.#options;
    if (agentTimeoutMs === null) return await this.#converse(call, call.signal, () => undefined);
    const wait = new OwnWait(this.#governor.held);
    const limit = new TimeLimit(agentTimeoutMs, call.signal, wait);
    this.#timeLimits.add(limit);
    try {
      const outcome = await this.#converse(call, limit.signal, (waiting) => {
        wait.setWaiting(waiting);
        limit.look();
      });
      if (outcome.ok || !limit.error) return outcome;
      return { ...outcome, cause: { kind: 'timeout', message: limit.error.message } };
    } finally {
      this.#timeLimits.delete(limit);
      limit.clear();
    }
  }

  /** @param onWait hears when the agent begins to wait for a person, and when it does not any more. */
  async #converse(call: AgentCall, signal: AbortSignal, onWait: (waiting: boolean) => void): Promise<AgentOutcome> {
    const { tools, toolContext, agentTurns, agentTokens } = this.#options;
    const { prompt, options, role, model, rules, checkAnswer, turns } = call;
    let used = NO_USAGE;
    const ledger: Ledger = { requests: 0, lost: NO_USAGE, unkept: NO_USAGE, end: null };
    const complete: AgentDeps['complete'] = (build, watch) => this.#complete(call, build, watch, ledger);
    const onProgress = (doing: string, usage: Usage): void => {
      used = addUsage(usage, ledger.lost);
      call.onProgress(doing, used);
    };
    const outcome = await runAgent(
      { prompt, options, role, model, ...(rules !== undefined && { rules }) },
      {
        complete,
        tools: [...toolsOf(call.type, tools), ...(await this.#serverTools(call, signal, onWait))],
        toolContext: { ...toolContext, signal },
        signal,
        takeMessages: () => call.takeMessages(),
        ...(checkAnswer && { checkAnswer }),
        ...(turns && { turns: withLost(turns, ledger) }),
        ...(agentTurns != null && { maxTurns: agentTurns }),
        ...(agentTokens != null && { maxTokens: agentTokens }),
        ...(call.admit && {
          admit: admission(call.admit, { ...toolContext, signal }, (what) => {
            if (what !== null) call.onProgress(`waits for a permission: ${what}`, used);
            onWait(what !== null);
          }),
        }),
        ...(call.onRefused && { onRefused: call.onRefused }),
        onProgress,
        onTranscript: call.onTranscript,
      },
    );
    const counts = { requests: ledger.requests, usage: addUsage(outcome.usage, ledger.lost) };
    return outcome.ok || !ledger.end ? { ...outcome, ...counts } : { ...outcome, ...counts, cause: ledger.end };
  }

  /** What an agent has of servers. One is started for it, and a person may be asked about that: the agent waits meanwhile. */
  async #serverTools(
    { type, onTranscript, onProgress }: AgentCall,
    signal: AbortSignal,
    onWait: (waiting: boolean) => void,
  ): Promise<readonly Tool[]> {
    const tools = this.#options.serverTools?.(type, (line) => {
      onTranscript({ type: 'note', at: Date.now(), text: line });
      if (this.#toldOfServers.has(line)) return;
      this.#toldOfServers.add(line);
      this.#listener?.tell(line, this.#governor.state);
    });
    if (!tools) return [];
    onProgress('waits for the tools of servers', NO_USAGE);
    onWait(true);
    try {
      return await orAborted(tools, signal);
    } finally {
      onWait(false);
    }
  }

  /** Asks for one reply, as often as the governor allows, and each time goes on from what had come of it. */
  async #complete(
    call: AgentCall,
    build: () => ModelRequest,
    watch: CompletionWatch,
    ledger: Ledger,
  ): Promise<ModelReply> {
    const continuation = new Continuation();
    /** What the present try has brought. */
    let said = '';
    const heard: CompletionWatch = {
      ...watch,
      onText: (delta) => {
        said += delta;
        watch.onText?.(delta);
      },
      unpaused: () => this.#governor.unpaused(watch.signal),
      // What a server lacks holds for all agents of the run.
      onNote: (text) => this.#listener?.tell(text, this.#governor.state),
    };
    const attempt = async (): Promise<ModelReply> => {
      try {
        return await this.#send(call, continuation.request(build), heard, ledger);
      } catch (error) {
        throw continuation.excuse(error);
      }
    };
    call.onReply?.(() => continuation.textWith(said));
    try {
      const reply = await this.#governor.run(attempt, watch.signal, (error, delayMs) => {
        call.onTranscript({ type: 'retry', at: Date.now(), reason: errorInfo(error).message, delayMs });
        const kept = continuation.keep(error);
        // The next try goes on from what was kept, or begins anew.
        said = '';
        if (kept === 0) return;
        const text = `The reply broke off after ${kept} characters; the model is asked to go on from there.`;
        call.onTranscript({ type: 'note', at: Date.now(), text });
      });
      return continuation.whole(reply);
    } finally {
      call.onReply?.(null);
    }
  }

  /** Sends one request with what the caps leave it. */
  async #send(call: AgentCall, request: ModelRequest, watch: CompletionWatch, ledger: Ledger): Promise<ModelReply> {
    const grant = await this.#reserve(call, request, watch.signal, ledger);
    let usage = NO_USAGE;
    try {
      // It may have waited for its share of the caps, and somebody may have paused the run meanwhile.
      await this.#governor.unpaused(watch.signal);
      ledger.requests += 1;
      const reply = await this.#options.provider.complete(
        { ...request, maxOutputTokens: grant.maxOutputTokens },
        watch,
      );
      usage = reply.usage;
      if (reply.rateLimit) this.#governor.observe(reply.rateLimit);
      return reply;
    } catch (error) {
      if (error instanceof ModelError && error.usage) {
        usage = error.usage;
        ledger.lost = addUsage(ledger.lost, usage);
        ledger.unkept = addUsage(ledger.unkept, usage);
      }
      throw error;
    } finally {
      grant.settle(usage);
    }
  }

  async #reserve(call: AgentCall, request: ModelRequest, signal: AbortSignal, ledger: Ledger): Promise<Grant> {
    const priced = call.caps.capsCost && !this.#options.provider.free;
    const price = priced ? requestPrice(request.model, promptTokens(request)) : null;
    try {
      if (priced && !price) {
        ledger.end = {
          kind: 'bad-request',
          message: `no price is known for ${request.model}, and the run has a cost cap`,
        };
        throw new CapReachedError(ledger.end.message);
      }
      const agents = Math.min(this.#concurrency, this.#places.out + this.#places.waiting);
      return await call.caps.reserve({ wanted: request.maxOutputTokens, price, agents }, signal);
    } catch (error) {
      if (error instanceof CapReachedError) ledger.end ??= { kind: 'budget', message: error.message };
      throw error;
    }
  }
}

/** Asks about the tool calls of one agent, which may have several under way: it waits while one of them does. */
function admission(
  admit: NonNullable<AgentCall['admit']>,
  context: ToolContext,
  onWait: (what: string | null) => void,
): NonNullable<AgentDeps['admit']> {
  let waiting = 0;
  const count = (what: string | null): void => {
    waiting += what === null ? -1 : 1;
    if (what !== null || waiting === 0) onWait(what);
  };
  return (tool, input) => admit({ tool, input, context, onWait: count });
}

/** The conversation does not know of tries that broke off; they are paid for all the same. */
function withLost(turns: TurnStore, ledger: Ledger): TurnStore {
  return {
    ...turns,
    keep: (steps, how) => {
      const { unkept } = ledger;
      ledger.unkept = NO_USAGE;
      return turns.keep(unkept === NO_USAGE ? steps : [...steps, { type: 'lost', usage: unkept }], how);
    },
  };
}

function checkedConcurrency(agents: number): number {
  if (Number.isInteger(agents) && agents >= 1 && agents <= MAX_CONCURRENCY) return agents;
  throw new RangeError(`${agents} is no number of agents at a time; it is a whole number from 1 to ${MAX_CONCURRENCY}`);
}

/** Bytes that a token has at least, on the average of any text: what is held for a prompt must be enough. */
const BYTES_PER_TOKEN = 2;

function promptTokens({ system, messages, tools }: ModelRequest): number {
  const { text, images } = withoutImages([system, messages, tools]);
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + images * TOKENS_PER_IMAGE;
}
