import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { postControl } from '../../extension/journal/controls.ts';
import { Journal } from '../../extension/journal/journal.ts';
import type { CallState } from '../../extension/protocol/run-tree.ts';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import type { FakeReply } from '../support/fake-anthropic.ts';
import { type HeldHarness, heldHarness } from '../support/held-api.ts';
import { promptOf, promptsOf, runHarness, until } from '../support/run-harness.ts';

const META = `export const meta = { name: 'test', description: 'a test' }\n`;

function stateOf(runs: RunManager, runId: string, label: string): CallState | undefined {
  return [...runs.tree(runId).calls.values()].find(({ info }) => info.label === label)?.state;
}

function numberOf({ manager }: HeldHarness, runId: string, label: string): number {
  const call = [...manager.tree(runId).calls.values()].find(({ info }) => info.label === label);
  return call?.info.id ?? 0;
}

async function atWork(harness: HeldHarness, runId: string, label: string): Promise<number> {
  await until(() => promptsOf(harness.api).includes(label) && numberOf(harness, runId, label) > 0);
  return numberOf(harness, runId, label);
}

test('a paused run sends nothing out, and goes on where it was', async () => {
  const harness = await heldHarness();
  const { manager, api } = harness;
  const runId = await harness.start(`return [await agent('held'), await agent('next')]`);
  await atWork(harness, runId, 'held');
  await manager.control(runId, { action: 'pause' });
  expect(manager.tree(runId).paused).toBe(true);
  await harness.release('held');
  await until(() => stateOf(manager, runId, 'held') === 'succeeded');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(promptsOf(api)).toEqual(['held']);
  await manager.control(runId, { action: 'unpause' });
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: ['re: held', 're: next'] });
  expect(manager.tree(runId).paused).toBe(false);
});

test('an agent that a person stops gives null, and the run says so; the others go on', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const runId = await harness.start(`return await parallel([() => agent('held'), () => agent('other')])`);
  const call = await atWork(harness, runId, 'held');
  await manager.control(runId, { action: 'stop-agent', call });
  expect(await manager.finished(runId)).toEqual({ status: 'completed_with_failures', result: [null, 're: other'] });
  const tree = manager.tree(runId);
  expect(stateOf(manager, runId, 'held')).toBe('stopped');
  expect(tree.calls.get(call)?.settled?.cause).toEqual({ kind: 'stopped', message: 'a person stopped the agent' });
  expect(tree.logs.map(({ message }) => message)).toContain('agent "held" stopped: a person stopped the agent');
});

test('a skipped agent gives the value a person gave, which a resume keeps; one without a value is asked again', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const runId = await harness.start(`return await parallel([() => agent('held 1'), () => agent('held 2')])`);
  const [first, second] = [await atWork(harness, runId, 'held 1'), await atWork(harness, runId, 'held 2')];
  await manager.control(runId, { action: 'skip-agent', call: first, value: { given: true } });
  await manager.control(runId, { action: 'skip-agent', call: second });
  expect(await manager.finished(runId)).toEqual({ status: 'completed_with_failures', result: [{ given: true }, null] });
  expect(stateOf(manager, runId, 'held 1')).toBe('skipped');
  await manager.resume(runId);
  await harness.release('held 2', { text: 'too late' });
  await harness.release('held 2');
  expect((await manager.finished(runId)).result).toEqual([{ given: true }, 're: held 2']);
  expect(promptsOf(harness.api)).toEqual(['held 1', 'held 2', 'held 2']);
});

test('an agent at work begins anew, in its place', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const runId = await harness.start(`return await agent('held')`);
  const call = await atWork(harness, runId, 'held');
  await manager.control(runId, { action: 'retry-agent', call });
  await until(() => promptsOf(harness.api).length === 2);
  await harness.release('held', { text: 'the first try' });
  await harness.release('held', { text: 'the second try' });
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 'the second try' });
});

