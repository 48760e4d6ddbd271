import pLimit, { type LimitFunction } from 'p-limit';
import { type AgentOutcome, runAgent } from '../agents/run-agent.ts';
import {
  type CompletionWatch,
  ModelError,
  type ModelReply,
  type ModelRequest,
  type Provider,
} from '../models/provider.ts';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import { errorInfo } from '../protocol/errors.ts';
import { addUsage, NO_USAGE, type Usage } from '../protocol/run-events.ts';
import type { AgentOptions, AgentRole } from '../protocol/sandbox-wire.ts';
import { Governor, type GovernorTuning, type ProviderDeadError } from '../scheduler/governor.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';

export interface AgentCall {
  prompt: string;
  options: AgentOptions;
  role: AgentRole;
  model: string;
  signal: AbortSignal;
  onStarted(): void;
  onProgress(doing: string, usage: Usage): void;
  onTranscript(entry: TranscriptEntry): void;
  /** Writes the end down. */
  onEnded(outcome: AgentOutcome): Promise<void>;
}

export interface AgentCallsOptions {
  provider: Provider;
  concurrency: number;
  tools: readonly Tool[];
  toolContext: Omit<ToolContext, 'signal'>;
  /** Wait before the second try of a model request, milliseconds. */
  retryBaseMs?: number;
  /** How failures of the provider are met, where not by default. */
  governor?: GovernorTuning;
}

export interface AgentCallsListener {
  /** What slows all agents down, and when that is over. */
  tell(message: string): void;
  /** The provider is dead: what is still under way has to be aborted. */
  onDead(error: ProviderDeadError): void;
}

/** What one agent's requests came to beside its conversation. */
interface Ledger {
  /** Sent, retries included. */
  requests: number;
  /** Used by replies that broke off. */
  lost: Usage;
}

/** Sends out the agents of one run: so many at a time, their model requests under one governor. */
export class AgentCalls {
  #options: AgentCallsOptions;
  #limit: LimitFunction;
  #governor: Governor;
  #listener: AgentCallsListener | null = null;

  constructor(options: AgentCallsOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
    this.#governor = new Governor({
      hint: (error) => (error instanceof ModelError ? error : null),
      maxInFlight: options.concurrency,
      tell: (message) => this.#listener?.tell(message),
      onDead: (error) => this.#listener?.onDead(error),
      ...(options.retryBaseMs !== undefined && { baseDelayMs: options.retryBaseMs }),
      ...options.governor,
    });
  }

  /** Only one listens: the run whose agents they are. */
  listen(listener: AgentCallsListener): void {
    this.#listener = listener;
  }

  /**
   * Waits for a free place, runs the agent to its end, and holds the place until `onEnded` is through: so no more than
   * these many can ever be without a written end. Rejects when aborted, with the signal's reason, or with `onEnded`.
   */
  run(call: AgentCall): Promise<void> {
    return this.#limit(async () => {
      call.signal.throwIfAborted();
      call.onStarted();
      const outcome = await this.#outcomeOf(call);
      call.signal.throwIfAborted();
      await call.onEnded(outcome);
    });
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
    const { tools, toolContext } = this.#options;
    const { prompt, options, role, model, signal } = call;
    const ledger: Ledger = { requests: 0, lost: NO_USAGE };
    const complete = (request: ModelRequest, watch: CompletionWatch): Promise<ModelReply> =>
      this.#governor.run(
        () => this.#send(request, watch, ledger),
        watch.signal,
        (error, delayMs) =>
          call.onTranscript({ type: 'retry', at: Date.now(), reason: errorInfo(error).message, delayMs }),
      );
    const outcome = await runAgent(
      { prompt, options, role, model },
      {
        complete,
        tools,
        toolContext: { ...toolContext, signal },
        signal,
        onProgress: (doing, usage) => call.onProgress(doing, addUsage(usage, ledger.lost)),
        onTranscript: call.onTranscript,
      },
    );
    return { ...outcome, requests: ledger.requests, usage: addUsage(outcome.usage, ledger.lost) };
  }

  async #send(request: ModelRequest, watch: CompletionWatch, ledger: Ledger): Promise<ModelReply> {
    ledger.requests += 1;
    try {
      const reply = await this.#options.provider.complete(request, watch);
      if (reply.rateLimit) this.#governor.observe(reply.rateLimit);
      return reply;
    } catch (error) {
      if (error instanceof ModelError && error.usage) ledger.lost = addUsage(ledger.lost, error.usage);
      throw error;
    }
  }
}
