import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withoutMark } from '../../extension/protocol/as-data.ts';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import { readFileTool } from '../../extension/tools/read-file.ts';
import { osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import { writeFileTool } from '../../extension/tools/write-file.ts';
import type { FakeBody, FakeScript } from '../support/fake-anthropic.ts';
import { commitFiles, git } from '../support/git-folder.ts';
import { promptOf, runHarness, until } from '../support/run-harness.ts';

/** A model that does what its prompt says, call by call, and answers with what all of them came to. */
const obedient: FakeScript = (body) => {
  const calls = JSON.parse(promptOf(body)) as { name: string; input: object }[];
  const results = resultsOf(body);
  const next = calls[results.length];
  return next ? { tools: [next] } : { text: results.join('\n') };
};

function resultsOf(body: FakeBody): string[] {
  const blocks = body.messages.flatMap(({ content }) => content);
  return blocks.flatMap((block) => (block.type === 'tool_result' ? [withoutMark(block.content ?? '')] : []));
}

/** A tool that holds on until it may go on, and whatever it does may not be done twice. */
function waiting(): { tool: Tool; open(): void; count(): number } {
  const gate = Promise.withResolvers<void>();
  let count = 0;
  const tool: Tool = {
    name: 'wait',
    description: 'Waits.',
    inputSchema: { type: 'object' },
    access: 'read',
    describe: () => 'waiting',
    run: async () => {
      count += 1;
      await gate.promise;
      return 'waited';
    },
  };
  return { tool, open: gate.resolve, count: () => count };
}

const write = (path: string, content: string) => ({ name: 'write_file', input: { path, content } });
const read = (path: string) => ({ name: 'read_file', input: { path } });
const agent = (calls: object[], options: object = {}) =>
  `agent(${JSON.stringify(JSON.stringify(calls))}, ${JSON.stringify(options)})`;
const ISOLATED = { profile: 'edit-in-worktrees' } as const;

async function inRepository(
  more: Tool[] = [],
  files: Record<string, string> = { 'a.txt': 'one\ntwo\nthree\n' },
  model = obedient,
) {
  const harness = await runHarness(model, { tools: [readFileTool, writeFileTool, ...more], confined: true });
  commitFiles(harness.workspace, { '.gitignore': 'script.js\n', ...files });
  const trees = () => git(harness.workspace, 'worktree', 'list').trim().split('\n').slice(1);
  const file = (path: string) => readFileSync(join(harness.workspace, path), 'utf8');
  return { ...harness, trees, file };
}

function logsOf(manager: RunManager, runId: string): string[] {
  return manager.tree(runId).logs.map(({ message }) => message);
}

function notesOf(manager: RunManager, runId: string, call: number): string {
  const { transcript } = manager.details(runId, call);
  return transcript.flatMap((entry) => (entry.type === 'note' ? [entry.text] : [])).join('\n');
}

test('agents that write do so in worktrees of their own; what they changed is kept, told and applied once', async () => {
  const { run, manager, file, trees, workspace } = await inRepository();
  const one = agent([write('a.txt', 'one\ntwo\nTHREE\n'), read('a.txt')]);
  const two = agent([write('b/new.txt', 'new\n'), read('a.txt')]);
  const { result, runId, status } = await run(`return await parallel([() => ${one}, () => ${two}])`, ISOLATED);
  expect(status).toBe('completed');
  expect(result).toEqual([expect.stringContaining('THREE'), expect.stringContaining('three')]);
  expect([file('a.txt'), existsSync(join(workspace, 'b'))]).toEqual(['one\ntwo\nthree\n', false]);
  expect(trees()).toHaveLength(2);
  expect(git(workspace, 'status', '--porcelain')).toBe('');
  expect(logsOf(manager, runId)).toContainEqual(
    expect.stringMatching(/changed 1 file \(b\/new\.txt\), kept in .*worktrees/),
  );
  expect(notesOf(manager, runId, 1)).toMatch(/\n-three\n\+THREE/);
  const settled = [...manager.tree(runId).calls.values()].map((call) => call.settled?.changedFiles);
  expect(settled).toEqual([1, 1]);
  const left = await manager.changes(runId, 1);
  expect(left).toMatchObject({ files: ['a.txt'], applied: false, conflicts: [] });
  expect(readFileSync(left?.diff ?? '', 'utf8')).toMatch(/\n-three\n\+THREE/);
  expect(await manager.applyChanges(runId, 1)).toEqual({ files: ['a.txt'], conflicts: [] });
  expect(await manager.changes(runId, 1)).toMatchObject({ files: ['a.txt'], applied: true });
  expect(await manager.applyChanges(runId, 2)).toEqual({ files: ['b/new.txt'], conflicts: [] });
  expect([file('a.txt'), file('b/new.txt')]).toEqual(['one\ntwo\nTHREE\n', 'new\n']);
  // The index is the person's: nothing is staged.
  expect(git(workspace, 'status', '--porcelain')).toBe(' M a.txt\n?? b/\n');
  await expect(manager.applyChanges(runId, 1)).rejects.toMatchObject({ code: 'not-possible' });
  expect(trees()).toEqual([]);
});

test('what is applied goes beside what the person changed meanwhile, and conflicts are told', async () => {
  const { run, manager, file, workspace } = await inRepository([], {
    'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\n',
    'b.txt': 'b\n',
  });
  const calls = [write('a.txt', '1\n2\n3\n4\n5\n6\n7\nagent\n'), write('b.txt', 'agent\n'), write('c.txt', 'agent\n')];
  const { runId } = await run(`await ${agent(calls)}`, ISOLATED);
  writeFileSync(join(workspace, 'a.txt'), 'person\n2\n3\n4\n5\n6\n7\n8\n');
  writeFileSync(join(workspace, 'b.txt'), 'person\n');
  const applied = await manager.applyChanges(runId, 1);
  expect(applied).toEqual({ files: ['a.txt', 'b.txt', 'c.txt'], conflicts: ['b.txt'] });
  expect(await manager.changes(runId, 1)).toMatchObject({ applied: true, conflicts: ['b.txt'] });
  expect(file('a.txt')).toBe('person\n2\n3\n4\n5\n6\n7\nagent\n');
  expect(file('b.txt')).toMatch(/<<<<<<<.*\nperson\n=======\nagent\n>>>>>>>/);
  expect(file('c.txt')).toBe('agent\n');
});

test('an agent that changes nothing leaves nothing; one that only looks never had a worktree', async () => {
  const { run, trees, workspace, manager } = await inRepository();
  const same = agent([write('a.txt', 'one\ntwo\nthree\n')]);
  const { runId } = await run(`await ${same}; await ${agent([read('a.txt')])}`, ISOLATED);
  expect(trees()).toEqual([]);
  expect(readdirSync(join(workspace, '.git/worktrees'))).toEqual([]);
  expect(readdirSync(join(workspace, '.counterpoint/worktrees', runId))).toEqual([]);
  expect(logsOf(manager, runId)).toEqual([]);
  expect(notesOf(manager, runId, 1)).toMatch(/works in .*worktree/);
  expect(notesOf(manager, runId, 2)).toBe('');
  await expect(manager.applyChanges(runId, 2)).rejects.toMatchObject({ code: 'not-possible' });
  expect(await manager.changes(runId, 1)).toBeNull();
  expect(manager.tree(runId).calls.get(1)?.settled?.changedFiles).toBeUndefined();
});

test('a worktree begins at the commit: what is not committed is told to the person and to the model', async () => {
  const { run, manager, workspace } = await inRepository();
  writeFileSync(join(workspace, 'a.txt'), 'dirty\n');
  writeFileSync(join(workspace, 'u.txt'), 'untracked\n');
  const { result, runId } = await run(`return await ${agent([write('b.txt', 'b'), read('a.txt')])}`, ISOLATED);
  expect(result).toMatch(/begins at commit [0-9a-f]{12}; uncommitted .*: 2 files \(a\.txt, u\.txt\)/);
  expect(result).toContain('three');
  expect(result).not.toContain('dirty');
  expect(notesOf(manager, runId, 1)).toContain('a.txt, u.txt');
});

test('isolation is what a script may ask for an agent of its own; others work in the workspace', async () => {
  const { run, manager, file, workspace } = await inRepository();
  const apart = agent([write('apart.txt', 'x')], { isolation: 'worktree' });
  const { runId } = await run(`await ${apart}; await ${agent([write('here.txt', 'y')])}`, { profile: 'trusted' });
  expect(file('here.txt')).toBe('y');
  expect(existsSync(join(workspace, 'apart.txt'))).toBe(false);
  expect((await manager.applyChanges(runId, 1)).files).toEqual(['apart.txt']);
});

test('programs work in the worktree, git among them, and change neither the workspace nor its repository', async () => {
  const { run, workspace, manager } = await runHarness((body) => {
    const [result] = resultsOf(body);
    return result === undefined ? { tools: [{ name: 'bash', input: { command: promptOf(body) } }] } : { text: result };
  });
  commitFiles(workspace, { '.gitignore': 'script.js\n', 'a.txt': 'a\n' });
  const line = 'git log --format=%s; echo new > b.txt; git status --short; git commit --quiet --all -m no; git tag no';
  const { result, runId } = await run(`return await agent('${line}')`, { ...ISOLATED, unattended: true });
  if ((await osSandbox()).available) {
    expect(result).toMatch(/^first\n\?\? b\.txt\n/);
    expect((await manager.applyChanges(runId, 1)).files).toEqual(['b.txt']);
  } else {
    expect(result).toMatch(/nobody is there to be asked/);
  }
  expect(git(workspace, 'tag')).toBe('');
  expect(git(workspace, 'log', '--all', '--format=%s')).toBe('first\n');
});

test('what rules keep from being read is seen neither in the worktree nor in the workspace around it, nor in any version', async () => {
  const { run, workspace } = await runHarness(obedient);
  commitFiles(workspace, {
    '.gitignore': 'script.js\nsecret/own.txt\n',
    'a.txt': 'open\n',
    'secret/x.txt': 'HIDDEN\n',
  });
  writeFileSync(join(workspace, 'secret/own.txt'), 'HIDDEN\n');
  const permissions = { allow: [], ask: [], deny: ['read_file(secret/**)'] };
  const command = `cat s*t/x.txt ${workspace}/s*t/*.txt; git show HEAD:s*/x.txt; git show HEAD; cat a.txt`;
  const search = { name: 'grep', input: { pattern: 'HIDDEN|open' } };
  const calls = [{ name: 'bash', input: { command } }, search];
  const script = `return [await tool('grep', ${JSON.stringify(search.input)}), await ${agent(calls)}]`;
  const { result } = await run(script, { ...ISOLATED, permissions, unattended: true });
  const [ofScript, ofAgent] = result as [string, string];
  expect(ofScript).toBe('a.txt:1:open\n\n(left out 1 file that rules keep back)');
  expect(ofAgent).not.toContain('HIDDEN');
  expect(ofAgent).toContain('a.txt:1:open\n\n(left out 1 file that rules keep back)');
  if ((await osSandbox()).available)
    expect(ofAgent).toContain('the history of the repository holds what rules keep back');
  else expect(ofAgent).toMatch(/nobody is there to be asked/);
});

test('without a repository, or without a commit, an agent is refused to write, and it is told why', async () => {
  const harness = await runHarness(obedient, { tools: [readFileTool, writeFileTool], confined: true });
  const body = `return await ${agent([write('a.txt', 'x')])}`;
  const { result, runId } = await harness.run(body, ISOLATED);
  expect(result).toMatch(/Not allowed\. It has to work in a Git worktree.*no Git repository/);
  expect(harness.manager.tree(runId).calls.get(1)?.denied).toMatchObject([{ by: 'rule', allowed: false }]);
  git(harness.workspace, 'init', '--quiet');
  expect((await harness.run(body, ISOLATED)).result).toMatch(/no commit yet/);
  expect(existsSync(join(harness.workspace, 'a.txt'))).toBe(false);
});

test('no program that the repository names is run, neither by making a worktree nor by what is found in it', async () => {
  const { run, manager, workspace } = await inRepository([], {
    'a.txt': 'a\n',
    '.gitattributes': '* filter=evil diff=evil\n',
  });
  const trap = join(workspace, '.git/trap.sh');
  writeFileSync(trap, `#!/bin/sh\ntouch "${workspace}/pwned"\ncat\n`);
  chmodSync(trap, 0o755);
  for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction'])
    writeFileSync(join(workspace, '.git/hooks', hook), `#!/bin/sh\ntouch "${workspace}/pwned"\n`, { mode: 0o755 });
  for (const key of [
    'filter.evil.smudge',
    'filter.evil.clean',
    'filter.evil.process',
    'diff.evil.textconv',
    'diff.evil.command',
    'core.fsmonitor',
  ])
    git(workspace, 'config', key, trap);
  const { runId } = await run(`await ${agent([write('a.txt', 'b\n')])}`, ISOLATED);
  await manager.applyChanges(runId, 1);
  expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('b\n');
  expect(existsSync(join(workspace, 'pwned'))).toBe(false);
});

test('what says which programs run is not applied, however it came about, and that is told', async () => {
  const stray: Tool = {
    ...writeFileTool,
    name: 'stray',
    targets: async () => [],
    run: async (input, { workspace }) => {
      const path = join(workspace, String(input.path));
      rmSync(join(workspace, 'x'), { force: true, recursive: true });
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, String(input.content));
      return 'written';
    },
  };
  const { run, manager, workspace } = await inRepository([stray], { x: 'a file\n' });
  const strays = ['.vscode/tasks.json', '.envrc', '.env', 'fine.txt', 'x/.vscode/tasks.json'];
  const calls = strays.map((path) => ({ name: 'stray', input: { path, content: 'evil' } }));
  const { runId } = await run(`await ${agent(calls)}`, ISOLATED);
  expect(await manager.applyChanges(runId, 1)).toEqual({ files: ['fine.txt'], conflicts: [] });
  expect(git(workspace, 'status', '--porcelain')).toBe('?? fine.txt\n');
  expect(logsOf(manager, runId)).toContainEqual(
    expect.stringMatching(/never applied.*\.env, \.envrc, \.vscode\/tasks\.json, x, x\/\.vscode/),
  );
});

