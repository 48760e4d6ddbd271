import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createBuiltinProvider } from '../../extension/models/builtin/provider.ts';
import { censusLines, runCensus } from '../../extension/protocol/run-census.ts';
import type { AddedTask } from '../../extension/protocol/run-control.ts';
import { ADDED_PHASE, FIRST_ADDED_CALL } from '../../extension/protocol/run-events.ts';
import { type CallNode, totalOf } from '../../extension/protocol/run-tree.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import { editFileTool } from '../../extension/tools/edit-file.ts';
import { readFileTool } from '../../extension/tools/read-file.ts';
import { builtDist } from '../support/built-dist.ts';
import type { FakeBody } from '../support/fake-anthropic.ts';
import { heldHarness } from '../support/held-api.ts';
import { startDriver, writeScript } from '../support/recovery.ts';
import { promptOf, promptsOf, runHarness, until } from '../support/run-harness.ts';

const FIRST = FIRST_ADDED_CALL;
const SECOND = FIRST_ADDED_CALL + 1;
const META = `export const meta = { name: 'test', description: 'a test' }\n`;

function add(manager: RunManager, runId: string, prompt: string, more: Partial<AddedTask> = {}): Promise<void> {
  return manager.control(runId, { action: 'add-agent', task: { prompt, ...more } });
}

function callOf(manager: RunManager, runId: string, id: number): CallNode | undefined {
  return manager.tree(runId).calls.get(id);
}

async function inState(manager: RunManager, runId: string, id: number, state: CallNode['state']): Promise<void> {
  await until(() => callOf(manager, runId, id)?.state === state);
}

function logsOf(manager: RunManager, runId: string): string[] {
  return manager.tree(runId).logs.map(({ message }) => message);
}

/** Of a script that goes on once an agent that was added has ended. */
const UNTIL_ADDED = `while ((await tool('inbox')).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));`;

const ENTRY = { number: 1, task: 'extra', label: 'extra', outcome: 'succeeded', answer: 're: extra' };

test('an agent is added to a run under way: it is a call like any other, and its answer is in the inbox', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(
    `const before = await tool('inbox'); await agent('held'); return [before, await tool('inbox'), await agent('last')]`,
    { limits: { maxAgents: 2 } },
  );
  await until(() => promptsOf(api).includes('held'));
  await add(manager, runId, 'extra', { label: 'my own', model: 'other' });
  // It is written down before the person hears that it is done.
  expect(manager.events(runId, 0).findLast(({ type }) => type === 'call.issued')).toMatchObject({
    call: { id: FIRST, added: true, phase: ADDED_PHASE, group: null, at: null, role: 'agent', label: 'my own' },
  });
  await inState(manager, runId, FIRST, 'succeeded');
  await release('held');
  const entry = { ...ENTRY, label: 'my own' };
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: [[], [entry], 're: last'] });
  expect(api.requests.find(({ body }) => promptOf(body) === 'extra')?.body.model).toBe('other');
  expect(manager.details(runId, FIRST)).toMatchObject({
    prompt: 'extra',
    answer: 're: extra',
    options: { label: 'my own' },
    settled: { outcome: 'succeeded', usage: { outputTokens: 10 } },
  });
  const tree = manager.tree(runId);
  expect(tree.phases.at(-1)).toMatchObject({ title: ADDED_PHASE, roots: [{ type: 'call', id: FIRST }] });
  expect(tree.phases.at(-1)?.usage.outputTokens).toBe(10);
  expect(tree.usage.outputTokens).toBe(30);
  expect(totalOf(tree.counts)).toBe(3);
});

test('no agent is offered the inbox, and the script hears which input it takes', async () => {
  const { api, run } = await runHarness((body) => ({ text: `re: ${promptOf(body)}` }));
  const ask = `const ask = (input) => tool('inbox', input).catch((error) => [error.name, error.message]);`;
  const { result } = await run(
    `${ask} await agent('look'); return [await ask({ wait: 1 }), await ask({ since: 2 }), await ask({ wait: false })]`,
  );
  expect(result).toEqual([
    ['ToolError', 'bad input for the tool inbox: `wait` is true or false'],
    ['ToolError', 'bad input for the tool inbox: it has no "since", only `wait`'],
    [],
  ]);
  expect(api.requests[0]?.body.tools?.map(({ name }) => name)).not.toContain('inbox');
});

