import * as vscode from 'vscode';
import type { Plan, PlanRequest } from '../planner/plan-request.ts';
import type { PreviewedRun, PreviewRequest } from '../planner/preview-request.ts';
import { runSettings } from './settings.ts';
import type { OpenWorkspace, TrustedWorkspace } from './workspaces.ts';

// The planner is loaded when somebody wants a preview or a plan: most windows never do.

/** What a script would do, by the limits of the settings, and where the request names no models of roles by theirs. In Restricted Mode nothing of the folder is read for it. @throws ScriptRefusedError, UserError. */
export async function makePreview(
  { runs, folder }: OpenWorkspace,
  request: Omit<PreviewRequest, 'limits' | 'permissions' | 'mayRead'>,
): Promise<PreviewedRun> {
  const { previewScript } = await import('../planner/preview.ts');
  const { limits, models, permissions } = runSettings(folder);
  const settings = { ...(models && { models }), ...(permissions && { permissions }) };
  return previewScript(runs, { ...settings, ...request, limits, mayRead: vscode.workspace.isTrusted });
}

/** A script for a goal, to be run by the settings of the folder. @throws UserError that says why there is none. */
export async function makePlan({ runs, folder }: TrustedWorkspace, request: PlanRequest): Promise<Plan> {
  const { planWorkflow } = await import('../planner/plan.ts');
  const { limits, models, permissions } = runSettings(folder);
  return planWorkflow(runs, { ...(models && { models }), ...(permissions && { permissions }), limits, ...request });
}

/** Where the script of a plan lies, for a person to edit: a new one among the drafts of the folder, a bundled one where it came. */
export async function placeOf({ runs }: TrustedWorkspace, plan: Plan): Promise<string> {
  if (plan.bundled !== undefined) return plan.bundled;
  const { saveDraft } = await import('../planner/drafts.ts');
  return saveDraft(runs.workspace, plan);
}