test('an agent that failed is asked again, and the script never saw the failure; nothing else is asked twice', async () => {
  const harness = await heldHarness();
  const { manager, api } = harness;
  const body = `const first = await agent('held weak'); const other = await agent('held bad');
    const seen = first === null ? 'a failure' : first; const last = await agent('held after ' + seen);
    return [first, other, last]`;
  const runId = await harness.start(body);
  await harness.release('held weak', { status: 400 });
  await harness.release('held bad', { status: 400 });
  await atWork(harness, runId, 'held after a failure');
  const weak = numberOf(harness, runId, 'held weak');
  await manager.control(runId, { action: 'retry-agent', call: weak });
  await harness.release('held weak');
  await harness.release('held after re: held weak');
  // Nobody asks for what began with the failure any more; it may end when it likes.
  await harness.release('held after a failure');
  expect(await manager.finished(runId)).toEqual({
    status: 'completed_with_failures',
    result: ['re: held weak', null, 're: held after re: held weak'],
  });
  expect(promptsOf(api)).toEqual([
    'held weak',
    'held bad',
    'held after a failure',
    'held weak',
    'held after re: held weak',
  ]);
  expect(manager.tree(runId).attempt).toBe(2);
  expect(manager.tree(runId).counts).toMatchObject({ failed: 1, succeeded: 2 });
});

test('what is under way while the script begins anew is found again, and told once', async () => {
  const harness = await heldHarness();
  const { manager, api } = harness;
  const body = `return await parallel([() => agent('held weak'), () => agent('held long'), () => agent('quick')])`;
  const runId = await harness.start(body);
  await atWork(harness, runId, 'held long');
  await harness.release('held weak', { status: 400 });
  await until(() => stateOf(manager, runId, 'held weak') === 'failed');
  await manager.control(runId, { action: 'retry-agent', call: numberOf(harness, runId, 'held weak') });
  await until(() => manager.tree(runId).attempt === 2 && stateOf(manager, runId, 'held long') === 'working');
  await harness.release('held long');
  await harness.release('held weak');
  expect(await manager.finished(runId)).toEqual({
    status: 'completed',
    result: ['re: held weak', 're: held long', 're: quick'],
  });
  expect(promptsOf(api).filter((prompt) => prompt === 'held long')).toHaveLength(1);
  expect(manager.tree(runId).usage.outputTokens).toBe(30);
});

test('an agent that has its answer cannot be asked again; one that is no longer there cannot be stopped', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const runId = await harness.start(`return [await agent('done'), await agent('held')]`);
  await atWork(harness, runId, 'held');
  await expect(manager.control(runId, { action: 'retry-agent', call: 1 })).rejects.toMatchObject({
    code: 'not-possible',
    message: expect.stringContaining('fork'),
  });
  await expect(manager.control(runId, { action: 'stop-agent', call: 1 })).rejects.toMatchObject({
    code: 'not-possible',
  });
  await expect(manager.control(runId, { action: 'stop-agent', call: 99 })).rejects.toMatchObject({
    code: 'bad-arguments',
  });
  await expect(manager.control(runId, { action: 'stop-agent', call: 2, key: 'other' })).rejects.toMatchObject({
    code: 'not-possible',
    message: expect.stringContaining('another agent by now'),
  });
  await harness.release('held');
  expect((await manager.finished(runId)).status).toBe('completed');
  await expect(manager.control(runId, { action: 'pause' })).rejects.toMatchObject({ code: 'not-running' });
});

test('an agent hears what a person says to it', async () => {
  const harness = await heldHarness((prompt) => prompt === 'held');
  const { manager, api } = harness;
  const runId = await harness.start(`return await agent('held')`);
  const call = await atWork(harness, runId, 'held');
  await manager.control(runId, { action: 'message-agent', call, text: 'look at the tests, too' });
  await harness.release('held', { text: 'done' });
  await harness.release('held', { text: 'done with the tests' });
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 'done with the tests' });
  expect(JSON.stringify(api.requests[1]?.body.messages)).toContain('look at the tests, too');
  expect(manager.details(runId, call).transcript).toContainEqual(
    expect.objectContaining({ type: 'message', text: 'look at the tests, too' }),
  );
});

test('more agents work at a time from now on, or fewer', async () => {
  const harness = await heldHarness();
  const { manager, api } = harness;
  const body = `return (await parallel(Array.from({ length: 6 }, (_, i) => () => agent('held ' + i)))).length`;
  const runId = await harness.start(body, { limits: { concurrency: 1 } });
  await until(() => api.load.now === 1);
  await manager.control(runId, { action: 'set-limits', limits: { concurrency: 4 } });
  await until(() => api.load.now === 4);
  await manager.control(runId, { action: 'set-limits', limits: { concurrency: 1 } });
  for (let i = 0; i < 6; i++) await harness.release(`held ${i}`);
  expect((await manager.finished(runId)).result).toBe(6);
  expect(api.load.peak).toBe(4);
  expect(manager.tree(runId).run?.limits.concurrency).toBe(1);
  expect(manager.summary(runId)?.run.limits.concurrency).toBe(1);
});

