import * as vscode from 'vscode';

/**
 * Shows a script in an editor on the left, for a preview to stand beside it; where it is open in some other place, there.
 * @param place Counted from 1.
 */
export async function showBeside(
  script: vscode.Uri,
  place?: { line: number; column: number },
  preserveFocus = false,
): Promise<void> {
  const document = await vscode.workspace.openTextDocument(script);
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const at = place && new vscode.Position(Math.max(0, place.line - 1), Math.max(0, place.column - 1));
  await vscode.window.showTextDocument(document, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    preview: false,
    preserveFocus,
    ...(at && { selection: new vscode.Range(at, at) }),
  });
}

/** Edits of what came with Counterpoint would be gone with its next version. */
export async function makeReadOnly(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.files.setActiveEditorReadonlyInSession');
}

/** The script in the active editor, saved or not: undefined where what is there says nothing of a workflow. */
export function activeScript(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && /^\s*export\s+const\s+meta\b/m.test(document.getText()) ? document : undefined;
}
