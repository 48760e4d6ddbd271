import { expect, test } from 'vitest';
import type { PermissionDecision, PermissionQuestion } from '../../extension/protocol/permissions.ts';
import { NO_USAGE, type RunEvent, type RunEventBody } from '../../extension/protocol/run-events.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';

const call = {
  id: 1,
  key: 'k',
  kind: 'agent',
  role: 'agent',
  label: 'fix',
  phase: null,
  group: null,
  slot: [],
  model: 'm',
  at: null,
} as const;
const question = (id: number): PermissionQuestion => ({
  id,
  tool: 'bash',
  what: 'bash: npm test',
  targets: [{ kind: 'command', words: ['npm', 'test'], text: 'npm test' }],
  why: 'no rule allows it',
  timeoutAt: null,
});
const decision = (id: number | null, allowed: boolean): PermissionDecision => ({
  question: id,
  tool: 'bash',
  what: 'bash: npm test',
  allowed,
  by: id === null ? 'rule' : 'person',
  why: 'so it was said',
});

/** The call after these events, each of them one more of a run in which it works. */
function after(...bodies: RunEventBody[]) {
  const all: RunEventBody[] = [
    { type: 'run.started', attempt: 1, engine: 'quickjs' },
    { type: 'call.issued', call: { ...call, slot: [] } },
    { type: 'call.started', id: 1 },
    ...bodies,
  ];
  const events = all.map((body, at) => ({ seq: at + 1, at, ...body })) as RunEvent[];
  return foldRun(events).calls.get(1);
}

test('a tool call that waits for a yes is one of its agent until it is decided', () => {
  const [first, second] = [question(1), question(2)];
  const asked: RunEventBody[] = [
    { type: 'permission.asked', id: 1, question: first },
    { type: 'permission.asked', id: 1, question: second },
  ];
  expect(after(...asked)?.asks).toEqual([first, second]);
  const decided = after(...asked, { type: 'permission.decided', id: 1, decision: decision(1, true) });
  expect(decided?.asks).toEqual([second]);
  expect(decided?.denied).toEqual([]);
});

test('what was denied stays with its agent, be it by a person or by a rule', () => {
  const [no, never] = [decision(1, false), decision(null, false)];
  const denied = after(
    { type: 'permission.asked', id: 1, question: question(1) },
    { type: 'permission.decided', id: 1, decision: no },
    { type: 'permission.decided', id: 1, decision: never },
  );
  expect(denied?.asks).toEqual([]);
  expect(denied?.denied).toEqual([no, never]);
});

test('an agent that has ended asks nothing any more', () => {
  const settled = { outcome: 'stopped', reused: false, usage: NO_USAGE, requests: 1, durationMs: 1, spent: 0 } as const;
  const ended = after(
    { type: 'permission.asked', id: 1, question: question(1) },
    { type: 'call.settled', id: 1, settled },
    { type: 'permission.asked', id: 1, question: question(2) },
  );
  expect(ended?.asks).toEqual([]);
});
