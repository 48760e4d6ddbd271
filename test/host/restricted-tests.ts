import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { CodeServer } from './code-server.ts';
import { preview } from './goal-person-tests.ts';
import { pickScript } from './person-tests.ts';
import type { HostTest } from './runner.ts';
import { textOf, type Window } from './window.ts';

export interface RestrictedDesk {
  window: Window;
  server: CodeServer;
  pictures: string;
  /** A folder with runs in it, which the person has not trusted. */
  workspace: string;
}

/** What works, and what does not, where the person has not said that the folder is trusted, or has opened none. */
export function restrictedTests({ window, server, pictures, workspace }: RestrictedDesk): HostTest[] {
  return [
    {
      name: 'in Restricted Mode an earlier run can be looked at',
      async run() {
        await server.load(window.page, workspace);
        await window.ready();
        await window.run('Counterpoint: Show Run…');
        // It is the oldest of many by now, and only the rows in sight exist.
        await window.type('bug-sweep');
        await window.pick('bug-sweep');
        const frame = await window.webview('.top-bar .run-name');
        assert.equal(await textOf(frame.locator('.run-name')), 'bug-sweep');
        await frame.locator('.card').first().waitFor();
      },
    },
    {
      name: 'in Restricted Mode nothing runs, and it is said why',
      async run() {
        await window.run('Counterpoint: Run Workflow…');
        await window.notification('Workflows do not run in Restricted Mode').waitFor();
        await window.screenshot(join(pictures, 'restricted.png'));
        // It says so again, in place of asking which run.
        await window.run('Notifications: Clear All Notifications');
        await window.notification('Workflows do not run in Restricted Mode').waitFor({ state: 'hidden' });
        for (const command of ['Resume Run…', 'Run Agent in Background…']) {
          await window.run(`Counterpoint: ${command}`);
          await window.notification('Workflows do not run in Restricted Mode').waitFor();
          await window.run('Notifications: Clear All Notifications');
          await window.notification('Workflows do not run in Restricted Mode').waitFor({ state: 'hidden' });
        }
        await window.page.locator('.quick-input-list .monaco-list-row').first().waitFor({ state: 'hidden' });
      },
    },
    {
      name: 'in Restricted Mode a workflow can be previewed, and may not be run from there',
      async run() {
        await window.run('Notifications: Clear All Notifications');
        await pickScript(window, 'Preview Workflow', 'team');
        const frame = await preview(window, 'team.js');
        await frame.getByRole('heading', { name: 'It may not run here' }).waitFor();
        assert.match(await textOf(frame.locator('.facts')), /4 agents/);
        await frame.locator('.card').first().waitFor();
        await window.screenshot(join(pictures, 'restricted-preview.png'));
        await frame.locator('.ask-decisions').getByRole('button', { name: 'Run', exact: true }).click({ force: true });
        await frame.locator('.ask-means', { hasText: 'Restricted Mode' }).waitFor();
        assert.equal(await window.statusBar('1 run').count(), 0);
        await frame.getByRole('link', { name: 'Manage Workspace Trust' }).click();
        await window.page.getByText('You are in Restricted Mode').waitFor();
      },
    },
    {
      name: 'without a folder Run Workflow says that one is needed',
      async run() {
        await server.load(window.page, null);
        await window.ready();
        await window.run('Counterpoint: Run Workflow…');
        await window.notification('Open a folder first').waitFor();
      },
    },
  ];
}
