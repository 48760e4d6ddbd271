import * as vscode from 'vscode';
import { ScriptRefusedError, UserError } from '../protocol/errors.ts';
import { plain } from './plain-text.ts';

const LONGEST_FAILURE = 600;
/** A message that is longer VS Code cuts after its first line, but for one that has a button. */
const ONE_LINE = 50;

/** Shows what a person can mend, all of it, with the button that helps to mend it. */
export function showFailure(error: unknown): void {
  const message = plain(error instanceof Error ? error.message : String(error), LONGEST_FAILURE);
  const [button, command] = remedy(error);
  const buttons = button ? [button] : message.length > ONE_LINE ? ['OK'] : [];
  void vscode.window.showErrorMessage(message, ...buttons).then((chosen) => {
    if (chosen && command) void vscode.commands.executeCommand(command);
  });
}

function remedy(error: unknown): [button: string, command: string] | [] {
  if (!(error instanceof UserError) || error instanceof ScriptRefusedError) return [];
  if (error.code === 'not-trusted') return ['Manage Trust', 'workbench.trust.manage'];
  if (error.code === 'no-model') return ['Set Up a Model', 'counterpoint.setUpModel'];
  if (error.code === 'no-key') return ['Set API Key…', 'counterpoint.setAnthropicKey'];
  if (error.code === 'workspace-unusable' && !vscode.workspace.workspaceFolders)
    return ['Open Folder', 'workbench.action.files.openFolder'];
  return [];
}
