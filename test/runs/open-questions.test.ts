import { expect, test } from 'vitest';
import { fateOf, type Question, questionOf, settledFateOf } from '../../extension/runs/open-questions.ts';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import { questionsOf } from '../support/questions-of.ts';
import { type RunHarness, runHarness } from '../support/run-harness.ts';

const BODY = `const { choice } = await checkpoint('Ship it?', { choices: ['Ship', 'Hold'] }); return choice;`;

/** A run that asks, and its question as this manager sees it. */
async function asked(harness: RunHarness, body: string, as: RunManager = harness.manager): Promise<Question> {
  const runId = await harness.start(body);
  await expect.poll(() => questionsOf({ id: runId, runs: as, tree: harness.manager.tree(runId) })).toHaveLength(1);
  return questionsOf({ id: runId, runs: as, tree: as.tree(runId) })[0]!;
}

async function give(question: Question, runs: RunManager, choice: string): Promise<void> {
  const fate = fateOf(question);
  if (fate.state !== 'open' && fate.state !== 'kept') throw new Error(`It is ${fate.state}.`);
  await runs.control(question.runId, { action: 'answer', ...fate.on, answer: { choice } });
}

test('of two that answer a run which nobody drives one is heard, and the other can read the answer', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const [one, two] = [await harness.open(), await harness.open()];
  const question = await asked(harness, BODY, one);
  await harness.manager.close();
  expect(fateOf(question).state).toBe('kept');
  const answers = await Promise.allSettled([
    give(question, one, 'Ship'),
    give({ ...question, runs: two }, two, 'Hold'),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const won = answers[0]?.status === 'fulfilled' ? 'Ship' : 'Hold';
  expect(await settledFateOf(question)).toEqual({ state: 'answered', choice: won });
  expect(questionOf(two, question.runId, question.key)).toMatchObject({ asks: { question: 'Ship it?' } });
  await one.resume(question.runId);
  expect((await one.finished(question.runId)).result).toBe(won);
});

test('a default that was taken is told from an answer of a person', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const body = BODY.replace("'Hold'] }", "'Hold'], timeoutMs: 200, default: 'Hold' }");
  const question = await asked(harness, body);
  await harness.manager.finished(question.runId);
  expect(fateOf(question)).toEqual({ state: 'answered', choice: 'Hold', byDefault: true });
});

test('of what a run never asked nothing is known', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const question = await asked(harness, BODY);
  expect(questionOf(harness.manager, question.runId, 'another')).toBeUndefined();
  expect(fateOf({ ...question, key: 'another' })).toEqual({ state: 'over' });
});
