import * as vscode from 'vscode';
import type { RunControl } from '../protocol/run-control.ts';
import type { RunLimits } from '../protocol/run-events.ts';
import type { Standing } from '../runs/run-standing.ts';
import { type FoundRun, findRun, standing, viewed } from './pick-run.ts';
import { plain } from './plain-text.ts';
import { type Amount, type AmountRules, readAmount } from './read-amount.ts';
import { goOn } from './run-commands.ts';
import { type Asker, askInSteps, textStep } from './steps.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust } from './workspaces.ts';

/** Does to a run what somebody has asked for in full. @throws UserError where it cannot be done. */
export async function controlRun({ workspaces }: Workbench, runId: string, control: RunControl): Promise<void> {
  requireTrust();
  const { workspace } = await workspaces.find(runId);
  await workspace.runs.control(runId, control);
}

const NONE_AT_WORK = 'No run is at work.';
const isDriven = (state: Standing) => state === 'running' || state === 'paused';

/** Holds a run back: new agents and model requests wait. Without an id the active panel's, else one that the person picks; so with all below. */
export async function pauseRun(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const wanted = (state: Standing) => state === 'running';
  const found = await findRun(bench, { placeHolder: 'Which run should pause?', wanted, none: NONE_AT_WORK }, runId);
  if (found) await controlRun(bench, found.summary.run.id, { action: 'pause' });
}

export async function continueRun(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const wanted = (state: Standing) => state === 'paused';
  const question = { placeHolder: 'Which paused run should continue?', wanted, none: 'No run is paused.' };
  const found = await findRun(bench, question, runId);
  if (found) await controlRun(bench, found.summary.run.id, { action: 'unpause' });
}

/** Ends a run once the person has agreed. */
export async function stopRun(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const question = { placeHolder: 'Which run should stop?', wanted: isDriven, none: NONE_AT_WORK };
  const found = await findRun(bench, question, runId);
  if (!found) return;
  const detail = 'Agents at work are ended. What is finished is kept, and the run can be resumed.';
  if (await agrees(`Stop “${nameOf(found)}”?`, detail, 'Stop')) await found.workspace.runs.stop(found.summary.run.id);
}

/** Asks for a yes before something that cannot be undone. */
export async function agrees(question: string, detail: string, yes: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

export function nameOf({ summary }: FoundRun): string {
  return plain(summary.run.name, 60);
}

/** Asks how many agents may work at a time. */
export async function setConcurrency(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const question = { placeHolder: 'Of which run?', wanted: isDriven, none: NONE_AT_WORK };
  const found = await findRun(bench, question, runId);
  if (!found) return;
  const typed = await textStep({
    title: `Set Concurrency: ${nameOf(found)}`,
    step: 1,
    steps: 1,
    prompt: 'How many agents may work at the same time? More start at once; of those at work none is ended.',
    placeholder: '1 to 256',
    value: String(found.summary.run.limits.concurrency),
    validate: (text) => problemOf(readAmount(text, { whole: true, most: 256 })),
  });
  if (typed.type !== 'next') return;
  await controlRun(bench, found.summary.run.id, {
    action: 'set-limits',
    limits: { concurrency: Number(typed.value) },
  });
}

type Caps = Pick<RunLimits, 'budget' | 'maxCostUsd' | 'maxAgents'>;

/** Asks for the caps of a run, one by one. One that is not at work is resumed with them. */
export async function setCaps(bench: Workbench, runId?: string): Promise<void> {
  requireTrust();
  const wanted = (state: Standing) => state !== 'completed';
  const found = await findRun(bench, { placeHolder: 'Of which run?', wanted, none: NONE_AT_WORK }, runId);
  if (!found) return;
  const driven = isDriven(standing(found));
  const { budget, maxCostUsd, maxAgents } = found.summary.run.limits;
  const caps: Caps = { budget, maxCostUsd, maxAgents };
  const askers: Asker[] = [
    capAsker(caps, 'budget', 'Output tokens of all agents together', { whole: true, orNone: true }),
    capAsker(caps, 'maxCostUsd', 'US dollars that all may cost, by the price table', { orNone: true }),
    capAsker(caps, 'maxAgents', 'Agents that the script may ask for', { whole: true }),
  ];
  const title = `${driven ? 'Set Caps' : 'Set Caps and Resume'}: ${nameOf(found)}`;
  if (!(await askInSteps(title, () => askers))) return;
  if (driven) return await controlRun(bench, found.summary.run.id, { action: 'set-limits', limits: caps });
  await goOn(bench, found, { limits: caps });
  bench.panels.show(viewed(found));
}

function capAsker<Cap extends keyof Caps>(caps: Caps, cap: Cap, prompt: string, rules: AmountRules): Asker {
  return async (place) => {
    const typed = await textStep({
      ...place,
      prompt,
      placeholder: rules.orNone ? 'Empty for no cap' : '',
      value: String(caps[cap] ?? ''),
      validate: (text) => problemOf(readAmount(text, rules)),
    });
    const read = typed.type === 'next' ? readAmount(typed.value, rules) : undefined;
    if (read?.ok) caps[cap] = read.amount as Caps[Cap];
    return typed;
  };
}

function problemOf(read: Amount): vscode.InputBoxValidationMessage | undefined {
  return read.ok ? undefined : { message: read.problem, severity: vscode.InputBoxValidationSeverity.Error };
}
