import { expect, test } from 'vitest';
import { type CallNode, emptyRunTree, type RunTree } from '../../extension/protocol/run-tree.ts';
import { quietOf, quietWords } from '../../extension/protocol/wait-words.ts';

const MINUTE = 60_000;

test('an agent that tells nothing for minutes is said to, with how long; one that has just told is not', () => {
  expect(quietWords(0, 2 * MINUTE - 1)).toBe('');
  expect(quietWords(0, 2 * MINUTE)).toBe('2 min without news');
  expect(quietWords(5, 95 * MINUTE)).toBe('1 h without news');
  expect(quietWords(null, 95 * MINUTE)).toBe('');
  // A clock that was set back.
  expect(quietWords(10 * MINUTE, 0)).toBe('');
});

test('silence is told of an agent that was heard, and only where it is its own', () => {
  const call = { state: 'working', asks: [], movedAt: 0 } as unknown as CallNode;
  const tree = (change: Partial<RunTree> = {}): RunTree => ({ ...emptyRunTree(), ...change });
  const words = (change: Partial<CallNode>, run?: Partial<RunTree>) =>
    quietOf(tree(run), { ...call, ...change }, 5 * MINUTE);
  expect(words({})).toBe('5 min without news');
  expect(words({ state: 'succeeded' })).toBe('');
  expect(words({ asks: [{}] as unknown as CallNode['asks'] })).toBe('');
  // Another process drives the run, and tells what it hears to nobody else.
  expect(quietOf(tree(), { state: 'working', asks: [] } as unknown as CallNode, 5 * MINUTE)).toBe('');
  expect(words({}, { paused: true })).toBe('');
  expect(words({}, { pauses: [{ from: 0, to: 2 * MINUTE }] })).toBe('3 min without news');
  expect(words({}, { governor: { parkedUntil: 6 * MINUTE, why: 'x', requests: null } })).toBe('');
  expect(words({}, { governor: { parkedUntil: 4 * MINUTE, why: 'x', requests: null } })).toBe('5 min without news');
});
