import * as vscode from 'vscode';
import { runCensus } from '../protocol/run-census.ts';
import type { EndStatus } from '../protocol/run-events.ts';
import { foldRun } from '../protocol/run-tree.ts';
import type { LiveRuns } from '../runs/live-runs.ts';
import type { RunOutcome } from '../runs/run-service.ts';
import { createRunningItem } from '../views/running-item.ts';
import { endMessage } from './end-message.ts';
import type { OpenWorkspace } from './workspaces.ts';

export interface RunWatch extends vscode.Disposable {
  /** Counts a run that this window drives in the status bar, and tells its end where nobody looks. */
  follow(workspace: OpenWorkspace, runId: string): void;
}

export interface RunWatchOptions {
  live: LiveRuns;
  isVisible(runId: string): boolean;
  show(runId: string): void;
  openReport(runId: string): void;
  resume(runId: string): void;
}

export function createRunWatch(options: RunWatchOptions): RunWatch {
  const { live } = options;
  const running = new Map<string, { dispose(): void }>();
  const item = createRunningItem();
  const refresh = () => item.show(live.all().filter(({ id }) => running.has(id)));
  live.onChange(({ id }) => {
    if (running.has(id)) refresh();
  });
  return {
    follow(workspace, runId) {
      running.get(runId)?.dispose();
      const watching = live.watch(workspace.runs, runId);
      running.set(runId, watching);
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
          watching.dispose();
          // Somebody may have resumed it by now.
          if (running.get(runId) === watching) running.delete(runId);
          refresh();
        });
    },
    dispose: () => item.dispose(),
  };
}

const OPEN_REPORT = 'Open Report';
const RESUME = 'Resume';
const SHOW_RUN = 'Show Run';

function tellEnd({ runs }: OpenWorkspace, runId: string, outcome: RunOutcome, options: RunWatchOptions): void {
  if (outcome.status === 'stopped' || options.isVisible(runId)) return;
  const failed = outcome.status !== 'completed';
  const buttons = [...(runs.report(runId) === null ? [] : [OPEN_REPORT]), ...(failed ? [RESUME] : []), SHOW_RUN];
  const name = runs.summary(runId)?.run.name ?? runId;
  const census = runCensus(foldRun(runs.events(runId, 0)));
  void notifierOf(outcome.status)(endMessage(name, outcome, census), ...buttons).then((chosen) => {
    if (chosen === OPEN_REPORT) options.openReport(runId);
    if (chosen === RESUME) options.resume(runId);
    if (chosen === SHOW_RUN) options.show(runId);
  });
}

function notifierOf(status: EndStatus): (message: string, ...buttons: string[]) => Thenable<string | undefined> {
  if (status === 'failed') return vscode.window.showErrorMessage;
  return status === 'completed' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
}
