import * as vscode from 'vscode';
import type { LiveRuns } from '../runs/live-runs.ts';
import { createRunsView, type RunsView } from '../views/runs-view.ts';
import { createWorkflowsView, type WorkflowsView } from '../views/workflows-view.ts';
import type { Views } from './workbench.ts';
import type { Workspaces } from './workspaces.ts';

export interface ViewsOptions {
  workspaces: Workspaces;
  live: LiveRuns;
  /** Where the extension lies. */
  extension: vscode.Uri;
}

export interface OwnViews extends Views, vscode.Disposable {
  runs: RunsView;
  workflows: WorkflowsView;
}

/** The views of runs and of workflows. Nothing is read before one of them is seen. */
export function createViews({ workspaces, live, extension }: ViewsOptions): OwnViews {
  const folders = async () => (await workspaces.withRuns()).map(({ folder, runs }) => ({ name: folder.name, runs }));
  const runs = createRunsView({ folders, live });
  const workflows = createWorkflowsView(vscode.Uri.joinPath(extension, 'workflows').fsPath);
  return {
    runs,
    workflows,
    refresh() {
      void runs.refresh();
      workflows.refresh();
    },
    selected: (view) => (view === 'counterpoint.runs' ? runs : workflows).selected(),
    dispose: () => vscode.Disposable.from(runs, workflows).dispose(),
  };
}
