import type * as vscode from 'vscode';
import { isJsonObject } from '../../protocol/json.ts';
import { type LanguageApi, type LanguageWaits, pause, within } from './language-api.ts';
import type { Problem } from './problem.ts';

/** A command of VS Code's own TypeScript extension that hands a request to its server. */
const COMMAND = 'typescript.tsserverRequest';
const LANGUAGES = new Set(['typescript', 'typescriptreact', 'javascript', 'javascriptreact']);
const SEVERITIES: Readonly<Record<string, Problem['severity']>> = { error: 'error', warning: 'warning' };
/** Tries while the server comes up. */
const AGAIN_MS = 200;

/**
 * What TypeScript says about a file, once its project is loaded; null where it is not for TypeScript, or not to be had in this way.
 * It tells problems of itself only of files that a person has in a tab; and while a project is being loaded, its answers about
 * places come from a server that knows one file alone, so that a rename would miss most of them. This request waits for the project.
 */
export async function typescriptProblems(
  editor: LanguageApi,
  document: vscode.TextDocument,
  signal: AbortSignal,
  waits: LanguageWaits,
): Promise<Problem[] | null> {
  if (!LANGUAGES.has(document.languageId)) return null;
  const problems: Problem[] = [];
  for (const request of ['syntacticDiagnosticsSync', 'semanticDiagnosticsSync']) {
    const found = await ask(editor, request, document.uri, signal, waits);
    if (found === null) return null;
    problems.push(...found.map((body) => problemIn(body, document)));
  }
  return problems;
}

async function ask(
  editor: LanguageApi,
  request: string,
  file: vscode.Uri,
  signal: AbortSignal,
  waits: LanguageWaits,
): Promise<unknown[] | null> {
  const tooLate = `TypeScript did not load the project within ${waits.answer / 1_000} s; try again later, or use grep.`;
  const until = Date.now() + waits.word;
  for (;;) {
    const asked = editor.commands.executeCommand<unknown>(COMMAND, request, { file });
    // Without the command, which is not there where another extension speaks for TypeScript, we go without it.
    const reply = await within(
      Promise.resolve(asked).catch(() => null),
      signal,
      { ms: waits.answer, tooLate },
    );
    if (!isJsonObject(reply)) return null;
    if (reply.type === 'response') return Array.isArray(reply.body) ? reply.body : [];
    if (reply.type !== 'noServer' || Date.now() > until) return null;
    await pause(AGAIN_MS, signal);
  }
}

/** As the protocol of TypeScript's server has it: lines from 1. */
function problemIn(found: unknown, document: vscode.TextDocument): Problem {
  const { start, text, category, code } = isJsonObject(found) ? found : {};
  return {
    uri: document.uri,
    line: isJsonObject(start) ? Number(start.line) : 1,
    severity: SEVERITIES[String(category)] ?? null,
    source: 'ts',
    code: String(code ?? ''),
    message: String(text ?? ''),
  };
}
