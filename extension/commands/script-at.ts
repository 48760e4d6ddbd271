import * as vscode from 'vscode';
import { isBundled, titleOf } from './approve-run.ts';
import type { Pointed, PointedWorkflow } from './pick-agent.ts';
import { activeScript } from './script-editor.ts';
import type { Workbench } from './workbench.ts';

/** The script that somebody pointed at: a row of the view, a file, or what the active preview shows. */
export async function scriptAt(bench: Workbench, { workflow, uri }: Pointed): Promise<PointedWorkflow | undefined> {
  if (workflow) return workflow;
  // The title of a preview hands over the panel, which is no file.
  const file = uri?.scheme === 'file' ? uri : bench.previews.active()?.script;
  return file && pointedFile(bench, file);
}

/** As `scriptAt`; where nothing was pointed at, what lies in the active editor. */
export async function scriptInSight(bench: Workbench, at: Pointed): Promise<PointedWorkflow | undefined> {
  const pointed = await scriptAt(bench, at);
  if (pointed) return pointed;
  const document = activeScript();
  return document?.uri.scheme === 'file' ? pointedFile(bench, document.uri) : undefined;
}

async function pointedFile(bench: Workbench, file: vscode.Uri): Promise<PointedWorkflow> {
  const folder = vscode.workspace.getWorkspaceFolder(file)?.uri.toString();
  return {
    path: file.fsPath,
    name: titleOf(file),
    whenToUse: '',
    bundled: await isBundled(bench, file.fsPath),
    ...(folder !== undefined && { folder }),
  };
}
