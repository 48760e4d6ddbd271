import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { editFileTool } from '../../extension/tools/edit-file.ts';
import { holdFolder } from '../../extension/tools/held-folder.ts';
import { isProtected, problemOfName } from '../../extension/tools/protected-path.ts';
import { ToolError } from '../../extension/tools/tool.ts';
import { mayHoldSecret } from '../../extension/tools/workspace-path.ts';
import { writeFileTool } from '../../extension/tools/write-file.ts';
import { tempDir } from '../support/temp-dir.ts';
import { workspaceWith, writeFiles } from '../support/workspace.ts';

type Context = Awaited<ReturnType<typeof workspaceWith>>;

/** What both tools that write, and what they say of what they would write to, answer to a path. */
async function refusals(path: string, context: Context): Promise<string[]> {
  const edits = [{ old: 'a', new: 'b' }];
  const tries = [
    writeFileTool.run({ path, content: 'WRITTEN' }, context),
    writeFileTool.targets!({ path }, context),
    editFileTool.run({ path, edits }, context),
    editFileTool.targets!({ path }, context),
  ];
  return await Promise.all(
    tries.map((tried) =>
      tried.then(String, (error: unknown) => {
        if (error instanceof ToolError) return `refused: ${error.message}`;
        throw error;
      }),
    ),
  );
}

async function expectRefused(path: string, context: Context, why: RegExp): Promise<void> {
  for (const answer of await refusals(path, context)) expect(answer, path).toMatch(why);
}

test('a file is made with its folders, and replaced with its mode', async () => {
  const context = await workspaceWith({});
  const write = async (content: string) => await writeFileTool.run({ path: 'a/b/c.txt', content }, context);
  expect(await write('one\ntwo\n')).toBe('Created a/b/c.txt: 2 lines.');
  const file = join(context.workspace, 'a/b/c.txt');
  chmodSync(file, 0o640);
  expect(await write('\ufeffthree\r\n')).toBe('Replaced a/b/c.txt: 1 lines.');
  expect(readFileSync(file, 'utf8')).toBe('\ufeffthree\r\n');
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readdirSync(join(context.workspace, 'a/b'))).toEqual(['c.txt']);
});

test('nothing outside is written, by `..`, an absolute path or a link', async () => {
  const context = await workspaceWith({ 'src/a.txt': 'a' });
  const outside = tempDir();
  writeFiles(outside, { 'a.txt': 'a' });
  symlinkSync(outside, join(context.workspace, 'folder'));
  symlinkSync(join(outside, 'a.txt'), join(context.workspace, 'file'));
  symlinkSync('folder', join(context.workspace, 'chain'));
  for (const path of [
    '..',
    '../x',
    'src/../../x',
    '/etc/x',
    join(outside, 'a.txt'),
    `${context.workspace}-neighbour/x`,
  ])
    await expectRefused(path, context, /^refused: .*outside the workspace/);
  for (const path of ['folder/a.txt', 'folder/new/b.txt', 'chain/new.txt', 'file'])
    await expectRefused(path, context, /^refused: .*outside the workspace/);
  symlinkSync(join(outside, 'not-yet'), join(context.workspace, 'dangling'));
  for (const path of ['dangling', 'dangling/b.txt']) await expectRefused(path, context, /^refused: .*link to nothing/);
  for (const path of ['.', 'src/..']) await expectRefused(path, context, /^refused: .*workspace itself/);
  expect(readdirSync(outside)).toEqual(['a.txt']);
  expect(readFileSync(join(outside, 'a.txt'), 'utf8')).toBe('a');
});

test('a link within the workspace leads to what it names, which is told by its own name', async () => {
  const context = await workspaceWith({ 'src/a.txt': 'a' });
  symlinkSync('src/a.txt', join(context.workspace, 'link'));
  expect(await writeFileTool.targets!({ path: 'link' }, context)).toEqual([
    { kind: 'path', path: 'src/a.txt', access: 'write' },
    { kind: 'path', path: 'link', access: 'write' },
  ]);
  await writeFileTool.run({ path: 'link', content: 'b' }, context);
  expect(readFileSync(join(context.workspace, 'src/a.txt'), 'utf8')).toBe('b');
});

