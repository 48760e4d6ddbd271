import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runPanel } from './goal-person-tests.ts';
import { type Desk, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';

const PROMPT = 'Hold the mender';
const MENDER = `export const meta = { name: 'mender', description: 'One agent that edits in a worktree.' };
return { report: '# ' + (await agent('${PROMPT}', { isolation: 'worktree' })) };
`;
const MENDED = 'A small shop, mended.';

/** What an agent changed in its worktree comes into the workspace when a person says so. */
export function applyTests({ window, pictures, workspace, api, approve }: Desk): HostTest[] {
  const script = join(workspace, '.claude/workflows/mender.js');
  const readme = join(workspace, 'README.md');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace, stdio: 'pipe' });
  return [
    {
      name: 'Apply Changes… shows the diff and asks with the number of files; what is applied is in the workspace',
      async run() {
        const before = await readFile(readme, 'utf8');
        git('init', '--quiet');
        git('add', 'README.md');
        git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '--quiet', '--message=first');
        await approve(MENDER);
        await writeFile(script, MENDER);
        await startRun(window, 'mender', 'Claude Haiku');
        const input = { path: 'README.md', edits: [{ old: 'A small shop.', new: MENDED }] };
        await api.release(PROMPT, { tools: [{ name: 'edit_file', input }] });
        await api.release(PROMPT);
        const run = await runPanel(window, 'mender');
        await run.locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        assert.equal(await readFile(readme, 'utf8'), before);
        await window.runAndPick('Counterpoint: Apply Changes…', PROMPT);
        const dialog = window.dialog(`Apply what “${PROMPT}” changed to the workspace, in 1 file?`);
        await dialog.getByText('README.md').waitFor();
        await window.page.locator('.view-lines', { hasText: `+${MENDED}` }).waitFor();
        await window.screenshot(join(pictures, 'apply-changes.png'));
        await dialog.getByRole('button', { name: 'Apply', exact: true }).click();
        await window.notification('1 file of the workspace has changed.').waitFor();
        assert((await readFile(readme, 'utf8')).includes(MENDED));
        await writeFile(readme, before);
        for (const path of ['.git', '.claude/workflows/mender.js'])
          await rm(join(workspace, path), { recursive: true, force: true });
        await window.run('View: Close All Editors');
      },
    },
  ];
}
