import { ancestors, type NodeRef, type RunTree } from '../../extension/protocol/run-tree.ts';
import type { RunStore } from '../store.ts';
import type { Selection } from '../view-state.ts';
import { currentCells, gridOrigin, hasGrid, sameRef } from './box-cells.ts';
import { cellBox } from './grid.ts';
import type { Box, Layout } from './layout.ts';
import { isAt } from './shown-box.ts';

/** Where something is in the picture: on which box, and what part of that to look at. Pixels at zoom 1. */
export interface Place {
  box: Box;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The square that it is, where it is one. */
  square: number | null;
  /** It is this itself, and not only what is around it. */
  exact: boolean;
}

/** The box or the square of a call or a group; where it has none, that of the nearest thing around it. */
export function placeOf(store: RunStore, layout: Layout, wanted: NodeRef): Place | null {
  for (const ref of [wanted, ...around(store.tree, wanted)]) {
    const place = placeOfOne(store, layout, ref);
    if (place) return { ...place, exact: ref === wanted };
  }
  return null;
}

/** The box that the keys are at: its own, or that of what it is a part of and has no square in. */
export function boxAtCursor(store: RunStore, layout: Layout, cursor: Selection | null): Box | null {
  if (cursor?.type !== 'call' && cursor?.type !== 'group') return null;
  const place = placeOf(store, layout, cursor);
  return place?.square === null ? place.box : null;
}

/** What is around something, the innermost first. */
export function around(tree: RunTree, ref: NodeRef): NodeRef[] {
  const parent = ref.type === 'call' ? tree.calls.get(ref.id)?.info.group : tree.groups.get(ref.id)?.info.parent;
  return [...ancestors(tree, parent ?? null)].map(({ info }) => ({ type: 'group', id: info.id }));
}

function placeOfOne(store: RunStore, layout: Layout, ref: NodeRef): Omit<Place, 'exact'> | null {
  const box = layout.boxes.find((each) => isAt(each, ref));
  if (box) return { box, x: box.x, y: box.y, width: box.width, height: box.height, square: null };
  for (const each of layout.boxes) {
    if (!hasGrid(each.item)) continue;
    const square = currentCells(store, each).findIndex((cell) => sameRef(cell.ref, ref));
    if (square < 0) continue;
    const origin = gridOrigin(each.item);
    const { x, y, width, height } = cellBox(each.item.grid, square);
    return { box: each, x: each.x + origin.x + x, y: each.y + origin.y + y, width, height, square };
  }
  return null;
}
