import { ancestors, type NodeRef, type RunTree } from '../../extension/protocol/run-tree.ts';
import { phaseOf, slotOf } from '../tree/cells.ts';
import type { Selection } from '../view-state.ts';

/** One line of the tree that is walked by keys. `slot`: an item of a pipeline, with what its stages did to it. */
export type WalkItem = Selection | { type: 'slot'; group: number; slot: number };

export const RUN: WalkItem = { type: 'run' };

export function keyOf(item: WalkItem): string {
  switch (item.type) {
    case 'run':
      return 'run';
    case 'phase':
      return `phase:${item.title}`;
    case 'slot':
      return `slot:${item.group}:${item.slot}`;
    default:
      return `${item.type}:${item.id}`;
  }
}

/** What the rest of the panel calls it: an item of a pipeline has no details of its own. */
export function selectionOf(item: WalkItem): Selection {
  return item.type === 'slot' ? { type: 'group', id: item.group } : item;
}

interface Branch {
  items: readonly WalkItem[];
  /** Place of each by its key. */
  places: ReadonlyMap<string, number>;
}

/**
 * The run as a tree to walk in. Reads nothing until somebody asks, and keeps what it read: one of these serves one
 * state of the run. Everything has one place, as in the picture: what is of another phase than the group around it
 * belongs to its own phase.
 */
export class WalkTree {
  readonly tree: RunTree;
  /** Milliseconds since the epoch. */
  readonly now: number;
  private readonly known = new Map<string, Branch>();

  constructor(tree: RunTree, now = Date.now()) {
    this.tree = tree;
    this.now = now;
  }

  childrenOf(item: WalkItem): readonly WalkItem[] {
    return this.branchOf(item).items;
  }

  /** Place among its siblings, from 0. */
  placeOf(item: WalkItem): number {
    const parent = this.parentOf(item);
    return parent ? (this.branchOf(parent).places.get(keyOf(item)) ?? 0) : 0;
  }

  siblingsOf(item: WalkItem): readonly WalkItem[] {
    const parent = this.parentOf(item);
    return parent ? this.childrenOf(parent) : [RUN];
  }

  parentOf(item: WalkItem): WalkItem | null {
    switch (item.type) {
      case 'run':
        return null;
      case 'phase':
        return RUN;
      case 'slot':
        return { type: 'group', id: item.group };
      default:
        return this.parentOfRef(item);
    }
  }

  /** The run first, the item's own parent last. */
  pathTo(item: WalkItem): WalkItem[] {
    const path: WalkItem[] = [];
    for (let at = this.parentOf(item); at; at = this.parentOf(at)) path.unshift(at);
    return path;
  }

  has(item: WalkItem): boolean {
    if (item.type === 'run') return true;
    if (item.type === 'call' && !this.tree.calls.has(item.id)) return false;
    if (item.type === 'group' && !this.tree.groups.has(item.id)) return false;
    const parent = this.parentOf(item);
    return parent !== null && this.branchOf(parent).places.has(keyOf(item));
  }

  private branchOf(item: WalkItem): Branch {
    const key = keyOf(item);
    const known = this.known.get(key);
    if (known) return known;
    const items = this.read(item);
    const branch = { items, places: new Map(items.map((child, place) => [keyOf(child), place])) };
    this.known.set(key, branch);
    return branch;
  }

  private read(item: WalkItem): readonly WalkItem[] {
    switch (item.type) {
      case 'run':
        return this.tree.phases.map(({ title }) => ({ type: 'phase', title }));
      case 'phase':
        return this.tree.phases.find(({ title }) => title === item.title)?.roots ?? [];
      case 'group':
        return hasSlots(this.tree, item.id) ? this.slotsOf(item.id) : this.ownOf(item.id);
      case 'slot':
        return this.ownOf(item.group).filter((ref) => slotOf(this.tree, ref)[0] === item.slot);
      case 'call':
        return [];
    }
  }

  private ownOf(group: number): NodeRef[] {
    const children = this.tree.groups.get(group)?.children ?? [];
    return children.filter((ref) => !isRoot(this.tree, ref));
  }

  private slotsOf(group: number): WalkItem[] {
    const slots = new Set(this.ownOf(group).map((ref) => slotOf(this.tree, ref)[0] ?? 0));
    return [...slots].sort((a, b) => a - b).map((slot) => ({ type: 'slot', group, slot }));
  }

  private parentOfRef(ref: NodeRef): WalkItem | null {
    const info = infoOf(this.tree, ref);
    if (!info) return RUN;
    if (isRoot(this.tree, ref)) return { type: 'phase', title: phaseOf(info) };
    const group = parentGroup(this.tree, ref)!;
    if (hasSlots(this.tree, group)) return { type: 'slot', group, slot: info.slot[0] ?? 0 };
    return { type: 'group', id: group };
  }
}

/** With one stage each item is its agent. */
function hasSlots(tree: RunTree, group: number): boolean {
  const info = tree.groups.get(group)?.info;
  return info?.kind === 'pipeline' && info.stages > 1;
}

function infoOf(tree: RunTree, ref: NodeRef): { phase: string | null; slot: number[] } | undefined {
  return ref.type === 'call' ? tree.calls.get(ref.id)?.info : tree.groups.get(ref.id)?.info;
}

function parentGroup(tree: RunTree, ref: NodeRef): number | null {
  return (ref.type === 'call' ? tree.calls.get(ref.id)?.info.group : tree.groups.get(ref.id)?.info.parent) ?? null;
}

/** Whether no group of its own phase is around it; those are what a phase holds directly. */
function isRoot(tree: RunTree, ref: NodeRef): boolean {
  const phase = phaseOf(infoOf(tree, ref) ?? { phase: null });
  for (const { info } of ancestors(tree, parentGroup(tree, ref))) if (phaseOf(info) === phase) return false;
  return true;
}

/** The script that asked for it, where that is not the run's own and its group is in another phase. */
export function callerOf(tree: RunTree, item: WalkItem): string | null {
  if (item.type !== 'call' && item.type !== 'group') return null;
  if (!isRoot(tree, item)) return null;
  for (const { info } of ancestors(tree, parentGroup(tree, item))) if (info.kind === 'workflow') return info.label;
  return null;
}
