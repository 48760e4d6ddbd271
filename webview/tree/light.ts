import type { GroupNode, NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { ancestors } from '../../extension/protocol/run-tree.ts';
import type { Selection } from '../view-state.ts';
import { gather, phaseOf } from './cells.ts';

/** What a selection lights: itself, what is around it, what it came from and what it fed. */
export interface Light {
  calls: Set<number>;
  groups: Set<number>;
  phases: Set<string>;
}

export function lightOf(tree: RunTree, selected: Selection | null): Light | null {
  if (!selected || selected.type === 'run') return null;
  const light: Light = { calls: new Set(), groups: new Set(), phases: new Set() };
  if (selected.type === 'phase') {
    const phase = tree.phases.find(({ title }) => title === selected.title);
    if (!phase) return null;
    light.phases.add(phase.title);
    addBelow(tree, phase.roots, light);
    return light;
  }
  const node = selected.type === 'call' ? tree.calls.get(selected.id) : tree.groups.get(selected.id);
  if (!node) return null;
  addBelow(tree, [selected], light);
  light.phases.add(phaseOf(node.info));
  addAround(tree, selected, light);
  return light;
}

export function isLit(light: Light, ref: NodeRef): boolean {
  return ref.type === 'call' ? light.calls.has(ref.id) : light.groups.has(ref.id);
}

/** Each group around, and in a pipeline all that was made of the same item. */
function addAround(tree: RunTree, ref: NodeRef, light: Light): void {
  let inner: NodeRef = ref;
  for (const group of ancestors(tree, parentOf(tree, ref))) {
    light.groups.add(group.info.id);
    light.phases.add(phaseOf(group.info));
    if (group.info.kind === 'pipeline') addBelow(tree, sameItem(tree, group, inner), light);
    if (group.info.kind === 'challenge' || group.info.kind === 'judge') addBelow(tree, group.children, light);
    inner = { type: 'group', id: group.info.id };
  }
}

function parentOf(tree: RunTree, ref: NodeRef): number | null {
  return (ref.type === 'call' ? tree.calls.get(ref.id)?.info.group : tree.groups.get(ref.id)?.info.parent) ?? null;
}

function sameItem(tree: RunTree, pipeline: GroupNode, of: NodeRef): NodeRef[] {
  const item = itemOf(tree, of);
  return pipeline.children.filter((child) => itemOf(tree, child) === item);
}

function itemOf(tree: RunTree, ref: NodeRef): number | undefined {
  return (ref.type === 'call' ? tree.calls.get(ref.id)?.info.slot : tree.groups.get(ref.id)?.info.slot)?.[0];
}

function addBelow(tree: RunTree, refs: NodeRef[], light: Light): void {
  for (const ref of refs) {
    if (ref.type === 'call') {
      light.calls.add(ref.id);
      const call = tree.calls.get(ref.id);
      if (call) light.phases.add(phaseOf(call.info));
      continue;
    }
    light.groups.add(ref.id);
    const group = tree.groups.get(ref.id);
    if (group) addBelow(tree, group.children, light);
  }
}

/** Whether a group's panel has anything of the light for this phase. */
export function lightsGroup(tree: RunTree, light: Light, group: number, phase: string): boolean {
  if (light.groups.has(group)) return true;
  const node = tree.groups.get(group);
  return node !== undefined && gather(tree, node.children, phase).calls.some((call) => light.calls.has(call.info.id));
}
