import type * as vscode from 'vscode';
import { type LanguageApi, oneLine } from './language-api.ts';

/** What a language server finds wrong at a line. */
export interface Problem {
  uri: vscode.Uri;
  /** From 1. */
  line: number;
  /** Null: a hint, which agents are not told. */
  severity: 'error' | 'warning' | null;
  /** Who says it; empty: they do not say. */
  source: string;
  code: string;
  message: string;
}

const MAX_MESSAGE = 500;

/** A problem as VS Code keeps it. */
export function problemOf(
  uri: vscode.Uri,
  { range, severity, source = '', code, message }: vscode.Diagnostic,
  { DiagnosticSeverity }: Pick<LanguageApi, 'DiagnosticSeverity'>,
): Problem {
  const severities = { [DiagnosticSeverity.Error]: 'error', [DiagnosticSeverity.Warning]: 'warning' } as const;
  return {
    uri,
    line: range.start.line + 1,
    severity: severities[severity as keyof typeof severities] ?? null,
    source,
    code: String((typeof code === 'object' ? code.value : code) ?? ''),
    message,
  };
}

/** `path:line: error [source code] message`. */
export function problemLine(path: string, { line, severity, source, code, message }: Problem): string {
  const by = oneLine(`${source} ${code}`, 80);
  return `${path}:${line}: ${severity}${by === '' ? '' : ` [${by}]`} ${oneLine(message, MAX_MESSAGE)}`;
}
