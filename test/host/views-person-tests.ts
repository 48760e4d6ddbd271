import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { CodeServer } from './code-server.ts';
import { driveByCommandLine } from './command-line.ts';
import type { HostTest } from './runner.ts';
import { textOf, Window } from './window.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface ViewsDesk {
  window: Window;
  server: CodeServer;
  pictures: string;
  workspace: string;
  /** A folder with nothing in it. */
  empty: string;
}

/** The part of the side bar that shows one view. */
function pane(page: Page, title: string): Locator {
  return page.locator('.pane', { has: page.locator('.pane-header', { hasText: title }) }).first();
}

function row(page: Page, view: string, text: string | RegExp): Locator {
  return pane(page, view).locator('.monaco-list-row', { hasText: text }).first();
}

/** Clicks an action at the end of a row, which is there while somebody points at it. */
async function act(of: Locator, icon: string): Promise<void> {
  await of.hover();
  await of.locator(`.action-label.codicon-${icon}`).click();
}

async function openContainer(page: Page): Promise<void> {
  await page.locator('.activitybar .action-label[aria-label^="Counterpoint"]').click();
  await pane(page, 'Runs').waitFor();
}

/** A screen reader hears it, and so do we: the group that the row stands under. */
async function standsUnder(page: Page, group: string, run: string): Promise<void> {
  const rows = pane(page, 'Runs').locator('.monaco-list-row');
  const end = Date.now() + 20_000;
  for (;;) {
    const labels = await rows.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
    const at = labels.findIndex((label) => label.startsWith(run));
    const above = labels.slice(0, at).findLast((label) => /, \d+ runs?/.test(label));
    if (at > 0 && above?.startsWith(group)) return;
    if (Date.now() > end) throw new Error(`${run} does not stand under ${group}:\n${labels.join('\n')}`);
    await page.waitForTimeout(100);
  }
}

/** What a person does with the views of the activity bar. */
export function viewsTests(desk: ViewsDesk): HostTest[] {
  return [...welcomeTests(desk), ...runTests(desk), ...movedTests(desk)];
}

/** They begin in the folder with nothing in it. */
function welcomeTests({ window, server, pictures, workspace }: ViewsDesk): HostTest[] {
  const { page } = window;
  return [
    {
      name: 'in a folder without runs the views say what there is, and offer the first run',
      async run() {
        await openContainer(page);
        const welcome = pane(page, 'Runs').locator('.welcome-view-content');
        await welcome.getByText('No run yet.').waitFor();
        await row(page, 'Workflows', 'None yet').waitFor();
        await row(page, 'Workflows', 'bug-sweep').waitFor();
        await window.screenshot(join(pictures, 'views-welcome.png'));
        await welcome.getByRole('button', { name: 'Run Workflow…' }).click();
        await window.step('1/3');
        await page.keyboard.press('Escape');
      },
    },
    {
      name: 'without a folder the views offer to open one',
      async run() {
        await server.load(page, null);
        await window.ready();
        await openContainer(page);
        for (const view of ['Runs', 'Workflows'])
          await pane(page, view).getByRole('button', { name: 'Open Folder' }).waitFor();
        await window.screenshot(join(pictures, 'views-no-folder.png'));
        await server.load(page, workspace);
        await window.ready();
        await openContainer(page);
      },
    },
  ];
}

