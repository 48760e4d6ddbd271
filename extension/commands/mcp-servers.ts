import { join } from 'node:path';
import * as vscode from 'vscode';
import { type ServerAnswer, ServerConsent } from '../runs/server-consent.ts';
import type { McpServer } from '../tools/mcp/config.ts';
import { serverQuestion } from './mcp-server-words.ts';
import { plain } from './plain-text.ts';

/** The first button, for the question may come while somebody types: Enter must start nothing. */
const NO = 'Do Not Start';
const ONCE = 'Start Once';
const ALWAYS = 'Always for This Definition';
const OPEN = 'Open Definition';
const ANSWERS: Readonly<Record<string, ServerAnswer>> = { [ONCE]: 'once', [ALWAYS]: 'always' };

/** What a person says in this window to the MCP servers of its folders. */
export interface ServerConsents {
  of(folder: vscode.WorkspaceFolder): ServerConsent;
}

/** A person is asked once a window and definition. */
export function createServerConsents(): ServerConsents {
  const known = new Map<string, ServerConsent>();
  return {
    of(folder) {
      const key = folder.uri.toString();
      const workspace = folder.uri.fsPath;
      const consent = known.get(key) ?? new ServerConsent({ workspace, ask: (server) => ask(workspace, server), say });
      known.set(key, consent);
      return consent;
    },
  };
}

function say(line: string): void {
  void vscode.window.showWarningMessage(plain(line, 600));
}

async function ask(workspace: string, server: McpServer): Promise<ServerAnswer> {
  const { message, detail, whole } = serverQuestion(server, 'agent');
  const buttons = whole ? [NO, ONCE, ALWAYS] : [OPEN];
  const chosen = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...buttons);
  if (chosen === OPEN) await openDefinition(workspace, server);
  return ANSWERS[chosen ?? ''] ?? 'no';
}

/** Opens the file that defines a server, at its line. */
export async function openDefinition(
  workspace: string,
  { file, line }: { file: string; line: number | null },
): Promise<void> {
  const at = new vscode.Position((line ?? 1) - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(join(workspace, file)), {
    selection: new vscode.Range(at, at),
  });
}
