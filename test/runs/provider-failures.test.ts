import { expect, test } from 'vitest';
import { runCensus } from '../../extension/protocol/run-census.ts';
import type { FakeReply } from '../support/fake-anthropic.ts';
import { promptOf, promptsOf, runHarness, until } from '../support/run-harness.ts';

const MANY = `return (await parallel(Array.from({ length: 200 }, (_, i) => () => agent('n' + i)))).filter(Boolean).length`;

test('a refused key fails the run early and says so; resume goes on where it stopped', async () => {
  let refused = false;
  const harness = await runHarness((body, n): FakeReply => {
    refused ||= n === 50;
    return refused && n < 1_000 ? { status: 401, message: 'invalid x-api-key' } : { text: promptOf(body) };
  });
  const { runId, status, error } = await harness.run(MANY);
  expect({ status, name: error?.name }).toEqual({ status: 'failed', name: 'ProviderError' });
  expect(error?.message).toMatch(/^the provider failed 3 times in a row: .*401: invalid x-api-key.*; resume goes on/);
  expect(harness.api.requests.length).toBeLessThan(100);
  const before = runCensus(harness.manager.tree(runId));
  expect(before.succeeded).toBeGreaterThan(30);
  expect(before.failed).toBeLessThanOrEqual(3);

  while (harness.api.requests.length < 1_000) harness.api.requests.push(harness.api.requests[0]!);
  await harness.manager.resume(runId);
  expect(await harness.manager.finished(runId)).toEqual({ status: 'completed', result: 200 });
  expect(runCensus(harness.manager.tree(runId))).toMatchObject({
    reused: before.succeeded,
    succeeded: 200 - before.succeeded,
    failed: 0,
  });
});

test('a server that is gone fails the run after one probe', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }), {
    governor: { maxTries: 2, probeDelayMs: 50 },
  });
  await harness.api.close();
  const { runId, status, error } = await harness.run(MANY);
  expect({ status, name: error?.name }).toEqual({ status: 'failed', name: 'ProviderError' });
  expect(error?.message).toContain('ECONNREFUSED');
  const { counts, logs } = harness.manager.tree(runId);
  expect(counts).toMatchObject({ failed: 7, stopped: 193, waiting: 0, working: 0 });
  expect(logs.some(({ message }) => message.includes('then one request tries'))).toBe(true);
});

test('a usage limit parks the run, which says until when and goes on by itself', async () => {
  const resetAt = Date.now() + 700;
  const harness = await runHarness(
    (body): FakeReply => {
      const left = resetAt - Date.now();
      if (promptOf(body) === 'first' || left <= 0) return { text: promptOf(body) };
      return { status: 429, headers: { 'retry-after-ms': String(left) } };
    },
    { governor: { parkOverMs: 0, maxTries: 1 } },
  );
  const { runId, result } = await harness.run(`await agent('first'); ${MANY}`);
  expect(result).toBe(200);
  const told = harness.manager.tree(runId).logs.map(({ message }) => message);
  expect(told).toEqual([expect.stringMatching(/^parked until \d\d:\d\d UTC: usage limit$/)]);
  const governed = harness.manager.events(runId, 0).flatMap((event) => (event.type === 'run.governed' ? event : []));
  expect(governed).toMatchObject([
    { governor: { parkedUntil: expect.any(Number), why: 'usage limit', requests: null } },
  ]);
  // Retry-after says a time relative to when the answer came.
  expect(governed[0]!.governor.parkedUntil! - resetAt).toBeLessThan(700);
  expect(harness.manager.tree(runId).governor).toBeNull();
  expect(promptsOf(harness.api).length).toBeLessThanOrEqual(201 + 16);
});

test('a parked run can be stopped', async () => {
  const harness = await runHarness(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
  const runId = await harness.start(MANY);
  await until(() => harness.manager.tree(runId).logs.length > 0);
  await harness.manager.stop(runId);
  expect(harness.manager.tree(runId)).toMatchObject({ status: 'stopped', counts: { failed: 0, stopped: 200 } });
});

test('what a broken reply used is counted', async () => {
  const harness = await runHarness((_, n): FakeReply => {
    return n === 1 ? { text: 'cut off', dropAfter: 3, usage: { input: 50 } } : { text: 'ok', usage: { input: 30 } };
  });
  const { runId } = await harness.run(`return await agent('go')`);
  expect(harness.manager.tree(runId).usage.inputTokens).toBe(80);
});

test('what a broken reply had said is not asked for again, and both parts are counted and told', async () => {
  const text = Array.from({ length: 150 }, (_, index) => `word${index}`).join(' ');
  const begun = text.slice(0, Math.ceil(text.length / 2));
  const harness = await runHarness((_, n): FakeReply => {
    if (n === 1) return { text, dropAfter: 3, usage: { input: 50, output: 1 } };
    return { text: text.slice(begun.length), usage: { input: 30, output: 20 } };
  });
  const { runId, result } = await harness.run(`return await agent('go')`);
  expect(result).toBe(text);
  expect(harness.api.requests[1]?.body.messages[1]).toEqual({
    role: 'assistant',
    content: [{ type: 'text', text: begun }],
  });
  const { calls, usage } = harness.manager.tree(runId);
  expect(usage).toMatchObject({ inputTokens: 80, outputTokens: 21 });
  const [call] = calls.keys();
  const { transcript } = harness.manager.details(runId, call ?? 0);
  expect(transcript.map(({ type }) => type)).toEqual(['retry', 'note', 'text']);
});
