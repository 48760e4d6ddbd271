import { expect, test } from 'vitest';
import { type ApprovalFacts, dollars, reasonsToAsk } from '../../extension/commands/approval.ts';
import { ApprovalMemory } from '../../extension/commands/approval-memory.ts';
import type { Range } from '../../extension/protocol/preview.ts';
import { tempDir } from '../support/temp-dir.ts';

function likely(value: number): Range {
  return { low: value / 2, likely: value, high: value * 3 };
}

const KNOWN: ApprovalFacts = {
  bundled: false,
  approved: true,
  preview: { agents: likely(12), costUsd: likely(0.5), error: null },
  askAbove: { agents: 200, costUsd: 5 },
};

test('a version that was approved runs as it is, and so does a bundled script', () => {
  expect(reasonsToAsk(KNOWN)).toEqual([]);
  expect(reasonsToAsk({ ...KNOWN, bundled: true, approved: false })).toEqual([]);
});

test('any other version is asked about', () => {
  expect(reasonsToAsk({ ...KNOWN, approved: false })).toEqual(['You have not approved this version of the script.']);
});

test.each([
  ['an approved script', {}],
  ['a bundled one', { bundled: true, approved: false }],
])('%s that is large or dear is asked about each time', (_what, script) => {
  const preview = { agents: likely(201), costUsd: likely(5.25), error: null };
  expect(reasonsToAsk({ ...KNOWN, ...script, preview })).toEqual([
    'It will likely send out 201 agents; you are asked above 200.',
    'It will likely cost $5.25; you are asked above $5.00.',
  ]);
});

test.each([
  ['an approved script', {}],
  ['a bundled one', { bundled: true, approved: false }],
])('%s whose dry run fails is asked about each time, in one line that says why', (_what, script) => {
  const error = { name: 'TypeError', message: 'answer is null\n\u202Eand more' };
  const preview = { ...KNOWN.preview, error };
  expect(reasonsToAsk({ ...KNOWN, ...script, preview })).toEqual([
    'It would fail even with good answers: answer is null and more',
  ]);
});

test('what is likely counts, not what it may come to at the worst, and the limit itself is not above it', () => {
  expect(reasonsToAsk({ ...KNOWN, preview: { agents: likely(200), costUsd: likely(5), error: null } })).toEqual([]);
});

test('without a limit nothing is too large, and without a price nothing is dear', () => {
  const dear = { agents: likely(5_000), costUsd: likely(900), error: null };
  expect(reasonsToAsk({ ...KNOWN, preview: dear, askAbove: { agents: null, costUsd: null } })).toEqual([]);
  expect(reasonsToAsk({ ...KNOWN, preview: { ...dear, costUsd: null } })).toHaveLength(1);
});

test.each([
  [0, '$0.00'],
  [0.004, 'less than $0.01'],
  [0.42, '$0.42'],
  [12.4, '$12.40'],
  [1250.4, '$1,250'],
])('%d dollars are written as %s', (amount, words) => {
  expect(dollars(amount)).toBe(words);
});

test('run counts in this window, once not at all, always in every window of the person, each for one version in one folder', async () => {
  const home = tempDir();
  const [here, there] = [new ApprovalMemory(home), new ApprovalMemory(home)];
  const version = { workspace: '/work/shop', digest: 'a'.repeat(64) };
  await here.keep('once', version, 'audit');
  await here.keep('cancel', version, 'audit');
  expect(await here.has(version)).toBe(false);
  await here.keep('run', version, 'audit');
  expect([await here.has(version), await there.has(version)]).toEqual([true, false]);
  await here.keep('always', version, 'audit');
  expect(await there.has(version)).toBe(true);
  expect(await there.has({ ...version, digest: 'b'.repeat(64) })).toBe(false);
  expect(await there.has({ ...version, workspace: '/work/other' })).toBe(false);
});
