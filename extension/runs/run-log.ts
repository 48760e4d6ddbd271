import type { Journal, JournalRow } from '../journal/journal.ts';
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
  #seq: number;
  #tell: (events: RunEvent[]) => void;

  constructor(journal: Journal, runId: string, past: RunEvent[], tell: (events: RunEvent[]) => void) {
    this.#journal = journal;
    this.runId = runId;
    this.tree = foldRun(past, emptyRunTree());
    this.#seq = this.tree.lastSeq;
    this.#tell = tell;
  }

  /** Resolves with the event once it is written; rejects with a `UserError` where the journal fails. */
  async record(body: RunEventBody, options: RecordOptions = {}): Promise<RunEvent> {
    this.#seq += 1;
    const event: RunEvent = { seq: this.#seq, at: Date.now(), ...body };
    foldRun([event], this.tree);
    const rows: JournalRow[] = [{ table: 'events', event }, ...(options.rows?.(event) ?? [])];
    await this.#journal.append(this.runId, rows, { durable: options.durable ?? false });
    this.#tell([event]);
    return event;
  }

  /** Rows that are no event, such as a transcript. */
  write(rows: JournalRow[]): Promise<void> {
    return this.#journal.append(this.runId, rows, { durable: false });
  }
}
