import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endMessage } from '../../extension/commands/end-message.ts';
import { forkPoints } from '../../extension/commands/fork-points.ts';
import { readAmount } from '../../extension/commands/read-amount.ts';
import type { RunCensus } from '../../extension/protocol/run-census.ts';
import { runHarness } from '../support/run-harness.ts';

const CENSUS: RunCensus = {
  started: 4,
  succeeded: 4,
  failed: 0,
  failures: [],
  skipped: 0,
  reused: 0,
  denied: [],
  dropped: [],
  verdicts: { upheld: 0, refuted: 0, unverified: 0 },
  unverified: [],
};

test('the end of a run is told with what nobody should overlook, and not with more than fits', () => {
  expect(endMessage('sweep', { status: 'completed' }, CENSUS)).toBe('“sweep” completed.');
  const doubt = { ...CENSUS, verdicts: { upheld: 2, refuted: 0, unverified: 1 }, unverified: ['It leaks'] };
  expect(endMessage('sweep', { status: 'completed' }, doubt)).toBe('“sweep” completed. 1 verdict unverified: It leaks');
  const failures = [
    { cause: 'timeout' as const, agents: 2, example: 'it took too long' },
    { cause: 'refused' as const, agents: 1, example: 'see [here](command:x)' },
  ];
  const bad = { ...doubt, failed: 3, failures, skipped: 1, dropped: [{ where: 'pipeline in Find', items: 3 }] };
  expect(endMessage('sweep', { status: 'completed_with_failures' }, bad)).toBe(
    '“sweep” completed with failures: 1 agent skipped or stopped; 2 failed (timeout), such as: it took too long; ' +
      '1 failed (refused), such as: see [here] (command:x); and 2 more.',
  );
  const error = { name: 'Error', message: 'see [here](command:x)' };
  expect(endMessage('sweep', { status: 'failed', error }, CENSUS)).toBe('“sweep” failed: see [here] (command:x)');
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

test('where the script was replaced is a point too, and its phases are named anew', async () => {
  const harness = await runHarness(() => ({ text: 'done' }));
  const { runId } = await harness.run(`phase('Look'); return await agent('first')`);
  const script = join(harness.workspace, 'edited.js');
  const body = `phase('Look'); return [await agent('first'), await agent('second')]`;
  writeFileSync(script, `export const meta = { name: 'test', description: 'a test' }\n${body}`);
  await harness.manager.resume(runId, { script });
  await harness.manager.finished(runId);
  const labels = forkPoints(harness.manager.events(runId, 0)).map(({ label }) => label.replace(/^\$\([a-z-]+\) /, ''));
  expect(labels).toEqual([
    'Everything so far',
    'second succeeded',
    'Phase Look began',
    'Script replaced by edited.js',
    'first succeeded',
    'Phase Look began',
  ]);
});
