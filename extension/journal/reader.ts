import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { TranscriptEntry } from '../protocol/call-details.ts';
import type { Json } from '../protocol/json.ts';
import type { WholeCall } from '../protocol/permissions.ts';
import type { CallSettled, RunEvent } from '../protocol/run-events.ts';
import type { CallRequest } from '../protocol/sandbox-wire.ts';
import type { StoredResult, StoredRun } from './journal.ts';

type Row = Record<string, SQLOutputValue>;

/** Ids of all runs, newest first. */
export function readRunIds(db: DatabaseSync): string[] {
  return db
    .prepare('SELECT id FROM runs ORDER BY created_at DESC, id')
    .all()
    .map((row) => String(row.id));
}

/** Ids of the runs that have not ended since they were begun the last time, be they driven or cut. */
export function readUnfinishedRunIds(db: DatabaseSync): string[] {
  const newest = (types: string) => `(SELECT max(seq) FROM events WHERE run = id AND type IN (${types}))`;
  return db
    .prepare(
      `SELECT id FROM runs WHERE ${newest("'run.created', 'run.started'")} > coalesce(${newest("'run.ended'")}, 0)`,
    )
    .all()
    .map((row) => String(row.id));
}

export function readRun(db: DatabaseSync, id: string): StoredRun | null {
  const row = db.prepare('SELECT * FROM runs WHERE id = ?').get(id);
  if (!row) return null;
  return {
    id,
    createdAt: Number(row.created_at),
    script: String(row.script),
    args: row.args === null ? undefined : parse<Json>(row.args),
    seed: String(row.seed),
    clock: Number(row.clock ?? row.created_at),
  };
}

/** The script that a run goes by after its event `upTo`, now by default; null where that is the one it began with. */
export function readReplacedScript(db: DatabaseSync, run: string, upTo = Number.MAX_SAFE_INTEGER): string | null {
  const row = db
    .prepare('SELECT text FROM scripts WHERE run = ? AND seq <= ? ORDER BY seq DESC LIMIT 1')
    .get(run, upTo);
  return row ? String(row.text) : null;
}

/** Events with `seq` over `after`, in order. */
export function readEvents(db: DatabaseSync, run: string, after: number, limit = -1): RunEvent[] {
  return db
    .prepare('SELECT seq, at, body FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?')
    .all(run, after, limit)
    .map(toEvent);
}

/** The newest event of one of the types, null where there is none. */
export function readLastEvent<T extends RunEvent['type']>(
  db: DatabaseSync,
  run: string,
  types: readonly T[],
): Extract<RunEvent, { type: T }> | null {
  const marks = types.map(() => '?').join(', ');
  const row = db
    .prepare(`SELECT seq, at, body FROM events WHERE run = ? AND type IN (${marks}) ORDER BY seq DESC LIMIT 1`)
    .get(run, ...types);
  return row ? (toEvent(row) as Extract<RunEvent, { type: T }>) : null;
}

/** All events of one type, in order. */
export function readEventsOf<T extends RunEvent['type']>(
  db: DatabaseSync,
  run: string,
  type: T,
): Extract<RunEvent, { type: T }>[] {
  return db
    .prepare('SELECT seq, at, body FROM events WHERE run = ? AND type = ? ORDER BY seq')
    .all(run, type)
    .map((row) => toEvent(row) as Extract<RunEvent, { type: T }>);
}

export function readLastSeq(db: DatabaseSync, run: string): number {
  return Number(db.prepare('SELECT max(seq) AS seq FROM events WHERE run = ?').get(run)?.seq ?? 0);
}

/** Every finished call of a run, by its key. */
export function readResults(db: DatabaseSync, run: string): Map<string, StoredResult> {
  const rows = db.prepare('SELECT key, seq, value, settled, at FROM results WHERE run = ?').all(run);
  return new Map(rows.map((row) => [String(row.key), toResult(row)]));
}

export function readResult(db: DatabaseSync, run: string, key: string): StoredResult | null {
  const row = db.prepare('SELECT key, seq, value, settled, at FROM results WHERE run = ? AND key = ?').get(run, key);
  return row ? toResult(row) : null;
}

export function readRequest(db: DatabaseSync, run: string, key: string): CallRequest | null {
  const row = db.prepare('SELECT request FROM requests WHERE run = ? AND key = ?').get(run, key);
  return row ? parse<CallRequest>(row.request) : null;
}

/** `after`: so many entries are left out at its beginning. */
export function readTranscript(db: DatabaseSync, run: string, key: string, after = 0): TranscriptEntry[] {
  return db
    .prepare('SELECT body FROM transcripts WHERE run = ? AND key = ? AND entry >= ? ORDER BY entry')
    .all(run, key, after)
    .map((row) => parse<TranscriptEntry>(row.body));
}

export function countTranscript(db: DatabaseSync, run: string, key: string): number {
  return Number(db.prepare('SELECT count(*) AS n FROM transcripts WHERE run = ? AND key = ?').get(run, key)?.n ?? 0);
}

/** The tool call that the question of this id is about; null where it was asked by an earlier version. */
export function readQuestion(db: DatabaseSync, run: string, id: number): WholeCall | null {
  const row = db.prepare('SELECT call FROM questions WHERE run = ? AND id = ?').get(run, id);
  return row ? parse<WholeCall>(row.call) : null;
}

/** What was kept of the conversation with an agent that has no end yet, in order. */
export function readTurns(db: DatabaseSync, run: string, key: string): Json[] {
  return db
    .prepare('SELECT body FROM turns WHERE run = ? AND key = ? ORDER BY turn')
    .all(run, key)
    .map((row) => parse<Json>(row.body));
}

/** Keys of the agents of which turns are kept. */
export function readKeysOfTurns(db: DatabaseSync, run: string): string[] {
  return db
    .prepare('SELECT DISTINCT key FROM turns WHERE run = ?')
    .all(run)
    .map((row) => String(row.key));
}

/** What the script returned the last time it ended well; undefined where it has not. */
export function readOutcome(db: DatabaseSync, run: string): Json | undefined {
  const row = db.prepare('SELECT result FROM outcomes WHERE run = ? ORDER BY seq DESC LIMIT 1').get(run);
  return row ? parse<Json>(row.result) : undefined;
}

function toEvent(row: Row): RunEvent {
  return { seq: Number(row.seq), at: Number(row.at), ...parse<object>(row.body) } as RunEvent;
}

function toResult(row: Row): StoredResult {
  return {
    key: String(row.key),
    seq: Number(row.seq),
    value: parse<Json>(row.value),
    settled: parse<CallSettled>(row.settled),
    at: Number(row.at),
  };
}

function parse<T>(text: SQLOutputValue | undefined): T {
  return JSON.parse(String(text)) as T;
}
