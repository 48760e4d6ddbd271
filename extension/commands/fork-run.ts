import type * as vscode from 'vscode';
import type { ForkRequest } from '../runs/run-service.ts';
import { doOrAsk } from './approve-run.ts';
import { nameOf } from './control-run.ts';
import { type ForkPoint, forkPoints } from './fork-points.ts';
import { type FoundRun, findRun } from './pick-run.ts';
import { type ChosenScript, orOpenAtError, pickScript, saveScript } from './pick-script.ts';
import { asRunBy, scriptQuestion } from './replace-script.ts';
import { attendance } from './settings.ts';
import { type Asker, askInSteps, pickStep, type Step, type StepPlace } from './steps.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust, type TrustedWorkspace } from './workspaces.ts';

/** Asks from where on and with which script, shows that where nobody has approved it, starts the new run and shows it. Gives its id; undefined where the person turned away. */
export async function forkRun(bench: Workbench, runId?: string): Promise<string | undefined> {
  requireTrust();
  const question = { placeHolder: 'From which run should a new one begin?', none: 'There are no runs yet.' };
  const found = await findRun(bench, question, runId);
  if (!found) return undefined;
  const points = forkPoints(found.workspace.runs.events(found.summary.run.id, 0));
  let point: ForkPoint | undefined;
  let script: ChosenScript | null = null;
  const askers: Asker[] = [
    async (place) => {
      const picked = await askPoint(points, point, place);
      if (picked.type === 'next') point = picked.value;
      return picked;
    },
    async (place) => {
      const picked = await askScript(found, place);
      if (picked.type === 'next') script = picked.value;
      return picked;
    },
  ];
  if (!(await askInSteps(`Fork Run: ${nameOf(found)}`, () => askers)) || !point) return undefined;
  const path = (script as ChosenScript | null)?.path;
  const from = point.seq;
  // What ran once is known.
  if (path === undefined) return startFork(bench, found, { from });
  const workspace: TrustedWorkspace = { ...found.workspace, ...requireTrust() };
  return orOpenAtError(path, () =>
    doOrAsk(bench, workspace, asRunBy(found, path), {
      begin: (digest) => startFork(bench, found, { from, script: path, digest }),
      notes: [
        `A new run is to begin from “${nameOf(found)}” with this script. What was finished by then is kept where it asks for the same.`,
      ],
    }),
  );
}

/** Starts the new run and shows it; of a script only the text of the digest, where one is given. @throws ScriptRefusedError, UserError. */
export async function startFork(
  bench: Workbench,
  { workspace, summary }: FoundRun,
  { from, script, digest }: { from?: number | undefined; script?: string | undefined; digest?: string | undefined },
): Promise<string> {
  requireTrust();
  if (script !== undefined) await saveScript(script);
  const request: ForkRequest = {
    run: summary.run.id,
    ...attendance(),
    ...(from !== undefined && { from }),
    ...(script !== undefined && { script }),
    ...(digest !== undefined && { digest }),
  };
  const runId = await workspace.runs.fork(request);
  bench.watch.follow(workspace, runId);
  bench.panels.show({ id: runId, runs: workspace.runs, workspace: workspace.folder.uri.fsPath });
  return runId;
}

async function askPoint(points: ForkPoint[], point: ForkPoint | undefined, place: StepPlace): Promise<Step<ForkPoint>> {
  return pickStep({
    ...place,
    placeholder: 'What still counts? Agents that finished by then are kept, the others are asked again.',
    items: points,
    active: ({ seq }) => seq === point?.seq,
  });
}

type ScriptItem = vscode.QuickPickItem & { other: boolean };

/** Null: the script as the run had it by then. */
async function askScript(found: FoundRun, place: StepPlace): Promise<Step<ChosenScript | null>> {
  for (;;) {
    const picked = await pickStep<ScriptItem>({
      ...place,
      placeholder: 'With which script?',
      items: [
        { label: '$(history) The script as it ran', other: false },
        { label: '$(file-code) Another, or an edited one…', other: true },
      ],
    });
    if (picked.type !== 'next') return picked;
    if (!picked.value.other) return { type: 'next', value: null };
    const script = await pickScript(found.workspace, place, await scriptQuestion(found, 'Begin with which script?'));
    if (script.type !== 'back') return script;
  }
}
