import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PreviewSession } from '../../../extension/panel/preview-panel.ts';
import type { HostTest } from '../runner.ts';
import { api, closeTabs, command, folder, runs, runToEnd, until } from './support.ts';

const ECHO = '.claude/workflows/echo.js';

/** The screen that asks, once it has a preview of the script as it is. */
async function asking(): Promise<PreviewSession> {
  const { previews } = await api();
  return until('a preview that asks', () => {
    const session = previews.active();
    const now = session?.current();
    return session && now?.approval && now.run && !now.stale ? session : undefined;
  });
}

/** Takes the first of what lists offer again and again, until a screen asks: a list that is not open yet takes nothing. */
async function acceptUntilAsked(): Promise<PreviewSession> {
  const { previews } = await api();
  await until('the lists to be answered', async () => {
    if (previews.active()?.current().approval) return true;
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return false;
  });
  return asking();
}

/** Has an edited version of the script, that nobody has seen, for as long as `use` takes. */
async function withEdited(use: (file: string, text: string) => Promise<void>): Promise<void> {
  const file = join(folder().uri.fsPath, ECHO);
  const text = readFileSync(file, 'utf8');
  const edited = `${text}// edited for another run ${Date.now()}\n`;
  await closeTabs();
  writeFileSync(file, edited);
  try {
    await use(file, edited);
  } finally {
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    writeFileSync(file, text);
    await closeTabs();
  }
}

export const OTHER_SCRIPT_TESTS: HostTest[] = [
  {
    name: 'Replace Script… asks about a script that nobody has approved; Cancel leaves the run as it was, and what goes on is the text that was seen',
    async run() {
      const { runId } = await runToEnd(ECHO, { first: true });
      const service = await runs();
      const before = service.script(runId);
      await withEdited(async (file, edited) => {
        await command('counterpoint.showRun', runId);
        const turned = Promise.resolve(command('counterpoint.replaceScript'));
        const first = await acceptUntilAsked();
        const reasons = first.current().approval?.reasons ?? [];
        assert.match(reasons[0] ?? '', /^“echo” is to go on with this script\. The script begins anew\./);
        assert.equal(reasons[1], 'You have not approved this version of the script.');
        await command('counterpoint.cancelApproval');
        await turned;
        assert.equal(service.script(runId), before);

        await command('counterpoint.showRun', runId);
        const asked = Promise.resolve(command('counterpoint.replaceScript'));
        const session = await acceptUntilAsked();
        const seen = session.current().run?.preview.script.digest ?? '';
        writeFileSync(file, `${edited}// of somebody else\n`);
        await assert.rejects(session.decide('once', seen), /has changed since you looked at it/);
        assert.equal(service.script(runId), before);
        writeFileSync(file, edited);
        await until('the preview of what was seen first', () => {
          const { stale, run } = session.current();
          return !stale && run?.preview.script.digest === seen;
        });
        await session.decide('once', seen);
        await closeTabs();
        await asked;
        await service.finished(runId);
        assert.equal(service.script(runId), edited);
      });
    },
  },
];
