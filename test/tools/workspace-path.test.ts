import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { grepTool } from '../../extension/tools/grep.ts';
import { READ_ONLY_TOOLS } from '../../extension/tools/read-only-tools.ts';
import { ToolError } from '../../extension/tools/tool.ts';
import { mayHoldSecret, resolveInWorkspace } from '../../extension/tools/workspace-path.ts';
import { tempDir } from '../support/temp-dir.ts';
import { runTool, workspaceWith, writeFiles } from '../support/workspace.ts';

const OUTSIDE = 'TOP-SECRET-FROM-OUTSIDE';

/** A workspace beside a folder with a secret; the folder's name begins like the workspace's. */
async function besideSecret(): Promise<{ context: Awaited<ReturnType<typeof workspaceWith>>; outside: string }> {
  const context = await workspaceWith({ 'src/a.txt': 'inside' });
  const outside = tempDir();
  writeFiles(outside, { 'secret.txt': OUTSIDE, 'deep/secret.txt': OUTSIDE });
  return { context, outside };
}

/** What each tool answers where a model gives it this path; a refusal counts as an answer. */
async function askEveryTool(
  path: string,
  context: Awaited<ReturnType<typeof workspaceWith>>,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const tool of READ_ONLY_TOOLS) {
    const inputs: Record<string, JsonObject> = { glob: { pattern: '*', path }, grep: { pattern: '.', path } };
    answers[tool.name] = await runTool(tool, inputs[tool.name] ?? { path }, context).catch((error: unknown) => {
      if (error instanceof ToolError) return `refused: ${error.message}`;
      throw error;
    });
  }
  answers.grepPaths = await runTool(grepTool, { pattern: '.', paths: [path] }, context).catch(
    (error: unknown) => `refused: ${error}`,
  );
  return answers;
}

async function expectAllRefused(path: string, context: Awaited<ReturnType<typeof workspaceWith>>): Promise<void> {
  const answers = await askEveryTool(path, context);
  for (const [tool, answer] of Object.entries(answers))
    expect(answer, `${tool} of ${path}`).toMatch(/^refused: .*outside the workspace/);
}

test('a path inside is resolved, given relative or absolute', async () => {
  const { context } = await besideSecret();
  const file = join(context.workspace, 'src', 'a.txt');
  for (const path of ['src/a.txt', './src/../src/a.txt', file]) {
    expect(await resolveInWorkspace(context, path)).toEqual({ absolute: file, relative: 'src/a.txt' });
  }
  writeFiles(context.workspace, { '..odd/file': '' });
  expect((await resolveInWorkspace(context, '..odd/file')).relative).toBe('..odd/file');
  expect(await resolveInWorkspace(context, '.')).toEqual({ absolute: context.workspace, relative: '.' });
});

test('no tool goes out by `..` or an absolute path, also where nothing is there', async () => {
  const { context, outside } = await besideSecret();
  const paths = [
    '..',
    '../',
    'src/../..',
    '/',
    '/etc/passwd',
    outside,
    join(outside, 'secret.txt'),
    join(outside, 'not-there'),
    '../not-there',
    `${context.workspace}-neighbour`,
  ];
  for (const path of paths) await expectAllRefused(path, context);
});

test('no tool goes out by a link to a file or a folder, nor through one', async () => {
  const { context, outside } = await besideSecret();
  symlinkSync(join(outside, 'secret.txt'), join(context.workspace, 'file-link'));
  symlinkSync(outside, join(context.workspace, 'folder-link'));
  symlinkSync(join(context.workspace, 'folder-link'), join(context.workspace, 'src', 'link-to-link'));
  for (const path of [
    'file-link',
    'folder-link',
    'folder-link/secret.txt',
    'folder-link/deep',
    'src/link-to-link/secret.txt',
  ]) {
    await expectAllRefused(path, context);
  }
});

test('a walk over the whole workspace does not follow links out of it', async () => {
  const { context, outside } = await besideSecret();
  symlinkSync(join(outside, 'secret.txt'), join(context.workspace, 'file-link.txt'));
  symlinkSync(outside, join(context.workspace, 'folder-link'));
  const [, , glob, grep] = READ_ONLY_TOOLS;
  expect(await glob!.run({ pattern: '**/*.txt' }, context)).toBe('src/a.txt');
  expect(await grep!.run({ pattern: 'TOP-SECRET|inside' }, context)).toBe('src/a.txt:1:inside');
});

test('a link that was made after the first look is not followed either', async () => {
  const { context, outside } = await besideSecret();
  const [readFile] = READ_ONLY_TOOLS;
  mkdirSync(join(context.workspace, 'later'));
  await expect(readFile!.run({ path: 'later/secret.txt' }, context)).rejects.toThrow('There is no later/secret.txt.');
  symlinkSync(join(outside, 'secret.txt'), join(context.workspace, 'later', 'secret.txt'));
  await expectAllRefused('later/secret.txt', context);
});

test('a link that stays inside is followed, and what it leads to has its real name', async () => {
  const { context } = await besideSecret();
  symlinkSync('src', join(context.workspace, 'source'));
  const answers = await askEveryTool('source', context);
  expect(answers.grep).toBe('src/a.txt:1:inside');
  expect(answers.list_directory).toBe('a.txt');
});

test('files that may hold secrets are refused by name, and through a link with a harmless name', async () => {
  const context = await workspaceWith({
    '.env': 'KEY=1',
    'sub/.env.production': 'KEY=2',
    id_rsa: 'KEY=3',
    'tls/server.PEM': 'KEY=4',
    'a.txt': 'KEY=5',
  });
  symlinkSync('.env', join(context.workspace, 'harmless'));
  for (const path of ['.env', 'sub/.env.production', 'id_rsa', 'tls/server.PEM', 'harmless']) {
    const answers = await askEveryTool(path, context);
    expect(answers.read_file, path).toContain('may hold secrets');
    expect(answers.grep, path).toContain('may hold secrets');
  }
  const [, , glob, grep] = READ_ONLY_TOOLS;
  expect(await grep!.run({ pattern: 'KEY' }, context)).toBe('a.txt:1:KEY=5');
  expect(await glob!.run({ pattern: '**' }, context)).toBe('a.txt');
});

test('what only looks like a secret stays readable', () => {
  for (const path of [
    '.env.example',
    'src/env.ts',
    'id_rsa.md',
    'pem/notes.txt',
    '.environment',
    '.gitignore',
    '.github/workflows/ci.yml',
  ]) {
    expect(mayHoldSecret(path), path).toBe(false);
  }
  for (const path of ['.env', '.ENV.local', 'a/.env/b', 'key.pem', 'id_ed25519', '.git/config', 'sub/.git', '.netrc']) {
    expect(mayHoldSecret(path), path).toBe(true);
  }
});
