import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Commands } from '../../../extension/commands/commands.ts';
import type { TestApi } from '../../../extension/main.ts';
import type { Json } from '../../../extension/protocol/json.ts';
import { foldRun, type RunTree } from '../../../extension/protocol/run-tree.ts';
import type { RunOutcome, RunService } from '../../../extension/runs/run-service.ts';

export const EXTENSION_ID = 'counterpoint.counterpoint';

/** Calls one of our commands through VS Code, typed. */
export async function command<Id extends keyof Commands>(
  id: Id,
  ...args: Parameters<Commands[Id]>
): Promise<Awaited<ReturnType<Commands[Id]>>> {
  return vscode.commands.executeCommand<Awaited<ReturnType<Commands[Id]>>>(id, ...args);
}

export function folder(): vscode.WorkspaceFolder {
  const [only] = vscode.workspace.workspaceFolders ?? [];
  assert(only, 'the window has a folder');
  return only;
}

/** What the extension lends to its tests. */
export async function api(): Promise<TestApi> {
  const extension = vscode.extensions.getExtension<TestApi | undefined>(EXTENSION_ID);
  assert(extension, 'the extension is there');
  const lent = await extension.activate();
  assert(lent, 'the extension knows that it is tested');
  return lent;
}

/** The runs of the folder, as the extension sees them. */
export async function runs(): Promise<RunService> {
  return (await (await api()).workspaces.open(folder())).runs;
}

/** Starts a run and waits for its end. */
export async function runToEnd(script: string, args?: Json): Promise<{ runId: string; outcome: RunOutcome }> {
  const runId = await command('counterpoint.runWorkflow', {
    script,
    provider: 'builtin',
    ...(args !== undefined && { args }),
  });
  assert(runId, 'the command gives the id of the run');
  const outcome = await (await runs()).finished(runId);
  return { runId, outcome };
}

/** Waits until something holds; fails with what it was waiting for. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 10_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function tabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs);
}

export async function closeTabs(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Sets a setting of ours for as long as `use` takes. */
export async function withSetting<T>(name: string, value: unknown, use: () => Promise<T>): Promise<T> {
  const settings = vscode.workspace.getConfiguration('counterpoint');
  await settings.update(name, value, vscode.ConfigurationTarget.Global);
  try {
    return await use();
  } finally {
    await settings.update(name, undefined, vscode.ConfigurationTarget.Global);
  }
}

/** The fold of a run's events so far. */
export async function treeOf(runId: string): Promise<RunTree> {
  return foldRun((await runs()).events(runId, 0));
}