test('a file in the place of a folder, a folder in that of a file, a link and a binary file are changes like others', async () => {
  const shape: Tool = {
    ...writeFileTool,
    name: 'shape',
    inputSchema: { type: 'object' },
    targets: async () => [],
    run: async (_, { workspace }) => {
      const at = (path: string) => join(workspace, path);
      rmSync(at('folder'), { recursive: true });
      rmSync(at('file'));
      mkdirSync(at('file'));
      writeFileSync(at('file/inner'), 'i');
      writeFileSync(at('folder'), 'f');
      symlinkSync('folder', at('link'));
      writeFileSync(at('binary'), Buffer.from([0, 255, 0, 1]));
      return 'done';
    },
  };
  const { run, manager, workspace } = await inRepository([shape], { 'folder/a': 'a', 'folder/b': 'b', file: 'x' });
  const { runId } = await run(`await ${agent([{ name: 'shape', input: {} }])}`, ISOLATED);
  expect((await manager.applyChanges(runId, 1)).conflicts).toEqual([]);
  const at = (path: string) => readFileSync(join(workspace, path));
  expect([`${at('folder')}`, `${at('file/inner')}`, `${at('link')}`]).toEqual(['f', 'i', 'f']);
  expect([...at('binary')]).toEqual([0, 255, 0, 1]);
});

