import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PreviewSession } from '../../../extension/panel/preview-panel.ts';
import { Approvals } from '../../../extension/runs/approvals.ts';
import type { HostTest } from '../runner.ts';
import { api, closeTabs, command, folder, runs, tabs, until, withSetting } from './support.ts';

const ECHO = '.claude/workflows/echo.js';

function pathOf(script: string): string {
  return join(folder().uri.fsPath, script);
}

/** Runs a script as a person does once all else is said: asking where it has to be asked. */
function runAsking(script: string): { started: Promise<string | undefined> } {
  const wanted = { script, provider: 'builtin' };
  return {
    started: Promise.resolve(vscode.commands.executeCommand<string | undefined>('counterpoint.workflow.run', wanted)),
  };
}

/** The screen that asks, once it has a preview of the script as it is. */
async function asking(): Promise<PreviewSession> {
  const { previews } = await api();
  return until('a preview that asks', () => {
    const session = previews.active();
    const now = session?.current();
    return session && now?.approval && now.run && !now.stale ? session : undefined;
  });
}

function digestOf(session: PreviewSession): string {
  return session.current().run?.preview.script.digest ?? '';
}

async function ended(started: Promise<string | undefined>): Promise<string> {
  const runId = await started;
  assert(runId, 'a run was started');
  await (await runs()).finished(runId);
  return runId;
}

/** Runs a script that must not ask. */
async function runsUnasked(script: string): Promise<string> {
  return ended(runAsking(script).started);
}

/** Edits a script in its editor; where VS Code takes over what was just written to the file, once that is done. */
async function edit(file: string, change: (builder: vscode.TextEditorEdit) => void): Promise<vscode.TextDocument> {
  const column = { viewColumn: vscode.ViewColumn.One };
  const editor = await vscode.window.showTextDocument(vscode.Uri.file(file), column);
  await until('the edit', async () => editor.edit(change));
  return editor.document;
}

/** Has the script of the fixture back when it is over. */
async function withEcho(use: (file: string, text: string) => Promise<void>): Promise<void> {
  const file = pathOf(ECHO);
  const text = readFileSync(file, 'utf8');
  await closeTabs();
  try {
    await use(file, text);
  } finally {
    // With unsaved edits in it no editor closes without a question.
    await vscode.window.showTextDocument(vscode.Uri.file(file));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    writeFileSync(file, text);
    await closeTabs();
  }
}

