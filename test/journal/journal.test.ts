import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Journal, type StoredResult } from '../../extension/journal/journal.ts';
import { isDriven, Lease } from '../../extension/journal/lease.ts';
import * as reader from '../../extension/journal/reader.ts';
import { UserError } from '../../extension/protocol/errors.ts';
import { NO_USAGE, type RunEvent } from '../../extension/protocol/run-events.ts';
import { tempDir } from '../support/temp-dir.ts';

function openJournal(workspace = tempDir()): Journal {
  const journal = new Journal(workspace);
  onTestFinished(() => journal.close());
  return journal;
}

function logEvent(seq: number, message = `line ${seq}`): RunEvent {
  return { seq, at: 1_000 + seq, type: 'log', level: 'info', message };
}

function result(key: string, seq: number): StoredResult {
  return {
    key,
    seq,
    value: { answer: key },
    at: seq,
    settled: { outcome: 'succeeded', reused: false, usage: NO_USAGE, requests: 1, durationMs: 5, spent: 3 },
  };
}

function thrown(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('events come back in order, after a given one, and as they were', async () => {
  const journal = openJournal();
  await journal.append(
    'a',
    [1, 2, 3].map((seq) => ({ table: 'events', event: logEvent(seq) })),
    { durable: true },
  );
  await journal.append('b', [{ table: 'events', event: logEvent(1, 'of another run') }], { durable: true });
  expect(reader.readEvents(journal.database, 'a', 1)).toEqual([logEvent(2), logEvent(3)]);
  expect(reader.readEvents(journal.database, 'a', 0, 1)).toEqual([logEvent(1)]);
  expect(reader.readLastSeq(journal.database, 'a')).toBe(3);
});

test('an append has reached the file when it resolves, seen by another process', async () => {
  const workspace = tempDir();
  const journal = openJournal(workspace);
  await journal.append('a', [{ table: 'events', event: logEvent(1) }], { durable: true });
  const script = `const {DatabaseSync}=require('node:sqlite');
    console.log(new DatabaseSync(process.argv[1],{readOnly:true}).prepare('SELECT count(*) AS n FROM events').get().n)`;
  expect(execFileSync(process.execPath, ['-e', script, journal.path], { encoding: 'utf8' }).trim()).toBe('1');
});

test('appends that arrive together are one transaction: none is there when one fails', async () => {
  const journal = openJournal();
  const fine = journal.append('a', [{ table: 'events', event: logEvent(1) }], { durable: true });
  const twice = journal.append('a', [{ table: 'events', event: logEvent(1) }], { durable: true });
  const outcomes = await Promise.allSettled([fine, twice]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(reader.readEvents(journal.database, 'a', 0)).toEqual([]);
  await journal.append('a', [{ table: 'events', event: logEvent(1) }], { durable: true });
  expect(reader.readEvents(journal.database, 'a', 0)).toEqual([logEvent(1)]);
});

test('results, requests, transcripts and outcomes are found again', async () => {
  const journal = openJournal();
  const request = { kind: 'agent', prompt: 'p', options: {}, role: 'agent' } as const;
  await journal.append(
    'a',
    [
      { table: 'requests', key: 'k', request },
      { table: 'requests', key: 'k', request },
      { table: 'results', result: result('k', 4) },
      { table: 'transcripts', key: 'k', entries: [{ type: 'note', at: 1, text: 'one' }] },
      { table: 'transcripts', key: 'k', entries: [{ type: 'note', at: 2, text: 'two' }] },
      { table: 'outcomes', seq: 9, result: [1, null] },
    ],
    { durable: true },
  );
  const db = journal.database;
  expect(reader.readRequest(db, 'a', 'k')).toEqual(request);
  expect(reader.readResults(db, 'a')).toEqual(new Map([['k', result('k', 4)]]));
  expect(reader.readTranscript(db, 'a', 'k').map((entry) => entry.type === 'note' && entry.text)).toEqual([
    'one',
    'two',
  ]);
  expect(reader.readOutcome(db, 'a')).toEqual([1, null]);
  expect(reader.readResult(db, 'b', 'k')).toBeNull();
});

test('a lazy append is written when the journal closes', async () => {
  const workspace = tempDir();
  const journal = new Journal(workspace);
  const written = journal.append('a', [{ table: 'events', event: logEvent(1) }], { durable: false });
  journal.close();
  await written;
  expect(reader.readEvents(openJournal(workspace).database, 'a', 0)).toHaveLength(1);
});

test('the folder ignores itself in git', () => {
  const workspace = tempDir();
  openJournal(workspace);
  expect(readFileSync(join(workspace, '.counterpoint/.gitignore'), 'utf8')).toBe('*\n!/workflows/\n!/workflows/**\n');
});

test('a workspace that cannot be written is refused with what to do', () => {
  const workspace = tempDir();
  writeFileSync(join(workspace, '.counterpoint'), 'a file where the folder should be');
  const error = thrown(() => new Journal(workspace));
  expect(error.code).toBe('workspace-unusable');
  expect(error.message).toMatch(/cannot be written .*choose another workspace/);
});

test('a place where no folder can be made is refused at once', () => {
  expect(thrown(() => new Journal('/proc/self')).message).toMatch(/cannot be written .*choose another workspace/);
});

test('a linked .counterpoint is refused: a repository must not choose where we write', () => {
  const workspace = tempDir();
  const elsewhere = tempDir();
  symlinkSync(elsewhere, join(workspace, '.counterpoint'));
  expect(thrown(() => new Journal(workspace)).message).toContain('symbolic link');
});

test('a corrupt journal is refused and left as it is', () => {
  const workspace = tempDir();
  mkdirSync(join(workspace, '.counterpoint'));
  const path = join(workspace, '.counterpoint/runs.sqlite');
  writeFileSync(path, 'this is no database, whatever its name says'.repeat(200));
  const before = readFileSync(path, 'utf8');
  const error = thrown(() => new Journal(workspace));
  expect(error.code).toBe('journal-unusable');
  expect(error.message).toContain('move the file elsewhere');
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('a journal of another format is refused', () => {
  const workspace = tempDir();
  new Journal(workspace).close();
  const db = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  db.exec('PRAGMA user_version = 99');
  db.close();
  expect(thrown(() => new Journal(workspace)).message).toContain('another version of Counterpoint (format 99)');
});

test('one run has one driver; a released or expired lease can be taken', () => {
  const workspace = tempDir();
  const journal = openJournal(workspace);
  const { database } = journal;
  const lease = Lease.acquire(journal, 'a', () => undefined);
  expect(lease).not.toBeNull();
  expect(isDriven(database, 'a')).toBe(true);
  expect(isDriven(database, 'b')).toBe(false);
  lease?.release();
  expect(isDriven(database, 'a')).toBe(false);

  const foreign = database.prepare(
    'INSERT OR REPLACE INTO leases (run, owner, host, pid, expires_at) VALUES (?, ?, ?, ?, ?)',
  );
  foreign.run('a', 'somebody', 'another-host', 1, Date.now() + 60_000);
  expect(Lease.acquire(journal, 'a', () => undefined)).toBeNull();
  foreign.run('a', 'somebody', 'another-host', 1, Date.now() - 1);
  const taken = Lease.acquire(journal, 'a', () => undefined);
  expect(taken).not.toBeNull();
  taken?.release();
});

test('the lease of a process that died and was never waited for is free too', async () => {
  const { database } = openJournal();
  // The shell becomes a sleep, which waits for no child: the short one, that ends after that, stays a zombie.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line);
  const state = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0];
  while (state() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 10));
  database
    .prepare('INSERT INTO leases (run, owner, host, pid, expires_at) VALUES (?, ?, ?, ?, ?)')
    .run('a', 'dead', hostname(), pid, Date.now() + 60_000);
  expect(isDriven(database, 'a')).toBe(false);
});

test('the lease of a process that died on this machine is free at once', () => {
  const workspace = tempDir();
  const { database, path } = openJournal(workspace);
  const script = `const {DatabaseSync}=require('node:sqlite');
    new DatabaseSync(process.argv[1]).prepare('INSERT INTO leases VALUES (?,?,?,?,?)')
      .run('a','dead',require('node:os').hostname(),process.pid,Date.now()+60000)`;
  execFileSync(process.execPath, ['-e', script, path]);
  expect(isDriven(database, 'a')).toBe(false);
});

test('a heartbeat that cannot be written is no crash, and no loss; one that finds another driver is', () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const journal = openJournal();
  const { database } = journal;
  const heard: string[] = [];
  const lease = Lease.acquire(journal, 'a', () => heard.push('lost'));
  database.exec('PRAGMA query_only = ON');
  vi.advanceTimersByTime(10_000);
  database.exec('PRAGMA query_only = OFF');
  vi.advanceTimersByTime(10_000);
  expect({ heard, held: lease?.isHeld() }).toEqual({ heard: [], held: true });
  database.prepare("UPDATE leases SET owner = 'another'").run();
  vi.advanceTimersByTime(10_000);
  expect({ heard, held: lease?.isHeld() }).toEqual({ heard: ['lost'], held: false });
});

test('two journals of one process are two drivers', () => {
  const workspace = tempDir();
  const [one, two] = [openJournal(workspace), openJournal(workspace)];
  expect(Lease.acquire(one, 'a', () => undefined)).not.toBeNull();
  expect(Lease.acquire(two, 'a', () => undefined)).toBeNull();
});

test('turns come back in order, each agent by itself, until they are forgotten', async () => {
  const journal = openJournal();
  const { database } = journal;
  const turn = (key: string, body: string) => ({ table: 'turns' as const, key, body });
  await journal.append('a', [turn('one', 'first'), turn('two', 'other'), turn('one', 'second')], { durable: true });
  await journal.append('b', [turn('one', 'of another run')], { durable: true });
  expect(reader.readTurns(database, 'a', 'one')).toEqual(['first', 'second']);
  expect(reader.readKeysOfTurns(database, 'a').sort()).toEqual(['one', 'two']);
  await journal.append('a', [{ table: 'forgotten-turns', key: 'one' }, turn('one', 'anew')], { durable: true });
  expect(reader.readTurns(database, 'a', 'one')).toEqual(['anew']);
  expect(reader.readTurns(database, 'a', 'two')).toEqual(['other']);
  expect(reader.readTurns(database, 'b', 'one')).toEqual(['of another run']);
});

test('what is written soon waits for no company, and takes along what does', async () => {
  const workspace = tempDir();
  const journal = openJournal(workspace);
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const lazily = journal.append('a', [{ table: 'turns', key: 'k', body: 1 }], { durable: false });
  await journal.append('a', [{ table: 'turns', key: 'k', body: 2 }], { durable: false, soon: true });
  await lazily;
  const other = new DatabaseSync(join(workspace, '.counterpoint/runs.sqlite'));
  onTestFinished(() => other.close());
  expect(reader.readTurns(other, 'a', 'k')).toEqual([1, 2]);
});
