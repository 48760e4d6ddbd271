import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as vscode from 'vscode';
import { type CutRun, driveByCommandLine } from '../command-line.ts';
import type { HostTest } from '../runner.ts';
import { command, EXTENSION_ID, folder, runs, treeOf, until, withSetting } from './support.ts';

/** Starts `long-run` in a process of its own. */
async function driveElsewhere(): Promise<CutRun> {
  const extension = vscode.extensions.getExtension(EXTENSION_ID);
  assert(extension);
  const run = await driveByCommandLine(extension.extensionPath, folder().uri.fsPath, 'long-run');
  const service = await runs();
  await until('the run to be at work', () => service.events(run.runId, 0).some(({ type }) => type === 'log'));
  assert.equal(service.summary(run.runId)?.here, false);
  return run;
}

async function kill({ child }: CutRun): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

export const TAKE_OVER_TESTS: HostTest[] = [
  {
    name: 'a run whose command line is killed goes on in this window, where the setting says always',
    run: () =>
      withSetting('resumeInterrupted', 'always', async () => {
        const run = await driveElsewhere();
        await kill(run);
        const service = await runs();
        await until('the run to go on here', () => service.summary(run.runId)?.here, 20_000);
        await until('its second attempt', async () => (await treeOf(run.runId)).attempt === 2);
        assert.equal(service.summary(run.runId)?.status, 'running');
        await command('counterpoint.stopRun', run.runId);
      }),
  },
  {
    name: 'a run that another process drives is paused, continued and stopped from here',
    async run() {
      const run = await driveElsewhere();
      const service = await runs();
      await command('counterpoint.pauseRun', run.runId);
      assert.equal((await treeOf(run.runId)).paused, true);
      await command('counterpoint.continueRun', run.runId);
      assert.equal((await treeOf(run.runId)).paused, false);
      await command('counterpoint.stopRun', run.runId);
      assert.equal(service.summary(run.runId)?.status, 'stopped');
      if (run.child.exitCode === null) await once(run.child, 'exit');
    },
  },
  {
    name: 'a run that was cut stays as it is where the setting says never',
    run: () =>
      withSetting('resumeInterrupted', 'never', async () => {
        const run = await driveElsewhere();
        const service = await runs();
        const noticed = new Promise<void>((resolve) => {
          const hush = service.onInterrupted((runId) => {
            if (runId !== run.runId) return;
            hush();
            resolve();
          });
        });
        await kill(run);
        // The window has the same notice, and would take the run over at once.
        await noticed;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        assert.equal(service.summary(run.runId)?.status, 'interrupted');
        await command('counterpoint.resumeRun', run.runId);
        assert.equal(service.summary(run.runId)?.here, true);
        await command('counterpoint.stopRun', run.runId);
      }),
  },
];
