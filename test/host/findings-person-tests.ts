import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sarifProblems } from '../support/sarif-problems.ts';
import { CheckpointScreen } from './checkpoint-screen.ts';
import { preview, runPanel } from './goal-person-tests.ts';
import { type Desk, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';

/** Has something to say about a line that is there, and about a file that is not. */
const NOTES = `export const meta = { name: 'notes', description: 'Says something about lines.' };
const comments = [
  { file: 'src/server.js', line: 7, severity: 'high', title: 'Input reaches a shell', body: 'The host is not checked.' },
  { file: 'src/none.js', line: 1, title: 'Nowhere' },
];
return { report: '# Notes', comments };
`;

/** What a run found is seen at its lines, and kept. */
export function findingTests({ window, pictures, workspace }: Desk): HostTest[] {
  const saved = join(workspace, 'security-audit.sarif');
  const screen = new CheckpointScreen(window, 'notes', workspace);
  return [
    {
      name: 'what a run says about lines stands there as comments, until it is dismissed',
      async run() {
        await window.run('View: Close All Editors');
        await writeFile(join(workspace, '.claude/workflows/notes.js'), NOTES);
        await startRun(window, 'notes');
        const asked = await preview(window, 'notes.js');
        await asked.locator('.ask-decisions').getByRole('button', { name: 'Run Once', exact: true }).click();
        const run = await runPanel(window, 'notes');
        await run.locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        await window.run('Counterpoint: Show Findings as Comments');
        await window.notification('1 finding stands at its line. 1 more could not be placed.').waitFor();
        await screen.openFile('server.js');
        // VS Code lists them below, too.
        await window.page.locator('.part.panel', { hasText: 'Input reaches a shell' }).waitFor();
        await window.page.locator('.comment-range-glyph.comment-thread-unresolved').first().click();
        const comment = screen.comment('Input reaches a shell');
        await comment.waitFor();
        await window.screenshot(join(pictures, 'findings.png'));
        await comment.getByLabel('Dismiss Finding').click();
        await comment.waitFor({ state: 'hidden' });
        await rm(join(workspace, '.claude/workflows/notes.js'));
        await window.run('View: Hide Panel');
        await window.run('Notifications: Clear All Notifications');
      },
    },
    {
      name: 'Save Findings as SARIF… writes what other tools read, where the person says, and nothing where they turn away',
      async run() {
        await startRun(window, 'security-audit');
        const run = await runPanel(window, 'security-audit');
        await run.locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        const dialog = window.page.locator('.quick-input-title', { hasText: 'Save Findings as SARIF' });
        await window.run('Counterpoint: Save Findings as SARIF…');
        await dialog.waitFor();
        await window.page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        assert(!existsSync(saved));
        await window.run('Counterpoint: Save Findings as SARIF…');
        await dialog.waitFor();
        await window.page.locator('.quick-input-action .monaco-button', { hasText: 'OK' }).click();
        const told = window.notification('The findings are saved in security-audit.sarif.');
        await told.waitFor();
        await window.screenshot(join(pictures, 'findings-saved.png'));
        const log = JSON.parse(await readFile(saved, 'utf8'));
        assert.deepEqual(sarifProblems(log), []);
        assert(log.runs[0].results.length > 3);
        await told.getByRole('button', { name: 'Open' }).click();
        await window.tab('security-audit.sarif').waitFor();
        await window.run('View: Close All Editors');
        await rm(saved);
      },
    },
  ];
}
