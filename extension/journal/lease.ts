import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DatabaseSync } from 'node:sqlite';

const LEASE_MS = 15_000;
const HEARTBEAT_MS = 4_000;

/** This process, as a driver of runs. */
const OWNER = randomUUID();

/** The right to drive one run, kept alive by a heartbeat; one driver at a time, across processes. */
export class Lease {
  #db: DatabaseSync;
  #run: string;
  #timer: NodeJS.Timeout;

  private constructor(db: DatabaseSync, run: string, lost: () => void) {
    this.#db = db;
    this.#run = run;
    this.#timer = setInterval(() => {
      if (!take(db, run)) {
        clearInterval(this.#timer);
        lost();
      }
    }, HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Null where another living process drives the run. `lost` is called when another took it over, such as after this machine slept. */
  static acquire(db: DatabaseSync, run: string, lost: () => void): Lease | null {
    return take(db, run) ? new Lease(db, run, lost) : null;
  }

  release(): void {
    clearInterval(this.#timer);
    if (this.#db.isOpen) this.#db.prepare('DELETE FROM leases WHERE run = ? AND owner = ?').run(this.#run, OWNER);
  }
}

/** Whether a living process, this one or another, drives the run. */
export function isDriven(db: DatabaseSync, run: string): boolean {
  return readHolder(db, run) !== null;
}

function take(db: DatabaseSync, run: string): boolean {
  db.exec('BEGIN IMMEDIATE');
  try {
    const holder = readHolder(db, run);
    const free = holder === null || holder === OWNER;
    if (free) {
      db.prepare('INSERT OR REPLACE INTO leases (run, owner, host, pid, expires_at) VALUES (?, ?, ?, ?, ?)').run(
        run,
        OWNER,
        hostname(),
        process.pid,
        Date.now() + LEASE_MS,
      );
    }
    return free;
  } finally {
    db.exec('COMMIT');
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
