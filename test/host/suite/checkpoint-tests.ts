import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openCheckpoints } from '../../../extension/protocol/run-tree.ts';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, folder, runs, treeOf, until } from './support.ts';

const SCRIPT = '.claude/workflows/release.js';

async function startRelease(): Promise<string> {
  const runId = await command('counterpoint.runWorkflow', { script: 'release', provider: 'builtin' });
  assert(runId);
  await until('a question', async () => openCheckpoints(await treeOf(runId)).length === 1);
  return runId;
}

async function lensesOf(uri: vscode.Uri): Promise<vscode.Command[]> {
  // What nobody shows is let go after a while.
  await vscode.workspace.openTextDocument(uri);
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
  return found.flatMap(({ command: lens }) => (lens?.command.startsWith('counterpoint.') ? [lens] : []));
}

function lensNamed(title: string, uri: vscode.Uri): Promise<vscode.Command> {
  return until(`a lens ${title}`, async () => (await lensesOf(uri)).find((lens) => lens.title.startsWith(title)));
}

async function click({ command: id, arguments: given = [] }: vscode.Command): Promise<void> {
  await vscode.commands.executeCommand(id, ...given);
}

export const CHECKPOINT_TESTS: HostTest[] = [
  {
    name: 'a lens at the line that asks answers its question once, and goes',
    async run() {
      await closeTabs();
      const uri = vscode.Uri.file(join(folder().uri.fsPath, SCRIPT));
      const runId = await startRelease();
      const ship = await lensNamed('Ship', uri);
      const hold = await lensNamed('Hold', uri);
      await click(ship);
      await lensNamed('◆ How widely?', uri);
      assert(!(await lensesOf(uri)).some(({ title }) => title === 'Ship' || title === 'Hold'));
      // One that a slow screen still shows.
      await click(hold);
      const answers = [...(await treeOf(runId)).calls.values()].flatMap(({ settled }) => settled?.answer ?? []);
      assert.deepEqual(answers, [{ choice: 'Ship' }]);
      await command('counterpoint.stopRun', runId);
      await until('no lens', async () => (await lensesOf(uri)).length === 0);
    },
  },
  {
    name: 'the text of a script as it ran has the lenses of its run, and no other text has any',
    async run() {
      const runId = await startRelease();
      const asItRan = vscode.Uri.from({ scheme: 'counterpoint', path: `/script/${runId}/release.js` });
      await lensNamed('Ship', asItRan);
      const text = readFileSync(join(folder().uri.fsPath, SCRIPT), 'utf8');
      const copy = await vscode.workspace.openTextDocument({ language: 'javascript', content: text });
      assert.deepEqual(await lensesOf(copy.uri), []);
      await command('counterpoint.stopRun', runId);
      await until('no lens', async () => (await lensesOf(asItRan)).length === 0);
    },
  },
  {
    name: 'Show in Run opens the panel of the run',
    async run() {
      const runId = await startRelease();
      await closeTabs();
      await click(await lensNamed('Show in Run', vscode.Uri.file(join(folder().uri.fsPath, SCRIPT))));
      const labels = () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
      await until('the panel', () => labels().includes('release'));
      await (await runs()).stop(runId);
    },
  },
];
