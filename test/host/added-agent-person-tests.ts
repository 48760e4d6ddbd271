import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Desk, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';
import { textOf } from './window.ts';

const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 700, height: 900 };

/** What a person hands out themselves, after what `steeringTests` did. */
export function addedAgentTests({ window, pictures, api }: Desk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
  const panel = (run: string) => window.webview(`.top-bar .run-name:has-text("${run}")`);
  return [
    {
      name: 'Add Agent… of the panel asks for a task and a model, keeps what was typed, and shows the agent that it sent out',
      async run() {
        await window.run('View: Close All Editors');
        await startRun(window, 'team', 'Claude Haiku');
        const frame = await panel('team');
        while (api.load.now < 3) await page.waitForTimeout(50);
        await frame.getByRole('button', { name: 'More actions' }).click();
        await picture('add-agent-menu');
        await frame.getByRole('menuitem', { name: 'Add Agent…' }).click();
        await window.step('Add Agent: team');
        await window.step('1/2');
        await window.type('Hold mine, and say where the token is');
        await picture('add-agent-1-task');
        await window.enter();
        await window.row('As the run').waitFor();
        await picture('add-agent-2-model');
        await window.back();
        await window.step('1/2');
        assert.equal(
          await page.locator('.quick-input-widget input.input').first().inputValue(),
          'Hold mine, and say where the token is',
        );
        await window.enter();
        await window.pick('As the run');
        await frame.locator('.card.agent', { hasText: 'Hold mine' }).waitFor();
        await frame.locator('.side').getByText('Hold mine').first().waitFor();
        await picture('added-agent');
        await page.setViewportSize(NARROW);
        await frame.locator('.side').getByText('Hold mine').first().waitFor();
        await picture('added-agent-700');
        await page.setViewportSize(WIDE);
        await api.release('Hold mine, and say where the token is');
        await frame.locator('.side').getByText('re: Hold mine').first().waitFor();
      },
    },
    {
      name: 'Shift+Alt+N adds one from the panel, and Escape at any step adds none',
      async run() {
        const asked = api.requests.length;
        await (await panel('team')).locator('.top-bar .pill').click();
        await page.keyboard.press('Shift+Alt+N');
        await window.step('Add Agent: team');
        await window.type('Nobody');
        await window.enter();
        await window.row('As the run').waitFor();
        await page.keyboard.press('Escape');
        await window.quickTitle().waitFor({ state: 'hidden' });
        assert.equal(api.requests.length, asked);
        for (const prompt of ['Hold one', 'Hold two']) await api.release(prompt);
        await api.release('Hold three', { tools: [{ name: 'answer', input: { count: 3 } }] });
        await (await panel('team')).locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
      },
    },
    {
      name: 'Run Agent in Background… works on the selected text, opens nothing, and tells with its report when it is done',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Notifications: Clear All Notifications');
        await page.keyboard.press('Control+P');
        await window.type('server.js');
        await window.pick('server.js');
        await window.tab('server.js').waitFor();
        await page.locator('.monaco-editor .view-lines', { hasText: 'passwordHash' }).first().click();
        await page.keyboard.press('Control+A');
        await window.run('Counterpoint: Run Agent in Background…');
        await window.row('Type a task about the selected text').waitFor();
        await picture('run-agent-1-source');
        await window.pick('Type a task about the selected text');
        await page.getByText('It gets the selected text').waitFor();
        await window.type('Hold the audit of this');
        await window.enter();
        await window.row('Edit in a worktree').waitFor();
        await picture('run-agent-2-profile');
        await window.pick('Read only');
        await window.row('Set Up a Model').waitFor();
        assert.equal(await window.row('built-in analyst (no AI model)').count(), 0);
        await picture('run-agent-3-model');
        await window.pick('Claude Haiku');
        await window.statusBar('1 run').waitFor();
        assert.equal(await window.tab('Hold the audit').count(), 0);
        await picture('run-agent-at-work');
        await api.release('Hold the audit of this', { text: 'It is **fine**.' });
        const told = window.notification('“Hold the audit of this” completed.');
        await told.waitFor();
        assert.match(api.prompts().at(-1) ?? '', /of src\/server\.js, lines 1 to 16;.*```\nimport \{ exec \}/s);
        await told.getByRole('button', { name: 'Open Report' }).click();
        const report = await window.webview('.markdown-body h1');
        assert.match(await textOf(report.locator('.markdown-body')), /Hold the audit of this\s+It is fine\./);
        await picture('run-agent-report');
      },
    },
  ];
}
