import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, EXTENSION_ID, folder, runs, runToEnd, tabs, until } from './support.ts';

/** In order: the first ones see a folder without runs. */
export const COMMAND_TESTS: HostTest[] = [
  {
    name: 'activation leaves no trace in a folder without runs',
    async run() {
      await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
      assert.equal(existsSync(join(folder().uri.fsPath, '.counterpoint/runs.sqlite')), false);
    },
  },
  {
    name: 'every command of the package is registered, and no other',
    async run() {
      const manifest = vscode.extensions.getExtension(EXTENSION_ID)?.packageJSON as {
        contributes: { commands: { command: string }[] };
      };
      const contributed = manifest.contributes.commands.map((entry) => entry.command).sort();
      const registered = (await vscode.commands.getCommands(true))
        .filter((id) => /^counterpoint\.[a-zA-Z]+$/.test(id))
        .sort();
      assert.deepEqual(
        registered.filter((id) => !id.startsWith('counterpoint.run.')),
        contributed,
      );
    },
  },
  {
    name: 'Run Workflow gives args to the script, and the run its result',
    async run() {
      const { runId, outcome } = await runToEnd('.claude/workflows/echo.js', { colour: 'blue' });
      assert.equal(outcome.status, 'completed');
      assert.deepEqual((await runs()).result(runId), {
        report: '# Echo\n\n{"colour":"blue"}',
        args: { colour: 'blue' },
      });
    },
  },
  {
    name: 'Run Workflow opens a panel named after the run',
    async run() {
      await closeTabs();
      await runToEnd('echo');
      const tab = await until('a panel', () => tabs().find(({ input }) => input instanceof vscode.TabInputWebview));
      assert.equal(tab.label, 'echo');
    },
  },
  {
    name: 'a script that does not parse is listed with its place and refused by Run Workflow',
    async run() {
      const entry = (await (await runs()).workflows()).find(({ name }) => name === 'broken');
      assert.equal(entry?.error?.line, 2);
      const before = (await runs()).runs().length;
      await assert.rejects(command('counterpoint.runWorkflow', { script: 'broken', provider: 'builtin' }));
      assert.equal((await runs()).runs().length, before);
    },
  },
  {
    name: 'a run without a key for its provider is refused with the remedy',
    async run() {
      const before = (await runs()).runs().length;
      await assert.rejects(
        command('counterpoint.runWorkflow', { script: 'echo', provider: 'anthropic' }),
        /Set Anthropic API Key/,
      );
      assert.equal((await runs()).runs().length, before);
    },
  },
  {
    name: 'arguments that are not of the signature are refused',
    async run() {
      const odd = { script: 'echo', provider: 'builtin', shell: 'sh' };
      await assert.rejects(
        Promise.resolve(vscode.commands.executeCommand('counterpoint.runWorkflow', odd)),
        /does not take this argument/,
      );
      await assert.rejects(
        Promise.resolve(vscode.commands.executeCommand('counterpoint.showRun', { runId: 'x' })),
        /does not take this argument/,
      );
      await assert.rejects(command('counterpoint.showRun', 'no-such-run'), /no such run/);
    },
  },
  {
    name: 'Stop Run ends a run at work, and Resume Run goes on with it',
    async run() {
      const runId = await command('counterpoint.runWorkflow', { script: 'long-run', provider: 'builtin' });
      assert(runId);
      const service = await runs();
      await until('the run to be at work', () => service.events(runId, 0).some(({ type }) => type === 'log'));
      await command('counterpoint.stopRun', runId);
      assert.equal(service.runs().find(({ run }) => run.id === runId)?.status, 'stopped');
      await command('counterpoint.resumeRun', runId);
      await until(
        'the run to be at work again',
        () => service.runs().find(({ run }) => run.id === runId)?.status === 'running',
      );
      await command('counterpoint.stopRun', runId);
      assert.equal(service.events(runId, 0).filter(({ type }) => type === 'run.started').length, 2);
    },
  },
  {
    name: 'Open Report shows the Markdown of the run',
    async run() {
      await closeTabs();
      const { runId } = await runToEnd('echo', 'hello');
      await command('counterpoint.openReport', runId);
      const tab = await until('the preview', () => tabs().find(({ label }) => label.includes('echo report')));
      assert(tab.input instanceof vscode.TabInputWebview);
      const document = await vscode.workspace.openTextDocument(
        vscode.Uri.parse(`counterpoint:/report/${runId}/echo report.md`),
      );
      assert.equal(document.getText(), '# Echo\n\n"hello"');
      assert.equal(document.languageId, 'markdown');
    },
  },
  {
    name: 'the setting counterpoint.engine puts a run on QuickJS',
    async run() {
      const settings = vscode.workspace.getConfiguration('counterpoint');
      await settings.update('engine', 'quickjs', vscode.ConfigurationTarget.Global);
      try {
        const { runId, outcome } = await runToEnd('echo', 'small');
        assert.equal(outcome.status, 'completed', outcome.error?.message);
        const service = await runs();
        const started = service.events(runId, 0).find((event) => event.type === 'run.started');
        assert.equal(started?.engine, 'quickjs');
        assert.deepEqual(service.result(runId), { report: '# Echo\n\n"small"', args: 'small' });
      } finally {
        await settings.update('engine', undefined, vscode.ConfigurationTarget.Global);
      }
    },
  },
  {
    name: 'bug-sweep with the built-in analyst finds what is planted, and not what only looks like it',
    async run() {
      const { runId, outcome } = await runToEnd('bug-sweep');
      assert.equal(outcome.status, 'completed', outcome.error?.message);
      const { findings } = (await runs()).result(runId) as { findings: { file: string; line: number; lens: string }[] };
      const found = findings.map(({ file, line, lens }) => `${file}:${line} ${lens}`);
      assert(
        found.includes('src/server.js:7 injection') || found.includes('src/server.js:7 dangerous-calls'),
        found.join('\n'),
      );
      assert(found.includes('src/server.js:4 secrets'), found.join('\n'));
      assert(!found.some((line) => /store\.ts:1[56] /.test(line)), found.join('\n'));
    },
  },
];