test('an inbox that waits gives those at work then, in the order they ended; a replay gives the same', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`await agent('held'); const all = await tool('inbox', { wait: true });
    return [all.map(({ number, answer }) => [number, answer]), await agent('held after')]`);
  await until(() => promptsOf(api).includes('held'));
  await add(manager, runId, 'held one');
  await add(manager, runId, 'held two');
  await release('held');
  await until(() => manager.tree(runId).calls.get(2)?.state === 'working');
  await release('held two');
  await inState(manager, runId, SECOND, 'succeeded');
  expect(callOf(manager, runId, 2)?.state).toBe('working');
  await release('held one');
  await until(() => promptsOf(api).includes('held after'));
  // What comes later is no matter of the answer that is recorded.
  await add(manager, runId, 'late');
  await inState(manager, runId, FIRST + 2, 'succeeded');
  await manager.stop(runId);
  const asked = promptsOf(api).length;
  await manager.resume(runId);
  await release('held after', { status: 400 });
  await release('held after');
  expect(await manager.finished(runId)).toEqual({
    status: 'completed',
    result: [
      [
        [2, 're: held two'],
        [1, 're: held one'],
      ],
      're: held after',
    ],
  });
  expect(promptsOf(api).slice(asked)).toEqual(['held after']);
  expect([FIRST, SECOND, FIRST + 2].map((id) => callOf(manager, runId, id)?.state)).toEqual(Array(3).fill('reused'));
  expect(manager.tree(runId).usage.outputTokens).toBe(50);
});

test('the script begins anew beside agents that a person added: they go on, and those that are done stay so', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`await agent('held weak'); return await agent('held')`);
  await add(manager, runId, 'extra');
  await add(manager, runId, 'held long');
  await inState(manager, runId, FIRST, 'succeeded');
  await until(() => promptsOf(api).includes('held long'));
  await release('held weak', { status: 400 });
  await until(() => promptsOf(api).includes('held'));
  await manager.control(runId, { action: 'retry-agent', call: 1 });
  await until(() => manager.tree(runId).attempt === 2);
  expect(callOf(manager, runId, FIRST)?.state).toBe('reused');
  expect(callOf(manager, runId, SECOND)?.state).toBe('working');
  await release('held weak');
  const text = `${META}await agent('held weak'); return (await tool('inbox', { wait: true })).length`;
  await manager.control(runId, { action: 'replace-script', title: 'other.js', text });
  await until(() => manager.tree(runId).attempt === 3);
  await until(() => callOf(manager, runId, 2)?.info.kind === 'tool');
  await release('held long');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 2 });
  expect(promptsOf(api).filter((prompt) => prompt === 'held long' || prompt === 'extra')).toHaveLength(2);
  expect(manager.tree(runId).phases.map(({ title }) => title)).toEqual(['', ADDED_PHASE]);
  expect(totalOf(manager.tree(runId).counts)).toBe(3);
});

test('a run whose script is done waits for what a person added, also while it waits, and then ends as the script did', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`agent('held unawaited'); await agent('quick'); await agent('held'); return 'done'`);
  await until(() => promptsOf(api).includes('held unawaited'));
  await add(manager, runId, 'held one');
  await release('held');
  const line = 'the script is done; the run waits for 1 agent that a person added';
  await until(() => logsOf(manager, runId).includes(line));
  // What the script asked for and did not wait for costs nothing more meanwhile.
  expect(callOf(manager, runId, 1)?.state).toBe('stopped');
  await expect(manager.control(runId, { action: 'retry-agent', call: 1 })).rejects.toMatchObject({
    message: 'Agent 1 was stopped when the script ended: nobody waits for its answer any more.',
  });
  await add(manager, runId, 'held two');
  await release('held one');
  await inState(manager, runId, FIRST, 'succeeded');
  expect(manager.summary(runId)?.status).toBe('running');
  await release('held two');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 'done' });
  expect(callOf(manager, runId, SECOND)?.settled?.outcome).toBe('succeeded');
  expect(manager.events(runId, 0).at(-1)?.type).toBe('run.ended');
});

