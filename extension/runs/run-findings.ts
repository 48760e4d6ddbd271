import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';

/** What a run has to say about one line of a file, for the margin of an editor. */
export interface Finding {
  /** As the script wrote it, relative to the workspace; it may not exist, or lie elsewhere. */
  file: string;
  /** Counted from 1. */
  line: number;
  /** Empty where none was given. */
  severity: string;
  title: string;
  body: string;
}

/** More would fill no margin that anybody reads; what is over is counted. */
const MOST_FINDINGS = 1_000;

/**
 * The findings that a script gave back for the lines of files: `comments: [{ file, line, title, body?, severity? }]` of its
 * result. Entries that have no place or say nothing are passed over. `more`: how many were too many.
 */
export function findingsOf(result: Json | undefined): { findings: Finding[]; more: number } {
  const comments = isJsonObject(result) && Array.isArray(result.comments) ? result.comments : [];
  const findings = comments.flatMap((comment) => findingOf(comment) ?? []);
  return { findings: findings.slice(0, MOST_FINDINGS), more: Math.max(0, findings.length - MOST_FINDINGS) };
}

function findingOf(comment: Json): Finding | null {
  if (!isJsonObject(comment)) return null;
  const { file, line } = comment;
  const [title, body, severity] = [textOf(comment.title), textOf(comment.body), textOf(comment.severity)];
  if (typeof file !== 'string' || file === '' || !Number.isSafeInteger(line) || (line as number) < 1) return null;
  if (title === '' && body === '') return null;
  return { file, line: line as number, severity, title, body };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** The SARIF log that a script gave back as `sarif` of its result, for other tools; null where that is none. */
export function sarifOf(result: Json | undefined): JsonObject | null {
  const sarif = isJsonObject(result) ? result.sarif : undefined;
  return isJsonObject(sarif) && typeof sarif.version === 'string' && Array.isArray(sarif.runs) ? sarif : null;
}
