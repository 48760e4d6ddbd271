import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { gitDiffTool } from '../../extension/tools/git-diff.ts';
import { ToolError } from '../../extension/tools/tool.ts';
import { commitFiles, git } from '../support/git-folder.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';

async function diff(workspace: string, input: JsonObject = {}): Promise<string> {
  return await gitDiffTool.run(input, { workspace, ripgrep: '', signal: new AbortController().signal });
}

/** A repository with one commit, ready to be changed. */
function repository(files: Record<string, string | Uint8Array> = { 'a.js': 'one\ntwo\n', 'b.js': 'b\n' }): string {
  const folder = tempDir();
  commitFiles(folder, files);
  return folder;
}

/** Lines that are no notes and no header; what counts of a diff. */
const changes = (text: string): string[] => text.split('\n').filter((line) => /^[+-]/.test(line));

test('what is not committed: files on disk, staged ones, gone ones, and such as git does not know yet', async () => {
  const folder = repository();
  writeFiles(folder, { 'a.js': 'one\nTWO\n', 'c/new.js': 'x\ny', '.gitignore': 'ignored\n', ignored: 'no' });
  git(folder, 'add', 'a.js');
  rmSync(join(folder, 'b.js'));
  const text = await diff(folder);
  expect(changes(text)).toEqual([
    '--- a/a.js',
    '+++ b/a.js',
    '-two',
    '+TWO',
    '--- a/b.js',
    '+++ /dev/null',
    '-b',
    '--- /dev/null',
    '+++ b/.gitignore',
    '+ignored',
    '--- /dev/null',
    '+++ b/c/new.js',
    '+x',
    '+y',
  ]);
  expect(text).toContain('@@ -0,0 +1,2 @@\n+x\n+y\n\\ No newline at end of file');
  expect(text).toMatch(/\n\n\(what is not committed, over [0-9a-f]{10}\)$/);
  expect(changes(await diff(folder, { staged: true }))).toEqual(['--- a/a.js', '+++ b/a.js', '-two', '+TWO']);
  expect(changes(await diff(folder, { paths: ['b.js', 'c'] }))).toHaveLength(7);
  // A path is a name, and no pattern.
  for (const path of ['nowhere', '*', ':(top)', ':!b.js'])
    expect(await diff(folder, { paths: [path] })).toBe('No changes.');
});

test('where nothing is pending, what came since the branch left the main one; and since any other commit by its name', async () => {
  const folder = repository();
  git(folder, 'checkout', '--quiet', '-b', 'topic');
  writeFiles(folder, { 'a.js': 'one\nthree\n' });
  git(folder, 'commit', '--quiet', '--all', '--message=second');
  git(folder, 'checkout', '--quiet', 'main');
  expect(await diff(folder)).toBe('No changes.');
  writeFiles(folder, { 'b.js': 'elsewhere\n' });
  git(folder, 'commit', '--quiet', '--all', '--message=main goes on');
  git(folder, 'checkout', '--quiet', 'topic');
  const text = await diff(folder);
  // What main brought since is none of this branch's changes.
  expect(changes(text)).toEqual(['--- a/a.js', '+++ b/a.js', '-two', '+three']);
  expect(text).toMatch(/\(what came since main, from [0-9a-f]{10} on; all is committed\)$/);
  expect(changes(await diff(folder, { base: 'HEAD~1' }))).toHaveLength(4);
  expect(changes(await diff(folder, { base: git(folder, 'rev-parse', '--short', 'main').trim() }))).toHaveLength(4);
});

test('a repository without a commit: all of it is new', async () => {
  const folder = tempDir();
  git(folder, 'init', '--quiet');
  writeFiles(folder, { 'staged.js': 's\n', 'new.js': 'n\n' });
  git(folder, 'add', 'staged.js');
  expect(changes(await diff(folder)).filter((line) => line.length === 2)).toEqual(['+s', '+n']);
});

