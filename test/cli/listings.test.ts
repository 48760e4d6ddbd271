import { expect, test } from 'vitest';
import { agentLines, agentRows } from '../../extension/cli/listings.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { sampleRun } from '../support/sample-run.ts';

const MINUTE = 60_000;

test('agents at work are listed with when they last did something, and with how long ago that is', () => {
  const now = Date.now();
  const tree = foldRun(sampleRun({ agents: 20, state: 'running', startedAt: now - 90 * MINUTE }).events);
  const working = [...tree.calls.values()].filter(({ state }) => state === 'working');
  const [silent, busy, fresh] = working;
  const steps = new Map([
    [silent, now - 5 * MINUTE],
    [busy, now - MINUTE],
  ]);
  const rows = agentRows(tree, (call) => steps.get(call) ?? null);
  const rowOf = (call: typeof silent) => rows.find(({ number }) => number === call?.info.id);
  expect(rowOf(silent)).toMatchObject({ silent: '5 min without news' });
  expect(rowOf(silent)?.lastNewsAt).toBe(new Date(now - 5 * MINUTE).toISOString());
  expect(rowOf(busy)?.silent).toBeUndefined();
  // It has not done anything yet: then since it began.
  expect(rowOf(fresh)?.lastNewsAt).toBe(new Date(fresh?.startedAt ?? 0).toISOString());
  expect(rows.filter(({ state, lastNewsAt }) => state !== 'working' && lastNewsAt !== undefined)).toEqual([]);
  const lines = agentLines(rows).filter((line) => line.includes('5 min without news'));
  expect(lines).toEqual([expect.stringContaining(`${silent?.info.id}  working`)]);
});
