import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { findingsOf, sarifOf } from '../runs/run-findings.ts';
import { type FoundRun, findRun, type RunQuestion } from './pick-run.ts';
import { plain } from './plain-text.ts';
import type { Workbench } from './workbench.ts';

const WITH_FINDINGS: RunQuestion = {
  placeHolder: 'Whose findings should stand at their lines?',
  none: 'No run has come to a result yet.',
  wanted: (standing) => standing === 'completed' || standing === 'completed_with_failures',
};

/** Shows what a run found as comments at the lines, and says how many there are, and how many are about no file of the folder. */
export async function showFindings(bench: Workbench, runId?: string): Promise<void> {
  const found = await findRun(bench, WITH_FINDINGS, runId ?? bench.panels.active());
  if (!found) return;
  const { findings, more } = findingsOf(resultOf(found));
  if (findings.length === 0)
    throw new UserError(
      'not-possible',
      'This run has nothing to say about lines of files: its script gives back no `comments`. Its report may have more.',
    );
  const { id, name } = found.summary.run;
  const placed = await bench.findings.show({ id, name, folder: found.workspace.folder.uri.fsPath }, findings);
  const without = findings.length - placed + more;
  const said = `${placed} ${placed === 1 ? 'finding stands' : 'findings stand'} at ${placed === 1 ? 'its line' : 'their lines'}.`;
  void vscode.window.showInformationMessage(without === 0 ? said : `${said} ${without} more could not be placed.`);
}

const WITH_SARIF: RunQuestion = { ...WITH_FINDINGS, placeHolder: 'Whose findings should be saved as SARIF?' };

/** Saves the SARIF log of a run where the person wants it, and offers to open it. */
export async function saveSarif(bench: Workbench, runId?: string): Promise<void> {
  const found = await findRun(bench, WITH_SARIF, runId ?? bench.panels.active());
  if (!found) return;
  const sarif = sarifOf(resultOf(found));
  if (!sarif)
    throw new UserError(
      'not-possible',
      'This run has no SARIF log: its script gives back no `sarif`. “security-audit” does.',
    );
  const folder = found.workspace.folder.uri.fsPath;
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(folder, `${found.summary.run.name}.sarif`)),
    filters: { SARIF: ['sarif', 'json'] },
    title: 'Save Findings as SARIF',
  });
  if (!target) return;
  // Not by `node:fs`: where VS Code runs remotely the person may choose a place on their own machine.
  await vscode.workspace.fs.writeFile(target, Buffer.from(`${JSON.stringify(sarif, null, 2)}\n`));
  const open = 'Open';
  const where = plain(vscode.workspace.asRelativePath(target), 200);
  const chosen = await vscode.window.showInformationMessage(`The findings are saved in ${where}.`, open);
  if (chosen === open) await vscode.window.showTextDocument(target);
}

function resultOf({ workspace, summary }: FoundRun) {
  return workspace.runs.result(summary.run.id);
}