test('what says which programs run, and what may hold secrets, is never written, in any spelling', async () => {
  const context = await workspaceWith({ '.git/config': 'a', '.env': 'a', 'sub/.git/hooks/x': 'a' });
  symlinkSync('.git', join(context.workspace, 'innocent'));
  const paths = [
    '.git/config',
    '.GIT/hooks/pre-commit',
    'innocent/config',
    'sub/.git/hooks/x',
    '.git./config',
    '.git /x',
  ];
  const more = [
    '.g\u200cit/x',
    'git~1/x',
    '.git:s/x',
    '.counterpoint/x',
    '.env',
    '.ENV',
    'deep/.env.local',
    'k.pem',
    '.npmrc',
  ];
  for (const path of [...paths, ...more]) await expectRefused(path, context, /^refused: .*may hold secrets/);
  for (const path of ['.vscode/tasks.json', '.VSCode/settings.json', '.husky/pre-commit', '.mcp.json', '.envrc'])
    await expectRefused(path, context, /^refused: .*says what programs run/);
  for (const path of ['a\nb', 'a/\u0007']) await expectRefused(path, context, /^refused: .*control characters/);
  expect(readFileSync(join(context.workspace, '.git/config'), 'utf8')).toBe('a');
  expect(existsSync(join(context.workspace, '.vscode'))).toBe(false);
});

test('names that only look like those are names like any other', () => {
  for (const path of ['src/git.ts', '.github/x.yml', '.gitignore', 'x.git/a', '.vscodeignore', '..git', 'environment'])
    expect([path, isProtected(path), mayHoldSecret(path), problemOfName(path)]).toEqual([path, false, false, null]);
});

test('a folder, a pipe, and a file in the place of a folder are no files to write', async () => {
  const context = await workspaceWith({ 'src/a.txt': 'a' });
  await expect(writeFileTool.run({ path: 'src', content: '' }, context)).rejects.toThrow('is a directory');
  await expect(writeFileTool.run({ path: 'src/a.txt/b', content: '' }, context)).rejects.toThrow(ToolError);
});

test('another name of the same file keeps what it had', async () => {
  const context = await workspaceWith({ 'a.txt': 'a' });
  const outside = join(tempDir(), 'hard');
  linkSync(join(context.workspace, 'a.txt'), outside);
  await writeFileTool.run({ path: 'a.txt', content: 'WRITTEN' }, context);
  expect(readFileSync(outside, 'utf8')).toBe('a');
});

/** A process that puts, as fast as it can, a folder and a link to another one in each other's place. */
async function busySwapper(place: string, target: string): Promise<ChildProcess> {
  const script = `
    const { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } = require('node:fs');
    const [place, target] = process.argv.slice(1);
    const [away, link] = [place + '-away', place + '-link'];
    const begin = () => {
      // While nothing was there, somebody may have made a folder, which would stand in the way from then on.
      for (const path of [place, link]) rmSync(path, { recursive: true, force: true });
      if (existsSync(away)) renameSync(away, place);
      else mkdirSync(place);
      symlinkSync(target, link);
    };
    begin();
    process.stdout.write('ready');
    for (;;) {
      try {
        renameSync(place, away);
        renameSync(link, place);
        renameSync(place, link);
        renameSync(away, place);
      } catch {
        try { begin(); } catch { }
      }
    }`;
  const child = spawn(process.execPath, ['-e', script, place, target], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  return child;
}

test('a link in the place of a folder, once the path is resolved, is not gone through, and nothing is made behind it', async () => {
  const { workspace } = await workspaceWith({ 'src/a.txt': 'a' });
  const outside = tempDir();
  symlinkSync(outside, join(workspace, 'link'));
  for (const names of [['link'], ['link', 'new'], ['link', 'new', 'deep']])
    await expect(holdFolder(workspace, names, true)).rejects.toThrow(ToolError);
  expect(readdirSync(outside)).toEqual([]);
});

test('a link that somebody puts in the place of a folder meanwhile leads nothing outside', async () => {
  const context = await workspaceWith({ 'swapped/a.txt': 'a', 'swapped/deep/b.txt': 'a' });
  const outside = tempDir();
  mkdirSync(join(outside, 'deep'));
  const swapper = await busySwapper(join(context.workspace, 'swapped'), outside);
  const outcomes = new Set<string>();
  for (let i = 0; i < 1_000 || (outcomes.size < 2 && i < 10_000); i += 1) {
    const path = [`swapped/new${i}/c.txt`, 'swapped/deep/b.txt', `swapped/new${i}/c.txt`, 'swapped/a.txt'][i % 4]!;
    await writeFileTool.run({ path, content: `${i}` }, context).then(
      () => outcomes.add('written'),
      (error: unknown) => outcomes.add(error instanceof ToolError ? 'refused' : String(error)),
    );
  }
  swapper.kill('SIGKILL');
  // The race was really run: some came through and some did not.
  expect([...outcomes].sort()).toEqual(['refused', 'written']);
  expect(readdirSync(outside)).toEqual(['deep']);
  expect(readdirSync(join(outside, 'deep'))).toEqual([]);
  rmSync(join(context.workspace, 'swapped-away'), { recursive: true, force: true });
});
