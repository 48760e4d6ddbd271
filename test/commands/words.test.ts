import { expect, test } from 'vitest';
import { endMessage } from '../../extension/commands/end-message.ts';
import { forkPoints } from '../../extension/commands/fork-points.ts';
import { readAmount } from '../../extension/commands/read-amount.ts';
import { runHarness } from '../support/run-harness.ts';

test('the end of a run is told with what nobody should overlook, and not with more than fits', () => {
  expect(endMessage('sweep', { status: 'completed' }, [])).toBe('“sweep” completed.');
  expect(endMessage('sweep', { status: 'completed' }, ['1 verdict unverified: x'])).toBe(
    '“sweep” completed. 1 verdict unverified: x',
  );
  expect(endMessage('sweep', { status: 'completed_with_failures' }, ['a', 'b', 'c', 'd', 'e'])).toBe(
    '“sweep” completed with failures: a; b; c; and 2 more.',
  );
  const error = { name: 'Error', message: 'see [here](command:x)' };
  expect(endMessage('sweep', { status: 'failed', error }, [])).toBe('“sweep” failed: see [here] (command:x)');
});

test.each([
  ['16', { whole: true, most: 256 }, 16],
  [' 0.5 ', {}, 0.5],
  ['', { orNone: true }, null],
])('%j is an amount', (typed, rules, amount) => {
  expect(readAmount(typed, rules)).toEqual({ ok: true, amount });
});

test.each([
  ['', {}],
  ['0', {}],
  ['-1', { orNone: true }],
  ['1.5', { whole: true }],
  ['many', {}],
  ['257', { whole: true, most: 256 }],
])('%j is none', (typed, rules) => {
  expect(readAmount(typed, rules)).toMatchObject({ ok: false });
});

test('a run can be forked from where its phases began and its agents ended, each named once', async () => {
  const harness = await runHarness((_body, n) => (n === 2 ? { status: 400 } : { text: 'done' }));
  const { runId, status } = await harness.run(`
    phase('Look');
    await agent('first', { label: 'the first' });
    phase('Think');
    return await agent('second', { label: 'the second' });`);
  expect(status).toBe('completed_with_failures');
  await harness.manager.resume(runId);
  await harness.manager.finished(runId);
  const points = forkPoints(harness.manager.events(runId, 0));
  expect(points.map(({ label }) => label.replace(/^\$\([a-z-]+\) /, ''))).toEqual([
    'Everything so far',
    'the second succeeded',
    'the second failed',
    'Phase Think began',
    'the first succeeded',
    'Phase Look began',
  ]);
  const think = points.find(({ label }) => label.includes('Think'));
  const fork = await harness.manager.fork({ run: runId, from: think?.seq });
  await harness.manager.finished(fork);
  // What was finished by then is kept, what came later is asked again.
  expect(harness.api.requests).toHaveLength(4);
});