test('while a run waits for what was added, its script can still be replaced', async () => {
  const { manager, start, release } = await heldHarness();
  const runId = await start(`return await agent('held first')`);
  await add(manager, runId, 'held');
  await release('held first');
  await until(() => logsOf(manager, runId).some((line) => line.includes('waits for 1 agent')));
  const text = `${META}return await agent('second')`;
  await manager.control(runId, { action: 'replace-script', title: 'second.js', text });
  await until(() => logsOf(manager, runId).some((line) => line.includes('waits')) && manager.tree(runId).attempt === 2);
  await release('held');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 're: second' });
});

test('a script that fails waits for nobody; a resume goes on with what was added', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`await agent('held'); throw new Error('no')`);
  await add(manager, runId, 'held one');
  await until(() => promptsOf(api).includes('held one'));
  await release('held');
  expect(await manager.finished(runId)).toMatchObject({ status: 'failed', error: { message: 'no' } });
  expect(callOf(manager, runId, FIRST)?.state).toBe('stopped');
  await release('held one', { text: 'too late' });
  writeFileSync(join(manager.workspace, 'fixed.js'), `${META}return [await agent('held'), 'fixed']`);
  await manager.resume(runId, { script: 'fixed.js' });
  await release('held one');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: ['re: held', 'fixed'] });
  expect(callOf(manager, runId, FIRST)?.state).toBe('succeeded');
  expect(promptsOf(api).filter((prompt) => prompt === 'held')).toHaveLength(1);
});

test('a script that waits for nothing is stuck, whatever a person added is at work', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`await agent('held'); await new Promise(() => undefined)`);
  await add(manager, runId, 'held one');
  await until(() => promptsOf(api).includes('held one'));
  await release('held');
  expect(await manager.finished(runId)).toMatchObject({ status: 'failed', error: { name: 'StuckError' } });
  await release('held one', { text: 'too late' });
});

test('after a kill -9 each agent that a person added is paid for once: what is done stays, what was at work goes on in its turn', async () => {
  const turnOf = (body: FakeBody): number => body.messages.filter(({ role }) => role === 'assistant').length + 1;
  const usage = { input: 100, output: 10 };
  let killed = false;
  const { manager, api, workspace } = await runHarness(async (body) => {
    const prompt = promptOf(body);
    if (prompt === 'main' && !killed) await new Promise(() => undefined);
    if (prompt !== 'long') return { text: `re: ${prompt}`, usage };
    if (turnOf(body) === 3 && !killed) {
      killed = true;
      driver.child.kill('SIGKILL');
      await driver.gone;
    }
    if (turnOf(body) === 5) return { text: 'looked', usage };
    return { tools: [{ name: 'read_file', input: { path: 'script.js' } }], usage };
  });
  const script = writeScript(workspace, `await agent('main'); return await tool('inbox', { wait: true })`);
  const driver = await startDriver({ workspace, api: api.url, script });
  const runId = (await driver.heard('driving'))?.runId ?? '';
  await add(manager, runId, 'quick');
  await inState(manager, runId, FIRST, 'succeeded');
  await add(manager, runId, 'long');
  await driver.gone;
  await until(() => manager.summary(runId)?.status === 'interrupted');
  expect(callOf(manager, runId, SECOND)?.state).toBe('stopped');

  const again = await startDriver({ workspace, api: api.url, resume: runId });
  const entries = [
    { number: 1, task: 'quick', label: 'quick', outcome: 'succeeded', answer: 're: quick' },
    { number: 2, task: 'long', label: 'long', outcome: 'succeeded', answer: 'looked' },
  ];
  expect(await again.gone).toEqual({ type: 'ended', outcome: { status: 'completed', result: entries } });
  expect(promptsOf(api).filter((prompt) => prompt === 'quick')).toHaveLength(1);
  const long = api.requests.filter(({ body }) => promptOf(body) === 'long');
  expect(long.map(({ body }) => turnOf(body))).toEqual([1, 2, 3, 3, 4, 5]);
  // Seven replies came: one to the script's agent, one to the first that was added, five to the second.
  expect(manager.tree(runId).usage).toMatchObject({ inputTokens: 700, outputTokens: 70 });
});

