import type * as vscode from 'vscode';
import { ToolError } from '../tool.ts';

/** What the tools of languages need of VS Code's namespace. */
export type LanguageApi = Pick<
  typeof vscode,
  'DiagnosticSeverity' | 'Position' | 'SymbolKind' | 'Uri' | 'commands' | 'extensions' | 'languages' | 'workspace'
>;

/** How long is waited for language servers, milliseconds. */
export interface LanguageWaits {
  /** For one answer. Behind the first one of a large project lies the reading of all of it. */
  answer: number;
  /** For something in VS Code to speak for a language, for problems to be told, and for a text that was changed on disk. */
  word: number;
  /** After which nothing more is expected of a server that tells its problems in parts. */
  quiet: number;
}

export const LANGUAGE_WAITS: LanguageWaits = { answer: 60_000, word: 10_000, quiet: 700 };

/**
 * Waits for something in VS Code, which nothing can call off there; what comes of it later is let go.
 * @throws ToolError where it takes too long; the signal's reason when aborted.
 */
export async function within<T>(
  work: PromiseLike<T>,
  signal: AbortSignal,
  { ms, tooLate }: { ms: number; tooLate: string },
): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new ToolError(tooLate)), ms);
  try {
    return await orAborted(Promise.race([work, limit.promise]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits some milliseconds, or until something happens before. @throws the signal's reason when aborted. */
export async function pause(ms: number, signal: AbortSignal, before?: PromiseLike<void>): Promise<void> {
  const time = Promise.withResolvers<void>();
  const timer = setTimeout(() => time.resolve(), ms);
  try {
    await orAborted(Promise.race([time.promise, ...(before ? [before] : [])]), signal);
  } finally {
    clearTimeout(timer);
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whatever comes of it, it may come when nobody waits any more.
  work.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A text from a repository or an extension in one line, as long as it may be in an answer. */
export function oneLine(text: string, most: number): string {
  const line = text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}
