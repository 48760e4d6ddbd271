import type { AgentOutcome } from '../agents/run-agent.ts';
import { usageLess } from '../agents/turns.ts';
import type { JournalRow, StoredResult } from '../journal/journal.ts';
import { type CallInfo, type CallSettled, NO_USAGE, type RunEvent } from '../protocol/run-events.ts';
import type { CallRequest } from '../protocol/sandbox-wire.ts';
import type { Caps } from '../scheduler/caps.ts';
import { type EndDetails, refusal, settledOf } from './call-info.ts';
import { type Cut, isAgent, type LiveCall } from './live-call.ts';
import type { ProgressFeed } from './progress-feed.ts';
import type { RecordOptions, RunLog } from './run-log.ts';
import { NOBODYS_CALL, type RunTurns } from './run-turns.ts';

export interface CallLogParts {
  log: RunLog;
  caps: Caps;
  progress: ProgressFeed;
  turns: RunTurns;
  /** The run cannot go on. */
  onFailure(error: unknown): void;
}

/** The end of a call as it was written: the call as it was known then, and the event that tells of it. */
export interface CallEnd {
  info: CallInfo;
  settled: CallSettled;
  seq: number;
  at: number;
}

/** What the journal hears of the calls of one run, whoever asked for them: until the run ends, and nothing after. */
export class CallLog {
  readonly #parts: CallLogParts;
  #closed = false;

  constructor(parts: CallLogParts) {
    this.#parts = parts;
  }

  /** The run has ended, and nothing more is written. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when it is written. */
  issued(call: CallInfo, request: CallRequest, { durable = false } = {}): Promise<RunEvent> {
    const rows = (): JournalRow[] => (request.kind === 'timer' ? [] : [{ table: 'requests', key: call.key, request }]);
    const written = this.#parts.log.record({ type: 'call.issued', call }, { durable, rows });
    this.watch(written);
    return written;
  }

  /** It has its place and is done from now on. */
  started(live: LiveCall): void {
    live.startedAt = Date.now();
    // A timer has no place to wait for, and screens do not show it.
    if (live.request.kind !== 'timer' && live.present) this.record({ type: 'call.started', id: live.info.id });
  }

  /** Writes how a live call ended; null where that is on its way already, or the run is over. */
  async ended(live: LiveCall, outcome: AgentOutcome, how: Partial<EndDetails>): Promise<CallEnd | null> {
    if (this.#closed || live.ending) return null;
    live.ending = true;
    const { caps, log, progress, turns } = this.#parts;
    const { info } = live;
    progress.clear(info.id);
    caps.spend(outcome.usage.outputTokens);
    const durationMs = live.startedAt === null ? 0 : Date.now() - live.startedAt;
    const settled = settledOf(info, outcome, { durationMs, spent: caps.spent, ...how });
    const { seq, at } = await log.record(
      { type: 'call.settled', id: live.present ? info.id : NOBODYS_CALL, settled },
      {
        durable: true,
        rows: (event) => [
          ...rowsOf(storedResult({ info, settled, seq: event.seq, at: event.at }, outcome)),
          ...turns.afterEnd(info.key, settled, usageLess(settled.usage, live.lost)),
        ],
      },
    );
    return { info, settled, seq, at };
  }

  /** An attempt asked again for a call that has ended. */
  reused(call: CallInfo, settled: CallSettled): void {
    this.record({ type: 'call.settled', id: call.id, settled: { ...settled, reused: true } });
  }

  /** Says in the run's log that an agent has no answer, where that is so. */
  tellFailure(call: CallInfo, { outcome, cause }: CallSettled): void {
    if (call.kind !== 'agent' || !cause) return;
    const message = `agent "${call.label}" ${outcome}: ${cause.message}`;
    this.record({ type: 'log', level: outcome === 'failed' ? 'error' : 'warning', message });
  }

  /** Nobody wants the answer of an agent at work any more. What it has used is paid for all the same. */
  stopped(live: LiveCall): void {
    const { caps, turns } = this.#parts;
    if (!live.present && live.used === NO_USAGE) return;
    caps.spend(live.used.outputTokens);
    const outcome = { ...refusal('stopped', 'the run ended before the agent did'), usage: live.used };
    const settled = settledOf(live.info, outcome, { durationMs: 0, spent: caps.spent, outcome: 'stopped' });
    this.record(
      { type: 'call.settled', id: live.present ? live.info.id : NOBODYS_CALL, settled },
      { rows: () => turns.told(live.info.key, usageLess(live.used, live.lost)) },
    );
  }

  /** The run ends: what is still under way is stopped and said so. */
  close(underWay: readonly LiveCall[]): void {
    if (this.#closed) return;
    for (const live of underWay) if (!live.ending && isAgent(live)) this.stopped(live);
    // Nothing may be told after the end of the run, which comes next.
    this.#closed = true;
    for (const live of underWay) live.cancel.abort({ how: 'drop' } satisfies Cut);
  }

  record(body: Parameters<RunLog['record']>[0], options?: RecordOptions): void {
    if (!this.#closed) this.watch(this.#parts.log.record(body, options));
  }

  write(row: JournalRow): void {
    if (!this.#closed) this.watch(this.#parts.log.write([row]));
  }

  /** What nobody awaits must still end the run when it fails: it can only be a journal that takes no more. */
  watch(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#parts.onFailure(error));
  }
}

/** What is kept of a call that has an answer; null where it has none. */
export function storedResult({ info, settled, seq, at }: CallEnd, outcome: AgentOutcome): StoredResult | null {
  return outcome.ok ? { key: info.key, seq, value: outcome.value, settled, at } : null;
}

function rowsOf(result: StoredResult | null): JournalRow[] {
  return result ? [{ table: 'results', result }] : [];
}
