import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { OpenQuestion } from '../runs/open-questions.ts';

/** What is asked of a document that may be a script: the part of VS Code's own that finds a place takes. */
export interface ScriptDocument {
  uri: { scheme: string; path: string; query: string; fsPath: string };
  version: number;
  lineCount: number;
  lineAt(line: number): { text: string };
  getText(): string;
}

/** The questions that wait at one line, counted from 0, in the order they were asked. */
export interface AskedPlace {
  line: number;
  questions: OpenQuestion[];
}

/** Where documents show the script of a run as it ran: `counterpoint:/script/RUN/NAME.js`, one that it called with its title as the query. */
const READ_ONLY = 'counterpoint';
const CHECKPOINT_CALL = /\bcheckpoint\s*\(/;

/** Digests of documents, each taken once for each of its versions. */
const digests = new WeakMap<ScriptDocument, { version: number; digest: string }>();

/** The lines of a document at which questions wait, from top to bottom; none where it is not the script of any of them. */
export function placesIn(document: ScriptDocument, questions: OpenQuestion[]): AskedPlace[] {
  const places = new Map<number, OpenQuestion[]>();
  for (const question of questions) {
    const line = lineOf(document, question);
    if (line !== null) places.set(line, [...(places.get(line) ?? []), question]);
  }
  return [...places].sort(([a], [b]) => a - b).map(([line, asked]) => ({ line, questions: asked }));
}

/**
 * The line of a document that asks a question; null where the document is not its script. A file that has changed since, and a script
 * that another one called, may be another text than that which asked: there only a line that still asks something will do.
 */
function lineOf(document: ScriptDocument, question: OpenQuestion): number | null {
  const { at } = question;
  if (!at || at.line > document.lineCount) return null;
  const line = at.line - 1;
  const asks = () => CHECKPOINT_CALL.test(document.lineAt(line).text);
  if (document.uri.scheme === READ_ONLY) return isAsItRan(document, question) && asks() ? line : null;
  if (document.uri.scheme !== 'file') return null;
  const script = at.script ?? question.run.script;
  if (basename(document.uri.fsPath) !== basename(script)) return null;
  if (at.script === undefined && digestOf(document) === question.run.digest) return line;
  return isSamePath(document.uri.fsPath, join(question.folder, script)) && asks() ? line : null;
}

function isAsItRan({ uri }: ScriptDocument, { runId, at }: OpenQuestion): boolean {
  const [, kind, id] = uri.path.split('/');
  return kind === 'script' && id === runId && uri.query === (at?.script ?? '');
}

function isSamePath(one: string, other: string): boolean {
  const ignoresCase = process.platform === 'win32' || process.platform === 'darwin';
  return ignoresCase ? one.toLowerCase() === other.toLowerCase() : one === other;
}

function digestOf(document: ScriptDocument): string {
  const known = digests.get(document);
  if (known?.version === document.version) return known.digest;
  const digest = createHash('sha256').update(document.getText()).digest('hex');
  digests.set(document, { version: document.version, digest });
  return digest;
}
