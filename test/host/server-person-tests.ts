import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Desk, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';
import { textOf } from './window.ts';

const ASKS = `export const meta = { name: 'served', description: 'One agent that names a tool of a server.' };
return { report: '# ' + (await agent('Say hello.', { agentType: 'served' })) };
`;
const AGENT = '---\nname: served\ndescription: Has a server.\ntools: Read, mcp__odd__x\n---\nYou say hello.\n';
/** What a repository may write to look like something else, and to have a terminal opened. */
const ODD = '\u202e[Click](command:workbench.action.terminal.new) <b>bold</b> $(check)';
const SHOWN = String.raw`"\u202e[Click](command:workbench.action.terminal.new) <b>bold</b> $(check)"`;

/** Whether the MCP servers of a folder may be started is asked with all that their definition says. */
export function serverTests({ window, pictures, workspace, approve }: Desk): HostTest[] {
  const { page } = window;
  const started = join(workspace, 'started.txt');
  const dialog = window.dialog('An agent needs the MCP server “odd”. Start it?');
  const mayBe = window.dialog('May the MCP server “odd” be started');
  /** A server that leaves a trace when it is started, and one that nobody can start; an argument more makes another definition. */
  const define = (...more: string[]) => {
    const script = `require('node:fs').appendFileSync(${JSON.stringify(started)}, '+')`;
    const needy = { command: 'needy', args: ['$' + '{COUNTERPOINT_NEVER_SET}'] };
    const odd = { command: process.execPath, args: ['-e', script, ODD, ...more] };
    return writeFile(join(workspace, '.mcp.json'), JSON.stringify({ mcpServers: { odd, needy } }, null, 2));
  };
  const ends = async () =>
    (await window.webview('.top-bar .run-name:has-text("served")'))
      .locator('.top-bar .pill', { hasText: 'completed' })
      .waitFor();
  return [
    {
      name: 'a server is started by nobody but a person, who sees its whole definition as it is; Enter does not start it',
      async run() {
        await approve(ASKS);
        await writeFile(join(workspace, '.claude/workflows/served.js'), ASKS);
        await mkdir(join(workspace, '.claude/agents'), { recursive: true });
        await writeFile(join(workspace, '.claude/agents/served.md'), AGENT);
        await define();
        await window.run('View: Close All Editors');
        await startRun(window, 'served', 'Claude Haiku');
        await dialog.getByText('.mcp.json, line 3, defines it').waitFor();
        const seen = dialog.locator('.dialog-message-detail');
        assert((await textOf(seen)).includes(SHOWN));
        assert.equal(await seen.locator('a, b').count(), 0);
        await window.screenshot(join(pictures, 'server-asked.png'));
        await page.setViewportSize({ width: 700, height: 900 });
        await window.screenshot(join(pictures, 'server-asked-narrow.png'));
        await page.setViewportSize({ width: 1400, height: 900 });
        await page.keyboard.press('Enter');
        await ends();
        assert(!existsSync(started));
      },
    },
    {
      name: 'who looks through the servers sees how each stands, allows one by its whole definition, and takes that back',
      async run() {
        await window.run('Counterpoint: MCP Servers…');
        await window.step('1/2');
        assert.match(await textOf(window.row('needy')), /COUNTERPOINT_NEVER_SET is not set/);
        assert.match(await textOf(window.row('odd')), /not started in this window: you said no/);
        await window.screenshot(join(pictures, 'servers.png'));
        await window.pick('odd');
        await window.step('2/2');
        await window.screenshot(join(pictures, 'servers-odd.png'));
        await window.pick('Allow…');
        assert((await textOf(mayBe.locator('.dialog-message-detail'))).includes(SHOWN));
        await window.screenshot(join(pictures, 'servers-allow.png'));
        await mayBe.getByRole('button', { name: 'Always for This Definition' }).click();
        await window.notification('“odd” is allowed from now on').waitFor();
        await window.runAndPick('Counterpoint: MCP Servers…', 'odd');
        await window.pick('Forbid');
        await window.notification('“odd” is not allowed any more').waitFor();
        await window.screenshot(join(pictures, 'servers-forbidden.png'));
        await window.run('Notifications: Clear All Notifications');
        assert(!existsSync(started));
      },
    },
    {
      name: 'a definition that has changed is asked about again, and started once a person says so',
      async run() {
        await window.run('View: Close All Editors');
        await define('more');
        await startRun(window, 'served', 'Claude Haiku');
        await dialog.getByRole('button', { name: 'Start Once' }).click();
        await ends();
        assert(existsSync(started));
        for (const path of ['.mcp.json', 'started.txt', '.claude/workflows/served.js', '.claude/agents'])
          await rm(join(workspace, path), { recursive: true });
      },
    },
  ];
}
