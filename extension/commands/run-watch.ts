import * as vscode from 'vscode';
import type { RunOutcome } from '../runs/run-service.ts';
import { age, type FoundRun } from './pick-run.ts';
import type { OpenWorkspace } from './workspaces.ts';

const OFFERED = 'offeredForResume';

export interface RunWatch extends vscode.Disposable {
  /** Counts a run that this window drives in the status bar, and tells its end where nobody looks. */
  follow(workspace: OpenWorkspace, runId: string): void;
}

export interface RunWatchOptions {
  isVisible(runId: string): boolean;
  show(runId: string): void;
  openReport(runId: string): void;
}

export function createRunWatch(options: RunWatchOptions): RunWatch {
  const running = new Set<string>();
  const item = vscode.window.createStatusBarItem('counterpoint.running', vscode.StatusBarAlignment.Left);
  item.name = 'Counterpoint Runs';
  item.command = 'counterpoint.showRun';
  const refresh = () => {
    item.text = `$(sync~spin) ${running.size} ${running.size === 1 ? 'run' : 'runs'}`;
    item.tooltip = 'Counterpoint: show a run';
    if (running.size > 0) item.show();
    else item.hide();
  };
  return {
    follow(workspace, runId) {
      running.add(runId);
      refresh();
      void workspace.runs
        .finished(runId)
        .then((outcome) => tellEnd(workspace, runId, outcome, options))
        .catch((error) =>
          vscode.window.showErrorMessage(
            `The run could not go on: ${error instanceof Error ? error.message : String(error)}`,
          ),
        )
        .finally(() => {
          running.delete(runId);
          refresh();
        });
    },
    dispose: () => item.dispose(),
  };
}

function tellEnd({ runs }: OpenWorkspace, runId: string, outcome: RunOutcome, options: RunWatchOptions): void {
  if (outcome.status === 'stopped' || options.isVisible(runId)) return;
  const name = runs.summary(runId)?.run.name ?? runId;
  const buttons = [...(runs.report(runId) === null ? [] : ['Open Report']), 'Show Run'];
  void notifierOf(outcome)(messageOf(name, outcome), ...buttons).then((chosen) => {
    if (chosen === 'Open Report') options.openReport(runId);
    if (chosen === 'Show Run') options.show(runId);
  });
}

function notifierOf({ status }: RunOutcome): (message: string, ...buttons: string[]) => Thenable<string | undefined> {
  if (status === 'failed') return vscode.window.showErrorMessage;
  return status === 'completed' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
}

function messageOf(name: string, { status, error }: RunOutcome): string {
  if (status === 'completed') return `“${name}” completed.`;
  if (status === 'completed_with_failures')
    return `“${name}” completed with failures: some of its agents have no answer.`;
  return `“${name}” failed: ${error?.message ?? 'no reason was given'}`;
}

/** Offers, once for each run, to go on with those that were cut. */
export async function offerResume(
  cut: FoundRun[],
  memory: vscode.Memento,
  resume: (run: FoundRun) => void,
  show: (run?: FoundRun) => void,
): Promise<void> {
  const offered = memory.get<string[]>(OFFERED, []);
  const fresh = cut.filter(({ summary }) => !offered.includes(summary.run.id));
  const [first] = fresh;
  if (!first) return;
  await memory.update(
    OFFERED,
    cut.map(({ summary }) => summary.run.id),
  );
  if (fresh.length > 1) {
    const chosen = await vscode.window.showInformationMessage(
      `${fresh.length} runs were cut before their end.`,
      'Show Runs…',
    );
    if (chosen) show();
    return;
  }
  const { run, createdAt } = first.summary;
  const message = `“${run.name}”, started ${age(Date.now() - createdAt)}, was cut before its end. Its finished agents are kept.`;
  const chosen = await vscode.window.showInformationMessage(message, 'Resume', 'Show Run');
  if (chosen === 'Resume') resume(first);
  if (chosen === 'Show Run') show(first);
}
