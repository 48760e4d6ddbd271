import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { isOpenQuestion } from '../states.ts';
import type { Selection } from '../view-state.ts';
import type { Box } from './layout.ts';
import { isLit, type Light, lightsGroup } from './light.ts';

export type Found = ((ref: NodeRef) => boolean) | null;

/** Whether a box is among what was looked for, or else on the path of the selection: one hit that is selected must not dim the others. */
export function isBright(tree: RunTree, box: Box, light: Light | null, found: Found): boolean {
  if (waitsForAPerson(tree, box)) return true;
  return found === null ? light === null || boxLit(tree, box, light) : boxFound(tree, box, found);
}

/** Whatever else somebody looks at: a question that waits has to be seen. */
function waitsForAPerson(tree: RunTree, { item }: Box): boolean {
  const call = 'call' in item ? tree.calls.get(item.call) : undefined;
  return call !== undefined && (isOpenQuestion(tree, call) || call.asks.length > 0);
}

/** The same for what a single square stands for; undefined where all are. */
export function brightRef(light: Light | null, found: Found): ((ref: NodeRef) => boolean) | undefined {
  if (found !== null) return found;
  return light === null ? undefined : (ref) => isLit(light, ref);
}

function boxLit(tree: RunTree, box: Box, light: Light): boolean {
  const item = box.item;
  switch (item.kind) {
    case 'phase':
      return light.phases.has(item.title);
    case 'fold':
      return item.refs.some((ref) => isLit(light, ref));
    case 'ahead':
    case 'more':
      return false;
    case 'waffle':
    case 'matrix':
    case 'converge':
    case 'frame':
      return lightsGroup(tree, light, item.group, box.phase);
    default:
      return isLit(light, refOf(box)!);
  }
}

function boxFound(tree: RunTree, box: Box, found: NonNullable<Found>): boolean {
  const item = box.item;
  if (item.kind === 'phase') return tree.phases.find(({ title }) => title === item.title)?.roots.some(found) ?? false;
  if (item.kind === 'fold') return item.refs.some(found);
  const ref = refOf(box);
  return ref !== null && found(ref);
}

/** The call or the group that a box stands for. */
export function refOf({ item }: Box): NodeRef | null {
  if ('call' in item) return { type: 'call', id: item.call };
  return 'group' in item ? { type: 'group', id: item.group } : null;
}

/** Whether the keys are at this box. */
export function isAt({ item }: Box, cursor: Selection | null): boolean {
  switch (cursor?.type) {
    case 'call':
      return 'call' in item && item.call === cursor.id;
    case 'group':
      return 'group' in item && (item.group === cursor.id || ('round' in item && item.round === cursor.id));
    case 'phase':
      return item.kind === 'phase' && item.title === cursor.title;
    default:
      return false;
  }
}