test('a cap that is lowered holds, and one that is raised lets the run go on', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const body = `const ask = (p) => agent(p).catch((error) => error.name);
    return [await ask('held 1'), await ask('held 2'), await ask('free')]`;
  const runId = await harness.start(body, { limits: { maxAgents: 2 } });
  await atWork(harness, runId, 'held 1');
  await manager.control(runId, { action: 'set-limits', limits: { maxAgents: 1 } });
  await harness.release('held 1');
  expect((await manager.finished(runId)).result).toEqual(['re: held 1', 'AgentLimitError', 'AgentLimitError']);
});

test('the run goes on with another script: what it still asks for is not asked again', async () => {
  const harness = await heldHarness();
  const { manager, api } = harness;
  const runId = await harness.start(
    `const a = await agent('kept'); return [a, await agent('held'), await agent('dropped')]`,
  );
  await atWork(harness, runId, 'held');
  const text = `${META}const [a, b] = await parallel([() => agent('held'), () => agent('new')]); return [b, a, await agent('kept')]`;
  await manager.control(runId, { action: 'replace-script', title: 'edited.js', text });
  await harness.release('held');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: ['re: new', 're: held', 're: kept'] });
  expect(promptsOf(api)).toEqual(['kept', 'held', 'new']);
  expect(manager.script(runId)).toBe(text);
  expect(manager.summary(runId)?.run).toMatchObject({ script: 'edited.js', edition: 1 });
});

test('a script that must not run does not take the place of one that runs', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const runId = await harness.start(`return await agent('held')`);
  await atWork(harness, runId, 'held');
  await expect(
    manager.control(runId, { action: 'replace-script', title: 'x.js', text: 'import x from "y"' }),
  ).rejects.toMatchObject({ code: 'script-refused', line: 1 });
  await harness.release('held');
  expect((await manager.finished(runId)).result).toBe('re: held');
});

test('all of it works from another process that has the journal open, and so does stopping', async () => {
  const harness = await heldHarness();
  const other = await harness.open();
  const runId = await harness.start(`return await parallel([() => agent('held 1'), () => agent('held 2')])`);
  const call = await atWork(harness, runId, 'held 1');
  await other.control(runId, { action: 'skip-agent', call, value: 'theirs' });
  await until(() => stateOf(other, runId, 'held 1') === 'skipped');
  await expect(other.control(runId, { action: 'skip-agent', call })).rejects.toMatchObject({
    code: 'not-possible',
    message: `Agent ${call} has ended already.`,
  });
  await other.control(runId, { action: 'pause' });
  expect(harness.manager.tree(runId).paused).toBe(true);
  await other.stop(runId);
  expect(other.summary(runId)).toMatchObject({ status: 'stopped', here: false });
  await expect(other.control(runId, { action: 'unpause' })).rejects.toMatchObject({ code: 'not-running' });
});

test('a resume goes on with an edited script and another model; finished agents are not asked again', async () => {
  const harness = await heldHarness();
  const { manager, api, workspace } = harness;
  const first = await harness.run(`return [await agent('a'), await agent('b')]`);
  const edited = join(workspace, 'edited.js');
  writeFileSync(edited, `${META}const fresh = await agent('c'); return [fresh, await agent('b'), await agent('a')]`);
  await manager.resume(first.runId, { script: edited, model: 'other-model' });
  expect(await manager.finished(first.runId)).toEqual({ status: 'completed', result: ['re: c', 're: b', 're: a'] });
  expect(promptsOf(api)).toEqual(['a', 'b', 'c']);
  expect(api.requests.map(({ body }) => body.model)).toEqual(['fake', 'fake', 'other-model']);
  expect(manager.summary(first.runId)?.run).toMatchObject({ script: 'edited.js', model: 'other-model' });
  await expect(manager.resume(first.runId)).rejects.toMatchObject({ code: 'run-finished' });
});

