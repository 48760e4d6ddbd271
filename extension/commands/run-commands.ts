import * as vscode from 'vscode';
import { type RunDocuments, showText, type ViewedRun } from '../panel/documents.ts';
import type { RunPanels } from '../panel/run-panel.ts';
import { ScriptRefusedError, UserError } from '../protocol/errors.ts';
import type { RunSummary, StartRequest } from '../runs/run-service.ts';
import type { AnthropicKey } from './anthropic-key.ts';
import { allRuns, type FoundRun, pickRun } from './pick-run.ts';
import type { RunWatch } from './run-watch.ts';
import { askForRun, startRun } from './run-workflow.ts';
import { requireTrust, type TrustedWorkspace, type Workspaces } from './workspaces.ts';

/** What the commands work with; made once, in `main.ts`. */
export interface Workbench {
  workspaces: Workspaces;
  panels: RunPanels;
  documents: RunDocuments;
  watch: RunWatch;
  key: AnthropicKey;
  memory: vscode.Memento;
}

export function viewed({ workspace, summary }: FoundRun): ViewedRun {
  return { id: summary.run.id, runs: workspace.runs, workspace: workspace.folder.uri.fsPath };
}

/** Starts a workflow, shows its panel, and gives the run's id. Without a request it asks for one; undefined where the person turned away. */
export async function runWorkflow(bench: Workbench, request?: StartRequest): Promise<string | undefined> {
  const trust = requireTrust();
  const folder = await bench.workspaces.choose();
  if (!folder) return undefined;
  const workspace: TrustedWorkspace = { ...(await bench.workspaces.open(folder)), ...trust };
  const wanted = request ?? (await askForRun(workspace, bench));
  if (!wanted) return undefined;
  const runId = await startRun(workspace, wanted).catch(async (error: unknown) => {
    // Whoever chose the script by hand can mend it by hand.
    if (error instanceof ScriptRefusedError && !request)
      await showText(vscode.Uri.file(wanted.script), error.line, error.column);
    throw error;
  });
  bench.watch.follow(workspace, runId);
  bench.panels.show({ id: runId, runs: workspace.runs, workspace: folder.uri.fsPath });
  return runId;
}

export async function showRun(bench: Workbench, runId?: string): Promise<void> {
  const found = await namedOrPicked(bench, runId, {
    placeHolder: 'Which run should be shown?',
    none: 'There are no runs yet. “Counterpoint: Run Workflow…” starts one.',
  });
  if (found) bench.panels.show(viewed(found));
}

/** Stops the run of the active panel, else one that the person picks, once they have agreed. A run that the caller names is stopped without a question. */
export async function stopRun(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const found = await namedOrPicked(bench, runId ?? (await activeRun(bench, 'running')), {
    placeHolder: 'Which run should stop?',
    wanted: ({ status }) => status === 'running',
    none: 'No run is at work.',
  });
  if (!found) return;
  if (runId === undefined && !(await agreesToStop(found.summary))) return;
  await found.workspace.runs.stop(found.summary.run.id);
}

export async function agreesToStop({ run }: RunSummary): Promise<boolean> {
  const detail = 'Agents at work are ended. What is finished is kept, and the run can be resumed.';
  return (await vscode.window.showWarningMessage(`Stop “${run.name}”?`, { modal: true, detail }, 'Stop')) === 'Stop';
}

/** Goes on with a run that was cut or stopped, or that failed, and shows its panel. */
export async function resumeRun(bench: Workbench, runId?: string): Promise<void> {
  const trust = requireTrust();
  const found = await namedOrPicked(bench, runId, {
    placeHolder: 'Which run should go on? Its finished agents are not asked again.',
    wanted: ({ status }) => status !== 'running' && status !== 'completed',
    none: 'No run is left to resume.',
  });
  if (!found) return;
  const workspace: TrustedWorkspace = { ...found.workspace, ...trust };
  await workspace.runs.resume(found.summary.run.id);
  bench.watch.follow(workspace, found.summary.run.id);
  bench.panels.show(viewed(found));
}

export async function openReport(bench: Workbench, runId?: string): Promise<void> {
  const found = await namedOrPicked(bench, runId ?? bench.panels.active(), {
    placeHolder: 'Whose report should open?',
    none: 'No run has a report yet.',
    wanted: ({ status }) => status !== 'running',
  });
  if (found) await bench.documents.openReport(viewed(found));
}

interface Question {
  placeHolder: string;
  wanted?: (summary: RunSummary) => boolean;
  /** Said where there is nothing to pick. */
  none: string;
}

async function namedOrPicked(
  { workspaces }: Workbench,
  runId: string | undefined,
  question: Question,
): Promise<FoundRun | undefined> {
  if (runId !== undefined) return workspaces.find(runId);
  const runs = await allRuns(workspaces, question.wanted);
  if (runs.length === 0) throw new UserError('run-not-found', question.none);
  return pickRun(runs, question.placeHolder);
}

async function activeRun(bench: Workbench, status: RunSummary['status']): Promise<string | undefined> {
  const id = bench.panels.active();
  if (id === undefined) return undefined;
  const found = await bench.workspaces.find(id);
  return found.summary.status === status ? id : undefined;
}
