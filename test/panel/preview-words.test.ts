import { expect, test } from 'vitest';
import type { PreviewMessage } from '../../extension/protocol/panel-messages.ts';
import { DECISIONS, type ToolNeed } from '../../extension/protocol/preview.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { whyNot } from '../../webview/preview/decisions.ts';
import { inNextPreview } from '../../webview/preview/next-preview.ts';
import { accessWords, costWords, rangeWords, roughTime, summaryWords, whole } from '../../webview/preview/words.ts';
import { picturePlan, previewMessage, range, samplePreview } from '../support/sample-preview.ts';

test('a range says about what, and from where to where; one value is just that', () => {
  expect(rangeWords(range(40, 124, 300), whole, 'agents')).toBe('about 124 agents, 40 to 300');
  expect(rangeWords(range(7, 7, 7), whole, 'agents')).toBe('7 agents');
  expect(rangeWords(range(1000, 2500, 4000), whole)).toBe('about 2,500, 1,000 to 4,000');
});

test.each([
  [800, '1 s'],
  [45_400, '45 s'],
  [59_700, '1 m'],
  [372_000, '6 m'],
  [3_590_000, '1 h'],
  [9_000_000, '2.5 h'],
  [260_000_000, '3 d'],
])('%i milliseconds are told as roughly as they are known: %s', (ms, words) => {
  expect(roughTime(ms)).toBe(words);
});

test('a cost is a price, nothing, or unknown', () => {
  expect(costWords(samplePreview())).toBe('about $2.31');
  expect(costWords(samplePreview({ costUsd: range(0, 0, 0) }))).toBe('nothing');
  expect(costWords(samplePreview({ costUsd: null }))).toBe('unknown');
});

test('what tools may do is told by the gravest of it', () => {
  const needs = (...accesses: ToolNeed['access'][]) =>
    accesses.map((access): ToolNeed => ({ name: access, by: 'agents', access }));
  expect(accessWords([])).toBe('It uses no tools.');
  expect(accessWords(needs('read', 'read'))).toBe('It only reads.');
  expect(accessWords(needs('read', 'write'))).toBe('It changes files.');
  expect(accessWords(needs('write', 'read', 'network', 'execute'))).toBe(
    'It runs programs, reaches the network and changes files.',
  );
});

test('the summary says in words all that the screen draws', () => {
  const failing = samplePreview({ error: { name: 'TypeError', message: 'x is not a function' } });
  expect(summaryWords(failing)).toBe(
    'It would fail: x is not a function. About 486 agents, 220 to 900, in 5 phases. Cost: about $2.31, $1.10 to $6.40. ' +
      'Tokens: about 1.84 M, 960 k to 4.21 M. Time: about 6 m, 2 m to 15 m. ' +
      'It runs programs, reaches the network and changes files. It asks a person 1 question. 3 pieces of advice.',
  );
});

const open = (change: Partial<PreviewMessage>) =>
  DECISIONS.filter((decision) => whyNot(decision, previewMessage(change)) === null);

test('only what was seen as it is may run', () => {
  expect(open({})).toEqual(['run', 'once', 'always', 'cancel']);
  expect(open({ stale: true })).toEqual(['cancel']);
  expect(open({ preview: null })).toEqual(['cancel']);
  expect(open({ preview: null, problem: { name: 'SyntaxError', message: 'x' } })).toEqual(['cancel']);
  expect(open({ approval: { reasons: [], restricted: true } })).toEqual(['cancel']);
});

test('what would fail runs once at most', () => {
  expect(open({ preview: samplePreview({ error: { name: 'TypeError', message: 'x' } }) })).toEqual(['once', 'cancel']);
});

const before = foldRun(picturePlan());
const [first, second] = [...before.calls.values()].filter(({ info }) => info.kind === 'agent');

/** The same preview, its calls changed. */
function next(change: (id: number, key: string) => { id: number; key: string } | null) {
  return foldRun(
    picturePlan('preview-2').flatMap((event) => {
      if (event.type !== 'call.issued') return event;
      const changed = change(event.call.id, event.call.key);
      return changed ? { ...event, call: { ...event.call, ...changed } } : [];
    }),
  );
}

test('a call that is selected stays so: by what it asks, else by its place', () => {
  const selected = { type: 'call' as const, id: first!.info.id };
  const moved = next((id, key) => ({ id: id + 10_000, key }));
  expect(inNextPreview(before, moved, selected)).toEqual({ type: 'call', id: selected.id + 10_000 });
  const edited = next((id, key) => ({ id, key: id === selected.id ? 'another' : key }));
  expect(inNextPreview(before, edited, selected)).toEqual(selected);
  const swapped = next((id, key) => {
    if (id === first!.info.id) return { id, key: second!.info.key };
    return id === second!.info.id ? { id, key: first!.info.key } : { id, key };
  });
  expect(inNextPreview(before, swapped, selected)).toEqual({ type: 'call', id: second!.info.id });
});

test('what the next preview has no more is selected no more', () => {
  const gone = next((id, key) => (id === first!.info.id ? null : { id, key }));
  expect(inNextPreview(before, gone, { type: 'call', id: first!.info.id })).toBeNull();
  expect(inNextPreview(before, gone, { type: 'group', id: 99_999 })).toBeNull();
  expect(inNextPreview(before, gone, { type: 'phase', title: 'Nowhere' })).toBeNull();
  expect(inNextPreview(before, gone, { type: 'phase', title: 'Find' })).toEqual({ type: 'phase', title: 'Find' });
  expect(inNextPreview(before, gone, { type: 'run' })).toEqual({ type: 'run' });
});

test('a group that is selected stays so where only its number changed', () => {
  const group = [...before.groups.values()].find(({ info }) => info.kind === 'challenge')!;
  const renumbered = foldRun(
    picturePlan('preview-2').map((event) =>
      event.type === 'group.opened'
        ? {
            ...event,
            group: {
              ...event.group,
              id: event.group.id + 500,
              parent: event.group.parent === null ? null : event.group.parent + 500,
            },
          }
        : event,
    ),
  );
  expect(inNextPreview(before, renumbered, { type: 'group', id: group.info.id })).toEqual({
    type: 'group',
    id: group.info.id + 500,
  });
});
