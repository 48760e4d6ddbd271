import * as vscode from 'vscode';
import type { LiveRun } from '../runs/live-runs.ts';
import { runningText, runningTooltip } from './run-words.ts';

/** Counts the runs that this window drives in the status bar, with what they have cost so far; a click shows the view of all runs. */
export interface RunningItem extends vscode.Disposable {
  show(runs: readonly LiveRun[]): void;
}

export function createRunningItem(): RunningItem {
  const item = vscode.window.createStatusBarItem('counterpoint.running', vscode.StatusBarAlignment.Left);
  item.name = 'Counterpoint Runs';
  item.command = 'counterpoint.runs.focus';
  return {
    show(runs) {
      item.text = runningText(runs);
      item.tooltip = new vscode.MarkdownString(runningTooltip(runs, Date.now()));
      item.accessibilityInformation = { label: `Counterpoint: ${item.text.replace(/\$\([^)]*\) /, '')}` };
      if (runs.length > 0) item.show();
      else item.hide();
    },
    dispose: () => item.dispose(),
  };
}
