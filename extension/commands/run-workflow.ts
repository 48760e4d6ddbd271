import * as vscode from 'vscode';
import type { StartRequest } from '../runs/run-service.ts';
import type { AnthropicKey } from './anthropic-key.ts';
import { parseArgsText } from './args-text.ts';
import { type ChosenModel, pickModel } from './pick-model.ts';
import { type ChosenScript, pickScript, saveScript } from './pick-script.ts';
import { runSettings } from './settings.ts';
import { type Step, type StepPlace, textStep } from './steps.ts';
import type { TrustedWorkspace } from './workspaces.ts';

const TITLE = 'Run Workflow';
const STEPS = 3;

export interface Wizard {
  key: AnthropicKey;
  /** Remembers the model between two runs. */
  memory: vscode.Memento;
}

/** Asks for script, `args` and model, and goes back as often as the person likes. Undefined where the person turned away. */
export async function askForRun(workspace: TrustedWorkspace, wizard: Wizard): Promise<StartRequest | undefined> {
  const place = (step: number): StepPlace => ({ title: TITLE, step, steps: STEPS });
  let script: ChosenScript | undefined;
  let typed = '';
  for (let step = 1; ; ) {
    if (step === 1) {
      const picked = await pickScript(workspace, place(1));
      if (picked.type === 'cancel') return undefined;
      if (picked.type === 'back') continue;
      script = picked.value;
      step = 2;
    } else if (step === 2 && script) {
      const args = await askArgs(script, typed, place(2));
      if (args.type === 'cancel') return undefined;
      if (args.type === 'next') typed = args.value;
      step = args.type === 'next' ? 3 : 1;
    } else if (script) {
      const model = await pickModel(wizard.key, wizard.memory.get<ChosenModel>('model'), place(3));
      if (model.type === 'cancel') return undefined;
      if (model.type === 'next') {
        await wizard.memory.update('model', model.value);
        return requestOf(script, typed, model.value);
      }
      step = 2;
    }
  }
}

function askArgs(script: ChosenScript, value: string, place: StepPlace): Promise<Step<string>> {
  return textStep({
    ...place,
    title: `${TITLE}: ${script.name}`,
    prompt: script.whenToUse || 'args for the script: JSON or plain text. Empty for none.',
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
