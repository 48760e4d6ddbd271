import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import { UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import type { WholeCall } from '../protocol/permissions.ts';
import type { CallSettled, RunEvent } from '../protocol/run-events.ts';
import type { CallRequest } from '../protocol/sandbox-wire.ts';
import { isBusy, journalError } from './journal-error.ts';
import type { Lease } from './lease.ts';
import { ownFolder } from './own-folder.ts';
import { SCHEMA_VERSION, UPGRADES } from './schema.ts';

/** What a run is started from, unchanged for its whole life. */
export interface StoredRun {
  id: string;
  createdAt: number;
  script: string;
  args: Json | undefined;
  seed: string;
  /** What the script's clock begins with, milliseconds since the epoch: for a fork, when the first of its line was created. */
  clock: number;
}

/** A finished call: found again by its key, whatever happened around it. */
export interface StoredResult {
  key: string;
  /** `seq` of the event that told of it: the order of replay. */
  seq: number;
  value: Json;
  settled: CallSettled;
  at: number;
}

/** One row of one table, to be written together with others. */
export type JournalRow =
  | { table: 'runs'; run: StoredRun }
  | { table: 'events'; event: RunEvent }
  | { table: 'requests'; key: string; request: CallRequest }
  | { table: 'results'; result: StoredResult }
  | { table: 'transcripts'; key: string; entries: TranscriptEntry[] }
  | { table: 'outcomes'; seq: number; result: Json }
  /** A script that takes the place of the run's first, from the event `seq` on. */
  | { table: 'scripts'; seq: number; text: string }
  /** What was said with an agent under way since the last such row; what is in it is its own affair. */
  | { table: 'turns'; key: string; body: Json }
  /** A tool call that a person is asked about, as it would be done; by the id of the question. */
  | { table: 'questions'; id: number; call: WholeCall }
  /** All of those of one agent go. */
  | { table: 'forgotten-turns'; key: string }
  /** Everything that another run had finished up to its event `upTo`. */
  | { table: 'copies'; from: string; upTo: number };

export interface AppendOptions {
  /** Synced to disk before the promise resolves. */
  durable: boolean;
  /** Written without waiting for company, for somebody waits for it, though not synced. */
  soon?: boolean;
  /** The right to write to this run: where another has it meanwhile, nothing is written. */
  lease?: Lease;
}

interface PendingAppend {
  run: string;
  rows: JournalRow[];
  lease: Lease | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

/** How long an append that nobody's answer hangs on may wait for company. */
const LAZY_FLUSH_MS = 40;
/** How long another process may have the lock before we give up. */
const BUSY_MS = 5_000;

/**
 * The append-only store of one workspace's runs, `.counterpoint/runs.sqlite`. Appends that arrive together are written
 * in one transaction; an append resolves when its rows are on disk. Two processes may have it open at once.
 */
export class Journal {
  readonly path: string;
  /** Who drives runs here, as leases name it. */
  readonly owner = randomUUID();
  #db: DatabaseSync;
  #statements: Statements;
  #pending: PendingAppend[] = [];
  #urgent = false;
  #soon: NodeJS.Immediate | null = null;
  #lazy: NodeJS.Timeout | null = null;

  /**
   * @param place In memory it is one of no runs, which leaves no trace in the workspace and ends with this process.
   * @throws UserError `workspace-unusable` where the folder cannot be written, `journal-unusable` where the file is no journal.
   */
  constructor(workspace: string, place: 'folder' | 'memory' = 'folder') {
    this.path = place === 'memory' ? ':memory:' : join(ownFolder(workspace), 'runs.sqlite');
    try {
      this.#db = new DatabaseSync(this.path, { timeout: BUSY_MS });
      enableWriteAheadLog(this.#db);
      this.#db.exec('PRAGMA synchronous = FULL');
      createSchema(this.#db);
      this.#statements = prepareWrites(this.#db);
    } catch (error) {
      throw journalError(this.path, error);
    }
  }

  /** For reading, and for what is no event: leases. */
  get database(): DatabaseSync {
    return this.#db;
  }

  /**
   * Writes rows of one run together. `durable` rows are synced to disk before the promise resolves; the others
   * survive the death of the process, but perhaps not of the machine, until the next durable append.
   * Rejects with a UserError: `journal-unusable`, or `run-busy` where the lease was lost.
   */
  append(run: string, rows: JournalRow[], options: AppendOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ run, rows, lease: options.lease, resolve, reject });
    if (options.durable) this.#urgent = true;
    if (options.durable || options.soon) {
      this.#soon ??= setImmediate(() => this.flush());
    } else {
      this.#lazy ??= setTimeout(() => this.flush(), LAZY_FLUSH_MS);
    }
    return promise;
  }

  /** Writes now what waits to be written. */
  flush(): void {
    if (this.#soon) clearImmediate(this.#soon);
    if (this.#lazy) clearTimeout(this.#lazy);
    this.#soon = null;
    this.#lazy = null;
    const batch = this.#pending;
    if (batch.length === 0) return;
    const urgent = this.#urgent;
    this.#pending = [];
    this.#urgent = false;
    let lost: Set<Lease>;
    try {
      lost = this.#write(batch, urgent);
    } catch (error) {
      const failure = journalError(this.path, error);
      for (const append of batch) append.reject(failure);
      return;
    }
    for (const lease of lost) lease.lose();
    for (const { run, lease, resolve, reject } of batch) {
      if (lease && lost.has(lease)) reject(takenOver(run));
      else resolve();
    }
  }

  /** Returns the leases that another has taken over, whose rows were left out: two drivers must never mix their events. */
  #write(batch: PendingAppend[], urgent: boolean): Set<Lease> {
    // In WAL mode NORMAL leaves out only the sync, and a later FULL commit syncs everything before it.
    this.#db.exec(urgent ? 'PRAGMA synchronous = FULL' : 'PRAGMA synchronous = NORMAL');
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const leases = new Set(batch.flatMap(({ lease }) => lease ?? []));
      const lost = new Set([...leases].filter((lease) => !lease.isHeld()));
      for (const { run, rows, lease } of batch) {
        if (!lease || !lost.has(lease)) for (const row of rows) writeRow(this.#statements, run, row);
      }
      this.#db.exec('COMMIT');
      return lost;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.flush();
    if (this.#db.isOpen) this.#db.close();
  }
}

function takenOver(run: string): UserError {
  return new UserError(
    'run-busy',
    `Run ${run} was taken over by another process while this one was silent. It goes on there; watch it with \`show ${run}\`.`,
  );
}

/** Of two processes that open a new journal at once, SQLite refuses one the change of mode and does not let it wait. */
function enableWriteAheadLog(db: DatabaseSync): void {
  const deadline = Date.now() + BUSY_MS;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
    }
  }
}

function createSchema(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version === SCHEMA_VERSION) return;
  if (UPGRADES[version] === undefined)
    throw new Error(`it was written by another version of Counterpoint (format ${version})`);
  db.exec('BEGIN IMMEDIATE');
  // Another process may have been faster between the look and the lock.
  const upgrade = versionOf(db) === version ? UPGRADES[version] : '';
  db.exec(`${upgrade} PRAGMA user_version = ${SCHEMA_VERSION};`);
  db.exec('COMMIT');
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

type Statements = ReturnType<typeof prepareWrites>;

function prepareWrites(db: DatabaseSync) {
  return {
    runs: db.prepare('INSERT INTO runs (id, created_at, script, args, seed, clock) VALUES (?, ?, ?, ?, ?, ?)'),
    events: db.prepare('INSERT INTO events (run, seq, at, type, body) VALUES (?, ?, ?, ?, ?)'),
    requests: db.prepare('INSERT OR IGNORE INTO requests (run, key, request) VALUES (?, ?, ?)'),
    results: db.prepare('INSERT INTO results (run, key, seq, value, settled, at) VALUES (?, ?, ?, ?, ?, ?)'),
    transcripts: db.prepare(
      'INSERT INTO transcripts (run, key, entry, body) VALUES (?1, ?2, (SELECT count(*) FROM transcripts WHERE run = ?1 AND key = ?2), ?3)',
    ),
    outcomes: db.prepare('INSERT INTO outcomes (run, seq, result) VALUES (?, ?, ?)'),
    scripts: db.prepare('INSERT INTO scripts (run, seq, text) VALUES (?, ?, ?)'),
    turns: db.prepare(
      'INSERT INTO turns (run, key, turn, body) VALUES (?1, ?2, (SELECT coalesce(max(turn), 0) + 1 FROM turns WHERE run = ?1 AND key = ?2), ?3)',
    ),
    questions: db.prepare('INSERT OR REPLACE INTO questions (run, id, call) VALUES (?, ?, ?)'),
    'forgotten-turns': db.prepare('DELETE FROM turns WHERE run = ? AND key = ?'),
    ...prepareCopies(db),
  };
}

/**
 * What a fork takes over. Results keep their order and come before all that the fork finishes itself, whose events count
 * from 1: so they are numbered below 0.
 */
function prepareCopies(db: DatabaseSync) {
  const finished = 'key IN (SELECT key FROM results WHERE run = ?1)';
  return {
    copyResults: db.prepare(
      `INSERT INTO results (run, key, seq, value, settled, at)
       SELECT ?1, key, seq - ?3 - 1, value, settled, at FROM results WHERE run = ?2 AND seq <= ?3`,
    ),
    copyRequests: db.prepare(
      `INSERT INTO requests (run, key, request) SELECT ?1, key, request FROM requests WHERE run = ?2 AND ${finished}`,
    ),
    copyTranscripts: db.prepare(
      `INSERT INTO transcripts (run, key, entry, body)
       SELECT ?1, key, entry, body FROM transcripts WHERE run = ?2 AND ${finished}`,
    ),
  };
}

function writeRow(statements: Statements, run: string, row: JournalRow): void {
  if (row.table === 'copies') {
    statements.copyResults.run(run, row.from, row.upTo);
    statements.copyRequests.run(run, row.from);
    statements.copyTranscripts.run(run, row.from);
    return;
  }
  const statement: StatementSync = statements[row.table];
  switch (row.table) {
    case 'runs': {
      const { id, createdAt, script, args, seed, clock } = row.run;
      statement.run(id, createdAt, script, args === undefined ? null : JSON.stringify(args), seed, clock);
      return;
    }
    case 'scripts':
      statement.run(run, row.seq, row.text);
      return;
    case 'events': {
      const { seq, at, ...body } = row.event;
      statement.run(run, seq, at, body.type, JSON.stringify(body));
      return;
    }
    case 'requests':
      statement.run(run, row.key, JSON.stringify(row.request));
      return;
    case 'results': {
      const { key, seq, value, settled, at } = row.result;
      statement.run(run, key, seq, JSON.stringify(value), JSON.stringify(settled), at);
      return;
    }
    case 'transcripts':
      for (const entry of row.entries) statement.run(run, row.key, JSON.stringify(entry));
      return;
    case 'turns':
      statement.run(run, row.key, JSON.stringify(row.body));
      return;
    case 'questions':
      statement.run(run, row.id, JSON.stringify(row.call));
      return;
    case 'forgotten-turns':
      statement.run(run, row.key);
      return;
    case 'outcomes':
      statement.run(run, row.seq, JSON.stringify(row.result));
      return;
  }
}