test('stop and pause hold for agents that a person added as for all others', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`return await agent('held')`);
  await until(() => promptsOf(api).includes('held'));
  await manager.control(runId, { action: 'pause' });
  await add(manager, runId, 'held one');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(promptsOf(api)).toEqual(['held']);
  expect(callOf(manager, runId, FIRST)?.state).toBe('waiting');
  await manager.control(runId, { action: 'unpause' });
  await until(() => promptsOf(api).includes('held one'));
  await manager.stop(runId);
  expect(await manager.finished(runId)).toMatchObject({ status: 'stopped' });
  expect(callOf(manager, runId, FIRST)?.settled).toMatchObject({
    outcome: 'stopped',
    cause: { message: 'the run ended before the agent did' },
  });
  await release('held', { text: 'too late' });
  await release('held one', { text: 'too late' });
});

test('one added agent is stopped, skipped with a value, told something and begun anew like any other', async () => {
  const { manager, start, release, api } = await heldHarness((prompt) => prompt.startsWith('held'));
  const runId = await start(
    `await agent('held'); return (await tool('inbox')).map((one) => [one.outcome, one.answer])`,
  );
  for (const prompt of ['held stop', 'held skip', 'held again']) await add(manager, runId, prompt);
  await until(() => promptsOf(api).length === 4);
  const key = callOf(manager, runId, FIRST)?.info.key ?? '';
  await expect(manager.control(runId, { action: 'stop-agent', call: FIRST, key: 'other' })).rejects.toMatchObject({
    message: 'Number added-1 is another agent by now. Look again, then try once more.',
  });
  await manager.control(runId, { action: 'stop-agent', call: FIRST, key });
  await inState(manager, runId, FIRST, 'stopped');
  await manager.control(runId, { action: 'skip-agent', call: SECOND, value: { given: true } });
  await inState(manager, runId, SECOND, 'skipped');
  await manager.control(runId, { action: 'message-agent', call: FIRST + 2, text: 'and the tests' });
  await manager.control(runId, { action: 'retry-agent', call: FIRST + 2 });
  await until(() => promptsOf(api).length === 5);
  expect(JSON.stringify(api.requests[4]?.body.messages)).toContain('and the tests');
  await release('held again', { text: 'too late' });
  const waiting = promptsOf(api).at(-1) ?? '';
  await release(waiting, { text: 're: held again' });
  await inState(manager, runId, FIRST + 2, 'succeeded');
  await expect(manager.control(runId, { action: 'stop-agent', call: FIRST })).rejects.toMatchObject({
    code: 'not-possible',
    message: 'Agent added-1 has ended already.',
  });
  await expect(manager.control(runId, { action: 'retry-agent', call: SECOND })).rejects.toMatchObject({
    message: 'Agent added-2 has its answer, which is kept. To ask again, add another one.',
  });
  await release('held');
  expect(await manager.finished(runId)).toEqual({
    status: 'completed_with_failures',
    result: [
      ['stopped', null],
      ['skipped', { given: true }],
      ['succeeded', 're: held again'],
    ],
  });
});

