import { expect, test } from 'vitest';
import { governorWords } from '../../extension/protocol/governor-words.ts';
import type { RunEvent, RunEventBody } from '../../extension/protocol/run-events.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';

const now = new Date(2026, 9, 12, 9, 0).getTime();
const parked = { parkedUntil: new Date(2026, 9, 12, 14, 5).getTime(), why: 'usage limit', requests: 4 };

function fold(...bodies: RunEventBody[]) {
  const started: RunEventBody = { type: 'run.started', attempt: 1, engine: 'quickjs' };
  return foldRun([started, ...bodies].map((body, index): RunEvent => ({ ...body, seq: index + 1, at: now })));
}

test('says until when all requests wait, and how many may go once they need not', () => {
  expect(governorWords(parked, now)).toBe('Waits until 14:05: usage limit');
  expect(governorWords(parked, parked.parkedUntil)).toBe('4 model requests at a time: usage limit');
  expect(governorWords({ ...parked, requests: null }, parked.parkedUntil)).toBe('');
  expect(governorWords({ ...parked, parkedUntil: parked.parkedUntil + 86_400_000 }, now)).toBe(
    'Waits until Oct 13, 14:05: usage limit',
  );
  expect(governorWords(null, now)).toBe('');
});

test('the fold keeps what was last told, until it is over, the run ends or begins anew', () => {
  const governed: RunEventBody = { type: 'run.governed', governor: parked };
  expect(fold(governed).governor).toEqual(parked);
  expect(fold(governed, { ...governed, governor: { parkedUntil: null, why: '', requests: null } }).governor).toBeNull();
  expect(fold(governed, { type: 'run.ended', status: 'stopped' }).governor).toBeNull();
  expect(fold(governed, { type: 'run.started', attempt: 2, engine: 'quickjs' }).governor).toBeNull();
});
