import * as vscode from 'vscode';
import type { QuestionBoard } from '../runs/question-board.ts';
import { lensesAt } from './lens-words.ts';
import { placesIn } from './script-places.ts';

/** Scripts as files, and as they ran. */
export const SCRIPTS: vscode.DocumentSelector = [
  { scheme: 'file', language: 'javascript' },
  { scheme: 'counterpoint', language: 'javascript' },
];
/** How long a question waits is told in minutes. */
const MINUTE_MS = 60_000;

/** Shows each question that waits above the line of the script that asks it, with its answers. */
export function createCheckpointLenses(board: QuestionBoard): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider = vscode.languages.registerCodeLensProvider(SCRIPTS, {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses(document) {
      const now = Date.now();
      return placesIn(document, board.open()).flatMap((place) => {
        const column = document.lineAt(place.line).firstNonWhitespaceCharacterIndex;
        const range = new vscode.Range(place.line, column, place.line, column);
        return lensesAt(place, now).map((lens) => new vscode.CodeLens(range, lens));
      });
    },
  });
  const hearing = board.onChange(() => changed.fire());
  const clock = setInterval(() => {
    if (board.open().length > 0) changed.fire();
  }, MINUTE_MS);
  return vscode.Disposable.from(provider, changed, hearing, { dispose: () => clearInterval(clock) });
}
