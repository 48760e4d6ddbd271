import * as vscode from 'vscode';
import type { Approval } from '../protocol/preview.ts';
import { titleOf } from './approve-run.ts';
import { defaultArgs } from './args-draft.ts';
import type { Pointed, PointedWorkflow } from './pick-agent.ts';
import type { ChosenModel } from './pick-model.ts';
import { pickScript } from './pick-script.ts';
import { ScriptPreview } from './preview-session.ts';
import { folderOf } from './run-commands.ts';
import { argsOf, lastModel } from './run-workflow.ts';
import { scriptInSight } from './script-at.ts';
import type { Workbench } from './workbench.ts';

const RESTRICTED = 'The preview is made without the files of this folder: none is read before you trust it.';

/** Shows what a script would do, and asks nothing: the one that was pointed at, that in the active editor, or one that the person picks. Works in Restricted Mode. */
export async function previewWorkflow(bench: Workbench, at: Pointed, path?: string): Promise<void> {
  const named = path === undefined ? undefined : { path, name: path, whenToUse: '', bundled: false };
  const pointed: PointedWorkflow | undefined = named ?? (await scriptInSight(bench, at));
  const folder = await folderOf(bench, pointed);
  if (!folder) return;
  const workspace = await bench.workspaces.open(folder);
  const place = { title: 'Preview Workflow', step: 1, steps: 1 };
  const question = { placeholder: 'What would which workflow do?', openLabel: 'Preview' };
  const picked = pointed ?? (await pickScript(workspace, place, question));
  const chosen = 'path' in picked ? picked : picked.type === 'next' ? picked.value : undefined;
  if (!chosen) return;
  const script = vscode.Uri.file(chosen.path);
  const asked = bench.asked.find(script);
  // What waits for a decision would be cancelled by another preview in its place.
  if (asked) return bench.previews.show(asked);
  const args = defaultArgs(await argsOf(workspace, chosen.path));
  const run = { ...(await modelFor(bench)), ...(args !== undefined && { args }) };
  const session = await ScriptPreview.open(
    { script, title: titleOf(script), workspace, run },
    { approval: async () => restriction(), decide: async () => undefined, closed: () => undefined },
  );
  bench.previews.show(session);
}

/** Nobody is asked, but that it cannot run here is said. */
function restriction(): Approval | null {
  return vscode.workspace.isTrusted ? null : { reasons: [RESTRICTED], restricted: true };
}

/** Whose prices and limits the preview goes by: the model that was chosen last, where it can be had. */
async function modelFor({ key, memory }: Pick<Workbench, 'key' | 'memory'>): Promise<ChosenModel> {
  const last = lastModel(memory);
  if (last && last.provider !== 'anthropic') return last;
  return (await key.exists()) ? (last ?? { provider: 'anthropic' }) : { provider: 'builtin' };
}
