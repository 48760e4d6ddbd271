import { describe, expect, it } from 'vitest';
import {
  type CallInfo,
  type CallSettled,
  type CheckpointInfo,
  type GroupInfo,
  NO_USAGE,
  type RunEventBody,
} from '../../extension/protocol/run-events.ts';
import { emptyRunTree, foldRun } from '../../extension/protocol/run-tree.ts';
import type { RunStore } from '../../webview/store.ts';
import { PhaseChanges } from '../../webview/tree/changes.ts';
import { type Box, layoutRun } from '../../webview/tree/layout.ts';
import { LiveLayout } from '../../webview/tree/live-layout.ts';
import { pickStable } from '../../webview/tree/pick.ts';
import { questionRun } from '../support/sample-questions.ts';
import { type SampleOptions, sampleRun } from '../support/sample-run.ts';

const NONE: ReadonlySet<string> = new Set();

function layoutOf(options: SampleOptions, unfolded = NONE) {
  const run = sampleRun(options);
  const tree = foldRun([...run.events, ...run.progress]);
  return { tree, ...layoutRun(tree, new Map(), unfolded) };
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe('layout', () => {
  it.each([10, 350, 1000, 10_000])('lays %i agents out without overlaps and with few boxes', (agents) => {
    for (const state of ['running', 'finished', 'failed'] as const) {
      const { boxes } = layoutOf({ agents, state });
      const clashes = boxes.filter((a, index) => boxes.slice(index + 1).some((b) => overlaps(a, b)));
      expect(clashes).toEqual([]);
      expect(boxes.length).toBeLessThan(40);
      expect(new Set(boxes.map((box) => box.id)).size).toBe(boxes.length);
    }
  });

  it('puts phases from left to right in the order they began', () => {
    const { boxes } = layoutOf({ agents: 350, state: 'running' });
    const heads = boxes.filter((box) => box.item.kind === 'phase').sort((a, b) => a.x - b.x);
    expect(heads.map((box) => box.phase)).toEqual(['Scout', 'Find', 'Challenge', 'Report']);
    expect(boxes.find((box) => box.item.kind === 'ahead')?.phase).toBe('Report');
  });

  it('does not draw a group that only wraps the work of another phase', () => {
    const { tree, boxes } = layoutOf({ agents: 350, state: 'running' });
    const wrappers = [...tree.groups.values()]
      .filter((group) => group.info.kind === 'parallel')
      .map(({ info }) => info.id);
    expect(wrappers.length).toBeGreaterThan(10);
    const drawn = boxes.flatMap((box) => ('group' in box.item ? [box.item.group] : []));
    expect(drawn.filter((id) => wrappers.includes(id))).toEqual([]);
  });

  it('shows a short pipeline as a matrix and a long one as squares', () => {
    const kinds = (agents: number) => layoutOf({ agents, state: 'running' }).boxes.map((box) => box.item.kind);
    expect(kinds(10)).toContain('matrix');
    expect(kinds(1000)).toContain('waffle');
    expect(kinds(1000)).not.toContain('matrix');
  });

  it('gives nine of many claims a card, folds the others, and unfolds them', () => {
    const folded = layoutOf({ agents: 350, state: 'finished' }).boxes;
    const fold = folded.find((box) => box.item.kind === 'fold');
    expect(folded.filter((box) => box.item.kind === 'claim')).toHaveLength(9);
    expect(fold?.item.kind === 'fold' && fold.item.refs.length).toBe(39);
    const open = layoutOf({ agents: 350, state: 'finished' }, new Set(['claims:Challenge'])).boxes;
    expect(open.filter((box) => box.item.kind === 'claim')).toHaveLength(48);
    expect(open.filter((a, index) => open.slice(index + 1).some((b) => overlaps(a, b)))).toEqual([]);
  });

  it('gives failed agents a card, and says how many more there are', () => {
    const { tree, boxes } = layoutOf({ agents: 1000, state: 'finished' });
    const cards = boxes.flatMap((box) => (box.item.kind === 'agent' && box.phase === 'Find' ? [box.item.call] : []));
    expect(cards.map((id) => tree.calls.get(id)?.state)).toEqual(['failed', 'failed', 'failed', 'failed']);
    const more = boxes.find((box) => box.item.kind === 'more')?.item;
    expect(more).toEqual({ kind: 'more', working: 0, failed: 7 });
  });

  it('gives all agents of a small parallel a card; a matrix names its rows already', () => {
    const place = { phase: 'Find', slot: [], label: 'a' };
    const group: GroupInfo = {
      ...place,
      id: 1,
      kind: 'parallel',
      parent: null,
      detail: '',
      size: 3,
      stages: 0,
      labels: [],
    };
    const call = { ...place, key: 'k', kind: 'agent' as const, role: 'agent' as const, group: 1, model: '', at: null };
    const bodies: RunEventBody[] = [
      { type: 'group.opened', group },
      ...[1, 2, 3].map((id): RunEventBody => ({ type: 'call.issued', call: { ...call, id } })),
    ];
    const tree = foldRun(bodies.map((body, index) => ({ ...body, seq: index + 1, at: 1 })));
    const cards = layoutRun(tree, new Map(), NONE).boxes.filter((box) => box.item.kind === 'agent');
    expect(cards).toHaveLength(3);
    const matrix = layoutOf({ agents: 10, state: 'finished' }).boxes;
    expect(matrix.filter((box) => box.item.kind === 'agent' && box.phase === 'Find')).toEqual([]);
  });

  it('moves no header and no panel of squares while the run grows', () => {
    const { events } = sampleRun({ agents: 350, state: 'finished' });
    const tree = emptyRunTree();
    const memory = new Map();
    const places = new Map<string, string>();
    const moved: string[] = [];
    for (let start = 0; start < events.length; start += 10) {
      foldRun(events.slice(start, start + 10), tree);
      for (const box of layoutRun(tree, memory, NONE).boxes) {
        if (box.item.kind !== 'phase' && box.item.kind !== 'waffle') continue;
        const place = box.item.kind === 'phase' ? `${box.y}` : `${box.x},${box.y}`;
        const before = places.get(box.id) ?? place;
        if (before !== place) moved.push(`${box.id}: ${before} → ${place}`);
        places.set(box.id, place);
      }
    }
    expect(moved).toEqual([]);
    expect(places.size).toBe(7);
  });

  it('widens the columns where there is room, and never beyond it', () => {
    const run = sampleRun({ agents: 350, state: 'finished' });
    const tree = foldRun(run.events);
    const narrow = layoutRun(tree, new Map(), NONE, 600).width;
    const wide = layoutRun(tree, new Map(), NONE, 1300).width;
    expect(wide).toBeGreaterThan(narrow);
    expect(wide).toBeLessThanOrEqual(1300 - 36);
  });

  it('stands up to events whose groups and calls are unknown', () => {
    const bodies: RunEventBody[] = [
      { type: 'group.changed', id: 9, change: { closed: true } },
      { type: 'call.started', id: 8 },
      {
        type: 'call.issued',
        call: {
          id: 1,
          key: 'k',
          kind: 'agent',
          role: 'challenger',
          label: '',
          phase: null,
          group: 77,
          slot: [],
          model: '',
          at: null,
        },
      },
    ];
    const tree = foldRun(bodies.map((body, index) => ({ ...body, seq: index + 1, at: 1 })));
    const cards = layoutRun(tree, new Map(), NONE).boxes.filter((box) => box.item.kind === 'agent');
    expect(cards).toHaveLength(1);
  });
});

describe('what a script asks for beside agents', () => {
  const layoutFor = (bodies: RunEventBody[], unfolded = NONE, measured?: Map<string, number>) => {
    const tree = foldRun(bodies.map((body, index) => ({ ...body, seq: index + 1, at: 1 })));
    return layoutRun(tree, new Map(), unfolded, 0, measured).boxes;
  };
  const call = (id: number, info: Partial<CallInfo>): RunEventBody[] => [
    {
      type: 'call.issued',
      call: {
        id,
        key: `k${id}`,
        kind: 'agent',
        role: 'agent',
        label: '',
        phase: 'P',
        group: null,
        slot: [],
        model: '',
        at: null,
        ...info,
      },
    },
    { type: 'call.started', id },
  ];
  const group = (info: Partial<GroupInfo> & Pick<GroupInfo, 'id' | 'kind'>): RunEventBody => {
    const base = { phase: 'P', parent: null, slot: [], label: '', detail: '', size: 0, stages: 0, labels: [] };
    return { type: 'group.opened', group: { ...base, ...info } };
  };
  const checkpoint: CheckpointInfo = {
    question: 'Go on?',
    detail: '',
    choices: ['Yes'],
    schema: null,
    askedAt: 0,
    timeoutAt: null,
  };
  const overlapping = (boxes: Box[]) =>
    boxes.filter((a, index) => boxes.slice(index + 1).some((b) => overlaps(a, b))).map((box) => box.id);

  it('lies apart, whatever height a box turned out to have, and frames hold what is theirs', () => {
    const tree = foldRun(questionRun().events);
    for (const measured of [
      undefined,
      new Map([
        ['call:3', 700],
        ['call:12', 90],
      ]),
    ]) {
      const { boxes } = layoutRun(tree, new Map(), NONE, 0, measured);
      const frame = boxes.find((box) => box.item.kind === 'frame')!;
      expect(overlapping(boxes.filter((box) => box !== frame))).toEqual([]);
      const inside = boxes.filter((box) => overlaps(frame, box) && box !== frame);
      expect(inside.map((box) => box.id)).toEqual(['group:3', 'call:12', 'group:4', 'call:9', 'call:10', 'call:11']);
      // What comes later is drawn over what came before.
      expect(boxes.indexOf(frame)).toBeLessThan(Math.min(...inside.map((box) => boxes.indexOf(box))));
    }
    expect(
      layoutRun(tree, new Map(), NONE, 0, new Map([['call:3', 700]])).boxes.find((box) => box.id === 'call:3')?.height,
    ).toBe(700);
  });

  it('is no square among the agents', () => {
    const boxes = layoutFor([
      group({ id: 1, kind: 'parallel', size: 2 }),
      ...call(1, { group: 1, slot: [0] }),
      ...call(2, { group: 1, slot: [1], kind: 'checkpoint', checkpoint }),
      ...call(3, { kind: 'timer' }),
    ]);
    const kinds = boxes.map((box) => box.item.kind);
    expect(kinds).toEqual(['phase', 'waffle', 'checkpoint', 'agent']);
  });

  it('keeps open questions among the cards however many were answered before, and folds the rest', () => {
    const bodies = Array.from({ length: 40 }, (_, index) => [
      ...call(index + 1, { kind: 'checkpoint', checkpoint }),
      ...(index < 38 ? [{ type: 'call.settled', id: index + 1, settled: ANSWERED } as const] : []),
    ]).flat();
    const shown = layoutFor(bodies).flatMap((box) => (box.item.kind === 'checkpoint' ? [box.item.call] : []));
    expect(shown).toHaveLength(5);
    expect(shown).toEqual(expect.arrayContaining([39, 40]));
    const open = layoutFor(bodies, new Set(['questions:P'])).filter((box) => box.item.kind === 'checkpoint');
    expect(open).toHaveLength(40);
  });

  it('stays few boxes with hundreds of tool calls, judgements and called scripts', () => {
    const bodies = Array.from({ length: 300 }, (_, index) => [
      ...call(index * 3 + 1, { kind: 'tool' }),
      group({ id: index * 2 + 1, kind: 'judge', labels: ['a', 'b'] }),
      group({ id: index * 2 + 2, kind: 'workflow' }),
      ...call(index * 3 + 2, { group: index * 2 + 2 }),
    ]).flat();
    const boxes = layoutFor(bodies);
    expect(boxes.length).toBeLessThan(40);
    expect(boxes.filter((box) => box.item.kind === 'frame')).toHaveLength(4);
    expect(
      boxes.flatMap((box) => (box.item.kind === 'fold' ? [`${box.item.refs.length} ${box.item.of}`] : [])),
    ).toEqual(['297 judgements', '294 tool calls', '296 workflows']);
    expect(new Set(boxes.map((box) => box.id)).size).toBe(boxes.length);
    const unfolded = layoutFor(bodies, new Set(['workflows:P']));
    expect(unfolded.filter((box) => box.item.kind === 'frame')).toHaveLength(300);
    expect(unfolded.some((box) => box.item.kind === 'fold' && box.item.open)).toBe(true);
  });

  it('is framed in other phases too, where a called script goes there', () => {
    const boxes = layoutFor([
      group({ id: 1, kind: 'workflow', label: 'inner' }),
      ...call(1, { group: 1, phase: 'Q' }),
      ...call(2, { phase: 'Q' }),
    ]);
    const frames = boxes.filter((box) => box.item.kind === 'frame');
    expect(frames.map((box) => [box.id, box.item.kind === 'frame' && box.item.empty])).toEqual([
      ['frame:P:1', true],
      ['frame:Q:1', false],
    ]);
    const agents = boxes.filter((box) => box.item.kind === 'agent');
    expect(agents.map((box) => overlaps(box, frames[1]!))).toEqual([false, true]);
  });
});

const ANSWERED: CallSettled = {
  outcome: 'succeeded',
  reused: false,
  usage: NO_USAGE,
  requests: 0,
  durationMs: 0,
  spent: 0,
  answer: { choice: 'Yes' },
  answeredBy: 'person',
};

describe('pickStable', () => {
  it('keeps a card in its place while it deserves one and fills the place of one that leaves', () => {
    const memory = new Map<string, number[]>();
    const at = (...ids: number[]) => ids.map((id) => ({ id, rank: 1 }));
    expect(pickStable(memory, 'k', at(1, 2, 3), 3)).toEqual([1, 2, 3]);
    expect(pickStable(memory, 'k', at(1, 3, 4, 5), 3)).toEqual([1, 4, 3]);
    expect(pickStable(memory, 'k', at(3), 3)).toEqual([3]);
  });

  it('prefers the higher rank', () => {
    const candidates = [
      { id: 1, rank: 0 },
      { id: 2, rank: 2 },
      { id: 3, rank: 1 },
    ];
    expect(pickStable(new Map(), 'k', candidates, 2)).toEqual([2, 3]);
  });
});

describe('the layout of a run that goes', () => {
  const live = () => {
    const store = { tree: emptyRunTree(), changes: new PhaseChanges(), runId: 'r' };
    const layout = new LiveLayout(store as unknown as RunStore);
    const setting = { unfolded: [], room: 1000, measured: new Map() };
    return {
      store,
      current: () => layout.current(setting),
      tell(events: Parameters<typeof foldRun>[0]) {
        for (const event of events) {
          foldRun([event], store.tree);
          store.changes.note(store.tree, event);
        }
      },
    };
  };

  it.each(['running', 'finished', 'failed'] as const)('is at each moment what it is from nothing (%s)', (state) => {
    const run = sampleRun({ agents: 350, state });
    const { store, current, tell } = live();
    const memory = new Map();
    for (const event of run.events) {
      tell([event]);
      expect(current()).toEqual(layoutRun(store.tree, memory, NONE, 1000));
    }
  });

  it('is the same with questions, judgements and called scripts', () => {
    const { events } = questionRun();
    const { store, current, tell } = live();
    const memory = new Map();
    for (const event of events) {
      tell([event]);
      expect(current()).toEqual(layoutRun(store.tree, memory, NONE, 1000));
    }
  });

  it('stays the same object while agents only say what they do, and keeps the boxes of what did not change', () => {
    const run = sampleRun({ agents: 350, state: 'running' });
    const { store, current, tell } = live();
    tell(run.events);
    const before = current();
    tell(run.progress);
    expect(current()).toBe(before);
    const working = [...store.tree.calls.values()].find((call) => call.state === 'working')!;
    const settled = {
      outcome: 'failed',
      reused: false,
      usage: NO_USAGE,
      requests: 1,
      durationMs: 1,
      spent: 0,
    } as const;
    tell([{ type: 'call.settled', id: working.info.id, settled, seq: store.tree.lastSeq + 1, at: run.now }]);
    const elsewhere = (boxes: Box[]) => boxes.filter((box) => box.phase !== working.info.phase);
    const after = current();
    const kept = new Set(before.boxes);
    expect(elsewhere(after.boxes).filter((box) => !kept.has(box))).toEqual([]);
    expect(elsewhere(after.boxes).length).toBeGreaterThan(5);
  });
});
