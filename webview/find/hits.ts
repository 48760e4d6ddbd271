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
  // What is inside of a group of one phase may belong to another, and is then among the roots of that one.
  const visit = (ref: NodeRef, phase: string): void => {
    if (ref.type === 'call') {
      const call = tree.calls.get(ref.id);
      if (call && phaseOf(call.info) === phase) hits.push(...hitsInCall(call, find, byCall.get(ref.id) ?? []));
      return;
    }
    const group = tree.groups.get(ref.id);
    if (group && phaseOf(group.info) === phase) hits.push(...hitsInGroup(tree, group, find));
    for (const child of group?.children ?? []) visit(child, phase);
  };
  for (const phase of tree.phases) {
    hits.push(...hitsInPhase(phase, find));
    for (const ref of phase.roots) visit(ref, phase.title);
  }
  return hits;
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
  const hits = firstOf(on, 'label', [info.label], find);
  if (asked) hits.push(...firstOf(on, 'question', [asked.question, asked.detail, ...asked.choices], find));
  // What is asked of a person is told by the run already.
  const known = hits.some(({ where }) => where === 'question');
  if (doing) hits.push(...firstOf(on, 'now', [doing], find));
  if (settled?.cause) hits.push(...firstOf(on, 'cause', [settled.cause.message], find));
  for (const hit of told)
    if (!known || hit.in !== 'prompt') hits.push({ on, where: hit.in, excerpt: hit.excerpt, lights: [] });
  return hits;
}

function firstOf(on: Target, where: Hit['where'], texts: string[], find: Finder): Hit[] {
  for (const text of texts) {
    const match = find(text);
    if (match) return [{ on, where, excerpt: excerptOf(text, match), lights: [] }];
  }
  return [];
}
