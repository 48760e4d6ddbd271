import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Journal } from './journal.ts';
import { journalError } from './journal-error.ts';

const LEASE_MS = 15_000;
const HEARTBEAT_MS = 4_000;

/** The right to drive one run, kept alive by a heartbeat; one driver at a time, across processes. */
export class Lease {
  #journal: Journal;
  #run: string;
  #lost: () => void;
  #timer: NodeJS.Timeout;
  /** Asked at every write. */
  #holder: StatementSync;

  private constructor(journal: Journal, run: string, lost: () => void) {
    this.#journal = journal;
    this.#run = run;
    this.#lost = lost;
    this.#holder = journal.database.prepare('SELECT owner FROM leases WHERE run = ?');
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#timer.unref();
  }

  /**
   * Null where somebody alive drives the run. `lost` is called once when another took it over, such as after this machine slept.
   * @throws UserError `journal-unusable` where it cannot be written down.
   */
  static acquire(journal: Journal, run: string, lost: () => void): Lease | null {
    try {
      return take(journal, run) ? new Lease(journal, run, lost) : null;
    } catch (error) {
      throw journalError(journal.path, error);
    }
  }

  /** Whether it is ours still. True within a transaction means: until its end. */
  isHeld(): boolean {
    return this.#holder.get(this.#run)?.owner === this.#journal.owner;
  }

  /** Another has it: no more heartbeats, and the driver hears of it. */
  lose(): void {
    clearInterval(this.#timer);
    const lost = this.#lost;
    this.#lost = () => undefined;
    lost();
  }

  release(): void {
    clearInterval(this.#timer);
    const { database, owner } = this.#journal;
    if (!database.isOpen) return;
    try {
      database.prepare('DELETE FROM leases WHERE run = ? AND owner = ?').run(this.#run, owner);
    } catch {
      // Where nothing can be written, on a full disk for one, it runs out by itself; until then we can take it again.
      return;
    }
  }

  #beat(): void {
    try {
      if (take(this.#journal, this.#run)) return;
    } catch {
      // A journal that takes nothing ends the run by itself, with the reason; one that was only busy has the next beat.
      return;
    }
    this.lose();
  }
}

/** Whether a living process, this one or another, drives the run. */
export function isDriven(db: DatabaseSync, run: string): boolean {
  return readHolder(db, run) !== null;
}

/** Runs that somebody drives, or drove until he died: whoever leaves in good order takes his lease with him. */
export function leasedRuns(db: DatabaseSync): { driven: string[]; orphaned: string[] } {
  const runs = db
    .prepare('SELECT run FROM leases')
    .all()
    .map((row) => String(row.run));
  const driven = runs.filter((run) => isDriven(db, run));
  return { driven, orphaned: runs.filter((run) => !driven.includes(run)) };
}

function take({ database: db, owner }: Journal, run: string): boolean {
  db.exec('BEGIN IMMEDIATE');
  try {
    const holder = readHolder(db, run);
    const free = holder === null || holder === owner;
    if (free) {
      db.prepare('INSERT OR REPLACE INTO leases (run, owner, host, pid, expires_at) VALUES (?, ?, ?, ?, ?)').run(
        run,
        owner,
        hostname(),
        process.pid,
        Date.now() + LEASE_MS,
      );
    }
    db.exec('COMMIT');
    return free;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function readHolder(db: DatabaseSync, run: string): string | null {
  const row = db.prepare('SELECT owner, host, pid, expires_at FROM leases WHERE run = ?').get(run);
  if (!row || Number(row.expires_at) < Date.now()) return null;
  // A process that was killed leaves its lease behind; on this machine we can see that it is gone.
  if (row.host === hostname() && !isAlive(Number(row.pid))) return null;
  return String(row.owner);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** Dead, and only not yet waited for: in a container without an init that can last for ever, and still takes signals. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before the state may hold anything, also brackets.
    return /^ [ZX] /.test(stat.slice(stat.lastIndexOf(')') + 1));
  } catch {
    // It went between the two looks.
    return true;
  }
}
