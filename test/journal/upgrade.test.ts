import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { Journal } from '../../extension/journal/journal.ts';
import { readQuestion, readReplacedScript, readResults, readRun, readTurns } from '../../extension/journal/reader.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The tables as the first version made them. */
const VERSION_1 = `
CREATE TABLE runs (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, script TEXT NOT NULL, args TEXT, seed TEXT NOT NULL) STRICT;
CREATE TABLE events (run TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_type ON events (run, type, seq);
CREATE TABLE requests (run TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, PRIMARY KEY (run, key)) STRICT, WITHOUT ROWID;
CREATE TABLE results (run TEXT NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL, settled TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (run, key)) STRICT, WITHOUT ROWID;
CREATE TABLE transcripts (run TEXT NOT NULL, key TEXT NOT NULL, entry INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (run, key, entry)) STRICT, WITHOUT ROWID;
CREATE TABLE outcomes (run TEXT NOT NULL, seq INTEGER NOT NULL, result TEXT NOT NULL, PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE leases (run TEXT PRIMARY KEY, owner TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, expires_at INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
INSERT INTO runs VALUES ('old', 1000, 'the script', NULL, 'seed');
INSERT INTO results VALUES ('old', 'key', 7, '"kept"', '{}', 1234);
PRAGMA user_version = 1;
`;

/** What the second version added to them. */
const VERSION_2 = `${VERSION_1}
ALTER TABLE runs ADD COLUMN clock INTEGER;
CREATE TABLE scripts (run TEXT NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE controls (id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, answer TEXT) STRICT;
INSERT INTO scripts VALUES ('old', 5, 'the second script');
PRAGMA user_version = 2;
`;

/** What the third version added to them. */
const VERSION_3 = `${VERSION_2}
CREATE TABLE turns (run TEXT NOT NULL, key TEXT NOT NULL, turn INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run, key, turn))
  STRICT, WITHOUT ROWID;
PRAGMA user_version = 3;
`;

function oldJournal(version: string): string {
  const workspace = tempDir();
  mkdirSync(join(workspace, '.counterpoint'));
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  db.exec(version);
  db.close();
  return workspace;
}

test('a journal of the first version is opened, with all that is in it, and may be written like a new one', async () => {
  const workspace = oldJournal(VERSION_1);
  const journal = new Journal(workspace);
  expect(readRun(journal.database, 'old')).toMatchObject({ script: 'the script', createdAt: 1_000, clock: 1_000 });
  expect(readResults(journal.database, 'old').get('key')?.value).toBe('kept');
  expect(readReplacedScript(journal.database, 'old')).toBeNull();
  await journal.append('old', [{ table: 'scripts', seq: 9, text: 'another' }], { durable: true });
  journal.close();
  const again = new Journal(workspace);
  expect(readReplacedScript(again.database, 'old')).toBe('another');
  expect(readReplacedScript(again.database, 'old', 8)).toBeNull();
  again.close();
});

test.each([
  ['first', VERSION_1],
  ['second', VERSION_2],
  ['third', VERSION_3],
])(
  'a journal of the %s version keeps turns and questions once it is opened, and nothing of it is lost',
  async (_which, version) => {
    const workspace = oldJournal(version);
    const journal = new Journal(workspace);
    const { database } = journal;
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 4 });
    expect(readResults(database, 'old').get('key')?.value).toBe('kept');
    expect(readReplacedScript(database, 'old')).toBe(version === VERSION_1 ? null : 'the second script');
    await journal.append('old', [{ table: 'turns', key: 'key', body: ['a turn'] }], { durable: false, soon: true });
    const call = { input: { command: 'ls' }, targets: [] };
    expect(readQuestion(database, 'old', 1)).toBeNull();
    // A question that is shown at another call is written again.
    for (const input of [{ command: 'rm' }, call.input])
      await journal.append('old', [{ table: 'questions', id: 1, call: { ...call, input } }], { durable: true });
    journal.close();
    const again = new Journal(workspace);
    expect(readQuestion(again.database, 'old', 1)).toEqual(call);
    expect(readTurns(again.database, 'old', 'key')).toEqual([['a turn']]);
    again.close();
  },
);

test('a journal of a version to come is left alone', () => {
  const workspace = oldJournal(VERSION_1);
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  db.exec('PRAGMA user_version = 99');
  db.close();
  expect(() => new Journal(workspace)).toThrow(/another version of Counterpoint \(format 99\)/);
});
