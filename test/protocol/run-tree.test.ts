import { expect, test } from 'vitest';
import { runCensus } from '../../extension/protocol/run-census.ts';
import {
  ADDED_PHASE,
  type CallInfo,
  type CallSettled,
  FIRST_ADDED_CALL,
  type GroupInfo,
  NO_USAGE,
  type RunEvent,
  type RunEventBody,
  type RunInfo,
} from '../../extension/protocol/run-events.ts';
import { foldRun, totalOf } from '../../extension/protocol/run-tree.ts';

const RUN: RunInfo = {
  id: 'r',
  name: 'sweep',
  description: 'd',
  script: 's.js',
  digest: '0',
  provider: 'builtin',
  providerTitle: 't',
  model: 'm',
  phases: [{ title: 'Find' }, { title: 'Report', detail: 'writes' }],
  limits: {
    concurrency: 16,
    maxAgents: 1000,
    budget: null,
    maxCostUsd: null,
    agentTimeoutMs: null,
    runTimeoutMs: null,
  },
};

function events(...bodies: RunEventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({ seq: index + 1, at: 100 * (index + 1), ...body }));
}

function agent(id: number, place: Partial<CallInfo> = {}): RunEventBody {
  const call: CallInfo = {
    id,
    key: `k${id}`,
    kind: 'agent',
    role: 'agent',
    label: `a${id}`,
    phase: null,
    group: null,
    slot: [],
    model: 'm',
    at: null,
    ...place,
  };
  return { type: 'call.issued', call };
}

function group(id: number, info: Partial<GroupInfo> = {}): RunEventBody {
  return {
    type: 'group.opened',
    group: {
      id,
      kind: 'parallel',
      phase: null,
      parent: null,
      slot: [],
      label: '',
      detail: '',
      size: 0,
      stages: 0,
      labels: [],
      ...info,
    },
  };
}

function settled(id: number, change: Partial<CallSettled> = {}): RunEventBody {
  const usage = { ...NO_USAGE, inputTokens: 10, outputTokens: 5, costUsd: 0.5 };
  return {
    type: 'call.settled',
    id,
    settled: { outcome: 'succeeded', reused: false, usage, requests: 1, durationMs: 1, spent: 5, ...change },
  };
}

const START: RunEventBody[] = [
  { type: 'run.created', run: RUN },
  { type: 'run.started', attempt: 1, engine: 'isolated-vm' },
];

test('an agent goes from waiting over working to its end, with the times of the events', () => {
  const tree = foldRun(events(...START, agent(1), { type: 'call.started', id: 1 }, settled(1)));
  const call = tree.calls.get(1);
  expect(call).toMatchObject({ state: 'succeeded', issuedAt: 300, startedAt: 400, endedAt: 500 });
  expect(tree.counts).toMatchObject({ waiting: 0, working: 0, succeeded: 1 });
  expect(tree.usage).toMatchObject({ inputTokens: 10, outputTokens: 5, costUsd: 0.5 });
});

test('the same events in one piece or in many give the same tree, and folding twice changes nothing', () => {
  const all = events(...START, group(1), agent(1, { group: 1 }), { type: 'call.started', id: 1 }, settled(1), {
    type: 'run.ended',
    status: 'completed',
  });
  const once = foldRun(all);
  const pieces = foldRun(all.slice(3), foldRun(all.slice(0, 3)));
  expect(pieces).toEqual(once);
  expect(foldRun(all, foldRun(all))).toEqual(once);
});

test('a node that changed is a new object, its neighbours are not', () => {
  const before = foldRun(events(...START, agent(1), agent(2)));
  const [one, two] = [before.calls.get(1), before.calls.get(2)];
  const after = foldRun([{ seq: 5, at: 9, type: 'call.started', id: 1 }], before);
  expect(after.calls.get(1)).not.toBe(one);
  expect(after.calls.get(2)).toBe(two);
});

test('counts and usage reach every group around an agent and its own phase', () => {
  const tree = foldRun(
    events(
      ...START,
      group(1, { phase: 'Find' }),
      group(2, { phase: 'Check', parent: 1 }),
      agent(1, { group: 2, phase: 'Check' }),
      settled(1, { outcome: 'failed' }),
    ),
  );
  expect(tree.groups.get(1)?.counts.failed).toBe(1);
  expect(tree.groups.get(2)?.usage.outputTokens).toBe(5);
  const phases = Object.fromEntries(tree.phases.map((phase) => [phase.title, totalOf(phase.counts)]));
  expect(phases).toEqual({ Find: 0, Check: 1, Report: 0 });
});

test('something belongs to the root of its phase unless a group of the same phase is around it', () => {
  const tree = foldRun(
    events(
      ...START,
      group(1, { phase: 'Find' }),
      agent(1, { group: 1, phase: 'Find' }),
      group(2, { phase: 'Check', parent: 1 }),
      agent(2, { group: 2, phase: 'Check' }),
    ),
  );
  const roots = Object.fromEntries(tree.phases.map((phase) => [phase.title, phase.roots]));
  expect(roots.Find).toEqual([{ type: 'group', id: 1 }]);
  expect(roots.Check).toEqual([{ type: 'group', id: 2 }]);
  expect(tree.groups.get(1)?.children).toEqual([
    { type: 'call', id: 1 },
    { type: 'group', id: 2 },
  ]);
});

test('phases stand in the order they began, announced ones after them', () => {
  const tree = foldRun(
    events(...START, { type: 'phase.began', title: 'Extra' }, { type: 'phase.began', title: 'Find' }),
  );
  expect(tree.phases.map(({ title, beganAt }) => [title, beganAt !== null])).toEqual([
    ['Extra', true],
    ['Find', true],
    ['Report', false],
  ]);
});

