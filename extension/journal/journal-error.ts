import { UserError } from '../protocol/errors.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const [BUSY, READONLY, FULL] = [5, 8, 13];

/** What SQLite threw, as one line that says what a person can do about it. */
export function journalError(path: string, error: unknown): UserError {
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
  return new UserError('journal-unusable', explain(`The run journal ${path}`, primaryCode(error), reason), {
    cause: error,
  });
}

/** Whether another process has the lock. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

function explain(journal: string, code: number | null, reason: string): string {
  switch (code) {
    case FULL:
      return `${journal} cannot be written: the disk is full. All that was written is kept; make room, then resume.`;
    case READONLY:
      return `${journal} cannot be written: it is read-only. All that was written is kept; make it writable, then resume.`;
    case BUSY:
      return `${journal} is locked by another process. All that was written is kept; end that process, or try again later.`;
    default:
      return `${journal} cannot be used: ${reason}. Nothing in it was changed; move the file elsewhere to start a new one.`;
  }
}

/** The lower byte of an extended result code; null where it is no error of SQLite. */
function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}