test('one that failed counts as a failure, and a retry sends it again by itself: the script does not begin anew', async () => {
  const { manager, start, release } = await heldHarness();
  const runId = await start(`await agent('held'); return (await tool('inbox')).map((one) => one.outcome)`);
  await add(manager, runId, 'held weak');
  await release('held weak', { status: 400, message: 'no' });
  await inState(manager, runId, FIRST, 'failed');
  await until(() => logsOf(manager, runId).some((line) => line.startsWith('agent "held weak" failed')));
  await manager.control(runId, { action: 'retry-agent', call: FIRST });
  await until(() => manager.tree(runId).counts.working === 2);
  const { counts, phases, attempt } = manager.tree(runId);
  expect([counts.failed, attempt]).toEqual([0, 1]);
  expect(phases.at(-1)?.roots).toEqual([{ type: 'call', id: FIRST }]);
  await release('held weak');
  await inState(manager, runId, FIRST, 'succeeded');
  await release('held');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: ['succeeded'] });
});

test('a run ends with failures where only one that a person added failed; a resume asks it again, and nobody else', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`return [await agent('held'), (await tool('inbox')).map((one) => one.outcome)]`);
  await add(manager, runId, 'held weak');
  await release('held weak', { status: 400, message: 'no' });
  await inState(manager, runId, FIRST, 'failed');
  await release('held');
  expect(await manager.finished(runId)).toEqual({
    status: 'completed_with_failures',
    result: ['re: held', ['failed']],
  });
  expect(runCensus(manager.tree(runId))).toMatchObject({ started: 2, succeeded: 1, failed: 1 });
  await manager.resume(runId);
  await release('held weak');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: ['re: held', ['failed']] });
  expect(promptsOf(api).sort()).toEqual(['held', 'held weak', 'held weak']);
});

test('what a person adds is held by the profile of the run, and the census says what was denied', async () => {
  const edit = { name: 'edit_file', input: { path: 'a.txt', edits: [{ old: 'a', new: 'b' }] } };
  const { manager, start, workspace } = await runHarness(
    (body) => (body.messages.length > 1 ? { text: 'could not' } : { tools: [edit] }),
    { tools: [readFileTool, editFileTool] },
  );
  writeFileSync(join(workspace, 'a.txt'), 'a');
  const runId = await start(`${UNTIL_ADDED} return (await tool('inbox'))[0].answer`);
  await add(manager, runId, 'edit it');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 'could not' });
  expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('a');
  expect(censusLines(runCensus(manager.tree(runId)))).toEqual([
    expect.stringMatching(/^1 tool call denied \(edit_file: a\.txt\): .*read-only/),
  ]);
});

test('what is added counts in the caps of the run', async () => {
  const { manager, start, api } = await heldHarness();
  const runId = await start(`${UNTIL_ADDED} await agent('first'); return budget.spent()`, { limits: { budget: 25 } });
  await add(manager, runId, 'extra');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 20 });
  expect(api.requests.map(({ body }) => [promptOf(body), body.max_tokens])).toEqual([
    ['extra', 25],
    ['first', 15],
  ]);
});

test('what cannot be added is refused in words, and nothing is written', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`return await agent('held')`, { limits: { budget: 10 } });
  await until(() => promptsOf(api).includes('held'));
  const before = manager.events(runId, 0).length;
  const refused = async (task: AddedTask): Promise<string> => {
    const error = await manager.control(runId, { action: 'add-agent', task }).catch((reason: Error) => reason);
    expect(error).toMatchObject({ name: 'UserError' });
    return (error as Error).message;
  };
  expect(await refused({ prompt: ' \n' })).toBe('The task is empty. Say what the agent is to do.');
  expect(await refused({ prompt: 'x'.repeat(100_001) })).toMatch(
    /^The task has 100001 characters, and 100000 are the most/,
  );
  expect(await refused({ prompt: 'x', label: ' ' })).toMatch(/^The label of an agent has 1 to 200 characters/);
  expect(await refused({ prompt: 'x', model: 'm'.repeat(201) })).toMatch(/^The model of an agent/);
  expect(await refused({ prompt: 'x', agentType: 'Nobody' })).toMatch(
    /^No agent was added: there is no agentType "Nobody"/,
  );
  expect(await refused({ prompt: 'x', tools: [] } as AddedTask)).toMatch(/nothing that can be done to a run/);
  expect(await refused({ prompt: 1 } as unknown as AddedTask)).toMatch(/nothing that can be done to a run/);
  expect(manager.events(runId, 0)).toHaveLength(before);
  await release('held');
  expect((await manager.finished(runId)).status).toBe('completed');
  await expect(add(manager, runId, 'late')).rejects.toMatchObject({
    code: 'not-running',
    message: expect.stringContaining('Run Agent in Background'),
  });
});

