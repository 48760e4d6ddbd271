import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withoutMark } from '../../extension/protocol/as-data.ts';
import { type CliProcess, runCli, startCli, startInTerminal } from '../support/cli-process.ts';
import type { FakeScript } from '../support/fake-anthropic.ts';
import { commitFiles } from '../support/git-folder.ts';
import { promptOf, until } from '../support/run-harness.ts';
import { documentOf, modelApi, workspaceWith } from './cli-bench.ts';

/** A model that runs what its prompt says, and answers with what came of it. */
const obedient: FakeScript = (body) => {
  const [block] = body.messages.at(-1)?.content ?? [];
  if (block?.type === 'tool_result') return { text: withoutMark(block.content ?? '') };
  return { tools: [{ name: 'bash', input: { command: promptOf(body) } }] };
};

const ASKED = ['--profile', 'trusted', '--ask', 'bash(echo *)'];

async function bench(body: string) {
  const { workspace, script } = workspaceWith(body);
  const { env } = await modelApi(obedient);
  const own = { env: { ...env, HOME: workspace } };
  const kept = (process: CliProcess): CliProcess => {
    onTestFinished(() => void process.child.kill('SIGKILL'));
    return process;
  };
  const args = ['run', script, '--workspace', workspace, ...ASKED];
  return {
    run: (...more: string[]) => kept(startCli([...args, '--json', ...more], own)),
    atTerminal: (...more: string[]) => kept(startInTerminal([...args, ...more], own)),
    cli: (...words: string[]) => runCli([...words, '--workspace', workspace], own),
  };
}

test('what an agent waits for is told with the command that allows it, is listed, and is answered once', async () => {
  const { run, cli } = await bench(`return [await agent('echo one'), await agent('echo two')]`);
  const driver = run();
  await until(() => driver.stderr.includes('counterpoint permit'));
  expect(driver.stderr).toMatch(/permission 1: agent 1 \(echo one\) wants to do this: bash: echo one/);
  const [, runId = ''] = /counterpoint permit (\S+) 1 --answer once/.exec(driver.stderr) ?? [];
  const listed = documentOf(await cli('permit', runId, '--json'));
  expect(listed).toMatchObject({
    status: 'running',
    permissions: [{ permission: 1, agent: 1, what: 'bash: echo one' }],
  });
  expect((await cli('show', runId)).stdout).toContain('asked because echo one: the rule bash(echo *) wants it asked');
  const given = await cli('permit', runId, '--answer', 'once');
  expect(given.stdout).toContain('permission 1 (bash: echo one) has its answer: this once');
  const again = await cli('permit', runId, '1', '--answer', 'deny');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('waits for no permission now')]);
  await until(() => driver.stderr.includes('permission 2'));
  await cli('permit', runId, '2', '--answer', 'deny');
  const ended = documentOf(await driver.ended);
  expect(ended.result).toEqual([
    expect.not.stringMatching(/^Not allowed/),
    expect.stringMatching(/a person said no to echo two/),
  ]);
  expect(ended.agents.denied).toMatchObject([{ what: 'bash: echo two', calls: 1 }]);
  const idle = await cli('permit', runId);
  expect([idle.code, idle.stderr]).toEqual([1, expect.stringContaining('is not running')]);
});

test('all of a long call is printed, on one line in which nothing is unseen, and is in the JSON', async () => {
  const long = `echo ${'x'.repeat(900)}\u202e end`;
  // A script with such a character in it is refused.
  const { run, cli } = await bench(`return await agent(${JSON.stringify(long).replace('\u202e', '\\u202e')})`);
  const driver = run();
  await until(() => driver.stderr.includes('counterpoint permit'));
  const [, runId = ''] = /counterpoint permit (\S+) 1 --answer once/.exec(driver.stderr) ?? [];
  const [listed, json] = [(await cli('permit', runId)).stdout, documentOf(await cli('permit', runId, '--json'))];
  expect(listed).toContain(`all of it: {"command":"echo ${'x'.repeat(900)}‹U+202E› end"}`);
  expect(listed).toContain('was just asked; waits until somebody answers');
  expect(json.permissions).toMatchObject([
    {
      input: { command: long },
      targets: [{ kind: 'unclear' }, { kind: 'command' }],
      askedAt: expect.stringMatching(/Z$/),
    },
  ]);
  await cli('permit', runId, '--answer', 'deny');
  await driver.ended;
});

test('at a terminal it is asked right there', async () => {
  const { atTerminal } = await bench(`return [await agent('echo one'), await agent('echo two')]`);
  const terminal = atTerminal();
  await until(() => terminal.stdout.includes('Allow it?'));
  expect(terminal.stdout).toContain('2 run: for the rest of the run');
  terminal.child.stdin?.write('perhaps\n');
  await until(() => terminal.stdout.includes('none of the answers'));
  terminal.child.stdin?.write('once\n');
  await until(() => terminal.stdout.includes('permission 2'));
  await until(() => (terminal.stdout.match(/Allow it\? \(1 to 4; nothing: later\): /g) ?? []).length >= 3);
  terminal.child.stdin?.write('4\n');
  const { stdout, code } = await terminal.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/1 tool call denied \(bash: echo two\): a person said no to echo two/);
});

test('with nobody there it is denied at once, and the run goes on', async () => {
  const { run } = await bench(`return await agent('echo one')`);
  const { code, stdout, stderr } = await run('--unattended').ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout).result).toMatch(/nobody is there to be asked/);
  expect(stderr).not.toContain('counterpoint permit');
});

test('what an agent changed in its worktree is taken over by a command', async () => {
  const { workspace, script } = workspaceWith(`return await agent('write')`);
  commitFiles(workspace, { 'a.txt': 'before\n' });
  const writes: FakeScript = (body) =>
    body.messages.length > 1
      ? { text: 'done' }
      : { tools: [{ name: 'write_file', input: { path: 'a.txt', content: 'after\n' } }] };
  const { env } = await modelApi(writes);
  const own = ['--workspace', workspace];
  const args = ['run', script, ...own, '--json', '--profile', 'edit-in-worktrees'];
  const { runId } = documentOf(await runCli(args, { env }));
  const file = () => readFileSync(join(workspace, 'a.txt'), 'utf8');
  expect(file()).toBe('before\n');
  const applied = await runCli(['apply', runId, '1', ...own], { env });
  expect([applied.code, applied.stdout]).toEqual([
    0,
    expect.stringMatching(/is in the workspace, 1 file:\n {2}a\.txt\n/),
  ]);
  expect(file()).toBe('after\n');
  const again = await runCli(['apply', runId, '1', ...own], { env });
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('in the workspace already')]);
});
