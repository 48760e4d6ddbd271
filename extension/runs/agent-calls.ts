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
import { NO_USAGE, type Usage } from '../protocol/run-events.ts';
import type { AgentOptions, AgentRole } from '../protocol/sandbox-wire.ts';
import { Governor } from '../scheduler/governor.ts';
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
}

/** Sends out the agents of one run: so many at a time, their model requests under one governor. */
export class AgentCalls {
  #options: AgentCallsOptions;
  #limit: LimitFunction;
  #governor: Governor;

  constructor(options: AgentCallsOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
    this.#governor = new Governor({
      hint: (error) => (error instanceof ModelError ? error : null),
      ...(options.retryBaseMs !== undefined && { baseDelayMs: options.retryBaseMs }),
    });
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
    const { provider, tools, toolContext } = this.#options;
    const { prompt, options, role, model, signal } = call;
    let requests = 0;
    const complete = (request: ModelRequest, watch: CompletionWatch): Promise<ModelReply> =>
      this.#governor.run(
        () => {
          requests += 1;
          return provider.complete(request, watch);
        },
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
        onProgress: call.onProgress,
        onTranscript: call.onTranscript,
      },
    );
    return { ...outcome, requests };
  }
}
