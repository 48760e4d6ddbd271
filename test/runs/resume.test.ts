import { expect, test } from 'vitest';
import { UserError } from '../../extension/protocol/errors.ts';
import { runCensus } from '../../extension/protocol/run-census.ts';
import type { FakeReply } from '../support/fake-anthropic.ts';
import { promptOf, promptsOf, runHarness, until } from '../support/run-harness.ts';

test('a resumed run asks no finished agent again, and gives what an undisturbed one gives', async () => {
  const harness = await runHarness((body) => ({ text: `re: ${promptOf(body)}` }), { delayMs: 15 });
  const body = `return await pipeline(['a', 'b', 'c', 'd', 'e', 'f'], (x) => agent('first ' + x), (y) => agent('second ' + y))`;
  const runId = await harness.start(body, { limits: { concurrency: 2 } });
  await until(() => harness.manager.tree(runId).counts.succeeded >= 5);
  await harness.manager.close();
  const finished = promptsOf(harness.api).length;

  const manager = await harness.open();
  const before = manager.tree(runId);
  expect(before.status).toBe('interrupted');
  const done = [...before.calls.values()]
    .filter((call) => call.state === 'succeeded')
    .map((call) => manager.details(runId, call.info.id).prompt);
  await manager.resume(runId);
  const outcome = await manager.finished(runId);
  expect(outcome).toEqual({
    status: 'completed',
    result: ['a', 'b', 'c', 'd', 'e', 'f'].map((x) => `re: second re: first ${x}`),
  });
  const askedAgain = promptsOf(harness.api).slice(finished);
  expect(askedAgain.filter((prompt) => done.includes(prompt))).toEqual([]);
  expect(runCensus(manager.tree(runId))).toMatchObject({ reused: done.length, started: 12 - done.length, failed: 0 });
});

test('failed agents are asked again, and what was spent stays spent', async () => {
  let broken = true;
  const harness = await runHarness((body): FakeReply => {
    return promptOf(body) === 'weak' && broken ? { status: 400 } : { text: promptOf(body), usage: { output: 7 } };
  });
  const { runId, status } = await harness.run(`return [await agent('strong'), await agent('weak')]`);
  expect(status).toBe('completed_with_failures');
  broken = false;
  await harness.manager.resume(runId);
  expect(await harness.manager.finished(runId)).toEqual({ status: 'completed', result: ['strong', 'weak'] });
  expect(promptsOf(harness.api)).toEqual(['strong', 'weak', 'weak']);
  expect(harness.manager.tree(runId).usage.outputTokens).toBe(14);
});

test('the order in which calls settled is the order of the replay', async () => {
  const harness = await runHarness(async (body) => {
    await new Promise((resolve) => setTimeout(resolve, promptOf(body) === 'slow' ? 60 : 5));
    return { text: promptOf(body) };
  });
  const body = `const order = [];
    await Promise.all(['slow', 'fast'].map((p) => agent(p).then((t) => order.push(t))));
    const winner = await Promise.race([agent('slow', { label: 'x' }), new Promise((r) => setTimeout(() => r('timer'), 20))]);
    await agent('stop here ' + order.join() + winner);
    return [order, winner]`;
  const runId = await harness.start(body);
  await until(() => promptsOf(harness.api).some((prompt) => prompt.startsWith('stop here')));
  await harness.manager.stop(runId);
  await harness.manager.resume(runId);
  expect(await harness.manager.finished(runId)).toEqual({ status: 'completed', result: [['fast', 'slow'], 'timer'] });
  expect(promptsOf(harness.api).filter((prompt) => prompt === 'fast')).toHaveLength(1);
});

test('clock and randomness are the same on a replay', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }), { delayMs: 5 });
  const body = `const seen = [Math.random(), Date.now()]; await agent('a'); seen.push(Math.random(), Date.now());
    await agent('b ' + seen.join()); return seen`;
  const runId = await harness.start(body);
  await until(() => promptsOf(harness.api).length === 2);
  await harness.manager.stop(runId);
  await harness.manager.resume(runId);
  await harness.manager.finished(runId);
  const prompts = promptsOf(harness.api);
  expect(prompts.filter((prompt) => prompt === 'a')).toHaveLength(1);
  expect(new Set(prompts.filter((prompt) => prompt.startsWith('b')))).toHaveProperty('size', 1);
});

test('the same prompt twice is two agents, also after a resume', async () => {
  const harness = await runHarness((_, n) => ({ text: `answer ${n}` }));
  const runId = await harness.start(
    `const two = [await agent('same'), await agent('same')]; await new Promise((r) => setTimeout(r, 300)); return two`,
  );
  await until(() => harness.manager.tree(runId).counts.succeeded === 2);
  await harness.manager.stop(runId);
  await harness.manager.resume(runId);
  expect(await harness.manager.finished(runId)).toMatchObject({ result: ['answer 1', 'answer 2'] });
  expect(harness.api.requests).toHaveLength(2);
});

test('what cannot be resumed says why', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }), { delayMs: 300 });
  const code = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error) => (error instanceof UserError ? error.code : String(error)),
    );
  expect(await code(harness.manager.resume('nothing'))).toBe('run-not-found');
  const runId = await harness.start(`return await agent('a')`);
  expect(await code(harness.manager.resume(runId))).toBe('run-busy');
  await harness.manager.finished(runId);
  expect(await code(harness.manager.resume(runId))).toBe('run-finished');
});

test('asked twice at once to resume, a run is driven once', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }), { delayMs: 20 });
  const runId = await harness.start(`await agent('a'); return await agent('b')`);
  await until(() => promptsOf(harness.api).includes('b'));
  await harness.manager.stop(runId);
  const asked = harness.api.requests.length;
  const outcomes = await Promise.allSettled([harness.manager.resume(runId), harness.manager.resume(runId)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await harness.manager.finished(runId)).toMatchObject({ status: 'completed', result: 'b' });
  expect(promptsOf(harness.api).slice(asked)).toEqual(['b']);
});

test('how a run ended can also be asked afterwards', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }));
  const { runId } = await harness.run(`return await agent('a')`);
  expect(await harness.manager.finished(runId)).toEqual({ status: 'completed', result: 'a' });
  const failed = await harness.run(`throw new RangeError('no')`);
  expect(await harness.manager.finished(failed.runId)).toMatchObject({
    status: 'failed',
    error: { name: 'RangeError', message: 'no' },
  });
});