test('an agent whose process died goes on in its worktree', async () => {
  const gate = waiting();
  const harness = await inRepository([gate.tool]);
  const calls = [write('a.txt', 'mine\n'), { name: 'wait', input: {} }, read('a.txt')];
  const runId = await harness.start(`return await ${agent(calls)}`, ISOLATED);
  await until(() => gate.count() === 1);
  await harness.manager.close();
  const second = await harness.open();
  await second.resume(runId);
  gate.open();
  expect((await second.finished(runId)).result).toContain('mine');
  expect(harness.trees()).toHaveLength(1);
  expect((await second.applyChanges(runId, 1)).files).toEqual(['a.txt']);
});

test.each([
  ['a person has it begin anew', false],
  ['it has failed and is asked again', true],
])('what an agent changed before is gone where %s', async (_, fails) => {
  const gate = waiting();
  let path = 'first.txt';
  const model: FakeScript = (body) => {
    const done = resultsOf(body).length;
    if (done === 0) return { tools: [write(path, 'x')] };
    if (path === 'then.txt') return { text: 'done' };
    return fails ? { status: 400 } : { tools: [{ name: 'wait', input: {} }] };
  };
  const { start, manager } = await inRepository([gate.tool], { 'a.txt': 'a' }, model);
  const runId = await start(`return await ${agent([])}`, ISOLATED);
  if (fails) await manager.finished(runId);
  else await until(() => gate.count() === 1);
  path = 'then.txt';
  if (fails) await manager.resume(runId);
  else await manager.control(runId, { action: 'retry-agent', call: 1 });
  expect((await manager.finished(runId)).result).toBe('done');
  expect((await manager.applyChanges(runId, 1)).files).toEqual(['then.txt']);
  gate.open();
});

