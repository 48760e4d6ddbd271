import { expect, test } from 'vitest';
import { createLiveRuns, type LiveRun } from '../../extension/runs/live-runs.ts';
import { fateOf } from '../../extension/runs/open-questions.ts';
import { questionsOf } from '../support/questions-of.ts';
import { runHarness } from '../support/run-harness.ts';

const ASKS = `
  const first = await checkpoint('Ship it?');
  const second = await checkpoint('Sure?', { choices: ['Sure', 'Not at all'] });
  return [first.choice, second.choice];`;

function openIn(run: LiveRun | undefined): string[] {
  return run ? questionsOf(run).map(({ asks }) => asks.question) : [];
}

test('the questions of a run that this process drives come and go', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const live = createLiveRuns();
  const runId = await harness.start(ASKS);
  const watching = live.watch(harness.manager, runId);
  await expect.poll(() => openIn(live.all()[0])).toEqual(['Ship it?']);
  const [question] = questionsOf(live.all()[0]!);
  expect(fateOf(question!)).toMatchObject({ state: 'open' });
  await harness.manager.control(runId, { action: 'answer', call: 1, answer: { choice: 'Yes' } });
  expect(fateOf(question!)).toEqual({ state: 'answered', choice: 'Yes' });
  await expect.poll(() => openIn(live.all()[0])).toEqual(['Sure?']);
  const [second] = questionsOf(live.all()[0]!);
  await harness.manager.stop(runId);
  expect(fateOf(second!)).toMatchObject({ state: 'kept' });
  watching.dispose();
});

test('a question of a run that another process drives is seen, and answered from here', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const runId = await harness.start(ASKS);
  const other = await harness.open();
  const live = createLiveRuns();
  const watching = live.watch(other, runId);
  await expect.poll(() => openIn(live.all()[0])).toEqual(['Ship it?']);
  const [question] = questionsOf(live.all()[0]!);
  const fate = fateOf(question!);
  if (fate.state !== 'open') throw new Error(`It is ${fate.state}.`);
  await other.control(runId, { action: 'answer', ...fate.on, answer: { choice: 'No' } });
  await expect.poll(() => openIn(live.all()[0]), { timeout: 5_000 }).toEqual(['Sure?']);
  watching.dispose();
});

test('a run is folded once however often it is watched, and forgotten with its last watcher', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const runId = await harness.start(ASKS);
  const live = createLiveRuns();
  const changes: string[] = [];
  const first = live.watch(harness.manager, runId);
  const second = live.watch(harness.manager, runId);
  expect(live.all()).toHaveLength(1);
  first.dispose();
  first.dispose();
  expect(live.all()).toHaveLength(1);
  second.dispose();
  expect(live.all()).toEqual([]);
  live.onChange(({ id }) => changes.push(id));
  await harness.manager.stop(runId);
  expect(changes).toEqual([]);
});

test('a question that nobody answered is over when its run has completed', async () => {
  const harness = await runHarness(() => ({ text: '' }));
  const live = createLiveRuns();
  const runId = await harness.start(`
    checkpoint('Anybody?');
    await new Promise((resolve) => setTimeout(resolve, 300));
    return 1;`);
  const watching = live.watch(harness.manager, runId);
  await expect.poll(() => openIn(live.all()[0])).toEqual(['Anybody?']);
  const [question] = questionsOf(live.all()[0]!);
  await harness.manager.finished(runId);
  expect(fateOf(question!)).toEqual({ state: 'over' });
  watching.dispose();
});
