import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOf } from '../../extension/runs/new-run.ts';
import { heldHarness } from '../support/held-api.ts';
import { promptOf, promptsOf, runHarness, until } from '../support/run-harness.ts';

const META = `export const meta = { name: 'test', description: 'a test' }\n`;
const BODY = `const day = new Date().toISOString(); const dice = Math.random();
  const out = []; for (const name of ['a', 'b', 'c']) out.push(await agent(name + ' ' + dice + ' ' + Date.now()));
  return { day, out }`;

function echo() {
  return runHarness((body) => ({ text: `re: ${promptOf(body)}`, usage: { output: 5 } }));
}

test('a fork from the end asks nobody, with the clock and the dice of the first, and gives the same', async () => {
  const { manager, api, run } = await echo();
  const { runId, result } = await run(BODY);
  const fork = await manager.fork({ run: runId });
  expect(await manager.finished(fork)).toEqual({ status: 'completed', result });
  expect(promptsOf(api)).toHaveLength(3);
  const tree = manager.tree(fork);
  expect(tree.counts).toMatchObject({ reused: 3, succeeded: 0 });
  expect(tree.run?.forkedFrom).toMatchObject({ run: runId, seq: manager.events(runId, 0).length });
  expect(tree.usage.outputTokens).toBe(15);
  expect(manager.details(fork, 2).answer).toBe(manager.details(runId, 2).answer);
});

test('a fork from the middle asks again what was finished later, and leaves the first run as it was', async () => {
  const { manager, api, run } = await echo();
  const { runId, result } = await run(BODY);
  const second = manager.events(runId, 0).filter(({ type }) => type === 'call.settled')[1];
  const before = manager.events(runId, 0);
  const fork = await manager.fork({ run: runId, from: second?.seq });
  expect((await manager.finished(fork)).status).toBe('completed');
  expect(promptsOf(api)).toHaveLength(4);
  expect(promptsOf(api)[3]).toMatch(/^c /);
  expect(manager.tree(fork).counts).toMatchObject({ reused: 2, succeeded: 1 });
  expect(manager.events(runId, 0)).toEqual(before);
  expect(manager.result(runId)).toEqual(result);
  // A fork of the fork finds what both have finished, in the order in which it was.
  const again = await manager.fork({ run: fork });
  expect(await manager.finished(again)).toEqual({ status: 'completed', result: manager.result(fork) });
  expect(promptsOf(api)).toHaveLength(4);
});

test('a fork with an edited script reuses what is unchanged', async () => {
  const { manager, api, run, workspace } = await echo();
  const { runId } = await run(`return [await agent('same'), await agent('old')]`);
  const script = join(workspace, 'edited.js');
  writeFileSync(script, `${META}return [await agent('new'), await agent('same')]`);
  const fork = await manager.fork({ run: runId, script, model: 'other-model', limits: { concurrency: 2 } });
  expect(await manager.finished(fork)).toEqual({ status: 'completed', result: ['re: new', 're: same'] });
  expect(promptsOf(api)).toEqual(['same', 'old', 'new']);
  expect(manager.summary(fork)?.run).toMatchObject({ script: 'edited.js', model: 'other-model' });
  expect(manager.script(fork)).toContain("agent('new')");
  expect(manager.summary(runId)?.run.model).toBe('fake');
});

test('a script that is not the text that was seen is refused, by a fork and by a resume, and what was seen goes on', async () => {
  const { manager, run, workspace } = await echo();
  const { runId } = await run(`return await agent('old')`);
  const script = join(workspace, 'edited.js');
  const text = `${META}return await agent('new')`;
  writeFileSync(script, text);
  const seen = { script, digest: digestOf(text) };
  writeFileSync(script, `${text}// of somebody else`);
  const refused = { code: 'script-changed', message: expect.stringMatching(/^edited\.js has changed since/) };
  await expect(manager.fork({ run: runId, ...seen })).rejects.toMatchObject(refused);
  await expect(manager.resume(runId, seen)).rejects.toMatchObject(refused);
  expect(manager.runs()).toHaveLength(1);
  writeFileSync(script, text);
  await manager.resume(runId, seen);
  expect((await manager.finished(runId)).result).toBe('re: new');
  const fork = await manager.fork({ run: runId, ...seen });
  expect((await manager.finished(fork)).result).toBe('re: new');
});

test('a run tells what it was given as args', async () => {
  const { manager, run } = await echo();
  const { runId } = await run('return args', { args: { paths: ['src'] } });
  expect(manager.args(runId)).toEqual({ paths: ['src'] });
  expect(manager.args((await run('return 1')).runId)).toBeUndefined();
});

test('there is no fork from an event that is not there', async () => {
  const { manager, run } = await echo();
  const { runId } = await run(`return 1`);
  for (const from of [0, -1, 1.5, 10_000]) {
    await expect(manager.fork({ run: runId, from })).rejects.toMatchObject({ code: 'bad-arguments' });
  }
  expect(manager.runs()).toHaveLength(1);
});

test('a failed agent is asked again by a fork, and what the first run spent counts', async () => {
  let broken = true;
  const { manager, run } = await runHarness((body) =>
    promptOf(body) === 'weak' && broken ? { status: 400 } : { text: promptOf(body), usage: { output: 60 } },
  );
  const { runId } = await run(`return [await agent('strong'), await agent('weak')]`, { limits: { budget: 100 } });
  broken = false;
  const fork = await manager.fork({ run: runId });
  const { result } = await manager.finished(fork);
  expect(result).toEqual(['strong', 'weak']);
  expect(manager.tree(fork).usage.outputTokens).toBe(120);
});

test('what a fork took over comes before what it finished itself, however late it was', async () => {
  const harness = await heldHarness();
  const { manager } = harness;
  const body = `const order = []; await Promise.all(['held x', 'held y'].map((p) => agent(p).then(() => order.push(p)))); return order`;
  const runId = await harness.start(body);
  // Two attempts that came to nothing: events of this run count high.
  for (let stopped = 0; stopped < 2; stopped++) {
    await until(() => harness.api.requests.length === 2 * (stopped + 1));
    await manager.stop(runId);
    await manager.resume(runId);
    for (const prompt of ['held x', 'held y']) await harness.release(prompt, { text: 'for nobody' });
  }
  await harness.release('held y');
  await until(() => manager.tree(runId).counts.succeeded === 1);
  await manager.stop(runId);
  await harness.release('held x', { text: 'for nobody' });
  const fork = await manager.fork({ run: runId });
  await harness.release('held x');
  expect((await manager.finished(fork)).result).toEqual(['held y', 'held x']);
  const again = await manager.fork({ run: fork });
  expect(await manager.finished(again)).toEqual({ status: 'completed', result: ['held y', 'held x'] });
  expect(manager.tree(again).counts.reused).toBe(2);
});