test('what a stopped agent changed, and one that nobody waited for, is kept as well', async () => {
  const gate = waiting();
  const { start, manager } = await inRepository([gate.tool]);
  const held = (path: string) => agent([write(path, 'x'), { name: 'wait', input: {} }]);
  const runId = await start(`void ${held('left.txt')}; await ${held('stopped.txt')}; return 1`, ISOLATED);
  await until(() => gate.count() === 2);
  await manager.control(runId, { action: 'stop-agent', call: 2 });
  await manager.finished(runId);
  expect((await manager.applyChanges(runId, 2)).files).toEqual(['stopped.txt']);
  expect((await manager.applyChanges(runId, 1)).files).toEqual(['left.txt']);
});

test('a folder of ours that is a link leads nowhere', async () => {
  const { run, workspace } = await inRepository();
  const elsewhere = join(workspace, 'elsewhere');
  mkdirSync(elsewhere);
  mkdirSync(join(workspace, '.counterpoint'), { recursive: true });
  rmSync(join(workspace, '.counterpoint/worktrees'), { recursive: true, force: true });
  symlinkSync(elsewhere, join(workspace, '.counterpoint/worktrees'));
  const { result } = await run(`return await ${agent([write('a.txt', 'x')])}`, ISOLATED);
  expect(result).toMatch(/Not allowed\..*symbolic link/);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test('a workspace that is a folder of a repository is that folder in the worktree', async () => {
  const { run, manager, workspace } = await runHarness(obedient, {
    tools: [readFileTool, writeFileTool],
    confined: true,
    inside: 'packages/one',
  });
  const root = join(workspace, '../..');
  commitFiles(root, { 'packages/one/a.txt': 'a\n', 'outside.txt': 'o\n' });
  const calls = [write('a.txt', 'b\n'), read('../../outside.txt')];
  const { result, runId } = await run(`return await ${agent(calls)}`, ISOLATED);
  expect(result).toContain('outside the workspace');
  expect(await manager.applyChanges(runId, 1)).toEqual({ files: ['packages/one/a.txt'], conflicts: [] });
  expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('b\n');
});
