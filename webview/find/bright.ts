import { ancestors, type CallNode, type NodeRef, type RunTree } from '../../extension/protocol/run-tree.ts';
import { phaseOf } from '../tree/cells.ts';
import { type Filter, isFiltering, passes } from './filter.ts';
import type { Hit, Target } from './hits.ts';

/** What stays bright, with the groups and the phases that something bright is in. */
export class Bright {
  readonly calls = new Set<number>();
  readonly groups = new Set<number>();
  readonly phases = new Set<string>();

  has(target: Target): boolean {
    if (target.type === 'phase') return this.phases.has(target.title);
    return (target.type === 'call' ? this.calls : this.groups).has(target.id);
  }

  /** Whether the filter that this is of lets a hit through; a group only where it belongs to such a phase itself. */
  lets(tree: RunTree, target: Target, { phases }: Filter): boolean {
    const group = target.type === 'group' ? tree.groups.get(target.id) : undefined;
    return this.has(target) && (!group || phases.length === 0 || phases.includes(phaseOf(group.info)));
  }

  equals(other: Bright | null): boolean {
    return other !== null && same(this.calls, other.calls) && same(this.groups, other.groups);
  }

  /** Adds something with all that is around it. */
  add(tree: RunTree, ref: NodeRef): void {
    const node = ref.type === 'call' ? tree.calls.get(ref.id) : tree.groups.get(ref.id);
    if (!node) return;
    (ref.type === 'call' ? this.calls : this.groups).add(ref.id);
    this.phases.add(phaseOf(node.info));
    const parent = 'group' in node.info ? node.info.group : node.info.parent;
    for (const { info } of ancestors(tree, parent)) this.groups.add(info.id);
  }
}

function same(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  if (a.size !== b.size) return false;
  for (const id of a) if (!b.has(id)) return false;
  return true;
}

/** Timers and the loading of scripts are shown nowhere. */
export function isShown({ info }: CallNode): boolean {
  return info.kind === 'agent' || info.kind === 'checkpoint' || info.kind === 'tool';
}

/** What the filter lets through; null where there is none. */
export function filtered(tree: RunTree, filter: Filter): Bright | null {
  if (!isFiltering(filter)) return null;
  const bright = new Bright();
  for (const call of tree.calls.values())
    if (isShown(call) && passes(tree, call, filter)) bright.add(tree, { type: 'call', id: call.info.id });
  return bright;
}

/** What the hits are on, as far as the filter lets it through. */
export function brightWith(tree: RunTree, hits: Hit[], through: Bright | null): Bright {
  const bright = new Bright();
  const light = (ref: NodeRef) => {
    if (through && !through.has(ref)) return;
    bright.add(tree, ref);
  };
  const lightAll = (refs: NodeRef[]) => {
    for (const ref of refs) {
      light(ref);
      if (ref.type === 'group') lightAll(tree.groups.get(ref.id)?.children ?? []);
    }
  };
  for (const { on, lights } of hits) {
    if (on.type !== 'phase') light(on);
    lightAll(lights);
  }
  return bright;
}
