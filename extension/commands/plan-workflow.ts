import * as vscode from 'vscode';
import type { Plan, PlanRequest, PlanSize } from '../planner/plan-request.ts';
import { askToRun } from './approve-run.ts';
import type { ChosenModel } from './pick-model.ts';
import { plain } from './plain-text.ts';
import { makePlan, placeOf } from './planning.ts';
import { askModel } from './run-workflow.ts';
import { type Asker, askInSteps, pickStep, type Step, type StepPlace, textStep } from './steps.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust, type TrustedWorkspace } from './workspaces.ts';

const TITLE = 'Plan Workflow';

/** Where the goal lies that no workflow has come of yet, so that nobody has to type it again. */
const GOAL = 'goal';

export type PlanWish = Pick<PlanRequest, 'goal' | 'size' | 'provider' | 'model'>;

/** A plan, and where its script lies now. */
export interface KeptPlan {
  plan: Plan;
  script: string;
}

/**
 * Makes a workflow of a goal, and asks whether it may run. Gives the path of its script; undefined where the person turned away.
 * @param wish What somebody has asked for in full: then nothing is asked, and nothing is shown.
 */
export async function planWorkflow(bench: Workbench, wish?: PlanWish): Promise<string | undefined> {
  const trust = requireTrust();
  const folder = await bench.workspaces.choose();
  if (!folder) return undefined;
  const workspace: TrustedWorkspace = { ...(await bench.workspaces.open(folder)), ...trust };
  if (wish) return (await keepPlan(bench, workspace, wish)).script;
  const asked = await askForPlan(bench);
  if (!asked) return undefined;
  const kept = await planWithProgress(bench, workspace, asked);
  if (!kept) return undefined;
  await bench.memory.update(GOAL, undefined);
  await askForPlanned(bench, workspace, kept, asked);
  return kept.script;
}

/** Shows a plan and its preview, and starts it once the person decides so. */
export function askForPlanned(
  bench: Workbench,
  workspace: TrustedWorkspace,
  { plan, script }: KeptPlan,
  { provider, model }: ChosenModel,
): Promise<string | undefined> {
  const wanted = { script, provider, ...(model && { model }), ...(plan.args !== undefined && { args: plan.args }) };
  return askToRun(bench, workspace, wanted, { first: plan.preview, notes: [whenceWords(plan)] });
}

/** Plans, and keeps the script where a person can edit it. @throws UserError that says why there is none. */
export async function keepPlan(
  { views }: Pick<Workbench, 'views'>,
  workspace: TrustedWorkspace,
  request: PlanRequest,
): Promise<KeptPlan> {
  const plan = await makePlan(workspace, request);
  request.signal?.throwIfAborted();
  const script = await placeOf(workspace, plan);
  views.refresh();
  return { plan, script };
}

/** Who made it of what, and why so: one line for a person. Of a bundled one the reason says it. */
export function whenceWords({ bundled, by, why }: Plan): string {
  const reason = plain(why, 600);
  return bundled === undefined ? `Written by ${plain(by, 80)}: ${reason}` : reason;
}

async function planWithProgress(
  bench: Workbench,
  workspace: TrustedWorkspace,
  wish: PlanWish,
): Promise<KeptPlan | undefined> {
  const given = new AbortController();
  const title = `Planning “${plain(wish.goal, 60)}”`;
  const place = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    return await vscode.window.withProgress(place, (progress, cancelled) => {
      cancelled.onCancellationRequested(() => given.abort());
      const onProgress = (words: string) => progress.report({ message: plain(words, 120) });
      return keepPlan(bench, workspace, { ...wish, signal: given.signal, onProgress });
    });
  } catch (error) {
    if (given.signal.aborted) return undefined;
    throw error;
  }
}

const SIZES: (vscode.QuickPickItem & { size: PlanSize })[] = [
  { size: 'auto', label: '$(sparkle) Auto', detail: 'As many agents as the goal asks for.' },
  { size: 'small', label: '$(person) Small', detail: 'About 5 agents: one question, a few files.' },
  { size: 'medium', label: '$(organization) Medium', detail: 'About 40 agents: a module, a change, a plan.' },
  {
    size: 'large',
    label: '$(globe) Large',
    detail: 'About 200 agents: a whole repository. Takes longest, and costs most.',
  },
];

/** Asks for goal, size and model. Undefined where the person turned away; what they typed is kept. */
async function askForPlan(bench: Workbench): Promise<PlanWish | undefined> {
  let goal = bench.memory.get<string>(GOAL, '');
  let size: PlanSize = 'auto';
  let model: ChosenModel | undefined;
  const askers: Asker[] = [
    async (place) => {
      const typed = await askGoal(goal, place);
      if (typed.type === 'next') goal = typed.value;
      await bench.memory.update(GOAL, goal);
      return typed;
    },
    async (place) => {
      const picked = await pickStep({
        ...place,
        placeholder: 'How large may it be?',
        items: SIZES,
        active: (item) => item.size === size,
      });
      if (picked.type === 'next') size = picked.value.size;
      return picked;
    },
    async (place) => {
      const picked = await askModel(bench, place);
      if (picked.type === 'next') model = picked.value;
      return picked;
    },
  ];
  if (!(await askInSteps(TITLE, () => askers)) || !model) return undefined;
  return { goal, size, ...model };
}

async function askGoal(value: string, place: StepPlace): Promise<Step<string>> {
  const typed = await textStep({
    ...place,
    prompt: 'What should the agents find out or get done? The more of it you say, the better the plan.',
    placeholder: 'Find every error that is swallowed, and check each finding',
    value,
    validate: (text) =>
      text.trim() === ''
        ? { message: 'Say what it is for.', severity: vscode.InputBoxValidationSeverity.Error }
        : undefined,
  });
  return typed.type === 'next' ? { type: 'next', value: typed.value.trim() } : typed;
}