function runTests({ window, pictures, workspace }: ViewsDesk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
  return [
    {
      name: 'a workflow runs from its row, and only the rest is asked',
      async run() {
        const script = row(page, 'Workflows', 'long-run');
        await script.waitFor();
        await picture('views-workflows');
        await act(script, 'play');
        await window.step('Run Workflow: long-run (1/2)');
        await window.enter();
        await window.pick('built-in analyst (no AI model)');
        await standsUnder(page, 'Running', 'long-run');
        await window.statusBar('1 run').waitFor();
        await picture('views-running');
      },
    },
    {
      name: 'a run pauses by the action of its row, goes on by the key of the view, and moves from group to group',
      async run() {
        await act(row(page, 'Runs', 'long-run'), 'debug-pause');
        await standsUnder(page, 'Paused', 'long-run');
        await window.statusBar('1 run paused').waitFor();
        await picture('views-paused');
        await row(page, 'Runs', 'long-run').click();
        await window.run('Counterpoint: Focus on Runs View');
        await pane(page, 'Runs').locator('.monaco-list-row.focused.selected', { hasText: 'long-run' }).waitFor();
        await page.keyboard.press('Shift+Alt+P');
        await standsUnder(page, 'Running', 'long-run');
      },
    },
    {
      name: 'the menu of a row has the commands of its run, and stopping from its action asks first',
      async run() {
        await row(page, 'Runs', 'long-run').click({ button: 'right' });
        const menu = page.locator('.monaco-menu');
        for (const entry of ['Pause Run', 'Stop Run', 'Set Caps…', 'Fork Run…']) await menu.getByText(entry).waitFor();
        assert.equal(await menu.getByText('Continue Run').count(), 0);
        await picture('views-menu');
        await page.keyboard.press('Escape');
        await act(row(page, 'Runs', 'long-run'), 'debug-stop');
        const dialog = window.dialog('Stop “long-run”?');
        await dialog.waitFor();
        await dialog.getByRole('button', { name: 'Stop' }).click();
        await standsUnder(page, 'Today', 'long-run, stopped');
        assert.match(await textOf(row(page, 'Runs', 'long-run')), /stopped/);
      },
    },
    {
      name: 'a run of a command line appears, moves and ends in the view by itself',
      async run() {
        const { child } = await driveByCommandLine(ROOT, workspace, 'nap');
        await standsUnder(page, 'Running', 'nap');
        await standsUnder(page, 'Today', 'nap, completed');
        const tooltip = page.locator('.monaco-hover', { hasText: 'Started' });
        // A row that has just moved under the pointer tells nothing until the pointer moves.
        for (let tries = 0; tries < 12 && !(await tooltip.isVisible()); tries++) {
          await pane(page, 'Workflows').locator('.pane-header').hover();
          await row(page, 'Runs', 'nap').hover();
          await tooltip.waitFor({ timeout: 1_500 }).catch(() => undefined);
        }
        await tooltip.waitFor();
        await picture('views-tooltip');
        child.kill();
      },
    },
    {
      name: 'a click on a run opens its panel',
      async run() {
        await window.run('View: Close All Editors');
        await row(page, 'Runs', 'nap').click();
        const frame = await window.webview('.top-bar .run-name:has-text("nap")');
        assert.equal(await textOf(frame.locator('.top-bar .run-name')), 'nap');
      },
    },
  ];
}

function movedTests({ window, pictures }: ViewsDesk): HostTest[] {
  const { page } = window;
  return [
    {
      name: 'a panel in a window of its own shows its run, and keys and commands reach it there',
      async run() {
        await act(row(page, 'Runs', 'long-run'), 'debug-rerun');
        await standsUnder(page, 'Running', 'long-run');
        await window.webview('.top-bar .run-name:has-text("long-run")');
        const opened = page.context().waitForEvent('page');
        await window.run('View: Move Editor into New Window');
        const moved = new Window(await opened);
        const frame = await moved.webview('.top-bar .run-name:has-text("long-run")');
        await frame.locator('.top-bar .pill', { hasText: 'running' }).waitFor();
        await frame.locator('.top-bar').click();
        await moved.page.keyboard.press('Shift+Alt+P');
        await frame.locator('.top-bar .pill', { hasText: 'paused' }).waitFor();
        await moved.screenshot(join(pictures, 'moved-window.png'));
        await standsUnder(page, 'Paused', 'long-run');
        await moved.page.keyboard.press('Shift+Alt+S');
        // VS Code asks in the window that had the focus last, which is this one, or the one it came from.
        await Promise.any(
          [moved, window].map((place) =>
            place.dialog('Stop “long-run”?').getByRole('button', { name: 'Stop', exact: true }).click(),
          ),
        );
        await frame.locator('.top-bar .pill', { hasText: 'stopped' }).waitFor();
        await moved.page.close();
      },
    },
  ];
}

/** In a window that the person has not said to trust, on the folder with nothing in it. */
export function restrictedViewsTests({ window, pictures, empty }: ViewsDesk): HostTest[] {
  const { page } = window;
  return [
    {
      name: 'in Restricted Mode the views can be read, and say how to trust the folder',
      async run() {
        await openContainer(page);
        await pane(page, 'Runs').getByRole('button', { name: 'Manage Workspace Trust' }).waitFor();
        await row(page, 'Workflows', 'bug-sweep').waitFor();
        await window.screenshot(join(pictures, 'views-restricted.png'));
        await row(page, 'Workflows', 'bug-sweep').hover();
        assert.equal(await row(page, 'Workflows', 'bug-sweep').locator('.codicon-play').count(), 0);
      },
    },
    {
      name: 'what is previewed in Restricted Mode leaves no trace in the folder',
      async run() {
        const preview = async () => {
          await act(row(page, 'Workflows', 'bug-sweep'), 'open-preview');
          return await window.webview('.preview-pill.is-planned', 10_000);
        };
        // Of a view that is just filled anew VS Code does not tell which row was meant, and the command asks.
        const frame = await preview().catch(async () => {
          await page.keyboard.press('Escape');
          return await preview();
        });
        await frame.getByRole('heading', { name: 'It may not run here' }).waitFor();
        assert.deepEqual(readdirSync(empty), []);
        // The view has looked again by now.
        assert(await pane(page, 'Runs').getByRole('button', { name: 'Manage Workspace Trust' }).isVisible());
      },
    },
  ];
}
