import * as vscode from 'vscode';
import type { Provider } from '../models/provider.ts';
import type { ModelTest } from '../models/test-model.ts';
import { createProvider } from './create-provider.ts';
import { testWords } from './model-words.ts';
import { plain } from './plain-text.ts';
import { askModel } from './run-workflow.ts';
import type { Workbench } from './workbench.ts';

/** A button of a message, and the command that it runs. */
type Offer = readonly [button: string, command: string];

const RUN: Offer = ['Run Workflow…', 'counterpoint.runWorkflow'];
const AGAIN: Offer = ['Test Again…', 'counterpoint.testModel'];
/** Where the credentials of a provider are given; those of clouds lie in the environment. */
const CREDENTIALS: Readonly<Record<string, Offer>> = {
  anthropic: ['Set API Key…', 'counterpoint.setAnthropicKey'],
  compatible: ['Set Model Server…', 'counterpoint.setModelServer'],
};

/** Opens the walkthrough that leads to a model that answers. */
export async function setUpModel(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'counterpoint.counterpoint#model', false);
}

/** Asks a model one small question and says what it can do, or why not. What is chosen is offered first from then on. */
export async function testModelCommand(bench: Workbench): Promise<void> {
  const picked = await askModel(
    bench,
    { title: 'Test Model', step: 1, steps: 1 },
    { asks: 'Which model should be tested?' },
  );
  if (picked.type !== 'next') return;
  const provider = await createProvider(picked.value.provider, bench, picked.value.model);
  if (provider.free) {
    const words = `The ${provider.title} needs no test: it is part of Counterpoint, and understands the bundled workflows.`;
    await offer(vscode.window.showInformationMessage, words, [RUN]);
    return;
  }
  const model = picked.value.model ? provider.resolveModel(picked.value.model) : provider.defaultModel;
  const test = await askOnce(provider, model);
  if (!test) return;
  const { problem, remedy } = test;
  const set = remedy === 'credentials' ? CREDENTIALS[provider.id] : undefined;
  if (problem === null) await offer(vscode.window.showInformationMessage, testWords(test), [RUN]);
  else await offer(vscode.window.showErrorMessage, testWords(test), [...(set ? [set] : []), AGAIN]);
}

/** Null where the person did not want to wait for it. */
async function askOnce(provider: Provider, model: string): Promise<ModelTest | null> {
  const { testModel } = await import('../models/test-model.ts');
  const given = new AbortController();
  const title = `Asking ${plain(model, 80)}`;
  const place = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(place, async (_progress, cancelled) => {
    cancelled.onCancellationRequested(() => given.abort(new vscode.CancellationError()));
    return testModel(provider, model, given.signal).catch((error: unknown) => {
      if (given.signal.aborted) return null;
      throw error;
    });
  });
}

/** Says something, with what can be done next. VS Code shows all of a message only where it has a button. */
async function offer(
  show: (message: string, ...buttons: string[]) => Thenable<string | undefined>,
  message: string,
  offers: readonly Offer[],
): Promise<void> {
  const chosen = await show(message, ...offers.map(([button]) => button));
  const [, command] = offers.find(([button]) => button === chosen) ?? [];
  if (command) await vscode.commands.executeCommand(command);
}
