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

/** Whether MCP servers of a folder may be started for its runs: a person is asked once a window and definition, and nobody in Restricted Mode. */
export function createServerConsent(folder: vscode.WorkspaceFolder): (server: McpServer) => Promise<boolean> {
  const workspace = folder.uri.fsPath;
  const consent = new ServerConsent({
    workspace,
    ask: (server) => ask(workspace, server),
    say: (line) => void vscode.window.showWarningMessage(plain(line, 600)),
  });
  return async (server) => vscode.workspace.isTrusted && (await consent.mayStart(server));
}

async function ask(workspace: string, server: McpServer): Promise<ServerAnswer> {
  const { message, detail, whole } = serverQuestion(server);
  const buttons = whole ? [NO, ONCE, ALWAYS] : [OPEN];
  const chosen = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...buttons);
  if (chosen === OPEN) {
    const at = new vscode.Position(server.line - 1, 0);
    const file = vscode.Uri.file(join(workspace, server.file));
    await vscode.window.showTextDocument(file, { selection: new vscode.Range(at, at) });
  }
  return ANSWERS[chosen ?? ''] ?? 'no';
}
