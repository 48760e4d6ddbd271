import type { SearchHit } from '../../extension/protocol/panel-messages.ts';
import type { CallNode, GroupNode, NodeRef, PhaseNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { excerptOf, type Finder } from '../../extension/protocol/text-search.ts';
import { phaseOf, slotOf } from '../tree/cells.ts';
import type { Selection } from '../view-state.ts';

/** What a text stands on. */
export type Target = Exclude<Selection, { type: 'run' }>;

/** A place where the text stands that is looked for. */
export interface Hit {
  on: Target;
  where: 'label' | 'claim' | 'question' | 'cause' | 'now' | SearchHit['in'];
  excerpt: string;
  /** What else is bright with it: it stands in the label of all of these. */
  lights: NodeRef[];
}

/** Tells a hit from all others, also from one search to the next. */
export function keyOf({ on, where }: Hit): string {
  return `${on.type} ${on.type === 'phase' ? on.title : on.id} ${where}`;
}

/** Where the text stands in what the run tells of itself, and in what the host has found of it; in the order in which the tree shows it. */
export function hitsOf(tree: RunTree, find: Finder, told: SearchHit[]): Hit[] {
  const byCall = Map.groupBy(told, (hit) => hit.call);
  const hits: Hit[] = [];
  for (const target of inRunOrder(tree)) {
    if (target.type === 'phase') {
      const phase = tree.phases.find(({ title }) => title === target.title);
      if (phase) hits.push(...hitsInPhase(phase, find));
    } else if (target.type === 'group') {
      const group = tree.groups.get(target.id);
      if (group) hits.push(...hitsInGroup(tree, group, find));
    } else {
      const call = tree.calls.get(target.id);
      if (call) hits.push(...hitsInCall(call, find, byCall.get(target.id) ?? []));
    }
  }
  return hits;
}

/** Phase by phase, each group before what is in it. */
function* inRunOrder(tree: RunTree): Generator<Target> {
  for (const { title, roots } of tree.phases) {
    yield { type: 'phase', title };
    for (const ref of roots) yield* inPhase(tree, ref, title);
  }
}

/** What is inside of a group of one phase may belong to another, and is then among the roots of that one. */
function* inPhase(tree: RunTree, ref: NodeRef, phase: string): Generator<NodeRef> {
  const node = ref.type === 'call' ? tree.calls.get(ref.id) : tree.groups.get(ref.id);
  if (!node) return;
  if (phaseOf(node.info) === phase) yield ref;
  if (ref.type === 'group')
    for (const child of tree.groups.get(ref.id)?.children ?? []) yield* inPhase(tree, child, phase);
}

function hitsInPhase({ title, detail }: PhaseNode, find: Finder): Hit[] {
  return firstOf({ type: 'phase', title }, 'label', [title, detail], find);
}

function hitsInGroup(tree: RunTree, { info, children }: GroupNode, find: Finder): Hit[] {
  const on: Target = { type: 'group', id: info.id };
  const whole = info.kind === 'challenge' || info.kind === 'judge';
  const where = info.kind === 'challenge' ? 'claim' : 'label';
  const [hit] = firstOf(on, where, [info.label, info.detail, ...info.labels], find);
  if (!hit) return [];
  // A claim stands in the labels of those who judge it; a label in the list is that of an item of a pipeline, or a challenger's lens.
  const named = new Set(info.kind === 'judge' ? [] : info.labels.flatMap((label, index) => (find(label) ? index : [])));
  const all = whole && (find(info.label) !== null || find(info.detail) !== null);
  return [{ ...hit, lights: children.filter((ref) => all || named.has(slotOf(tree, ref)[0] ?? -1)) }];
}

function hitsInCall({ info, settled, doing }: CallNode, find: Finder, told: SearchHit[]): Hit[] {
  const on: Target = { type: 'call', id: info.id };
  const asked = info.checkpoint;
  const question = asked ? firstOf(on, 'question', [asked.question, asked.detail, ...asked.choices], find) : [];
  return [
    ...firstOf(on, 'label', [info.label], find),
    ...question,
    ...firstOf(on, 'now', [doing], find),
    ...firstOf(on, 'cause', [settled?.cause?.message ?? ''], find),
    // What is asked of a person is told by the run already.
    ...told.flatMap((hit): Hit[] =>
      question.length > 0 && hit.in === 'prompt' ? [] : [{ on, where: hit.in, excerpt: hit.excerpt, lights: [] }],
    ),
  ];
}

function firstOf(on: Target, where: Hit['where'], texts: string[], find: Finder): Hit[] {
  for (const text of texts) {
    const match = find(text);
    if (match) return [{ on, where, excerpt: excerptOf(text, match), lights: [] }];
  }
  return [];
}
