import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import type { RunTree } from '../protocol/run-tree.ts';
import { doOrAsk, type RunToApprove } from './approve-run.ts';
import { agrees, nameOf } from './control-run.ts';
import { type FoundRun, findRun, treeOf, viewed } from './pick-run.ts';
import { type ChosenScript, orOpenAtError, pickScript, type ScriptQuestion, saveScript } from './pick-script.ts';
import { plain } from './plain-text.ts';
import { goOn } from './run-commands.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust, type TrustedWorkspace } from './workspaces.ts';

/** Asks for the edited script, shows it where nobody has approved it, and has the run go on with it; one that is not at work is resumed with it. */
export async function replaceScript(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const found = await findRun(
    bench,
    { placeHolder: 'Which run should go on with another script?', none: 'There are no runs yet.' },
    runId,
  );
  if (!found) return;
  const place = { title: `Replace Script: ${nameOf(found)}`, step: 1, steps: 1 };
  const picked = await pickScript(found.workspace, place, await scriptQuestion(found, 'Go on with which script?'));
  if (picked.type !== 'next') return;
  const script = picked.value;
  const kept = `The script begins anew. ${whatIsKept(treeOf(found))}`;
  const workspace: TrustedWorkspace = { ...found.workspace, ...requireTrust() };
  await orOpenAtError(script.path, () =>
    doOrAsk(bench, workspace, asRunBy(found, script.path), {
      begin: async (digest) => {
        await goOnWithScript(bench, found, script.path, digest);
        bench.panels.show(viewed(found));
      },
      notes: [`“${nameOf(found)}” is to go on with this script. ${kept}`],
      unasked: () => agrees(`Go on with “${plain(script.name, 80)}”?`, kept, 'Replace Script'),
    }),
  );
}

/** A script with what a run has beside it, as its preview takes it. */
export function asRunBy({ workspace, summary }: FoundRun, script: string): RunToApprove {
  const { id, provider, model, models = {} } = summary.run;
  const args = workspace.runs.args(id);
  return { script, provider, model, models, ...(args !== undefined && { args }) };
}

/**
 * @param path Absolute, or relative to the folder.
 * @param digest Of the text that was seen: no other goes on. Absent: whoever asks answers for what lies there.
 * @throws ScriptRefusedError, UserError.
 */
export async function goOnWithScript(bench: Workbench, found: FoundRun, path: string, digest?: string): Promise<void> {
  requireTrust();
  const { workspace, summary } = found;
  const root = workspace.folder.uri.fsPath;
  const file = isAbsolute(path) ? path : join(root, path);
  await saveScript(file);
  // The screen that asks may have been open for long.
  if (workspace.runs.summary(summary.run.id)?.status !== 'running')
    return await goOn(bench, found, { script: file, ...(digest !== undefined && { digest }) });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError('script-not-found', `The script ${file} cannot be read.`, { cause });
  });
  if (digest !== undefined && digest !== sha256(text))
    throw new UserError(
      'script-changed',
      `${basename(file)} has changed since you looked at it, so the run goes on as it was.`,
    );
  await workspace.runs.control(summary.run.id, { action: 'replace-script', title: titleOf(root, file), text });
}

function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Relative to the folder where it lies inside, else its name: as the run itself names scripts. */
function titleOf(root: string, file: string): string {
  const inside = relative(root, file);
  return inside.startsWith('..') || isAbsolute(inside) ? basename(file) : inside.split(sep).join('/');
}

function whatIsKept({ counts }: RunTree): string {
  const answers = counts.succeeded + counts.reused;
  const kept =
    answers === 0
      ? 'No agent has finished yet'
      : `${answers} finished ${answers === 1 ? 'agent is' : 'agents are'} kept where it asks for the same again`;
  const under =
    counts.working === 0 ? '' : `, and ${counts.working} at work ${counts.working === 1 ? 'goes' : 'go'} on`;
  return `${kept}${under}. What it asks for no longer is not used.`;
}

/** Offers the run's own file first: what was edited is mostly that. */
export async function scriptQuestion(found: FoundRun, placeholder: string): Promise<ScriptQuestion> {
  const openLabel = 'Choose';
  const own = await ownScript(found);
  if (!own) return { placeholder, openLabel };
  const { script, edited } = own;
  const first = {
    label: `$(file-code) ${script.name}`,
    description: edited ? "the run's own script, edited since" : "the run's own script, as it ran",
    does: { choose: script },
  };
  return { placeholder, openLabel, first };
}

async function ownScript({ workspace, summary }: FoundRun): Promise<{ script: ChosenScript; edited: boolean } | null> {
  const { script: name, digest } = summary.run;
  // Those that lie elsewhere go by their file's name.
  const elsewhere = (await workspace.runs.workflows()).filter(
    ({ path, source }) => !source.startsWith('project') && basename(path) === name,
  );
  for (const path of [join(workspace.folder.uri.fsPath, name), ...elsewhere.map(({ path }) => path)]) {
    const text = await readFile(path).catch(() => null);
    if (text === null) continue;
    const edited = sha256(text) !== digest;
    return { script: { path, name, whenToUse: '' }, edited };
  }
  return null;
}
