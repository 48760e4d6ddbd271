import type * as vscode from 'vscode';
import { ScriptRefusedError } from '../protocol/errors.ts';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';
import type { StartRequest } from '../runs/run-service.ts';
import { ArgsDraft } from './args-draft.ts';
import { argsAskers } from './ask-args.ts';
import { type Check, loadCheck } from './ask-field.ts';
import { type ChosenModel, type ModelQuestion, type ModelSources, pickModel } from './pick-model.ts';
import { type ChosenScript, pickScript, saveScript } from './pick-script.ts';
import { attendance, runSettings } from './settings.ts';
import { type Asker, askInSteps, type StepPlace } from './steps.ts';
import type { OpenWorkspace, TrustedWorkspace } from './workspaces.ts';

const TITLE = 'Run Workflow';

export interface Wizard extends ModelSources {
  /** Remembers the model between two runs. */
  memory: vscode.Memento;
}

/** A script that was chosen, and what is said of its `args`. */
interface ChosenRun {
  script: ChosenScript;
  args: ArgsDraft;
  /** Of the schema of its `args`, where it has one. */
  check: Check | null;
}

/**
 * Asks for script, `args` and model, and goes back as often as the person likes. Undefined where the person turned away.
 * @param pointed The script, where they have chosen it already.
 */
export async function askForRun(
  workspace: TrustedWorkspace,
  wizard: Wizard,
  pointed?: ChosenScript,
): Promise<StartRequest | undefined> {
  let chosen = pointed && (await choose(workspace, pointed));
  let model: ChosenModel | undefined;
  const forScript: Asker = async (place) => {
    const picked = await pickScript(workspace, place);
    // Whoever comes back to the same script has said already what to run it with.
    if (picked.type === 'next' && picked.value.path !== chosen?.script.path)
      chosen = await choose(workspace, picked.value);
    return picked;
  };
  const forModel: Asker = async (place) => {
    const picked = await askModel(wizard, place);
    if (picked.type === 'next') model = picked.value;
    return picked;
  };
  const forArgs = () =>
    chosen ? argsAskers(chosen.args, chosen.script, TITLE, chosen.check) : [async () => ({ type: 'back' }) as const];
  const askers = () => [...(pointed ? [] : [forScript]), ...forArgs(), forModel];
  if (!(await askInSteps(TITLE, askers)) || !chosen || !model) return undefined;
  const args = chosen.args.value();
  return { script: chosen.script.path, ...(args !== undefined && { args }), ...model };
}

/** Asks who answers, the last one offered first, and remembers it. */
export async function askModel(wizard: Wizard, place: StepPlace, question?: ModelQuestion) {
  const { memory } = wizard;
  const picked = await pickModel(wizard, lastModel(memory), place, question);
  if (picked.type === 'next') await memory.update('model', picked.value);
  return picked;
}

export function lastModel(memory: vscode.Memento): ChosenModel | undefined {
  return memory.get<ChosenModel>('model');
}

async function choose(workspace: OpenWorkspace, script: ChosenScript): Promise<ChosenRun> {
  const args = await argsOf(workspace, script.path);
  return { script, args: new ArgsDraft(args), check: args && 'schema' in args ? await loadCheck() : null };
}

/** What a script says that it takes; undefined where it does not say. */
export async function argsOf({ runs }: OpenWorkspace, path: string): Promise<WorkflowArgs | undefined> {
  try {
    return (await runs.locate(path)).script.meta.args;
  } catch (error) {
    // One that is refused is refused again when it is to run, and then it is said.
    if (error instanceof ScriptRefusedError) return undefined;
    throw error;
  }
}

/** Starts the run with what the settings say beside it: limits, engine, models of roles, and what agents may do. @throws ScriptRefusedError, UserError. */
export async function startRun(workspace: TrustedWorkspace, request: StartRequest): Promise<string> {
  await saveScript(request.script);
  const { limits, ...settings } = runSettings(workspace.folder);
  return workspace.runs.start({ ...settings, ...attendance(), ...request, limits: { ...limits, ...request.limits } });
}
