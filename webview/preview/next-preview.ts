import type { CallNode, GroupNode, RunTree } from '../../extension/protocol/run-tree.ts';
import type { Selection } from '../view-state.ts';

/**
 * What is selected, in the preview that came after the one it was selected in; null where that has none of it. A script
 * that is edited asks for the same agents under other numbers, or for another thing under the same number: the same
 * request comes first, then the same place.
 */
export function inNextPreview(before: RunTree, now: RunTree, selected: Selection): Selection | null {
  switch (selected.type) {
    case 'call': {
      const id = nextCall(before.calls.get(selected.id), now, selected.id);
      return id === null ? null : { type: 'call', id };
    }
    case 'group': {
      const id = nextGroup(before.groups.get(selected.id), now, selected.id);
      return id === null ? null : { type: 'group', id };
    }
    case 'phase':
      return now.phases.some(({ title }) => title === selected.title) ? selected : null;
    case 'run':
      return selected;
  }
}

/** `known`: absent where the panel was hidden meanwhile, for its tree went with it. */
function nextCall(known: CallNode | undefined, now: RunTree, id: number): number | null {
  const there = now.calls.get(id);
  if (!known || there?.info.key === known.info.key) return there ? id : null;
  for (const call of now.calls.values()) if (call.info.key === known.info.key) return call.info.id;
  return there?.info.kind === known.info.kind ? id : null;
}

function nextGroup(known: GroupNode | undefined, now: RunTree, id: number): number | null {
  const there = now.groups.get(id);
  if (!known || (there && isAlike(there, known))) return there ? id : null;
  for (const group of now.groups.values()) if (isAlike(group, known)) return group.info.id;
  return there?.info.kind === known.info.kind ? id : null;
}

function isAlike({ info: a }: GroupNode, { info: b }: GroupNode): boolean {
  return a.kind === b.kind && a.phase === b.phase && a.label === b.label;
}
