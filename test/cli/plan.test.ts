import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, startCli, startInTerminal } from '../support/cli-process.ts';
import type { FakeBody, FakeReply } from '../support/fake-anthropic.ts';
import { promptOf, until } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';
import { writeFiles } from '../support/workspace.ts';
import { documentOf, modelApi } from './cli-bench.ts';

const GOAL = 'Count the files of src';
const SCRIPT = `export const meta = { name: 'counting', description: 'Counts files', args: { type: 'object', properties: { where: { type: 'string', default: 'src' } } } };
const counted = await agent('Count the files of ' + args.where, { label: 'count' });
return { counted, where: args.where };
`;
const WHY = 'One agent is enough for a folder this small.';

/** A model that plans the script above and counts 1. */
function planner({ messages }: FakeBody): FakeReply {
  const asked = promptOf({ messages } as FakeBody);
  if (asked.startsWith('Count the files of')) return { text: '1' };
  return {
    tools: [{ name: 'answer', input: { name: 'count-files', script: SCRIPT, why: WHY, args: { where: 'src' } } }],
  };
}

async function bench() {
  const workspace = tempDir();
  writeFiles(workspace, { 'src/a.js': 'export const a = 1;\n' });
  const { api, env } = await modelApi(planner);
  const cli = (...args: string[]) => runCli(['plan', ...args, '--workspace', workspace], { env, cwd: workspace });
  return { workspace, api, env, cli };
}

test('a plan is kept among the drafts, with why it is so, what it would do and the command that runs it', async () => {
  const { workspace, cli } = await bench();
  const result = await cli(GOAL, '--max-agents', '7', '--deny', 'bash(rm *)', '--deny', 'grep', '--unattended');
  expect(result.code).toBe(0);
  const draft = join(workspace, '.counterpoint/drafts/count-files.js');
  const given = `--max-agents 7 --deny 'bash(rm *)' --deny grep --unattended`;
  const command = `counterpoint run .counterpoint/drafts/count-files.js --args '{"where":"src"}' ${given}`;
  expect(result.stdout).toContain(`script: ${draft}\n`);
  expect(result.stdout).toContain(`why: ${WHY}\n`);
  expect(result.stdout).toMatch(/^plan count-files: written by claude-/m);
  expect(result.stdout).toMatch(/^agents: 1$/m);
  expect(result.stdout).toContain(`\`${command}\` runs it.`);
  expect(result.stderr).toContain('looking at the workspace');
  expect(readFileSync(draft, 'utf8')).toContain('Counts files');
});

test('a plan of the built-in analyst is a bundled workflow by its name, and one document', async () => {
  const workspace = tempDir();
  writeFiles(workspace, { 'src/a.js': 'try { a() } catch {}\n' });
  const args = ['plan', 'Find swallowed errors in src', '--provider', 'builtin', '--workspace', workspace, '--json'];
  const result = await runCli(args, { cwd: workspace });
  expect(documentOf(result)).toMatchObject({
    name: 'bug-sweep',
    bundled: true,
    args: { paths: ['src'] },
    command: expect.stringMatching(/^counterpoint run bug-sweep --args '\{"paths":\["src"\].*\}' --provider builtin$/),
    preview: { script: { name: 'bug-sweep' }, tree: { phases: expect.any(Array) } },
  });
  expect(existsSync(join(workspace, '.counterpoint/drafts'))).toBe(false);
});

test('--run --yes runs what was planned, with its args, and its document has both', async () => {
  const { workspace, api, cli } = await bench();
  const out = join(workspace, 'mine.js');
  const said = ['--profile', 'trusted', '--max-agents', '7', '--finder-model', 'haiku'];
  const result = await cli(GOAL, '--out', out, '--run', '--yes', '--json', ...said);
  expect(result.code).toBe(0);
  expect(documentOf(result)).toMatchObject({
    status: 'completed',
    result: { counted: '1', where: 'src' },
    plan: { script: out, why: WHY, bundled: false },
  });
  expect(api.requests.at(-1)!.body.model).toBe('claude-haiku-5-5');
  expect(result.stderr).toContain('agents: 1');
  expect(readFileSync(out, 'utf8')).toContain('Counts files');
  expect(existsSync(join(workspace, '.counterpoint/drafts'))).toBe(false);
});

test('what cannot come to anything is told before a model is asked', async () => {
  const { workspace, api, cli } = await bench();
  const unseen = await cli(GOAL, '--run');
  expect([unseen.code, unseen.stderr]).toEqual([2, expect.stringContaining('add --yes to run it unseen')]);
  writeFileSync(join(workspace, 'there.js'), 'mine');
  const taken = await cli(GOAL, '--out', 'there.js');
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('There is a file')]);
  const nowhere = await cli(GOAL, '--out', 'gone/x.js', '--json');
  expect(documentOf(nowhere)).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('no folder') },
  });
  expect(api.requests).toEqual([]);
  expect(readFileSync(join(workspace, 'there.js'), 'utf8')).toBe('mine');
});

test('a signal cancels the planning: exit code 130, and nothing is kept', async () => {
  const { workspace } = await bench();
  const { api, env } = await modelApi(() => new Promise(() => undefined));
  const process = startCli(['plan', GOAL, '--workspace', workspace, '--json'], { env });
  await until(() => api.requests.length === 1);
  process.child.kill('SIGINT');
  const result = await process.ended;
  expect(result.code).toBe(130);
  expect(documentOf(result)).toEqual({ status: 'stopped' });
  expect(result.stderr).toContain('the planning was cancelled; no script was kept');
  expect(existsSync(join(workspace, '.counterpoint/drafts'))).toBe(false);
});

test('at a terminal a person sees the plan and is asked: only a yes runs it, and only what was seen', async () => {
  const { workspace, env } = await bench();
  const draft = join(workspace, '.counterpoint/drafts/count-files.js');
  const answer = async (typed: string, meanwhile: () => void) => {
    const process = startInTerminal(['plan', GOAL, '--workspace', workspace, '--run'], { env });
    await until(() => process.stdout.includes('Run it now? (y/N)'));
    expect(process.stdout).toContain(WHY);
    meanwhile();
    process.child.stdin?.write(typed);
    return await process.ended;
  };
  const no = await answer('\r', () => undefined);
  expect([no.code, no.stdout]).toEqual([0, expect.stringContaining('It was not run.')]);
  const changed = await answer('y\r', () => writeFileSync(draft, `${SCRIPT}log('something else');`));
  expect([changed.code, changed.stdout]).toEqual([1, expect.stringContaining('has changed since you looked at it')]);
  expect(documentOf(await runCli(['runs', '--workspace', workspace, '--json']))).toEqual([]);
});
