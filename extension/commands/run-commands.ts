import * as vscode from 'vscode';
import type { PanelCommand } from '../protocol/panel-messages.ts';
import type { ResumeChange, StartRequest } from '../runs/run-service.ts';
import { begin, runOrAsk } from './approve-run.ts';
import type { PointedWorkflow } from './pick-agent.ts';
import { type FoundRun, findRun, pickAmong, type RunQuestion, standing, viewed } from './pick-run.ts';
import { orOpenAtError } from './pick-script.ts';
import { askForRun } from './run-workflow.ts';
import { attendance } from './settings.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust, type TrustedWorkspace } from './workspaces.ts';

/**
 * Starts a workflow, shows its panel, and gives the run's id. Without a request it asks for one, and where that has to be asked
 * whether it may run; undefined where the person turned away. Whoever gives a request has decided already, and is asked nothing.
 * @param pointed The script that they pointed at, so that only the rest is asked.
 */
export async function runWorkflow(
  bench: Workbench,
  request?: StartRequest,
  pointed?: PointedWorkflow,
): Promise<string | undefined> {
  const trust = requireTrust();
  const folder = await folderOf(bench, pointed);
  if (!folder) return undefined;
  const workspace: TrustedWorkspace = { ...(await bench.workspaces.open(folder)), ...trust };
  if (request) return begin(bench, workspace, request);
  const wanted = await askForRun(workspace, bench, pointed);
  return wanted && orOpenAtError(wanted.script, () => runOrAsk(bench, workspace, wanted));
}

/** The folder that a script belongs to, else the one that the person chooses. */
export async function folderOf(
  { workspaces }: Pick<Workbench, 'workspaces'>,
  pointed?: PointedWorkflow,
): Promise<vscode.WorkspaceFolder | undefined> {
  const own = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === pointed?.folder);
  return own ?? (await workspaces.choose());
}

const TO_SHOW: RunQuestion = {
  placeHolder: 'Which run should be shown?',
  none: 'There are no runs yet. “Counterpoint: Run Workflow…” starts one.',
};

/** Shows the panel of a run that is named or picked: whoever asks for the one that is active sees it already. */
export async function showRun({ workspaces, panels }: Workbench, runId?: string): Promise<void> {
  const found = await (runId === undefined ? pickAmong(workspaces, TO_SHOW) : workspaces.find(runId));
  if (found) panels.show(viewed(found));
}

const TO_RESUME: RunQuestion = {
  placeHolder: 'Which run should go on? Its finished agents are not asked again.',
  wanted: (standing) => standing !== 'running' && standing !== 'completed',
  none: 'No run is left to resume.',
};

/** Goes on with a run that was cut or stopped, that failed, that lacks answers, or that a person holds back, and shows its panel. */
export async function resumeRun(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const found = await findRun(bench, TO_RESUME, runId);
  if (!found) return;
  await goOn(bench, found);
  bench.panels.show(viewed(found));
}

/**
 * Drives a run from here on, changed where that is wanted; one that is only held back goes on where it is driven.
 * @throws UserError `run-busy`, `run-finished`.
 */
export async function goOn(bench: Workbench, found: FoundRun, change?: ResumeChange): Promise<void> {
  const { id } = found.summary.run;
  const workspace: TrustedWorkspace = { ...found.workspace, ...requireTrust() };
  if (!change && standing(found) === 'paused') return await workspace.runs.control(id, { action: 'unpause' });
  await workspace.runs.resume(id, { ...attendance(), ...change });
  bench.watch.follow(workspace, id);
}

const WITH_REPORT: RunQuestion = {
  placeHolder: 'Whose report should open?',
  none: 'No run has a report yet.',
  wanted: (standing) => standing !== 'running',
};

export async function openReport(bench: Workbench, runId?: string): Promise<void> {
  const found = await findRun(bench, WITH_REPORT, runId ?? bench.panels.active());
  if (found) await bench.documents.openReport(viewed(found));
}

const TO_LOOK: RunQuestion = { placeHolder: 'In which run?', none: TO_SHOW.none };

/** Has the panel of a run do something: of the one that is named, else of the active one, else of one that the person picks. */
export async function tellPanel(bench: Workbench, command: PanelCommand, runId?: string): Promise<void> {
  const found = await findRun(bench, TO_LOOK, runId);
  if (found) bench.panels.show(viewed(found), command);
}
