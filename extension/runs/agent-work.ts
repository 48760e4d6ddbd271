import { type AgentTypes, rulesOf } from '../agents/agent-types.ts';
import type { AgentOutcome } from '../agents/run-agent.ts';
import type { TurnStore } from '../agents/turns.ts';
import { addUsage, type RunInfo } from '../protocol/run-events.ts';
import type { AgentRequest } from '../protocol/sandbox-wire.ts';
import type { Caps } from '../scheduler/caps.ts';
import type { AgentCalls } from './agent-calls.ts';
import { AgentPlaces } from './agent-places.ts';
import type { EndDetails } from './call-info.ts';
import type { CallLog } from './call-log.ts';
import { type Cut, type LiveCall, outcomeOfCut } from './live-call.ts';
import { modelOfAgent } from './model-choice.ts';
import type { ProgressFeed } from './progress-feed.ts';
import type { RunPermissions } from './run-permissions.ts';
import type { RunTurns } from './run-turns.ts';
import type { Worktrees } from './worktrees.ts';

export interface AgentWorkParts {
  book: CallLog;
  agents: AgentCalls;
  caps: Caps;
  progress: ProgressFeed;
  /** A reply to the agent of this key is on its way, and what gives its text so far; null: no more. */
  onReply(key: string, text: (() => string) | null): void;
  /** As it is now: a person may change it. */
  info(): RunInfo;
  resolveModel(name: string): string;
  permissions: RunPermissions;
  worktrees: Worktrees;
  turns: RunTurns;
  agentTypes: AgentTypes;
  /** The run cannot go on. */
  onFailure(error: unknown): void;
}

/** Hears how an agent ended, once what it changed is kept, and writes it down. */
export type OnAgentEnd = (outcome: AgentOutcome, how: Partial<EndDetails>) => Promise<void>;

/** How the agents of one run do their work, whoever asked for them: where, by what turns, and what a person's word makes of it. */
export class AgentWork {
  readonly #parts: AgentWorkParts;
  readonly #places: AgentPlaces;

  constructor(parts: AgentWorkParts) {
    const { book } = parts;
    this.#parts = parts;
    this.#places = new AgentPlaces({
      ...parts,
      isolateAll: () => parts.info().profile === 'edit-in-worktrees',
      record: (event) => book.record(event),
      transcribe: (key, entry) => book.write({ table: 'transcripts', key, entries: [entry] }),
    });
  }

  /** The model that an agent of this phase is asked of. */
  modelOf({ options, role }: AgentRequest, phase: string | null): string {
    const model = options.model || this.#parts.agentTypes.of(options.agentType)?.model;
    return modelOfAgent({ options: model ? { model } : {}, role, phase }, this.#parts.info(), this.#parts.resolveModel);
  }

  /** Has an agent work to its end, or until it is cut off; one that a person has begin anew begins anew. */
  async run(live: LiveCall<AgentRequest>, onEnd: OnAgentEnd): Promise<void> {
    const { request } = live;
    const { signal } = live.cancel;
    const { book } = this.#parts;
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
        onStarted: () => book.started(live),
        onProgress: (doing, usage) => {
          live.used = addUsage(live.lost, usage);
          if (live.present) this.#parts.progress.set(live.info.id, doing, live.used);
        },
        onTranscript: (entry) => {
          if (!signal.aborted) book.write({ table: 'transcripts', key: live.info.key, entries: [entry] });
        },
        onReply: (text) => this.#parts.onReply(live.info.key, text),
        onEnded: async (outcome) => {
          const changedFiles = await this.#places.end(live);
          await onEnd({ ...outcome, usage: addUsage(live.lost, outcome.usage) }, { changedFiles });
        },
      });
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      await this.#afterCut(live, error as Cut, onEnd);
    }
  }

  /** What an agent that nobody waits for has changed is kept and told. Never rejects. */
  async endPlace(live: LiveCall): Promise<void> {
    await this.#places.end(live);
  }

  /** Where the agent's turns are kept, until its work is broken off: what comes late must not be taken for what came before. */
  #turnsOf(live: LiveCall): TurnStore {
    const { info } = live;
    const { signal } = live.cancel;
    const turns = this.#parts.turns.of(info.key, this.#parts.onFailure);
    const unlessOver = (write: () => Promise<void>): Promise<void> =>
      signal.aborted || this.#parts.book.closed ? Promise.resolve() : write();
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
  async #afterCut(live: LiveCall<AgentRequest>, cut: Cut, onEnd: OnAgentEnd): Promise<void> {
    const { book } = this.#parts;
    if (cut.how === 'drop' || book.closed) return;
    if (cut.how !== 'retry') {
      const outcome = cut.how === 'skip' ? 'skipped' : 'stopped';
      const changedFiles = await this.#places.end(live);
      return await onEnd(outcomeOfCut(cut, live.used), { outcome, changedFiles });
    }
    live.lost = live.used;
    live.cancel = new AbortController();
    live.startedAt = null;
    const note = { type: 'note' as const, at: Date.now(), text: 'A person had it begin anew.' };
    book.write({ table: 'transcripts', key: live.info.key, entries: [note] });
    // They are looked for at once.
    await this.#turnsOf(live).forget();
    await this.run(live, onEnd);
  }
}
