import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createRunDocuments, openWorkspaceFile } from '../../../extension/panel/documents.ts';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, folder, runs, runToEnd, tabs, until } from './support.ts';

function panels(): vscode.Tab[] {
  return tabs().filter(
    ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('counterpoint.run'),
  );
}

export const PANEL_TESTS: HostTest[] = [
  {
    name: 'Show Run opens one panel a run, however often it is asked',
    async run() {
      await closeTabs();
      const { runId } = await runToEnd('echo', 1);
      await command('counterpoint.showRun', runId);
      await command('counterpoint.showRun', runId);
      await until('one panel', () => panels().length === 1);
      await runToEnd('echo', 2);
      await until('two panels', () => panels().length === 2);
    },
  },
  {
    name: 'a panel that was closed opens again',
    async run() {
      await closeTabs();
      const { runId } = await runToEnd('echo', 3);
      await closeTabs();
      await until('no panel', () => panels().length === 0);
      await command('counterpoint.showRun', runId);
      await until('the panel', () => panels().length === 1);
      assert.equal(panels()[0]?.label, 'echo');
    },
  },
  {
    name: 'the script of a run can be read as it ran',
    async run() {
      const { runId } = await runToEnd('echo', 4);
      const document = await vscode.workspace.openTextDocument(
        vscode.Uri.parse(`counterpoint:/script/${runId}/echo.js`),
      );
      assert.match(document.getText(), /^export const meta = \{ name: 'echo'/);
    },
  },
  {
    name: 'a file that an agent named opens only where it really lies in the folder',
    async run() {
      const root = folder().uri.fsPath;
      await openWorkspaceFile(root, 'src/server.js', 4);
      assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, join(root, 'src/server.js'));
      assert.equal(vscode.window.activeTextEditor?.selection.active.line, 3);
      symlinkSync('/etc', join(root, 'outside'));
      for (const path of ['../results.json', '/etc/passwd', 'outside/passwd', 'src/none.js', 'src/../../suite.cjs']) {
        await assert.rejects(openWorkspaceFile(root, path, 1), /is not a file of this workspace/, path);
      }
    },
  },
  {
    name: 'a script that changed since it ran opens as it ran',
    async run() {
      const { runId } = await runToEnd('.claude/workflows/echo.js', 5);
      const service = await runs();
      const file = join(folder().uri.fsPath, '.claude/workflows/echo.js');
      const run = { id: runId, runs: service, workspace: folder().uri.fsPath };
      const documents = createRunDocuments(async () => run);
      const text = readFileSync(file, 'utf8');
      try {
        await documents.openScript(run, { line: 2, column: 1 });
        assert.equal(vscode.window.activeTextEditor?.document.uri.scheme, 'file');
        writeFileSync(file, `${text}// changed\n`);
        await documents.openScript(run, { line: 2, column: 1 });
        assert.equal(vscode.window.activeTextEditor?.document.uri.scheme, 'counterpoint');
        assert.equal(vscode.window.activeTextEditor?.document.getText(), text);
      } finally {
        writeFileSync(file, text);
        documents.dispose();
      }
    },
  },
];