test('agents that a person added stand in a phase of their own, behind all others, whenever they came', () => {
  const tree = foldRun(
    events(
      ...START,
      agent(FIRST_ADDED_CALL, { phase: ADDED_PHASE, added: true }),
      agent(1, { phase: 'Find' }),
      agent(2, { phase: 'Own' }),
    ),
  );
  expect(tree.phases.map(({ title }) => title)).toEqual(['Find', 'Own', 'Report', ADDED_PHASE]);
});

test('one of them that failed and is asked again stands where it stood, and what was denied to it stays told', () => {
  const added = agent(FIRST_ADDED_CALL, { phase: ADDED_PHASE, added: true });
  const denied = { question: null, tool: 'bash', what: 'bash: x', allowed: false, by: 'rule', why: 'no' } as const;
  const tree = foldRun(
    events(
      ...START,
      added,
      { type: 'call.started', id: FIRST_ADDED_CALL },
      { type: 'permission.decided', id: FIRST_ADDED_CALL, decision: denied },
      settled(FIRST_ADDED_CALL, { outcome: 'failed', usage: { ...NO_USAGE, outputTokens: 5 } }),
      added,
    ),
  );
  expect(tree.calls.get(FIRST_ADDED_CALL)).toMatchObject({
    ...{ state: 'waiting', settled: null, startedAt: null, endedAt: null, denied: [denied] },
  });
  expect(tree.phases.at(-1)).toMatchObject({
    roots: [{ type: 'call', id: FIRST_ADDED_CALL }],
    counts: { waiting: 1, failed: 0 },
    usage: { outputTokens: 5 },
    endedAt: null,
  });
  expect(totalOf(tree.counts)).toBe(1);
  expect(tree.usage.outputTokens).toBe(5);
});

test('a resumed run starts its tree over and keeps what was spent', () => {
  const tree = foldRun(
    events(
      ...START,
      agent(1),
      settled(1),
      { type: 'run.started', attempt: 2, engine: 'isolated-vm' },
      agent(1),
      settled(1, { reused: true }),
    ),
  );
  expect(tree.counts).toMatchObject({ succeeded: 0, reused: 1 });
  expect(tree.usage.outputTokens).toBe(5);
  expect(runCensus(tree)).toMatchObject({ started: 0, succeeded: 0, failed: 0, skipped: 0, reused: 1 });
});

test('what was denied in an earlier attempt is told of whoever is asked for again, whatever its number', () => {
  const denied = { question: null, tool: 'bash', what: 'bash: x', allowed: false, by: 'rule', why: 'no' } as const;
  const begun: RunEventBody = { type: 'run.started', attempt: 2, engine: 'quickjs' };
  const tree = foldRun(
    events(
      { type: 'run.created', run: RUN },
      agent(1),
      agent(2),
      { type: 'call.started', id: 1 },
      { type: 'permission.decided', id: 1, decision: denied },
      begun,
      agent(1, { key: 'k2' }),
      agent(2, { key: 'k1' }),
      begun,
      agent(1, { key: 'k1' }),
    ),
  );
  expect(tree.calls.get(1)?.denied).toEqual([denied]);
  expect(runCensus(tree).denied).toHaveLength(1);
});

test('an unknown cost makes the sum unknown, never wrong', () => {
  const tree = foldRun(
    events(...START, agent(1), settled(1), agent(2), settled(2, { usage: { ...NO_USAGE, costUsd: null } })),
  );
  expect(tree.usage.costUsd).toBeNull();
});

test('what a group dropped adds up in the run', () => {
  const dropped = (id: number, count: number): RunEventBody => ({
    type: 'group.changed',
    id,
    change: { dropped: count },
  });
  const tree = foldRun(events(...START, group(1), group(2), dropped(1, 1), dropped(1, 2), dropped(2, 1)));
  expect(tree.dropped).toBe(3);
});

test('progress shows on a working agent only and ends with it', () => {
  const progress = { type: 'call.progress', id: 1, at: 1, doing: 'reading a.ts', usage: NO_USAGE } as const;
  const tree = foldRun(events(...START, agent(1), { type: 'call.started', id: 1 }));
  expect(foldRun([progress], tree).calls.get(1)).toMatchObject({ doing: 'reading a.ts', movedAt: 1 });
  const later = { ...progress, at: 7, doing: 'thinking' };
  expect(foldRun([later], tree).calls.get(1)).toMatchObject({ doing: 'thinking', movedAt: 7 });
  foldRun([{ seq: 5, at: 1, ...settled(1) }, progress], tree);
  expect(tree.calls.get(1)?.doing).toBe('');
});

test('timers are no agents', () => {
  const tree = foldRun(events(...START, agent(1, { kind: 'timer' })));
  expect(totalOf(tree.counts)).toBe(0);
  expect(tree.phases.every((phase) => phase.roots.length === 0)).toBe(true);
});

test('a journal that puts a group inside itself, or two inside each other, is folded to an end', () => {
  const tree = foldRun(
    events(
      group(1, { parent: 1, phase: 'A' }),
      group(2, { parent: 3, phase: 'A' }),
      group(3, { parent: 2, phase: 'B' }),
      agent(1, { group: 1, phase: 'C' }),
      agent(2, { group: 3, phase: 'C' }),
    ),
  );
  expect([...tree.groups.values()].map(({ info, counts }) => [info.id, info.parent, totalOf(counts)])).toEqual([
    [1, null, 1],
    [2, null, 1],
    [3, 2, 1],
  ]);
});
