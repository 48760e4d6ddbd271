import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointScreen, setTheme } from './checkpoint-screen.ts';
import { type Desk, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';

/** What makes agents of this window ask before they write, whatever else they may. */
export const ASKING = {
  'counterpoint.profile': 'trusted',
  'counterpoint.permissions': { allow: [], ask: ['write_file'], deny: [] },
};

const PROMPT = 'Hold the writer';
const WRITER = `export const meta = { name: 'writer', description: 'One agent that writes files.' };
return { report: '# ' + (await agent('${PROMPT}')) };
`;

/** An agent wants to write files, and is answered in each place where that is asked, in each of the four ways. */
export function permissionTests({ window, pictures, workspace, api, approve }: Desk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `permission-${name}.png`));
  const screen = new CheckpointScreen(window, 'writer', workspace);
  const message = window.notification('asks: may it change');
  /** The agent wants to write this file: a question, where that is not allowed yet. */
  const wants = (path: string) =>
    api.release(PROMPT, { tools: [{ name: 'write_file', input: { path, content: `${path}\n` } }] });
  const isWritten = async (path: string) => {
    const file = join(workspace, path);
    for (const end = Date.now() + 10_000; !existsSync(file); await page.waitForTimeout(50))
      assert(Date.now() < end, `${path} was not written`);
    assert.equal(readFileSync(file, 'utf8'), `${path}\n`);
  };
  const isGone = async () => {
    await message.waitFor({ state: 'hidden' });
    await window.statusBar('1 question').waitFor({ state: 'hidden' });
    await screen.row('may it change').waitFor({ state: 'hidden' });
  };
  return [
    {
      name: 'a tool call that needs a permission waits on its node, in the view, in a message and in the status bar; its node denies it',
      async run() {
        await approve(WRITER);
        await writeFile(join(workspace, '.claude/workflows/writer.js'), WRITER);
        await window.run('View: Close All Editors');
        await window.run('Notifications: Clear All Notifications');
        await screen.openView();
        await startRun(window, 'writer', 'Claude Haiku');
        await wants('one.txt');
        const card = (await screen.panel()).locator('.card', { hasText: PROMPT });
        await card.getByRole('button', { name: /^Deny/ }).waitFor();
        await message.waitFor();
        await window.statusBar('1 question').waitFor();
        await screen.row('may it change one.txt?').waitFor();
        await setTheme(window, 'Dark 2026');
        await picture('everywhere');
        await page.setViewportSize({ width: 700, height: 900 });
        await picture('everywhere-narrow');
        await page.setViewportSize({ width: 1400, height: 900 });
        await card.getByRole('button', { name: /^Deny/ }).click();
        await isGone();
        assert(!existsSync(join(workspace, 'one.txt')));
      },
    },
    {
      name: 'it is allowed once by a row of the view, and by the side for the rest of the run',
      async run() {
        await wants('two.txt');
        await screen.row('may it change two.txt?').waitFor();
        await screen.row('Allow Once').click();
        await isWritten('two.txt');
        await isGone();
        await wants('three.txt');
        await window.statusBar('1 question').click();
        const side = (await screen.panel()).locator('.side .permission');
        await side.getByText('three.txt', { exact: true }).first().waitFor();
        await picture('side');
        await side.getByRole('button', { name: 'Allow for This Run' }).click();
        await isWritten('three.txt');
        await isGone();
      },
    },
    {
      name: 'a link of its message allows it for this version of the script, and what was allowed is not asked again',
      async run() {
        await wants('four.txt');
        await message.getByRole('link', { name: 'Always for This Version' }).click();
        await isWritten('four.txt');
        await isGone();
        for (const path of ['three.txt', 'four.txt']) await wants(path);
        await api.release(PROMPT);
        await (await screen.panel()).locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        assert.equal(await message.count(), 0);
        await picture('answered');
        for (const path of ['two.txt', 'three.txt', 'four.txt', '.claude/workflows/writer.js'])
          await rm(join(workspace, path));
        await window.run('View: Close All Editors');
      },
    },
  ];
}
