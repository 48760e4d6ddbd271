import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import { installOsSandbox } from '../../scripts/os-sandbox.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';
import { type Call, escapeRun, expectDenied, order, rules } from './escape-run.ts';
import { HELPERS, HIDDEN_LINES, OTHER_LINES } from './hidden-lines.ts';

beforeAll(installOsSandbox, 120_000);

function bash(command: string): Call {
  return { name: 'bash', input: { command } };
}

const wantedLines = [...HIDDEN_LINES, ...OTHER_LINES].map(bash);

test('the lines do what they hide', () => {
  const folder = tempDir();
  writeFiles(folder, { 'a.txt': 'one\n' });
  const run = (command: string): boolean => {
    const env = { PATH: '/usr/bin:/bin', HOME: folder, LC_ALL: 'C.UTF-8' };
    rmSync(join(folder, 'escaped'), { force: true });
    try {
      execFileSync('/bin/bash', ['--noprofile', '--norc', '-c', command], {
        cwd: folder,
        env,
        stdio: 'ignore',
        timeout: 5_000,
      });
    } catch (error) {
      // Many of them end badly, when they have done it.
      if (!(error instanceof Error && 'status' in error)) throw error;
    }
    return existsSync(join(folder, 'escaped'));
  };
  run('git init -q && git add a.txt && git -c user.name=a -c user.email=a@b commit -qm one');
  writeFiles(folder, HELPERS);
  run('chmod +x bin/git');
  expect(HIDDEN_LINES.filter((line) => !run(line))).toEqual([]);
});

test('an agent that may run one command runs no other, however it is hidden in a line, and each try is told', async () => {
  const { workspace, obey } = await escapeRun();
  writeFiles(workspace, HELPERS);
  const allowed = bash('git status');
  const request = rules({ allow: ['bash(git status)'], deny: ['read_file(.env)'] });
  const obeyed = await obey([order(allowed, ...wantedLines)], request);
  expectDenied(obeyed, wantedLines);
  // Outside of a sandbox a person is asked about whatever a rule allows, too.
  if (!(await osSandbox()).available) expectDenied(obeyed, [allowed]);
  else {
    const done = obeyed.calls.filter(({ isError }) => !isError);
    expect(done).toMatchObject([{ ...allowed, content: expect.stringContaining('On branch main') }]);
  }
  expect(existsSync(join(workspace, 'escaped'))).toBe(false);
});

test('what an agent may do without a rule does not let it run what a rule denies, however it is hidden, and each try is told', async () => {
  const { workspace, obey } = await escapeRun();
  writeFiles(workspace, HELPERS);
  const wanted = HIDDEN_LINES.map(bash);
  const obeyed = await obey([order(...wanted)], { profile: 'trusted', ...rules({ deny: ['bash(touch *)'] }) });
  expectDenied(obeyed, wanted);
  expect(existsSync(join(workspace, 'escaped'))).toBe(false);
});

test('an agent that only looks has no shell, and each try is told', async () => {
  const { obey } = await escapeRun();
  expectDenied(await obey([order(...wantedLines)]), wantedLines);
});
