import * as vscode from 'vscode';

/** Long enough to be read by who looks up from the keyboard. */
const SEEN_MS = 6_000;

/** Says in the status bar that something was kept, or is forgotten: what nobody has to answer. @param icon A codicon. */
export function sayKept(icon: string, words: string): void {
  vscode.window.setStatusBarMessage(`$(${icon}) ${words}`, SEEN_MS);
}
