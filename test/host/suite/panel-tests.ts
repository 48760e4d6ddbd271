import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, runToEnd, tabs, until } from './support.ts';

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
];
