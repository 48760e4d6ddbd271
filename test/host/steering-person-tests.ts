import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { driveByCommandLine } from './command-line.ts';
import { preview } from './goal-person-tests.ts';
import type { HeldApi } from './held-api.ts';
import { type Desk, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';
import { textOf, type Window } from './window.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What a person does to runs at work, after what `personTests` did. */
export function steeringTests(desk: Desk): HostTest[] {
  return [...questionTests(desk), ...agentTests(desk), ...scriptTests(desk), ...takeOverTests(desk)];
}

function panelOf(window: Window, run: string) {
  return window.webview(`.top-bar .run-name:has-text("${run}")`);
}

async function pill(window: Window, run: string, status: string | RegExp): Promise<void> {
  await (await panelOf(window, run)).locator('.top-bar .pill', { hasText: status }).waitFor({ timeout: 30_000 });
}

function questionTests({ window, pictures }: Desk): HostTest[] {
  const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
  return [
    {
      name: 'a question of a run is told, and a link of the message answers it',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Notifications: Clear All Notifications');
        await startRun(window, 'release');
        const told = window.notification('“release” asks: Ship it?');
        await told.waitFor();
        await window.statusBar('1 question').waitFor();
        await picture('question');
        await told.getByRole('link', { name: 'Ship', exact: true }).click();
        await window.notification('“release” asks: How widely?').waitFor();
        await told.waitFor({ state: 'hidden' });
      },
    },
    {
      name: 'Answer Checkpoint… asks for each value, checks it, and goes back',
      async run() {
        await window.run('Counterpoint: Answer Checkpoint…');
        await window.row('How widely?').waitFor();
        await picture('answer-1-question');
        await window.pick('How widely?');
        await window.step('channel');
        assert.match(await textOf(window.quickTitle()), /2\/5/);
        await window.pick('beta');
        await window.step('percent');
        await window.type('0');
        await window.says('must be >= 1');
        await picture('answer-3-value');
        await window.back();
        await window.pick('stable');
        await window.step('percent');
        await window.type('50');
        await window.enter();
        await window.step('note');
        await window.enter();
        await window.step('5/5');
        await window.type('slowly');
        await picture('answer-5-comment');
        await window.enter();
        await pill(window, 'release', 'completed');
        await window.statusBar('1 question').waitFor({ state: 'hidden' });
      },
    },
    {
      name: 'the message of a question that was answered elsewhere goes, from the list of all, too',
      async run() {
        await window.notification('asks: How widely?').waitFor({ state: 'hidden' });
        await window.run('Notifications: Show Notifications');
        await window.page.locator('.notifications-center.visible').waitFor();
        assert.equal(await window.page.locator('.notification-list-item', { hasText: 'asks:' }).count(), 0);
        await picture('answered-elsewhere');
        await window.run('Notifications: Clear All Notifications');
      },
    },
  ];
}

function agentTests({ window, pictures, api }: Desk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
  return [
    {
      name: 'Pause Run holds the run of the panel back, and its tab and the status bar say so; the menu of its title lets it go',
      async run() {
        await startTeam(window, api);
        await window.run('Counterpoint: Pause Run');
        await window.tab('team').locator('.codicon-debug-pause').waitFor();
        await window.statusBar('1 run paused').waitFor();
        await pill(window, 'team', 'paused');
        await picture('paused');
        await page.locator('.editor-actions .codicon-toolbar-more').click();
        const menu = page.locator('.monaco-menu');
        await menu.getByText('Continue Run').waitFor();
        assert.equal(await menu.getByText('Pause Run').count(), 0);
        await picture('title-menu');
        await window.choose('Continue Run');
        await window.tab('team').locator('.codicon-sync').waitFor();
        await window.statusBar('1 run paused').waitFor({ state: 'hidden' });
      },
    },
    {
      name: 'Set Concurrency… takes only what can be, and keeps it',
      async run() {
        await window.run('Counterpoint: Set Concurrency…');
        await window.step('Set Concurrency: team');
        await window.type('300');
        await window.says('256 is the most');
        await window.type('2');
        await window.enter();
        await window.run('Counterpoint: Set Concurrency…');
        await window.step('Set Concurrency: team');
        assert.equal(await page.locator('.quick-input-widget input.input').first().inputValue(), '2');
        await page.keyboard.press('Escape');
      },
    },
    {
      name: 'Skip Agent… gives the script an answer that fits the schema of the agent',
      async run() {
        await window.run('Counterpoint: Skip Agent…');
        await window.row('Hold three').waitFor();
        await picture('pick-agent');
        await window.pick('Hold three');
        await window.step('Skip Agent: Hold three');
        await window.type('{"count": "many"}');
        await window.says('"count" must be integer');
        await picture('skip-agent');
        await window.type('{"count": 12}');
        await window.enter();
        await (await panelOf(window, 'team')).locator('.card.agent', { hasText: 'skipped' }).waitFor();
        await api.release('Hold three', { text: 'of a try that was given up' });
      },
    },
    {
      name: 'Send Message to Agent… is heard at its next turn',
      async run() {
        await window.runAndPick('Counterpoint: Send Message to Agent…', 'Hold one');
        await window.step('Send Message: Hold one');
        await window.type('Be brief.');
        await window.enter();
        await window.quickTitle().waitFor({ state: 'hidden' });
        await api.release('Hold one', { text: 'too long' });
        await heard(api, 'Be brief.');
      },
    },
    {
      name: 'an agent begins anew from the menu of its card',
      async run() {
        const card = (await panelOf(window, 'team')).locator('.card.agent', { hasText: 'Hold two' });
        await card.click({ button: 'right' });
        const entry = page.locator('.monaco-menu').getByText('Retry Agent');
        await entry.waitFor();
        await picture('agent-menu');
        await window.choose('Retry Agent');
        const tries = () => api.prompts().filter((prompt) => prompt.startsWith('Hold two')).length;
        while (tries() < 2) await page.waitForTimeout(50);
      },
    },
    {
      name: 'Stop Agent asks, then ends it',
      async run() {
        await window.runAndPick('Counterpoint: Stop Agent', 'Hold two');
        const dialog = window.dialog('Stop the agent “Hold two”?');
        await dialog.waitFor();
        await picture('stop-agent');
        await dialog.getByRole('button', { name: 'Stop' }).click();
        await (await panelOf(window, 'team')).locator('.card.agent', { hasText: 'stopped' }).waitFor();
      },
    },
    {
      name: 'a run that ends with failures tells them, and its message resumes it',
      async run() {
        await window.run('View: Close All Editors');
        await api.release('Hold one');
        const told = window.notification('“team” completed with failures');
        await told.waitFor();
        assert.match(await textOf(told), /2 agents skipped or stopped/);
        await picture('completed-with-failures');
        await told.getByRole('button', { name: 'Resume' }).click();
        await pill(window, 'team', 'running');
        await api.release('Hold two', { text: 'of a try that was given up' });
        await api.release('Hold two', { text: 'of another' });
        await api.release('Hold two');
        await pill(window, 'team', 'completed');
      },
    },
  ];
}

