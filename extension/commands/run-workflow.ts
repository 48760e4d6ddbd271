import * as vscode from 'vscode';
import type { StartRequest } from '../runs/run-service.ts';
import type { AnthropicKey } from './anthropic-key.ts';
import { parseArgsText } from './args-text.ts';
import { type ChosenModel, pickModel } from './pick-model.ts';
import { type ChosenScript, pickScript, saveScript } from './pick-script.ts';
import { runSettings } from './settings.ts';
import { type Asker, askInSteps, type Step, type StepPlace, textStep } from './steps.ts';
import type { TrustedWorkspace } from './workspaces.ts';

const TITLE = 'Run Workflow';

export interface Wizard {
  key: AnthropicKey;
  /** Remembers the model between two runs. */
  memory: vscode.Memento;
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
  let script = pointed;
  let typed = '';
  let model: ChosenModel | undefined;
  const forScript: Asker = async (place) => {
    const picked = await pickScript(workspace, place);
    if (picked.type === 'next') script = picked.value;
    return picked;
  };
  const forArgs: Asker = async (place) => {
    const args = await askArgs(script, typed, place);
    if (args.type === 'next') typed = args.value;
    return args;
  };
  const forModel: Asker = async (place) => {
    const picked = await pickModel(wizard.key, wizard.memory.get<ChosenModel>('model'), place);
    if (picked.type === 'next') model = picked.value;
    return picked;
  };
  const askers = [...(pointed ? [] : [forScript]), forArgs, forModel];
  if (!(await askInSteps(TITLE, () => askers)) || !script || !model) return undefined;
  await wizard.memory.update('model', model);
  return requestOf(script, typed, model);
}

function askArgs(script: ChosenScript | undefined, value: string, place: StepPlace): Promise<Step<string>> {
  return textStep({
    ...place,
    title: script ? `${TITLE}: ${script.name}` : TITLE,
    prompt: script?.whenToUse || 'args for the script: JSON or plain text. Empty for none.',
    placeholder: '{"key": "value"}, or plain text; empty for none',
    value,
    validate: (text) => {
      const read = parseArgsText(text);
      if (!read.ok) return { message: read.problem, severity: vscode.InputBoxValidationSeverity.Error };
      return text.trim() ? { message: read.means, severity: vscode.InputBoxValidationSeverity.Info } : undefined;
    },
  });
}

function requestOf(script: ChosenScript, typed: string, model: ChosenModel): StartRequest {
  const read = parseArgsText(typed);
  const args = read.ok ? read.args : undefined;
  return { script: script.path, ...(args !== undefined && { args }), ...model };
}

/** Starts the run with the limits and the engine of the settings. @throws ScriptRefusedError, UserError. */
export async function startRun(workspace: TrustedWorkspace, request: StartRequest): Promise<string> {
  await saveScript(request.script);
  const { engine, limits } = runSettings(workspace.folder);
  return workspace.runs.start({ engine, ...request, limits: { ...limits, ...request.limits } });
}
