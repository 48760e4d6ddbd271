/**
 * One file a workspace. Events are append-only; what is too large for them (scripts, prompts, results, transcripts,
 * the tool calls that a person is asked about)
 * lies beside them. A result is written in the same transaction as the event that tells of it.
 */
export const SCHEMA_VERSION = 4;

const SCHEMA = `
CREATE TABLE runs (
  id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, script TEXT NOT NULL, args TEXT, seed TEXT NOT NULL, clock INTEGER
) STRICT;
CREATE TABLE events (
  run TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_type ON events (run, type, seq);
CREATE TABLE requests (
  run TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE results (
  run TEXT NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL, settled TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE transcripts (
  run TEXT NOT NULL, key TEXT NOT NULL, entry INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, key, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE outcomes (
  run TEXT NOT NULL, seq INTEGER NOT NULL, result TEXT NOT NULL, PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
  run TEXT PRIMARY KEY, owner TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** Scripts that took the place of a run's first, and what other processes ask of the one that drives a run. */
const SINCE_VERSION_2 = `
CREATE TABLE scripts (
  run TEXT NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE controls (
  id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, answer TEXT
) STRICT;
`;

/** What has been said with an agent that has no end yet, turn by turn, so that a break does not send it back to its first. */
const SINCE_VERSION_3 = `
CREATE TABLE turns (
  run TEXT NOT NULL, key TEXT NOT NULL, turn INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, key, turn)
) STRICT, WITHOUT ROWID;
`;

/** The tool calls that a person was asked about, whole. */
const SINCE_VERSION_4 = `
CREATE TABLE questions (
  run TEXT NOT NULL, id INTEGER NOT NULL, call TEXT NOT NULL, PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
`;

/** What makes a journal of each version one of today; 0 is a new file. */
export const UPGRADES: Record<number, string> = {
  0: SCHEMA + SINCE_VERSION_2 + SINCE_VERSION_3 + SINCE_VERSION_4,
  1: `ALTER TABLE runs ADD COLUMN clock INTEGER; ${SINCE_VERSION_2} ${SINCE_VERSION_3} ${SINCE_VERSION_4}`,
  2: SINCE_VERSION_3 + SINCE_VERSION_4,
  3: SINCE_VERSION_4,
};
