import { expect, test } from 'vitest';
import type { FakeBody } from '../support/fake-anthropic.ts';
import { promptOf, promptsOf, runHarness } from '../support/run-harness.ts';

/** Asks many agents side by side; answers with how many had an answer and the names of the errors of the others. */
const MANY = `const errors = new Set(); let good = 0;
  await parallel(Array.from({ length: 100 }, (_, i) => async () => {
    try { if (await agent('n' + i)) good += 1 } catch (e) { errors.add(e.name) }
  }));
  return { good, errors: [...errors] }`;

/** A model that talks as much as it is allowed to, up to a limit of its own. */
const talkative = (body: FakeBody) => ({ text: 'ok', usage: { input: 40, output: Math.min(body.max_tokens, 5_000) } });

test('side by side, agents never spend more output tokens than the budget has', async () => {
  const harness = await runHarness(talkative, { delayMs: 5 });
  const { runId, result } = await harness.run(MANY, { limits: { budget: 62_000 } });
  expect(result).toEqual({ good: expect.any(Number), errors: ['BudgetError'] });
  expect((result as { good: number }).good).toBeGreaterThanOrEqual(12);
  const { outputTokens } = harness.manager.tree(runId).usage;
  expect(outputTokens).toBeLessThanOrEqual(62_000);
  expect(outputTokens).toBeGreaterThan(57_000);
});

test('side by side, agents never cost more than the cap', async () => {
  const harness = await runHarness(talkative, { delayMs: 5 });
  const limits = { maxCostUsd: 0.3 };
  const { runId, result } = await harness.run(MANY, { model: 'claude-haiku-4-5', limits });
  expect(result).toMatchObject({ errors: ['BudgetError'] });
  const { costUsd } = harness.manager.tree(runId).usage;
  expect(costUsd).toBeLessThanOrEqual(0.3);
  expect(costUsd).toBeGreaterThan(0.25);
});

test('a cap on cost needs a price: of the run’s model before it starts, of another before it is asked', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }));
  const limits = { maxCostUsd: 1 };
  await expect(harness.start(`return 1`, { limits })).rejects.toMatchObject({
    code: 'bad-arguments',
    message: expect.stringMatching(/No price is known for the model "fake"/),
  });
  expect(harness.manager.runs()).toEqual([]);
  const body = `try { await agent('x', { model: 'nobody-knows' }) } catch (e) { return e.name + ': ' + e.message }`;
  const { result } = await harness.run(body, { model: 'claude-haiku-4-5', limits });
  expect(result).toMatch(/^TypeError: no price is known for nobody-knows/);
  expect(harness.api.requests).toEqual([]);
});

test('an agent over its time fails with that as its cause; the others are unharmed', async () => {
  const harness = await runHarness((body) =>
    promptOf(body) === 'slow' ? new Promise(() => undefined) : { text: promptOf(body) },
  );
  const body = `return await parallel(['a', 'slow', 'b'].map((p) => () => agent(p)))`;
  const { runId, status, result } = await harness.run(body, { limits: { agentTimeoutMs: 300 } });
  expect({ status, result }).toEqual({ status: 'completed_with_failures', result: ['a', null, 'b'] });
  const { calls, logs } = harness.manager.tree(runId);
  expect(calls.get(2)?.settled?.cause).toEqual({
    kind: 'timeout',
    message: 'the agent took longer than its limit of 0.3 s',
  });
  expect(logs.map(({ message }) => message)).toEqual([expect.stringContaining('its limit of 0.3 s')]);
});

test('a run that was parked does not count that against its agents', async () => {
  const resetAt = Date.now() + 900;
  const harness = await runHarness(
    () => {
      const left = resetAt - Date.now();
      return left > 0 ? { status: 429, headers: { 'retry-after-ms': String(left) } } : { text: 'ok' };
    },
    { governor: { parkOverMs: 0 } },
  );
  const { result } = await harness.run(`return await agent('a')`, { limits: { agentTimeoutMs: 500 } });
  expect(result).toBe('ok');
});

test('a run over its time fails, says so, and can be resumed', async () => {
  let slow = true;
  const harness = await runHarness((body) =>
    promptOf(body) === 'second' && slow ? new Promise(() => undefined) : { text: promptOf(body) },
  );
  const body = `return [await agent('first'), await agent('second')]`;
  const { runId, status, error } = await harness.run(body, { limits: { runTimeoutMs: 1_500 } });
  expect({ status, name: error?.name }).toEqual({ status: 'failed', name: 'RunTimeoutError' });
  expect(error?.message).toContain('longer than its limit of 1.5 s; resume');
  slow = false;
  await harness.manager.resume(runId);
  expect(await harness.manager.finished(runId)).toEqual({ status: 'completed', result: ['first', 'second'] });
  expect(promptsOf(harness.api)).toEqual(['first', 'second', 'second']);
});
