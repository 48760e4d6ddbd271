import type * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { plainLabel } from '../protocol/plain-text.ts';
import type { AddedTask } from '../protocol/run-control.ts';
import type { RunInfo } from '../protocol/run-events.ts';
import { requireModel } from '../runs/agent-task.ts';
import type { Standing } from '../runs/run-standing.ts';
import { selectedText, taskAsker, typeAskers } from './ask-task.ts';
import { controlRun, nameOf } from './control-run.ts';
import { askAndDo } from './hand-out.ts';
import { type FoundRun, findRun, standing, treeOf, viewed } from './pick-run.ts';
import { plain } from './plain-text.ts';
import { type Asker, pickStep, type Step, type StepPlace, textStep } from './steps.ts';
import { newDraft, type TaskDraft, taskOf } from './task-draft.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust } from './workspaces.ts';

const ALONE = '“Counterpoint: Run Agent in Background…” has one do a task by itself.';
const PROMPT = 'The agent works beside those of the script, and the run does not end before it has.';

const isDriven = (state: Standing) => state === 'running' || state === 'paused';

/**
 * Puts a task of the person's own into a run at work, and shows the agent in its panel. Without an id it is the active panel's run,
 * else one that they pick. Gives the agent's number; undefined where they turned away.
 */
export async function addAgent(bench: Workbench, runId?: string): Promise<number | undefined> {
  requireTrust();
  const question = { placeHolder: 'To which run?', wanted: isDriven, none: `No run is at work. ${ALONE}` };
  const found = await findRun(bench, question, runId);
  if (!found) return undefined;
  const { run } = found.summary;
  // Before somebody types a task in vain.
  if (!isDriven(standing(found)))
    throw new UserError('not-running', `“${nameOf(found)}” is not at work, so that no agent can be added. ${ALONE}`);
  requireModel(run.provider);
  const draft = newDraft();
  const selected = selectedText();
  const ofType = await typeAskers(draft, found.workspace.runs);
  const askers = [taskAsker(draft, selected, { prompt: PROMPT }), ...ofType, modelAsker(draft, run)];
  return askAndDo(
    `Add Agent: ${nameOf(found)}`,
    () => askers,
    () => sendTask(bench, found, addedTask(draft, taskOf(draft, selected))),
  );
}

/** Adds the agent and shows it. @throws UserError where the run does not take it. */
export async function sendTask(bench: Workbench, found: FoundRun, task: AddedTask): Promise<number | undefined> {
  const { id, provider } = found.summary.run;
  requireModel(provider);
  await controlRun(bench, id, { action: 'add-agent', task });
  const added = [...treeOf(found).calls.values()].filter(({ info }) => info.added);
  const newest = added.map(({ info }) => info).sort((a, b) => b.id - a.id)[0];
  bench.panels.show(viewed(found), newest && { name: 'reveal', on: { call: newest.id, key: newest.key } });
  return newest?.id;
}

function addedTask({ typed, selection, agentType, model }: TaskDraft, prompt: string): AddedTask {
  return {
    prompt,
    ...(selection === 'about' && { label: plain(typed, 120) }),
    ...(agentType !== null && { agentType }),
    ...(model !== null && { model }),
  };
}

/** Providers of the models of Anthropic, which they know by these names, too. */
const OF_ANTHROPIC = ['anthropic', 'bedrock', 'vertex'];
const ALIASES = ['opus', 'sonnet', 'haiku'];

type ModelItem = vscode.QuickPickItem & { model: string | null; typed?: true };

function modelAsker(draft: TaskDraft, run: RunInfo): Asker {
  const aliases = OF_ANTHROPIC.includes(run.provider) ? ALIASES : [];
  const items: ModelItem[] = [
    { label: 'As the run', description: plainLabel(run.models?.agent ?? run.model, 80), model: null },
    ...aliases.map((model) => ({ label: model, model })),
    { label: '$(edit) Another…', detail: 'By its name', model: null, typed: true },
  ];
  return async (place) => {
    for (;;) {
      const active = ({ model, typed }: ModelItem) => model === draft.model && !typed;
      const picked = await pickStep<ModelItem>({ ...place, placeholder: 'Which model?', items, active });
      if (picked.type !== 'next') return picked;
      const named = picked.value.typed ? await typeModel(draft, run, place) : picked;
      if (named.type === 'next' && !picked.value.typed) draft.model = picked.value.model;
      if (named.type !== 'back') return named;
    }
  };
}

async function typeModel(draft: TaskDraft, run: RunInfo, place: StepPlace): Promise<Step<string>> {
  const typed = await textStep({
    ...place,
    prompt: `The name of the model, as ${plain(run.providerTitle, 80)} has it. Empty: that of the run.`,
    placeholder: '',
    value: draft.model ?? '',
  });
  if (typed.type === 'next') draft.model = typed.value.trim() || null;
  return typed;
}
