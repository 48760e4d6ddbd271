import { expect, test } from 'vitest';
import type { FakeScript } from '../support/fake-anthropic.ts';
import { promptOf, runHarness } from '../support/run-harness.ts';

/** A long answer to those who are asked for one; `fail` never gets any. */
const answers: FakeScript = (body) => {
  const prompt = promptOf(body);
  if (prompt.includes('fail')) return { status: 400 };
  return {
    text: 'done',
    usage: { input: prompt.includes('long') ? 900 : 100, output: prompt.includes('long') ? 90 : 10 },
  };
};

test('agents are known by what they came to, those that failed and those that came from the journal left out', async () => {
  const harness = await runHarness(answers);
  expect(harness.manager.history().agents).toBe(0);
  expect(harness.manager.history().figures('fake', 'agent')).toBeNull();
  const { runId } = await harness.run(
    "await parallel(['a', 'b', 'long', 'fail'].map((word) => () => agent(word)));\nreturn 1;",
  );
  const history = harness.manager.history();
  expect(history.agents).toBe(3);
  const figures = history.figures('fake', 'agent');
  expect(figures?.agents).toBe(3);
  expect(figures?.outputTokens.mean).toBeCloseTo((10 + 10 + 90) / 3);
  expect(figures?.inputTokens.low).toBeLessThanOrEqual(figures?.inputTokens.mean ?? 0);
  expect(figures?.inputTokens.mean).toBeLessThanOrEqual(figures?.inputTokens.high ?? 0);
  expect(history.figures('another', 'agent')).toBeNull();
  await harness.manager.resume(runId);
  await harness.manager.finished(runId);
  expect(harness.manager.history().agents).toBe(3);
});

test('a role with few agents of its own goes by all of its model', async () => {
  const harness = await runHarness(answers);
  await harness.run(
    "await parallel([1, 2, 3].map((n) => () => agent('part ' + n)));\nawait judge(['long'], { criteria: 'best', judges: 1 }).catch(() => null);",
  );
  expect(harness.manager.history().figures('fake', 'judge')?.agents).toBeGreaterThanOrEqual(3);
});

test('what was answered is found again by its content, in the newest run of that name that has ended', async () => {
  const harness = await runHarness(answers);
  const { runId } = await harness.run("await agent('a');\nawait agent('fail');");
  const past = harness.manager.history().lastRun('test');
  expect(past?.runId).toBe(runId);
  const keys = harness.manager
    .events(runId, 0)
    .flatMap((event) => (event.type === 'call.issued' ? [event.call.key] : []));
  expect(keys.map((key) => past?.answer(key)?.value ?? null)).toEqual(['done', null]);
  expect(harness.manager.history().lastRun('another')).toBeNull();
});
