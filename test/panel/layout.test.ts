import { describe, expect, it } from 'vitest';
import type { GroupInfo, RunEventBody } from '../../extension/protocol/run-events.ts';
import { emptyRunTree, foldRun } from '../../extension/protocol/run-tree.ts';
import { type Box, layoutRun } from '../../webview/tree/layout.ts';
import { pickStable } from '../../webview/tree/pick.ts';
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
