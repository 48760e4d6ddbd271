import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import type { HeldApi } from './held-api.ts';
import type { HostTest } from './runner.ts';
import { textOf, type Window } from './window.ts';

export interface Desk {
  window: Window;
  /** Where screenshots go. */
  pictures: string;
  workspace: string;
  /** The model API that the window's runs reach. */
  api: HeldApi;
  /** Lets scripts with these texts run unasked. */
  approve(...texts: string[]): Promise<void>;
}

/** Not a key of anybody. */
const KEY = 'sk-ant-test-5e2d0c9b7a61';

/** Settings that keep VS Code's own side shows out of the pictures. */
export const QUIET = {
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  // In a browser VS Code saves by itself, on a desktop a person does.
  'files.autoSave': 'off',
};

const PANEL = '.top-bar .run-name';
/** Names of VS Code's themes, and the kind that each gives a webview. */
const THEMES = [
  ['Dark 2026', 'vscode-dark'],
  ['Light 2026', 'vscode-light'],
  ['Dark High Contrast', 'vscode-high-contrast'],
  ['Light High Contrast', 'vscode-high-contrast-light'],
] as const;

/** What a person does with the installed package, in one window, in this order. */
export function personTests({ window, pictures, workspace, api }: Desk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `${name}.png`));
  const panel = (run = 'bug-sweep') => window.webview(`${PANEL}:has-text("${run}")`);
  return [
    {
      name: 'Run Workflow… asks for script, args and model in three steps, and goes back',
      async run() {
        await window.run('Counterpoint: Run Workflow…');
        await window.row('broken').waitFor();
        assert.match(await textOf(window.quickTitle()), /Run Workflow.*1\/3/);
        assert.match(await textOf(window.row('broken')), /cannot run/);
        await picture('step-1-script');
        await window.pick('echo');
        await page.locator('.quick-input-title', { hasText: '2/3' }).waitFor();
        await window.type('{"paths": [');
        await page.locator('.quick-input-message', { hasText: 'not JSON' }).waitFor();
        await picture('step-2-args');
        await page.locator('.quick-input-widget .codicon-quick-input-back').click();
        await page.locator('.quick-input-title', { hasText: '1/3' }).waitFor();
        await window.type('/bug-sweep');
        await window.pick('/bug-sweep');
        await page.locator('.quick-input-title', { hasText: '2/3' }).waitFor();
        await window.pick('Run with the defaults');
        await window.row('built-in analyst (no AI model)').waitFor();
        assert.match(await textOf(window.quickTitle()), /3\/3/);
        await picture('step-3-model');
        await window.pick('built-in analyst (no AI model)');
        await panel();
        await picture('panel-running');
      },
    },
    {
      name: 'the panel shows the run to its end',
      async run() {
        const frame = await panel();
        assert.equal(await textOf(frame.locator(PANEL)), 'bug-sweep');
        await frame.locator('.top-bar .pill', { hasText: /completed/ }).waitFor({ timeout: 60_000 });
        for (const phase of ['Scout', 'Find', 'Challenge'])
          await frame.getByText(phase, { exact: false }).first().waitFor();
        assert.equal(await window.tab('bug-sweep').count(), 1);
        await picture('panel-finished');
      },
    },
    {
      name: 'a click on an agent shows its prompt, its tool calls and its answer',
      async run() {
        const frame = await panel();
        await frame.locator('.card.agent').first().click();
        const side = frame.locator('.side');
        for (const section of ['Prompt', 'Transcript', 'Answer'])
          await side.getByText(section, { exact: true }).first().waitFor();
        await side.getByText('list_directory').or(side.getByText('glob')).first().waitFor();
        await picture('panel-agent');
      },
    },
    {
      name: 'the line of the script opens from an agent',
      async run() {
        const frame = await panel();
        await frame.locator('.side button[title^="Open the script"]').first().click();
        await window.tab('bug-sweep.js').waitFor();
        await page.locator('.monaco-editor .view-lines', { hasText: 'agent(' }).first().waitFor();
        await window.tab('bug-sweep').click();
        await panel();
      },
    },
    {
      name: 'Open Report shows the report as Markdown',
      async run() {
        await window.runAndPick('Counterpoint: Show Run…', 'bug-sweep');
        await panel();
        await window.run('Counterpoint: Open Report');
        const report = await window.webview('.markdown-body h1');
        assert.match(await textOf(report.locator('.markdown-body')), /src\/server\.js/);
        await picture('report');
      },
    },
    {
      name: 'the panel and the report come back with the same content when the window is reloaded',
      async run() {
        const report = await textOf((await window.webview('.markdown-body h1')).locator('.markdown-body'));
        await window.tab('bug-sweep').click();
        const before = await contentOf(await panel());
        await window.reload();
        assert.deepEqual(await contentOf(await panel()), before);
        await window.tab('bug-sweep report').click();
        assert.equal(await textOf((await window.webview('.markdown-body h1')).locator('.markdown-body')), report);
      },
    },
    {
      name: 'Show Run… lists the runs with their status, and opens a panel that was closed',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Counterpoint: Show Run…');
        assert.match(await textOf(window.row('bug-sweep')), /completed.* · (just now|\d+ minutes? ago)/);
        await picture('show-run');
        await window.pick('bug-sweep');
        assert.equal(await textOf((await panel()).locator(PANEL)), 'bug-sweep');
      },
    },
    ...THEMES.map(([theme, kind]) => ({
      name: `the panel follows the theme ${theme}`,
      async run() {
        await window.run('Preferences: Color Theme');
        await window.type(theme);
        await window.pick(theme);
        const frame = await panel();
        await frame.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
        await frame.locator('.card').first().waitFor();
        await picture(`theme-${kind.replace('vscode-', '')}`);
      },
    })),
    {
      name: 'a run that the reload of the window cut is offered for resume, and goes on',
      async run() {
        await window.run('View: Close All Editors');
        await startRun(window, 'long-run');
        await (await panel('long-run')).locator('.top-bar .pill', { hasText: 'running' }).waitFor();
        await window.reload();
        const offer = window.notification('was cut before its end');
        await offer.waitFor({ timeout: 25_000 });
        await picture('resume-offer');
        await offer.getByRole('button', { name: 'Resume' }).click();
        await (await panel('long-run')).locator('.top-bar .pill', { hasText: 'running' }).waitFor();
        await page.locator('#counterpoint\\.counterpoint\\.counterpoint\\.running', { hasText: '1 run' }).waitFor();
      },
    },
    {
      name: 'Stop Run asks, then stops the run of the panel',
      async run() {
        await window.run('Counterpoint: Stop Run');
        const dialog = window.dialog('Stop “long-run”?');
        await dialog.waitFor();
        await picture('stop-run');
        await dialog.getByRole('button', { name: 'Stop' }).click();
        await (await panel('long-run')).locator('.top-bar .pill', { hasText: 'stopped' }).waitFor();
      },
    },
    {
      name: 'a script that does not parse opens at its error instead of running; the end of a run that nobody looks at is told, with its report at hand',
      async run() {
        await startRun(window, 'nap');
        await panel('nap');
        await window.run('View: Close All Editors');
        await window.runAndPick('Counterpoint: Run Workflow…', 'broken');
        await window.tab('broken.js').waitFor();
        await page.locator('.statusbar-item', { hasText: 'Ln 2, Col' }).waitFor();
        await window.notification('“broken” cannot run').waitFor();
        const told = window.notification('“nap” completed.');
        await told.waitFor();
        await picture('completed');
        await told.getByRole('button', { name: 'Open Report' }).click();
        await (await window.webview('.markdown-body h1')).getByRole('heading', { name: 'Rested' }).waitFor();
      },
    },
    {
      name: 'a key that was set lets Claude answer, and is written nowhere in the folder',
      async run() {
        await window.run('Counterpoint: Set Anthropic API Key…');
        await page.locator('.quick-input-title', { hasText: 'Set Anthropic API Key' }).waitFor();
        assert.equal(await page.locator('.quick-input-widget input.input').first().getAttribute('type'), 'password');
        await window.type(KEY);
        await window.enter();
        await startRun(window, 'ask', 'Claude Sonnet');
        const frame = await panel('ask');
        await frame.locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        assert.equal(api.requests[0]?.headers.authorization, `Bearer ${KEY}`);
        await picture('anthropic');
        await window.run('Counterpoint: Open Report');
        await (await window.webview('.markdown-body h1'))
          .getByRole('heading', { name: 'Hello from the model' })
          .waitFor();
        assert.deepEqual(await filesWith(workspace, KEY), []);
      },
    },
  ];
}

/** Starts a workflow in the three steps, without `args`. */
export async function startRun(
  window: Window,
  script: string,
  model = 'built-in analyst (no AI model)',
): Promise<void> {
  await pickScript(window, 'Run Workflow', script);
  await window.page.locator('.quick-input-title', { hasText: '2/3' }).waitFor();
  await window.enter();
  await window.pick(model);
}

/** Begins a command that asks for a script, and names it: of a long list only the rows in sight exist. */
export async function pickScript(window: Window, command: string, script: string): Promise<void> {
  await window.run(`Counterpoint: ${command}…`);
  await window.step(command);
  await window.type(`/${script}`);
  await window.pick(`/${script}`);
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}

/** What the panel says that time does not change. */
async function contentOf(frame: Frame): Promise<string[]> {
  await frame.locator('.top-bar .pill', { hasText: /completed/ }).waitFor();
  await frame.locator('.card').first().waitFor();
  const texts = await frame.locator('.top-bar, .card').allTextContents();
  return texts.map((text) => text.replace(/\s+/g, ' '));
}
