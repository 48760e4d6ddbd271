import type { Journal, JournalRow } from '../journal/journal.ts';
import type { Lease } from '../journal/lease.ts';
import type { RunEvent, RunEventBody } from '../protocol/run-events.ts';
import { emptyRunTree, foldRun, type RunTree } from '../protocol/run-tree.ts';

export interface RecordOptions {
  /** Sync to disk before anyone hears of it. */
  durable?: boolean;
  /** What is written in the same transaction. */
  rows?(event: RunEvent): JournalRow[];
}

/** The event log of one run while this process drives it: numbers events, writes them, and only then tells of them. */
export class RunLog {
  readonly runId: string;
  /** The fold of everything recorded, on disk or about to be. */
  readonly tree: RunTree;
  #journal: Journal;
  #lease: Lease;
  #seq: number;
  /** Why an earlier event is missing; then none may follow it, whatever the journal would take by now. */
  #broken: { cause: unknown } | null = null;
  #tell: (events: RunEvent[]) => void;

  constructor(journal: Journal, lease: Lease, runId: string, past: RunEvent[], tell: (events: RunEvent[]) => void) {
    this.#journal = journal;
    this.#lease = lease;
    this.runId = runId;
    this.tree = foldRun(past, emptyRunTree());
    this.#seq = this.tree.lastSeq;
    this.#tell = tell;
  }

  /** Resolves with the event once it is written; rejects with a `UserError` where the journal fails, or once has. */
  async record(body: RunEventBody, options: RecordOptions = {}): Promise<RunEvent> {
    this.#seq += 1;
    const event: RunEvent = { seq: this.#seq, at: Date.now(), ...body };
    foldRun([event], this.tree);
    const rows: JournalRow[] = [{ table: 'events', event }, ...(options.rows?.(event) ?? [])];
    await this.#append(rows, options.durable ?? false);
    this.#tell([event]);
    return event;
  }

  /** Rows that are no event, such as a transcript. `soon`: somebody waits for them, so they wait for no company. */
  write(rows: JournalRow[], { soon = false }: { soon?: boolean } = {}): Promise<void> {
    return this.#append(rows, false, soon);
  }

  async #append(rows: JournalRow[], durable: boolean, soon = false): Promise<void> {
    if (this.#broken) throw this.#broken.cause;
    try {
      await this.#journal.append(this.runId, rows, { durable, soon, lease: this.#lease });
    } catch (cause) {
      this.#broken ??= { cause };
      throw cause;
    }
  }
}
