import * as vscode from 'vscode';
import { createProvider } from './create-provider.ts';
import { testWords } from './model-words.ts';
import { plain } from './plain-text.ts';
import { askModel } from './run-workflow.ts';
import type { Workbench } from './workbench.ts';

/** Opens the walkthrough that leads to a model that answers. */
export async function setUpModel(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'counterpoint.counterpoint#model', false);
}

/** Asks a model one small question and says what it can do, or why not. What is chosen is offered first from then on. */
export async function testModelCommand(bench: Workbench): Promise<void> {
  const picked = await askModel(bench, { title: 'Test Model', step: 1, steps: 1 });
  if (picked.type !== 'next') return;
  const provider = await createProvider(picked.value.provider, bench);
  if (provider.free) {
    void vscode.window.showInformationMessage(
      `The ${provider.title} needs no test: it is part of Counterpoint, and understands the bundled workflows.`,
    );
    return;
  }
  const model = picked.value.model ? provider.resolveModel(picked.value.model) : provider.defaultModel;
  const { testModel } = await import('../models/test-model.ts');
  const given = new AbortController();
  const title = `Asking ${plain(model, 80)}`;
  const place = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const test = await vscode.window.withProgress(place, async (_progress, cancelled) => {
    cancelled.onCancellationRequested(() => given.abort(new vscode.CancellationError()));
    return testModel(provider, model, given.signal).catch((error: unknown) => {
      if (given.signal.aborted) return null;
      throw error;
    });
  });
  if (!test) return;
  const show = test.problem === null ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
  void show(testWords(test));
}
