import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import { installOsSandbox } from '../../scripts/os-sandbox.ts';
import type { FakeScript } from '../support/fake-anthropic.ts';
import { promptOf } from '../support/run-harness.ts';
import { writeFiles } from '../support/workspace.ts';
import { type Call, escapeRun, expectDenied, order, rules } from './escape-run.ts';

beforeAll(installOsSandbox, 120_000);

/** Every tool that takes a path, on this one. */
function onAll(path: string, content = 'x'): Call[] {
  return [
    { name: 'read_file', input: { path } },
    { name: 'list_directory', input: { path } },
    { name: 'glob', input: { pattern: '**', path } },
    { name: 'grep', input: { pattern: '.', paths: [path] } },
    { name: 'write_file', input: { path, content } },
    { name: 'edit_file', input: { path, edits: [{ old: 'CANARY', new: content }] } },
  ];
}

/** Each leads to what no agent sees, and none of them says so in the same way. */
function ways(workspace: string, outside: string): string[] {
  return [
    '..',
    '../outside/secret.txt',
    './src/../../outside/secret.txt',
    'src/../../work/../outside/secret.txt',
    `${outside}/secret.txt`,
    `${workspace}/../outside/secret.txt`,
    '/etc/passwd',
    '//etc//passwd',
    '/proc/self/environ',
    '/proc/self/cwd/../outside/secret.txt',
    'links/to-file',
    'links/to-folder/secret.txt',
    'links/to-folder',
    '.env',
    './src/../.env',
    `${workspace}/.env`,
    'src/.env.local',
    'links/to-env',
    'keys/id_rsa',
    '.git',
    '.git/config',
    'src/../.git/config',
    'links/to-git',
    'links/to-git/config',
    '.git/hooks',
    '.counterpoint',
    'private/notes.txt',
    './private/../private/notes.txt',
    `${workspace}/private/notes.txt`,
    'private',
    '.env\u200b',
    '.EN\u2060V.prod',
    '\uff0egit/config',
    'PRIVATE/notes.txt',
  ];
}

/** Looking is allowed, and so is writing to a folder: whatever else is done is an escape. */
const FEW = rules({
  allow: ['write_file(notes/**)', 'edit_file(notes/**)'],
  deny: ['read_file(private/**)', 'write_file(private/**)'],
});

test('no name leads an agent to what is outside, git’s own, secret, or kept back by a rule, and each try is told', async () => {
  const { workspace, outside, obey } = await escapeRun();
  const spelled = { '.env\u200b': 'x', '.EN\u2060V.prod': 'x', '\uff0egit/config': 'x', 'PRIVATE/notes.txt': 'x' };
  writeFiles(workspace, spelled);
  const wanted = ways(workspace, outside).flatMap((path) => onAll(path));
  const request = FEW;
  // Two agents try half of them each, so that they come in each other's way, too.
  const half = wanted.length / 2;
  const obeyed = await obey([order(...wanted.slice(0, half)), order(...wanted.slice(half))], request);
  expectDenied(obeyed, wanted);
  expect(obeyed.calls).toHaveLength(wanted.length);
});

test('an agent that may write writes nothing that git, an editor or a shell would run, and each try is told', async () => {
  const { workspace, obey } = await escapeRun();
  const places = [
    '.git/hooks/pre-commit',
    '.git/info/attributes',
    '.git/config.worktree',
    '.GIT/hooks/post-checkout',
    '.git./hooks/post-checkout',
    'src/.git/hooks/pre-commit',
    '.gitmodules',
    '.husky/pre-commit',
    '.vscode/tasks.json',
    '.claude/settings.json',
    '.mcp.json',
    '.envrc',
    '.devcontainer/devcontainer.json',
    '.counterpoint/approvals.json',
    'links/to-git/hooks/pre-push',
    'links/to-folder/new.txt',
    '../outside/new.txt',
    '.env.local',
  ];
  const wanted = places.map((path) => ({ name: 'write_file', input: { path, content: 'echo ran' } }));
  // A name that means another one to some program is no try to get anywhere, and fails all the same.
  const odd = ['a\u0000b', 'a\nb', 'src/a\r.ts'].map((path) => ({ name: 'write_file', input: { path, content: 'x' } }));
  const obeyed = await obey([order(...wanted, ...odd)], { profile: 'trusted' });
  expectDenied(obeyed, wanted);
  expect(obeyed.calls.filter(({ isError }) => isError)).toHaveLength(wanted.length + odd.length);
  expect(readdirSync(workspace).sort()).toEqual(
    ['.counterpoint', '.env', '.git', 'keys', 'links', 'private', 'script.js', 'src'].sort(),
  );
});

test('links that an agent makes itself lead it nowhere', async () => {
  const { outside, obey } = await escapeRun();
  const made = [
    'made-file',
    'made-folder/secret.txt',
    'made-folder',
    'made-env',
    'made-git/config',
    'src/deep/secret.txt',
  ];
  const wanted = made.flatMap((path) => onAll(path, 'CHANGED'));
  const links = `ln -s ${outside}/secret.txt made-file; ln -s ../outside made-folder; ln -s .env made-env; ln -s .git made-git; ln -s ../../outside src/deep`;
  const command = `${links}; ls -l made-file; echo ${order(...wanted)}`;
  const first = { name: 'bash', input: { command } };
  const obeyed = await obey([order(first)], { profile: 'trusted' });
  if (!(await osSandbox()).available) return expectDenied(obeyed, [first]);
  expect(obeyed.calls[0]?.content).toContain('made-file -> ');
  expectDenied(obeyed, wanted);
});

const ROUNDS = 15;

/** One agent swaps files and folders for links as fast as it can, and the other goes through them meanwhile. */
const racing =
  (swap: string, calls: readonly Call[], hasBegun: () => boolean): FakeScript =>
  async (body) => {
    const rounds = body.messages.filter(({ role }) => role === 'assistant').length;
    if (promptOf(body) === 'swap') {
      return rounds === 0 ? { tools: [{ name: 'bash', input: { command: swap, timeout: 20 } }] } : { text: 'done' };
    }
    await expect.poll(hasBegun).toBe(true);
    return rounds < ROUNDS ? { tools: [...calls] } : { text: 'done' };
  };

test('links that take the place of what was looked at lead an agent nowhere, however fast they do', async () => {
  const swap = `cp -r src race; echo free > race.txt; mkdir free; echo free > free/secret.txt; touch began
    until test -e ended; do
      ln -s ../outside/secret.txt link; mv -fT link race.txt; echo free > file; mv -fT file race.txt
      ln -sfn ../outside folder; ln -sfn free folder
    done`;
  const calls = ['race.txt', 'folder/secret.txt'].flatMap((path) => onAll(path, 'CHANGED'));
  let work = '';
  const hasBegun = (): boolean => existsSync(join(work, 'began'));
  const model = racing(swap, calls, hasBegun);
  const run = await escapeRun({
    model: async (body, n) => {
      const reply = await model(body, n);
      // The other agent is through: there is nobody left to swap for.
      if (promptOf(body) === 'look' && 'text' in reply) writeFiles(work, { ended: 'yes' });
      return reply;
    },
  });
  work = run.workspace;
  if (!(await osSandbox()).available) {
    writeFiles(work, { began: 'yes' });
  }
  const obeyed = await run.obey(['swap', 'look'], { profile: 'trusted' });
  expect(obeyed.calls.length).toBe(ROUNDS * calls.length + 1);
});