test('the analyst that is no model is given no task of a person', async () => {
  const { workspace } = await heldHarness();
  const analyst = await openRunManager({
    ...{ workspace, bundledWorkflows: workspace, dist: await builtDist(), ripgrep: 'rg', node: process.execPath },
    provider: async () => createBuiltinProvider({ dist: workspace }),
  });
  onTestFinished(() => analyst.close());
  const script = writeScript(workspace, `await new Promise((resolve) => setTimeout(resolve, 1e6))`);
  const runId = await analyst.start({ script, provider: 'builtin' });
  await expect(add(analyst, runId, 'extra')).rejects.toMatchObject({ code: 'no-model' });
  await analyst.stop(runId);
  expect(analyst.tree(runId).phases.map(({ title }) => title)).not.toContain(ADDED_PHASE);
});

test('a run whose budget is spent, or that has a hundred already, takes no more', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`await agent('first'); await agent('held').catch(() => null); return 1`);
  await until(() => promptsOf(api).includes('held'));
  await manager.control(runId, { action: 'pause' });
  for (let n = 0; n < 100; n++) await add(manager, runId, `task ${n}`);
  await expect(add(manager, runId, 'one more')).rejects.toMatchObject({
    code: 'not-possible',
    message: expect.stringContaining('100 agents were added'),
  });
  await manager.stop(runId);
  await release('held', { text: 'too late' });
  const spent = await start(`await agent('first'); await new Promise((resolve) => setTimeout(resolve, 1e6))`, {
    limits: { budget: 10 },
  });
  await until(() => callOf(manager, spent, 2) !== undefined);
  await expect(add(manager, spent, 'one more')).rejects.toMatchObject({
    code: 'not-possible',
    message: "No agent was added: the budget of 10 output tokens is spent. Change the run's limits first.",
  });
});

test('a fork takes over what was added and has its answer, and leaves out what has none', async () => {
  const { manager, start, release, api } = await heldHarness();
  const runId = await start(`await agent('held'); return [await tool('inbox'), await agent('after')]`);
  await add(manager, runId, 'held one');
  await add(manager, runId, 'extra');
  await inState(manager, runId, SECOND, 'succeeded');
  await release('held');
  await until(() => promptsOf(api).includes('after'));
  await until(() => logsOf(manager, runId).some((line) => line.includes('waits for')));
  const fork = await manager.fork({ run: runId });
  const entry = { ...ENTRY, number: 2 };
  expect(await manager.finished(fork)).toEqual({ status: 'completed', result: [[entry], 're: after'] });
  expect(callOf(manager, fork, FIRST)).toBeUndefined();
  expect(callOf(manager, fork, SECOND)?.state).toBe('reused');
  expect(manager.details(fork, SECOND)).toMatchObject({ prompt: 'extra', answer: 're: extra' });
  // A fork of the fork has it, too, and its own numbers go on from there.
  const script = join(manager.workspace, 'again.js');
  writeFileSync(
    script,
    `${META}await agent('held'); await agent('held more'); return (await tool('inbox', { wait: true })).length`,
  );
  const again = await manager.fork({ run: fork, script });
  await add(manager, again, 'third');
  await inState(manager, again, FIRST + 2, 'succeeded');
  await release('held more');
  expect(await manager.finished(again)).toEqual({ status: 'completed', result: 2 });
  // Before it was finished there is nothing to take over.
  const early = await manager.fork({ run: runId, from: 2 });
  await release('held');
  expect(await manager.finished(early)).toMatchObject({ result: [[], 're: after'] });
  expect(promptsOf(api).filter((prompt) => prompt === 'extra')).toHaveLength(1);
  await release('held one');
  await manager.finished(runId);
});