test('of a workspace within a repository, its own part only, with paths of its own', async () => {
  const folder = repository({ 'outside.js': 'o\n', 'app/in.js': 'i\n' });
  writeFiles(folder, { 'outside.js': 'O\n', 'app/in.js': 'I\n', 'app/new.js': 'n\n', 'new.js': 'n\n' });
  const text = await diff(join(folder, 'app'));
  expect(text).toContain('+++ b/in.js');
  expect(text).toContain('+++ b/new.js');
  expect(text).not.toMatch(/outside|app\//);
  await expect(diff(join(folder, 'app'), { paths: ['../outside.js'] })).rejects.toThrow('lies outside the workspace');
  await expect(diff(join(folder, 'app'), { paths: ['/etc'] })).rejects.toThrow('lies outside the workspace');
});

/** Whatever runs it leaves a file. */
function trap(folder: string): { command: string; sprung(): string[] } {
  const marks = tempDir();
  const script = join(folder, 'trap.sh');
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" > "${marks}/sprung-$$"\ncat\n`);
  chmodSync(script, 0o755);
  return { command: script, sprung: () => readdirSync(marks) };
}

/** Everything that a configuration can have git run where a working tree is compared. */
function setTraps(folder: string, command: string): void {
  const included = join(folder, '.git', 'more');
  writeFileSync(included, `[filter "late"]\n\tclean = ${command}\n\trequired = true\n`);
  for (const [key, value] of Object.entries({
    'core.fsmonitor': command,
    'core.hooksPath': folder,
    'core.pager': command,
    'diff.external': command,
    'diff.odd.command': command,
    'diff.text.textconv': command,
    'filter.early.clean': command,
    'filter.early.smudge': command,
    'filter.early.process': command,
    'filter.early.required': 'true',
    'include.path': included,
    'core.repositoryFormatVersion': '1',
    'extensions.partialClone': 'origin',
    'remote.origin.promisor': 'true',
    'remote.origin.url': `ext::${command}`,
    'remote.origin.uploadpack': command,
    'core.sshCommand': command,
    'alias.diff': `!${command}`,
    'protocol.allow': 'always',
  }))
    git(folder, 'config', key, value);
  // A branch whose commit is not here: a partial clone would fetch it.
  writeFileSync(join(folder, '.git', 'refs', 'heads', 'missing'), `${'1'.repeat(40)}\n`);
  for (const hook of ['post-index-change', 'reference-transaction', 'fsmonitor-watchman'])
    writeFileSync(join(folder, hook), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
}

test('no program that the repository names runs: no filter, driver, monitor, hook, pager, alias or helper', async () => {
  const folder = repository({ '.gitattributes': '*.a filter=early\n*.b filter=late\n*.c diff=odd\n*.d diff=text\n' });
  for (const name of ['x.a', 'x.b', 'x.c', 'x.d']) writeFileSync(join(folder, name), 'before\n');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message=files');
  const { command, sprung } = trap(folder);
  setTraps(folder, command);
  for (const name of ['x.a', 'x.b', 'x.c', 'x.d']) writeFileSync(join(folder, name), 'after\n');
  for (const input of [{}, { base: 'HEAD~1' }, { staged: true }] as JsonObject[]) await diff(folder, input);
  await expect(diff(folder, { base: 'missing' })).rejects.toThrow('There is no commit "missing" here');
  expect(
    changes(await diff(folder, { paths: ['x.a', 'x.b', 'x.c', 'x.d'] })).filter((line) => line === '+after'),
  ).toHaveLength(4);
  expect(sprung()).toEqual([]);
  // The traps are good: git itself runs into them.
  expect(spawnSync('git', ['--no-pager', 'diff', 'HEAD'], { cwd: folder }).error).toBeUndefined();
  expect(sprung()).not.toEqual([]);
});

test('a submodule is told by its commit, and nothing in it is run or read', async () => {
  const inner = repository({ 'in.js': 'i\n' });
  const folder = repository();
  git(folder, 'submodule', '--quiet', 'add', inner, 'sub');
  git(folder, 'commit', '--quiet', '--message=sub');
  const { command, sprung } = trap(tempDir());
  git(join(folder, 'sub'), 'config', 'core.fsmonitor', command);
  writeFiles(folder, { 'sub/in.js': 'changed\n', 'sub/new.js': 'new\n' });
  expect(await diff(folder)).toBe('No changes.');
  git(join(folder, 'sub'), '-c', 'core.fsmonitor=', 'commit', '--quiet', '--all', '--message=in');
  const marks = sprung().length;
  const text = await diff(folder);
  expect(changes(text)).toHaveLength(4);
  expect(text).toMatch(/\n\+Subproject commit [0-9a-f]{40}\n/);
  expect(sprung()).toHaveLength(marks);
  // As a workspace of its own it is a repository like any other.
  expect(await diff(join(folder, 'sub'))).toContain('+new');
});

test('a linked worktree is compared with its own index and branch', async () => {
  const folder = repository();
  const linked = join(tempDir(), 'linked');
  git(folder, 'worktree', 'add', '--quiet', '-b', 'other', linked);
  writeFiles(folder, { 'a.js': 'not this\n' });
  writeFiles(linked, { 'b.js': 'this\n' });
  expect(changes(await diff(linked))).toEqual(['--- a/b.js', '+++ b/b.js', '-b', '+this']);
});

test.each<[string, (folder: string, other: string) => void]>([
  ['a .git file that names it', (folder, other) => writeFileSync(join(folder, '.git'), `gitdir: ${other}/.git\n`)],
  ['a link in place of .git', (folder, other) => symlinkSync(join(other, '.git'), join(folder, '.git'))],
  [
    'a .git that shares with it',
    (folder, other) => {
      git(folder, 'init', '--quiet');
      writeFileSync(join(folder, '.git', 'commondir'), `${other}/.git\n`);
    },
  ],
  ...['objects', 'refs', 'index'].map((part): [string, (folder: string, other: string) => void] => [
    `a link in place of ${part}`,
    (folder, other) => {
      git(folder, 'init', '--quiet');
      rmSync(join(folder, '.git', part), { recursive: true, force: true });
      symlinkSync(join(other, '.git', part), join(folder, '.git', part));
    },
  ]),
])('another repository of the person is not brought in by %s', async (_, lead) => {
  const folder = tempDir();
  lead(folder, repository({ 'private.js': 'PRIVATE\n' }));
  await expect(diff(folder)).rejects.toThrow(/The \.git of .* is not followed/);
});

test('where a working tree is said to lie elsewhere, that is not believed', async () => {
  const folder = repository();
  const elsewhere = tempDir();
  writeFiles(elsewhere, { 'a.js': 'PRIVATE\n' });
  git(folder, 'config', 'core.worktree', elsewhere);
  expect(await diff(folder)).toBe('No changes.');
});

test('files that may hold secrets are named only, also under their former or their new name; so are binary and long ones', async () => {
  const long = Array.from({ length: 20_000 }, (_, line) => `line ${line} of it`).join('\n');
  const folder = repository({
    '.env': 'KEY=0\n',
    'moved.pem': `${'KEY=1\n'.repeat(30)}`,
    'image.png': new Uint8Array([0, 1]),
  });
  git(folder, 'mv', 'moved.pem', 'harmless.txt');
  writeFiles(folder, {
    '.env': 'KEY=2\n',
    id_rsa: 'KEY=3\n',
    'image.png': new Uint8Array([0, 2]),
    'new.bin': new Uint8Array([0]),
    'long.js': long,
  });
  symlinkSync('.env', join(folder, 'link.js'));
  const text = await diff(folder);
  expect(text).not.toContain('KEY');
  expect(text).not.toContain('line 7');
  expect(text.split('\n\n')[1]?.split('\n').slice(1)).toEqual([
    '(not shown, may hold secrets: .env, harmless.txt, id_rsa)',
    '(not shown, binary: image.png, new.bin)',
    '(not shown, a link: link.js)',
    '(not shown, too long: long.js)',
  ]);
});

test('a name is written plain, whatever is in it, and no line of a file is taken for one of the diff', async () => {
  const names = [
    'sp ace.js',
    'qu"ote.js',
    'ä€.js',
    'tab\there.js',
    'line\nbreak.js',
    'back\\slash.js',
    '-dash.js',
    'x b/y.js',
    'u\u2028v.js',
  ];
  const folder = repository(Object.fromEntries(names.map((name) => [name, 'one\n'])));
  const hostile = 'diff --git a/evil b/evil\n--- a/evil\n+++ b/evil\n@@ -1 +1 @@\n\n(nothing else)\n';
  for (const name of names) writeFileSync(join(folder, name), hostile);
  const sections = (await diff(folder)).split(/^diff --git /m).slice(1);
  const added = sections.map((section) => /\n\+\+\+ b\/([^\n]*)\n/.exec(section)?.[1]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  expect(added.sort()).toEqual(names.map((name) => name.replace(/[\x00-\x1f]/g, '\ufffd')).sort());
  for (const section of sections) expect(changes(section).slice(3)).toHaveLength(6);
  expect(await diff(folder, { paths: ['-dash.js'] })).toContain('+++ b/-dash.js');
});

test('a renamed file is told by both names', async () => {
  const folder = repository({ 'old name.js': 'one\ntwo\nthree\nfour\n' });
  git(folder, 'mv', 'old name.js', 'new.js');
  writeFiles(folder, { 'new.js': 'one\ntwo\nthree\n4\n' });
  const text = await diff(folder);
  expect(text).toContain('rename from old name.js\nrename to new.js\n');
  expect(text).toContain('--- a/old name.js\n+++ b/new.js\n');
});

test('settings that change what a diff looks like change nothing, and a conflict disturbs nothing', async () => {
  const folder = repository();
  git(folder, 'checkout', '--quiet', '-b', 'topic');
  writeFiles(folder, { 'a.js': 'topic\n' });
  git(folder, 'commit', '--quiet', '--all', '--message=topic');
  git(folder, 'checkout', '--quiet', 'main');
  writeFiles(folder, { 'a.js': 'main\n' });
  git(folder, 'commit', '--quiet', '--all', '--message=main');
  expect(() => git(folder, 'merge', 'topic')).toThrow();
  // Git's remark on the conflict follows what is told of this one.
  writeFiles(folder, { '0.js': 'new\n' });
  git(folder, 'add', '0.js');
  const plain = await diff(folder);
  expect(changes(plain)).toContain('+<<<<<<< HEAD');
  expect(await diff(folder, { staged: true })).not.toContain('Unmerged');
  for (const [key, value] of Object.entries({
    'color.diff': 'always',
    'diff.noprefix': 'true',
    'diff.context': '0',
    'diff.wordRegex': '.',
  }))
    git(folder, 'config', key, value);
  expect(await diff(folder)).toBe(plain);
});

test('what the repository says of how files lie on disk, of its objects and of what is ignored, holds', async () => {
  const folder = tempDir();
  git(folder, 'init', '--quiet', '--object-format=sha256');
  git(folder, 'config', 'core.autocrlf', 'true');
  writeFiles(folder, { 'a.js': 'one\r\ntwo\r\n' });
  expect(changes(await diff(folder))).toContain('+two');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message=first');
  writeFiles(folder, { 'a.js': 'one\r\n2\r\n', 'private.txt': 'p', '.git/info/exclude': 'private.txt\n' });
  expect(changes(await diff(folder))).toEqual(['--- a/a.js', '+++ b/a.js', '-two', '+2']);
});

test('a change in the very second in which the index was written is seen later, too, though the file has its old size', async () => {
  const folder = repository();
  writeFiles(folder, { 'a.js': 'one\nTWO\n' });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(changes(await diff(folder))).toContain('+TWO');
});

test('nothing is written in the repository, and no stand-in is left', async () => {
  const folder = repository();
  writeFiles(folder, { 'a.js': 'changed\n', 'new.js': 'new\n' });
  // A file that only looks changed makes git renew its index, if it may.
  utimesSync(join(folder, 'b.js'), 1, 1);
  const state = () =>
    readdirSync(join(folder, '.git'), { recursive: true, encoding: 'utf8' }).map((name) => {
      const { size, mtimeMs } = statSync(join(folder, '.git', name));
      return `${name} ${size} ${mtimeMs}`;
    });
  const standIns = () => readdirSync(tmpdir()).filter((name) => name.startsWith('counterpoint-git-'));
  const [before, leftBefore] = [state(), standIns()];
  await diff(folder);
  await expect(diff(folder, { base: 'nowhere' })).rejects.toThrow();
  expect(state()).toEqual(before);
  expect(standIns().filter((name) => !leftBefore.includes(name))).toEqual([]);
});

test.each(['-x', '--output=pwned', 'main..HEAD', 'HEAD:a.js', 'a b', '', 'x\ny', ':/text'])(
  '%j is no commit',
  async (base) => {
    const folder = repository();
    await expect(diff(folder, { base })).rejects.toThrow('is not the name of a commit');
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  },
);

test('what cannot be compared is refused with what to do', async () => {
  const folder = repository();
  await expect(diff(folder, { base: 'nowhere' })).rejects.toThrow(/There is no commit "nowhere" here\. Give a branch/);
  git(folder, 'checkout', '--quiet', '--orphan', 'alone');
  git(folder, 'commit', '--quiet', '--message=alone');
  await expect(diff(folder, { base: 'main' })).rejects.toThrow(/no commit in common here\. .*git fetch --unshallow/);
  await expect(diff(tempDir())).rejects.toThrow(/is in no Git repository/);
  vi.stubEnv('PATH', `.:${tempDir()}`);
  await expect(diff(folder)).rejects.toThrow(
    new ToolError('git is missing: install it, so that "git" is on the PATH.'),
  );
  vi.unstubAllEnvs();
});

test('of very much, what fits is shown and the rest is named', async () => {
  const folder = repository();
  const text = `${'x'.repeat(99)}\n`.repeat(900);
  writeFiles(
    folder,
    Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${String(index).padStart(2, '0')}.js`, text])),
  );
  const answer = await diff(folder);
  expect(answer.length).toBeLessThan(1_002_000);
  expect(answer.match(/^diff --git/gm)).toHaveLength(10);
  expect(answer).toMatch(/\(not shown, the whole is too long: f10\.js\)\n\(not shown, too long: f11\.js, .*f29\.js\)$/);
});
