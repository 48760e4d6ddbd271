import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointDesk } from './checkpoint-person-tests.ts';
import { CheckpointScreen, setTheme } from './checkpoint-screen.ts';
import { startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';

/** What VS Code would take for links, and what would reach into ours. */
const QUESTION = 'Click [here](command:workbench.action.terminal.new) or [there';
const CHOICE = '[Go](command:x)';
/** With brackets that mean nothing there, and as every message has it. */
const SHOWN = 'Click (here) (command:workbench.action.terminal.new) or (there';
const SHOWN_CHOICE = '(Go) (command:x)';

const BAIT = `export const meta = { name: 'bait', description: 'Asks what is no good, and one thing more.' };
const choices = ${JSON.stringify([CHOICE, 'Stay'])};
const answers = await Promise.all([${JSON.stringify(QUESTION)}, 'And then?'].map((question) => checkpoint(question, { choices })));
return { report: '# Bait', answers };
`;
const ASIDE = `export const meta = { name: 'aside', description: 'Asks for itself.' };
return { report: '# Aside', answer: await checkpoint('Elsewhere?', { choices: ['Left', 'Right'] }) };
`;

/** The messages of questions, with hostile text and of two runs at once, and what the row of a run offers. */
export function messageTests({ window, workspace, pictures, approve }: CheckpointDesk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `message-${name}.png`));
  const [bait, aside] = ['bait', 'aside'].map((run) => new CheckpointScreen(window, run, workspace));
  assert(bait && aside);
  const asked = page.locator('.notification-toast', { hasText: ' asks: ' });
  return [
    {
      name: 'a message has no links but its own, whatever its question says',
      async run() {
        await approve(BAIT, ASIDE);
        await writeFile(join(workspace, '.claude/workflows/bait.js'), BAIT);
        await writeFile(join(workspace, '.claude/workflows/aside.js'), ASIDE);
        await window.run('View: Close All Editors');
        await window.run('Notifications: Clear All Notifications');
        await startRun(window, 'bait');
        await bait.message(SHOWN).waitFor();
        const links = bait.message(SHOWN).locator('a[href]');
        assert.deepEqual(await links.allTextContents(), [SHOWN_CHOICE, 'Stay', 'Answer…', 'Show\u00a0Run']);
        for (const link of await links.all())
          assert.match((await link.getAttribute('href')) ?? '', /^command:counterpoint\.checkpoint\.link\?\d+$/);
        for (const theme of ['Light High Contrast', 'Dark 2026']) {
          await setTheme(window, theme);
          await picture(theme.toLowerCase().replaceAll(' ', '-'));
        }
      },
    },
    {
      name: 'of several questions one is told at a time, and the next when that before it went',
      async run() {
        await startRun(window, 'aside');
        await window.statusBar('3 questions').waitFor();
        assert.equal(await asked.count(), 1);
        await bait.message(SHOWN).getByRole('link', { name: 'Answer…' }).click();
        await window.pick('Stay');
        await page.locator('.quick-input-widget input[placeholder^="Comment"]').waitFor();
        await window.enter();
        await bait.message('And then?').waitFor();
        await bait.message(SHOWN).waitFor({ state: 'hidden' });
        assert.equal(await asked.count(), 1);
      },
    },
    {
      name: 'Answer Checkpoint… of the row of a run offers what that run asks, and nothing else',
      async run() {
        await bait.openView();
        const runs = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Runs' }) });
        await runs.locator('.monaco-list-row', { hasText: 'bait' }).first().click({ button: 'right' });
        await window.choose('Answer Checkpoint…');
        await window.row('And then?').waitFor();
        assert.equal(await page.locator('.quick-input-list .monaco-list-row').count(), 1);
        await picture('row-of-a-run');
        await window.pick('And then?');
        await window.pick('Stay');
        await page.locator('.quick-input-widget input[placeholder^="Comment"]').waitFor();
        await window.enter();
        await aside.message('Elsewhere?').waitFor();
        assert.deepEqual(bait.answers(), [{ choice: 'Stay' }, { choice: 'Stay' }]);
      },
    },
    {
      name: 'Show Run of a message shows the question and leaves the message; a run that is stopped asks no more',
      async run() {
        await window.run('View: Close All Editors');
        await aside.message('Elsewhere?').getByRole('link', { name: 'Show Run' }).click();
        await (await aside.panel()).locator('.card.checkpoint', { hasText: 'Elsewhere?' }).waitFor();
        await aside.message('Elsewhere?').waitFor();
        await window.run('Counterpoint: Stop Run');
        await window.dialog('Stop “aside”?').getByRole('button', { name: 'Stop' }).click();
        await aside.message('Elsewhere?').waitFor({ state: 'hidden' });
      },
    },
  ];
}