test('what was asked of a run while nobody drove it does not come true when somebody does', async () => {
  const harness = await heldHarness();
  const runId = await harness.start(`return await agent('held')`);
  await atWork(harness, runId, 'held');
  await harness.manager.close();
  const journal = new Journal(harness.workspace);
  postControl(journal.database, runId, { action: 'stop' });
  journal.close();
  const manager = await harness.open();
  await manager.resume(runId);
  // Longer than it takes to look for what others ask.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await harness.release('held', { text: 'for nobody' });
  await harness.release('held');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 're: held' });
});

test('what waits for its place when another script comes is not sent out unless that asks for it', async () => {
  const harness = await heldHarness();
  const { manager, api } = harness;
  const body = `return await parallel(['held', 'old', 'kept'].map((prompt) => () => agent(prompt)))`;
  const runId = await harness.start(body, { limits: { concurrency: 1 } });
  await atWork(harness, runId, 'held');
  const text = `${META}return await parallel(['held', 'kept'].map((prompt) => () => agent(prompt)))`;
  await manager.control(runId, { action: 'replace-script', title: 'x.js', text });
  await until(() => manager.tree(runId).attempt === 2 && manager.tree(runId).calls.size === 2);
  await harness.release('held');
  expect((await manager.finished(runId)).result).toEqual(['re: held', 're: kept']);
  expect(promptsOf(api)).toEqual(['held', 'kept']);
});

test('a script that takes the place of another has failed agents asked again, under the same caps', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const body = `return [await agent('held weak'), await agent('held last')]`;
  const runId = await harness.start(body, { limits: { maxAgents: 2 } });
  await harness.release('held weak', { status: 400 });
  await atWork(harness, runId, 'held last');
  await manager.control(runId, { action: 'replace-script', title: 'x.js', text: META + body });
  await harness.release('held weak');
  await harness.release('held last');
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: ['re: held weak', 're: held last'] });
});

test('a run stays paused while its script begins anew', async () => {
  const harness = await heldHarness();
  const { manager, api } = harness;
  const runId = await harness.start(`return [await agent('held weak'), await agent('held last')]`);
  await harness.release('held weak', { status: 400 });
  await atWork(harness, runId, 'held last');
  await manager.control(runId, { action: 'pause' });
  await manager.control(runId, { action: 'retry-agent', call: numberOf(harness, runId, 'held weak') });
  await until(() => manager.tree(runId).attempt === 2 && stateOf(manager, runId, 'held weak') === 'waiting');
  expect(manager.tree(runId).paused).toBe(true);
  expect(promptsOf(api)).toEqual(['held weak', 'held last']);
  await manager.control(runId, { action: 'unpause' });
  await harness.release('held weak');
  await harness.release('held last');
  expect((await manager.finished(runId)).status).toBe('completed');
});

test('what a try used that a person broke off is paid for', async () => {
  const harness = await runHarness(async (body, n): Promise<FakeReply> => {
    if (n === 1) return { tools: [{ name: 'list_directory', input: {} }], usage: { output: 7 } };
    if (n === 2) await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
    return { text: promptOf(body), usage: { output: 5 } };
  });
  const runId = await harness.start(`const text = await agent('x'); return [text, budget.spent()]`);
  await until(() => harness.api.requests.length === 2);
  await harness.manager.control(runId, { action: 'retry-agent', call: 1 });
  expect((await harness.manager.finished(runId)).result).toEqual(['x', 12]);
  expect(harness.manager.tree(runId).usage.outputTokens).toBe(12);
});

test('an answer known beforehand comes before those that are live, as it does in every replay', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const numbers = Array.from({ length: 8 }, (_, i) => i);
  const runId = await harness.start(
    `for (let i = 0; i < 8; i++) await agent('known ' + i); return await agent('held')`,
  );
  await atWork(harness, runId, 'held');
  const text = `${META}const order = [];
    await Promise.all([${numbers}].map(async (i) => { await agent('held ' + i); order.push('live ' + i); await agent('known ' + i); order.push('known ' + i) }));
    return order`;
  await manager.control(runId, { action: 'replace-script', title: 'x.js', text });
  for (const i of numbers) await atWork(harness, runId, `held ${i}`);
  await Promise.all(numbers.map((i) => harness.release(`held ${i}`)));
  const { result } = await manager.finished(runId);
  const fork = await manager.fork({ run: runId });
  expect(await manager.finished(fork)).toEqual({ status: 'completed', result });
});
