import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { CodeServer } from './code-server.ts';
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
        await window.run('Counterpoint: Resume Run…');
        await window.notification('Workflows do not run in Restricted Mode').waitFor();
        assert.equal(await window.page.locator('.quick-input-list .monaco-list-row:visible').count(), 0);
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
