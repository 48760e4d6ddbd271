import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { bashTool } from '../../extension/tools/bash.ts';
import { type OsSandbox, osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import { installOsSandbox } from '../../scripts/os-sandbox.ts';
import { commitFiles, git } from '../support/git-folder.ts';
import { underRules } from '../support/permitted-call.ts';
import { workspaceWith, writeFiles } from '../support/workspace.ts';

let sandbox: OsSandbox;
beforeAll(async () => {
  installOsSandbox();
  sandbox = await osSandbox();
}, 120_000);

const FILES = {
  'a.txt': 'open\n',
  'secret/x.txt': 'HIDDEN\n',
  'secret/deep/y.txt': 'HIDDEN\n',
  'deep/one.key': 'HIDDEN\n',
  'infra/main.tf': 'as it was\n',
  'package.lock': 'as it was\n',
};
const RULES = {
  deny: ['read_file(secret/**)', 'grep(**/*.key)', 'edit_file(infra/**)', 'write_file(*.lock)', 'edit_file(later/**)'],
};

test('programs do not see what rules keep from being read, however they are told to', async () => {
  const context = await workspaceWith(FILES);
  const { call, asked } = underRules(context, { rules: RULES });
  if (!sandbox.available)
    return void expect(await call(bashTool, { command: 'f=secret; cat $f/x.txt' })).toMatch(/^refused/);
  const tries = [
    'd=secret; cat $d/x.txt',
    'cd secret && cat x.txt',
    'cp -r . /tmp/all 2>&1; cat /tmp/all/secret/* 2>&1',
    'grep -rh HIDDEN . 2>&1',
    's=secret; ln -s $s way; cat way/x.txt 2>&1',
    's=secret; mv $s other 2>&1; cat other/x.txt 2>&1',
    'mv deep elsewhere 2>&1; cd elsewhere; cat one* 2>&1',
    's=deep/one.key; ln $s copy 2>&1; cat copy 2>&1',
    'python3 -c \'print(open("sec" + "ret/x.txt").read())\' 2>&1',
    'cat $PWD/dee?/one* 2>&1',
  ];
  for (const command of tries) {
    const output = await call(bashTool, { command });
    expect(output, command).not.toContain('HIDDEN');
    expect(output, command).not.toMatch(/^refused/);
    expect(output, command).toContain('(rules keep some files or folders from programs)');
  }
  expect(await call(bashTool, { command: 'cat a.txt' })).toMatch(/^open\n/);
  expect(asked).toEqual([]);
  expect(readFileSync(join(context.workspace, 'secret/x.txt'), 'utf8')).toBe('HIDDEN\n');
});

test('programs change nothing that rules keep from being written, nor make it', async () => {
  const context = await workspaceWith(FILES);
  const { call } = underRules(context, { rules: RULES });
  const command =
    'x=infra; echo no > $x/main.tf; touch $x/new; mv $x away; rm -rf $x; echo no > "$(echo package.lock)"; y=later; mkdir -p $y/z; echo yes > b.txt; true';
  if (!sandbox.available) return void expect(await call(bashTool, { command })).toMatch(/^refused/);
  await call(bashTool, { command });
  expect(readFileSync(join(context.workspace, 'infra/main.tf'), 'utf8')).toBe('as it was\n');
  expect(readFileSync(join(context.workspace, 'package.lock'), 'utf8')).toBe('as it was\n');
  expect(readFileSync(join(context.workspace, 'b.txt'), 'utf8')).toBe('yes\n');
  const there = ['infra/new', 'away', 'later/z'].filter((path) => existsSync(join(context.workspace, path)));
  expect(there).toEqual([]);
  // The place of what was not there is free again.
  await expect.poll(() => existsSync(join(context.workspace, 'later'))).toBe(false);
  expect(await call(bashTool, { command: 'n=new.lock; touch $n' })).toMatch(
    /rules are against writing new\.lock: take that back/,
  );
});

test('files that the words of a command name are held against rules before it runs, links resolved', async () => {
  const context = await workspaceWith(FILES);
  symlinkSync('secret/x.txt', join(context.workspace, 'link'));
  symlinkSync('infra', join(context.workspace, 'folder-link'));
  symlinkSync('infra/later', join(context.workspace, 'to-nothing'));
  const { call } = underRules(context, { rules: RULES });
  const read = [
    'cat secret/x.txt',
    'cat ./a.txt link',
    'sort < link',
    `cat ${context.workspace}/secret/x.txt`,
    'timeout 5 head -n 3 secret/deep/y.txt',
    'sh -c "tail link"',
    'grep -r x secret',
    'grep -e x -f link a.txt',
    'cp secret/x.txt b.txt',
    'dd if=link of=b.txt',
    'find secret -name x',
    "sed -n 1p 'secret/x.txt'",
    'tac -- secret/x.txt',
  ];
  const written = [
    'echo x > infra/main.tf',
    'echo x > folder-link/new',
    'echo x > to-nothing',
    'tee -a infra/main.tf',
    'rm -rf folder-link/',
    'mv infra away',
    'mv a.txt infra/',
    'cp a.txt package.lock',
    'sed -i s/a/b/ infra/main.tf',
    'touch later/x',
    'chmod +x infra/main.tf',
  ];
  for (const command of [...read, ...written])
    expect(await call(bashTool, { command }), command).toMatch(/^refused: .*the rule .* denies it/);
  // What only looks like one is none.
  for (const command of ['grep secret a.txt', 'echo secret/x.txt', 'cat a.txt'])
    expect(await call(bashTool, { command }), command).not.toMatch(/denies it/);
});

test('a file that a person lets a command read is seen by it, and nothing else of its folder', async () => {
  const context = await workspaceWith(FILES);
  const { call, asked } = underRules(context, { rules: { ask: ['read_file(secret/**)'] }, answer: 'once' });
  if (!sandbox.available) return void expect(await call(bashTool, { command: 'cat secret/x.txt' })).toMatch(/^HIDDEN/);
  const output = await call(bashTool, { command: 'cat secret/x.txt; cat secret/d*/y.txt 2>&1' });
  expect(output.match(/HIDDEN/g)).toHaveLength(1);
  expect(asked).toEqual(['secret/x.txt: the rule read_file(secret/**) wants it asked']);
});

test('a link that is swapped between a yes and the command leads a program to nothing that is kept back', async () => {
  const context = await workspaceWith(FILES);
  const { call } = underRules(context, {
    rules: RULES,
    answer: 'once',
    between: () => {
      rmSync(join(context.workspace, 'a.txt'));
      symlinkSync('secret/x.txt', join(context.workspace, 'a.txt'));
    },
  });
  if (sandbox.available) expect(await call(bashTool, { command: 'cat a.txt 2>&1' })).not.toContain('HIDDEN');
  else expect(await call(bashTool, { command: 'x=1; cat $x' })).toMatch(/^HIDDEN|^refused/);
});

test('more than a sandbox can hold is not run at all', async () => {
  const context = await workspaceWith({});
  mkdirSync(join(context.workspace, 'many'));
  const files = Object.fromEntries(Array.from({ length: 1_100 }, (_, at) => [`many/${at}.key`, 'x']));
  const many = await workspaceWith(files);
  const { call } = underRules(many, { rules: RULES });
  if (!sandbox.available) return void expect(await call(bashTool, { command: 'true $x' })).toMatch(/^refused/);
  expect(await call(bashTool, { command: 'true $x' })).toMatch(
    /^refused: Nothing can be run here: rules keep more than 1000/,
  );
});

test('no version of a file that rules keep from being read is seen by programs; git works where there is none', async () => {
  if (!sandbox.available) return void expect(sandbox.why).toContain('There is no sandbox');
  const context = await workspaceWith({ 'a.txt': 'open\n' });
  const { workspace } = context;
  const { call } = underRules(context, { rules: RULES });
  const show = async (what: string) =>
    await call(bashTool, { command: `w=${what}; git show $w 2>&1; git log -p --all 2>&1; git stash list -p 2>&1` });
  commitFiles(workspace, { 'a.txt': 'open\n' });
  const clean = await show('HEAD:a.txt');
  expect(clean).toContain('open');
  expect(clean).not.toContain('rules keep');
  writeFiles(workspace, { 'Secret/x.txt': 'HIDDEN\n' });
  git(workspace, 'add', '--all');
  expect(await show(':Secret/x.txt')).toContain('the history of the repository holds what rules keep back');
  git(workspace, 'stash');
  expect(await show('stash@{0}:Secret/x.txt')).not.toContain('HIDDEN');
  git(workspace, 'stash', 'drop');
  git(workspace, 'reflog', 'expire', '--expire=now', '--all');
  expect(await show('HEAD:a.txt')).toBe(clean);
  // On a branch that was merged without it, and in a commit that only the log of HEAD still knows.
  git(workspace, 'checkout', '--quiet', '-b', 'side');
  writeFiles(workspace, { 'deep/two.key': 'HIDDEN\n' });
  git(workspace, 'add', '--all');
  git(workspace, 'commit', '--quiet', '--message=second');
  git(workspace, 'checkout', '--quiet', 'main');
  git(workspace, 'merge', '--quiet', '--no-ff', '--strategy=ours', 'side');
  git(workspace, 'branch', '--quiet', '-D', 'side');
  git(workspace, 'reflog', 'expire', '--expire=now', '--all');
  expect(await show('HEAD^2:deep/two.key')).not.toContain('HIDDEN');
  git(workspace, 'reset', '--quiet', '--hard', 'HEAD^');
  expect(await show('HEAD@{1}^2:deep/two.key')).not.toContain('HIDDEN');
  expect(await call(bashTool, { command: 'cat .git/objects/*/* | wc -c' })).toMatch(/^0\n|No such file/);
});
