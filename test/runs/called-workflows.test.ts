import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { promptOf, promptsOf, type RunHarness, runHarness, until } from '../support/run-harness.ts';

async function withSaved(scripts: Record<string, string>): Promise<RunHarness> {
  const harness = await runHarness((body) => ({ text: `re: ${promptOf(body)}`, usage: { output: 10 } }));
  const folder = join(harness.workspace, '.claude/workflows');
  mkdirSync(folder, { recursive: true });
  for (const [name, body] of Object.entries(scripts)) save(harness, name, body);
  return harness;
}

function save({ workspace }: RunHarness, name: string, body: string): void {
  const meta = `export const meta = { name: '${name}', description: 'a saved one' }\n`;
  writeFileSync(join(workspace, '.claude/workflows', `${name}.js`), meta + body);
}

test('a saved workflow runs with its args and gives its result, by name and by path', async () => {
  const { run, manager, api } = await withSaved({
    audit: `phase('Inner'); return { topic: args.topic, found: await agent('audit ' + args.topic) }`,
  });
  const { runId, result } = await run(`phase('Outer'); const a = await workflow('audit', { topic: 'x' });
    const b = await workflow({ scriptPath: '.claude/workflows/audit.js' }, { topic: 'y' }); await agent('after'); return [a, b]`);
  expect(result).toEqual([
    { topic: 'x', found: 're: audit x' },
    { topic: 'y', found: 're: audit y' },
  ]);
  const tree = manager.tree(runId);
  expect([...tree.groups.values()].map(({ info }) => info.kind)).toEqual(['workflow', 'workflow']);
  const phases = [...tree.calls.values()].filter(({ info }) => info.kind === 'agent').map(({ info }) => info.phase);
  expect(phases).toEqual(['Inner', 'Inner', 'Outer']);
  expect(promptsOf(api)).toEqual(['audit x', 'audit y', 'after']);
});

test('an unknown name throws and lists the known ones; so does a path that cannot be read and a script that does not parse', async () => {
  const { run } = await withSaved({ good: 'return 1', broken: 'return (' });
  const { result } = await run(`const out = [];
    for (const ref of ['absent', { scriptPath: 'no/such.js' }, 'broken']) out.push(await workflow(ref).catch((e) => [e instanceof Error, e.name, e.message]));
    return out`);
  expect(result).toEqual([
    [true, 'WorkflowError', expect.stringMatching(/"absent".*broken.*good/)],
    [true, 'WorkflowError', expect.stringContaining('no/such.js')],
    [true, 'WorkflowError', expect.stringMatching(/does not parse.*line 2/)],
  ]);
});

test('the caps of the run hold for what a called workflow asks for, and one level is the deepest', async () => {
  const { run, manager } = await withSaved({
    inner: `return [await agent('1').catch((e) => e.name), await agent('2').catch((e) => e.name), budget.spent()]`,
    outer: `return await workflow('inner').catch((e) => e.message)`,
  });
  const { runId, result } = await run(`return [await workflow('inner'), await workflow('outer')]`, {
    limits: { maxAgents: 1 },
  });
  expect(result).toEqual([['re: 1', 'AgentLimitError', 10], expect.stringContaining('one level')]);
  expect(manager.tree(runId).counts.succeeded).toBe(1);
});

test('a resume goes by the called script as it was; one whose own script was replaced reads it anew', async () => {
  const harness = await withSaved({ part: `return await agent('old')` });
  const { manager, workspace, api } = harness;
  const body = `const first = await workflow('part'); await agent('stop here'); return first`;
  let hold = true;
  const slow = await runHarness(async (request) => {
    while (hold && promptOf(request) === 'stop here') await new Promise((resolve) => setTimeout(resolve, 5));
    return { text: promptOf(request) };
  });
  hold = false;
  expect(api.requests).toHaveLength(0);
  const runId = await harness.start(body);
  await until(() => promptsOf(api).includes('stop here'));
  await manager.finished(runId);
  save(harness, 'part', `return await agent('new')`);
  const fork = await manager.fork({ run: runId });
  expect((await manager.finished(fork)).result).toBe('re: old');
  const edited = join(workspace, 'script.js');
  const again = await manager.fork({ run: runId, script: edited });
  expect((await manager.finished(again)).result).toBe('re: new');
  expect(promptsOf(api)).toEqual(['old', 'stop here', 'new']);
  await slow.manager.close();
});

test('the script itself may use a tool, under what its agents may do', async () => {
  const { run, manager, workspace } = await withSaved({});
  writeFileSync(join(workspace, 'notes.txt'), 'one\ntwo\n');
  const { runId, result } = await run(`const text = await tool('read_file', { path: 'notes.txt' });
    const problems = [];
    for (const [name, input] of [['read_file', { path: '../secret' }], ['read_file', {}], ['rm', {}]])
      problems.push(await tool(name, input).catch((e) => [e instanceof Error, e.name]));
    return [text.includes('two'), problems]`);
  expect(result).toEqual([
    true,
    [
      [true, 'ToolError'],
      [true, 'ToolError'],
      [true, 'ToolError'],
    ],
  ]);
  writeFileSync(join(workspace, 'notes.txt'), 'three\n');
  const fork = await manager.fork({ run: runId });
  expect((await manager.finished(fork)).result).toEqual(result);
  const node = [...manager.tree(runId).calls.values()].find(({ info }) => info.kind === 'tool');
  expect(node).toMatchObject({ state: 'succeeded', info: { label: 'read_file' } });
  expect(manager.details(runId, node?.info.id ?? 0).answer).toContain('two');
});

test('a called script has the defaults of its schema for what it is not given, as if it were run', async () => {
  const { run, workspace } = await withSaved({});
  const schema = `{ type: 'object', properties: { depth: { default: 2 }, tags: { default: ['a'] }, topic: { type: 'string' } } }`;
  const head = `export const meta = { name: 'deep', description: 'd', args: ${schema} }\n`;
  writeFileSync(join(workspace, '.claude/workflows/deep.js'), `${head}args.tags.push('b'); return args`);
  writeFileSync(
    join(workspace, '.claude/workflows/plain.js'),
    `export const meta = { name: 'plain', description: 'd' }\nreturn typeof args`,
  );
  const { result } = await run(`return [await workflow('deep'), await workflow('deep', { depth: 5, topic: 'x' }),
    await workflow('plain'), await workflow('plain', 'text'), await workflow('deep', 'text').catch(String)]`);
  expect(result).toEqual([
    { depth: 2, tags: ['a', 'b'] },
    { depth: 5, tags: ['a', 'b'], topic: 'x' },
    'undefined',
    'string',
    'TypeError: The workflow ".claude/workflows/deep.js" takes an object as its args, not a string.',
  ]);
});
