import { expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '../../extension/protocol/run-events.ts';
import { emptyRunTree, foldRun } from '../../extension/protocol/run-tree.ts';
import type { RunStore } from '../../webview/store.ts';
import { PhaseChanges } from '../../webview/tree/changes.ts';
import { layoutRun } from '../../webview/tree/layout.ts';
import { LiveLayout } from '../../webview/tree/live-layout.ts';
import { sampleRun } from '../support/sample-run.ts';

function live() {
  const store = { tree: emptyRunTree(), changes: new PhaseChanges(), runId: 'r' };
  const layout = new LiveLayout(store as unknown as RunStore);
  const measured = new Map();
  return {
    store,
    current: (unfolded: string[]) => layout.current({ unfolded, room: 1000, measured }),
    tell(events: RunEvent[]) {
      for (const event of events) {
        foldRun([event], store.tree);
        store.changes.note(store.tree, event);
      }
    },
  };
}

test('what is unfolded is laid out anew though nothing happened, and folded again', () => {
  const { store, current, tell } = live();
  tell(sampleRun({ agents: 350, state: 'finished' }).events);
  const folded = current([]);
  const folds = folded.boxes.flatMap(({ item }) => (item.kind === 'fold' ? [item.key] : []));
  expect(folds.length).toBeGreaterThan(0);
  expect(current(folds)).toEqual(layoutRun(store.tree, new Map(), new Set(folds), 1000));
  expect(current([])).toEqual(folded);
});

test('the end of a run changes every phase: what was at work there has stopped, and what was not begun never will be', () => {
  const { events } = sampleRun({ agents: 350, state: 'running' });
  const { store, current, tell } = live();
  tell(events);
  const memory = new Map();
  const before = current([]);
  expect(before).toEqual(layoutRun(store.tree, memory, new Set(), 1000));
  const titles = store.tree.phases.map(({ title }) => title);
  const at = new Map(titles.map((title) => [title, store.changes.of(title)]));
  expect(store.tree.counts.working).toBeGreaterThan(0);
  tell([{ type: 'run.ended', status: 'stopped', seq: store.tree.lastSeq + 1, at: 1 }]);
  expect(titles.filter((title) => store.changes.of(title) > at.get(title)!)).toEqual(titles);
  const after = current([]);
  expect(after).toEqual(layoutRun(store.tree, memory, new Set(), 1000));
  const cards = (boxes: typeof after.boxes) => boxes.filter(({ item }) => item.kind === 'claim').map(({ id }) => id);
  expect(cards(after.boxes)).not.toEqual(cards(before.boxes));
});

test('a vote changes the claim that it is on, also where that stands in another phase', () => {
  const { events } = sampleRun({ agents: 10, state: 'finished' });
  const group = events.find((event) => event.type === 'group.opened' && event.group.kind === 'challenge');
  const issued = events.find((event) => event.type === 'call.issued' && event.call.role === 'challenger');
  const settled = events.find((event) => event.type === 'call.settled' && event.settled.vote !== undefined);
  if (group?.type !== 'group.opened' || issued?.type !== 'call.issued' || settled?.type !== 'call.settled')
    throw new Error('The sample has no claim.');
  const bodies: RunEventBody[] = [
    { type: 'phase.began', title: 'Claims' },
    { type: 'phase.began', title: 'Votes' },
    { type: 'group.opened', group: { ...group.group, id: 1, phase: 'Claims', parent: null } },
    { type: 'call.issued', call: { ...issued.call, id: 1, group: 1, phase: 'Votes' } },
    { type: 'call.started', id: 1 },
    { type: 'call.settled', id: 1, settled: settled.settled },
  ];
  const { store, tell } = live();
  tell(events.slice(0, 2));
  for (const [index, body] of bodies.entries()) {
    const before = store.changes.of('Claims');
    tell([{ ...body, seq: index + 3, at: 1 }]);
    expect([body.type, store.changes.of('Claims') > before]).toEqual([body.type, true]);
  }
});
