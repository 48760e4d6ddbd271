import type { DatabaseSync } from 'node:sqlite';
import type { ErrorInfo } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';

/** What one process asks of another that drives a run; it waits in the journal until that one looks. */
export interface PostedControl {
  id: number;
  run: string;
  /** As it was posted: whoever reads it has to check it. */
  body: Json;
}

export type ControlAnswer = { ok: true } | { ok: false; error: ErrorInfo & { code?: string } };

/** Posts nobody asked after any more: whoever posted them is gone. */
const FORGOTTEN_MS = 3_600_000;

/** Returns the number to ask the answer under. */
export function postControl(db: DatabaseSync, run: string, body: object): number {
  db.prepare('DELETE FROM controls WHERE at < ?').run(Date.now() - FORGOTTEN_MS);
  const { lastInsertRowid } = db
    .prepare('INSERT INTO controls (run, at, body) VALUES (?, ?, ?)')
    .run(run, Date.now(), JSON.stringify(body));
  return Number(lastInsertRowid);
}

/** Everything that waits to be done, oldest first, whoever's runs it is about. */
export function readControls(db: DatabaseSync): PostedControl[] {
  return db
    .prepare('SELECT id, run, body FROM controls WHERE answer IS NULL ORDER BY id')
    .all()
    .map((row) => ({ id: Number(row.id), run: String(row.run), body: JSON.parse(String(row.body)) as Json }));
}

export function answerControl(db: DatabaseSync, id: number, answer: ControlAnswer): void {
  db.prepare('UPDATE controls SET answer = ? WHERE id = ?').run(JSON.stringify(answer), id);
}

/** The answer, which is given once; `waiting` while there is none, `gone` where there will be none. */
export function takeControlAnswer(db: DatabaseSync, id: number): ControlAnswer | 'waiting' | 'gone' {
  const row = db.prepare('SELECT answer FROM controls WHERE id = ?').get(id);
  if (!row) return 'gone';
  if (row.answer === null) return 'waiting';
  db.prepare('DELETE FROM controls WHERE id = ?').run(id);
  return JSON.parse(String(row.answer)) as ControlAnswer;
}

/** Forgets what was asked of a run before somebody drove it: what a person wanted then may be the opposite of now. */
export function forgetControls(db: DatabaseSync, run: string): void {
  db.prepare('DELETE FROM controls WHERE run = ? AND answer IS NULL').run(run);
}

/** Whether it was still waiting: then nobody will do it any more. */
export function withdrawControl(db: DatabaseSync, id: number): boolean {
  return Number(db.prepare('DELETE FROM controls WHERE id = ? AND answer IS NULL').run(id).changes) > 0;
}
