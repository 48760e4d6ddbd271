import { expect, test } from 'vitest';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { layoutRun } from '../../webview/tree/layout.ts';
import { lightOf } from '../../webview/tree/light.ts';
import { brightRef, isBright, refOf } from '../../webview/tree/shown-box.ts';
import { questionRun } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';

const tree = foldRun(sampleRun({ agents: 60, state: 'finished' }).events);
const { boxes } = layoutRun(tree, new Map(), new Set());
const cards = boxes.filter(({ item }) => item.kind === 'claim');
const bright = (...rest: [ReturnType<typeof lightOf>, Parameters<typeof brightRef>[1]]) =>
  cards.filter((box) => isBright(tree, box, ...rest)).map(({ id }) => id);

test('a selection dims the other claims; while something is looked for its hits stay bright, whichever is selected', () => {
  const [first, second, third] = cards;
  const light = lightOf(tree, { type: 'group', id: refOf(first!)!.id });
  expect(bright(null, null)).toEqual(cards.map(({ id }) => id));
  expect(bright(light, null)).toEqual([first!.id]);
  const hits = new Set([refOf(second!)!.id, refOf(third!)!.id]);
  const found = (ref: { type: string; id: number }) => ref.type === 'group' && hits.has(ref.id);
  expect(bright(light, found)).toEqual([second!.id, third!.id]);
  const square = brightRef(light, found);
  expect([first, second, third].map((box) => square?.(refOf(box!)!))).toEqual([false, true, true]);
});

test('a question that waits for a person never dims, one that is answered does', () => {
  const asking = foldRun(questionRun().events);
  const questions = layoutRun(asking, new Map(), new Set()).boxes.filter(({ item }) => item.kind === 'checkpoint');
  const light = lightOf(asking, { type: 'phase', title: asking.phases[0]!.title });
  const states = questions.map((box) => ({
    open: asking.calls.get(refOf(box)!.id)?.settled === null,
    bright: isBright(asking, box, light, () => false),
  }));
  expect(new Set(states.map(({ open }) => open))).toEqual(new Set([true, false]));
  for (const { open, bright } of states) expect(bright).toBe(open);
});