async function startTeam(window: Window, api: HeldApi): Promise<void> {
  await window.run('View: Close All Editors');
  await startRun(window, 'team', 'Claude Sonnet');
  await panelOf(window, 'team');
  while (api.load.now < 3) await window.page.waitForTimeout(50);
}

async function heard(api: HeldApi, text: string): Promise<void> {
  while (!api.prompts().some((prompt) => prompt.includes(text)))
    await new Promise((resolve) => setTimeout(resolve, 50));
}

function scriptTests({ window, pictures, workspace, api }: Desk): HostTest[] {
  const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
  return [
    {
      name: 'Replace Script… offers the edited script first, shows it, says what is kept, and goes on with it',
      async run() {
        const file = join(workspace, '.claude/workflows/team.js');
        await startTeam(window, api);
        await api.release('Hold one');
        await (await panelOf(window, 'team')).locator('.card.agent', { hasText: 'done' }).waitFor();
        await writeFile(file, (await readFile(file, 'utf8')).replace('Sum up.', 'Sum it all up.'));
        await window.run('Counterpoint: Replace Script…');
        await window.row('edited since').waitFor();
        await picture('replace-script');
        await window.pick('edited since');
        const asks = await preview(window, 'team.js');
        await asks.locator('.ask-reasons').getByText('1 finished agent is kept').waitFor();
        await picture('replace-script-asks');
        await asks.locator('.ask-decisions').getByRole('button', { name: 'Run Once', exact: true }).click();
        await window.tab('Preview: team.js').waitFor({ state: 'hidden' });
        // What is let go before that would still be the old script's.
        await pill(window, 'team', 'attempt 2');
        await api.release('Hold two');
        await api.release('Hold three', { tools: [{ name: 'answer', input: { count: 3 } }] });
        await pill(window, 'team', 'completed');
        await heard(api, 'Sum it all up.');
        assert.equal(api.prompts().at(-1), 'Sum it all up.');
      },
    },
    {
      name: 'Fork Run… begins a new run from a point of the old one',
      async run() {
        const asked = api.requests.length;
        await window.run('Counterpoint: Fork Run…');
        await window.row('Phase Sum up began').waitFor();
        await picture('fork-point');
        await window.pick('Phase Sum up began');
        await window.step('2/2');
        await window.back();
        await window.pick('Phase Sum up began');
        await window.pick('The script as it ran');
        // The script of the run is open by now, too.
        await window.page
          .locator('.tabs-container .tab', { hasText: /^team$/ })
          .nth(1)
          .waitFor();
        await pill(window, 'team', 'completed');
        assert.deepEqual(api.prompts().slice(asked), ['Sum it all up.']);
        await picture('forked');
      },
    },
  ];
}

function takeOverTests({ window, pictures, workspace }: Desk): HostTest[] {
  const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
  return [
    {
      name: 'a run whose command line dies is shown as interrupted, is offered, and is live again',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Notifications: Clear All Notifications');
        const { child } = await driveByCommandLine(ROOT, workspace, 'long-run');
        await window.runAndPick('Counterpoint: Show Run…', 'long-run');
        await pill(window, 'long-run', 'running');
        child.kill('SIGKILL');
        const offer = window.notification('“long-run”, started just now, was cut before its end');
        await offer.waitFor({ timeout: 20_000 });
        await pill(window, 'long-run', 'interrupted');
        await window.tab('long-run').locator('.codicon-debug-disconnect').waitFor();
        await picture('cut-and-offered');
        await offer.getByRole('button', { name: 'Resume' }).click();
        await pill(window, 'long-run', 'running');
        await window.tab('long-run').locator('.codicon-sync').waitFor();
        await picture('taken-over');
      },
    },
  ];
}