/** In order: what a window has approved it does not forget. */
export const APPROVAL_TESTS: HostTest[] = [
  {
    name: 'a script of the project is asked about with its text on the left and its preview beside it, and Cancel starts nothing',
    async run() {
      await closeTabs();
      const before = (await runs()).runs().length;
      const { started } = runAsking(pathOf(ECHO));
      const session = await asking();
      assert.deepEqual(session.current().approval, {
        reasons: ['You have not approved this version of the script.'],
        restricted: false,
      });
      assert.equal(session.current().run?.preview.error, null);
      const sides = () => vscode.window.tabGroups.all.map(({ activeTab }) => activeTab?.label).join(' | ');
      await until('script and preview side by side', () => sides() === 'echo.js | Preview: echo.js');
      await command('counterpoint.cancelApproval');
      assert.equal(await started, undefined);
      assert.equal((await runs()).runs().length, before);
      await until('the preview to go', () => !tabs().some(({ label }) => label.startsWith('Preview')));
    },
  },
  {
    name: 'Run Once starts what was seen, and asks again the next time; Run does not, in this window',
    async run() {
      await closeTabs();
      const once = runAsking(pathOf(ECHO));
      const digest = digestOf(await asking());
      await command('counterpoint.approveOnce');
      const runId = await ended(once.started);
      assert.equal((await runs()).summary(runId)?.run.digest, digest);
      const again = runAsking(pathOf(ECHO));
      await asking();
      await command('counterpoint.approveRun');
      await ended(again.started);
      await runsUnasked(pathOf(ECHO));
    },
  },
  {
    name: 'a closed preview is a cancel',
    async run() {
      const { started } = runAsking(pathOf('.claude/workflows/ask.js'));
      await asking();
      await closeTabs();
      assert.equal(await started, undefined);
    },
  },
  {
    name: 'unsaved edits are previewed, an older preview counts no more, and what runs is the text that was seen',
    run: () =>
      withEcho(async (file, text) => {
        writeFileSync(file, `${text}// another version\n`);
        const { started } = runAsking(file);
        const session = await asking();
        const old = digestOf(session);
        const document = await edit(file, (builder) => builder.insert(new vscode.Position(1, 0), "log('edited');\n"));
        assert.equal(session.current().stale, true);
        await assert.rejects(session.decide('run', old), /has changed since you looked at it/);
        const fresh = await until('the preview of the edit', () => {
          const { stale, run } = session.current();
          return !stale && run?.preview.script.digest !== old && run?.preview.script.digest;
        });
        assert.equal(document.isDirty, true);
        await session.decide('once', fresh);
        await closeTabs();
        const runId = await ended(started);
        assert.equal((await runs()).script(runId), readFileSync(file, 'utf8'));
        assert.match((await runs()).script(runId), /log\('edited'\)/);
      }),
  },
  {
    name: 'a script that does not parse while it is edited says where, and can be decided on once it does again',
    run: () =>
      withEcho(async (file, text) => {
        writeFileSync(file, `${text}// mended\n`);
        const { started } = runAsking(file);
        const session = await asking();
        await edit(file, (builder) => builder.insert(new vscode.Position(1, 0), 'const = 1;\n'));
        const problem = await until('the problem', () => session.current().problem ?? undefined);
        assert.equal(problem.line, 2);
        assert.equal(session.current().run, null);
        await edit(file, (builder) => builder.delete(new vscode.Range(1, 0, 2, 0)));
        const digest = await until('the preview', () => session.current().run?.preview.script.digest);
        assert.equal(session.current().problem, null);
        await session.decide('once', digest);
        await closeTabs();
        await ended(started);
      }),
  },
  {
    name: 'a file that somebody else changes at that moment is not run; the preview is renewed, and then it is',
    run: () =>
      withEcho(async (file, text) => {
        writeFileSync(file, `${text}// seen\n`);
        const { started } = runAsking(file);
        const session = await asking();
        const seen = digestOf(session);
        writeFileSync(file, `${text}// of somebody else\n`);
        await assert.rejects(session.decide('run', seen), /has changed since you looked at it/);
        const fresh = await until('the preview of what is there', () => {
          const { stale, run } = session.current();
          return !stale && run?.preview.script.digest !== seen && run?.preview.script.digest;
        });
        await session.decide('once', fresh);
        await closeTabs();
        assert.match((await runs()).script(await ended(started)), /of somebody else/);
      }),
  },
  {
    name: 'Always for This Version is kept with the person, for every window, and for that version alone',
    run: () =>
      withEcho(async (file, text) => {
        writeFileSync(file, `${text}// always\n`);
        const { started } = runAsking(file);
        const digest = digestOf(await asking());
        await command('counterpoint.approveAlways');
        await ended(started);
        const version = { workspace: (await runs()).workspace, digest };
        try {
          assert.equal(await new Approvals().has(version), true);
          await runsUnasked(file);
          writeFileSync(file, `${text}// not this one\n`);
          const other = runAsking(file);
          await asking();
          await command('counterpoint.cancelApproval');
          assert.equal(await other.started, undefined);
          // As another window would have approved it.
          writeFileSync(file, `${text}// approved elsewhere\n`);
          const { preview } = await previewOf(file);
          const elsewhere = { ...version, digest: preview.script.digest };
          await new Approvals().add(elsewhere, 'echo');
          try {
            await runsUnasked(file);
          } finally {
            await new Approvals().remove(elsewhere);
          }
        } finally {
          await new Approvals().remove(version);
        }
      }),
  },
  {
    name: 'a bundled script runs unasked, but above the limits of the settings, which a null takes away',
    async run() {
      const { bundled } = await api();
      const sweep = join(bundled, 'bug-sweep.js');
      await withSetting('askAboveAgents', 3, async () => {
        const { started } = runAsking(sweep);
        const { approval } = (await asking()).current();
        assert.match(approval?.reasons.join() ?? '', /^It will likely send out \d+ agents; you are asked above 3\.$/);
        await command('counterpoint.cancelApproval');
        await started;
      });
      await withSetting('askAboveAgents', null, async () => {
        const runId = await runAsking(sweep).started;
        assert(runId);
        await (await runs()).stop(runId);
      });
    },
  },
  {
    name: 'Preview Workflow… shows what a script would do and asks nothing; one that waits for a decision is brought to the front',
    async run() {
      await closeTabs();
      const file = pathOf('.claude/workflows/team.js');
      await command('counterpoint.previewWorkflow', file);
      await until('the preview', () => tabs().some(({ label }) => label === 'Preview: team.js'));
      // It leaves the focus where it was.
      await vscode.commands.executeCommand('workbench.action.focusLastEditorGroup');
      const { previews } = await api();
      const alone = await until('its figures', () => previews.active()?.current().run ?? undefined);
      assert.equal(alone.preview.agents.likely, 4);
      assert.equal(previews.active()?.current().approval, null);
      await closeTabs();
      const { started } = runAsking(file);
      const asked = await asking();
      await command('counterpoint.previewWorkflow', file);
      assert.equal(previews.active(), asked);
      await command('counterpoint.cancelApproval');
      await started;
    },
  },
];

async function previewOf(file: string) {
  const { previewScript } = await import('../../../extension/planner/preview.ts');
  return previewScript(await runs(), { script: file, provider: 'builtin', mayRead: true });
}
