import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { type RunStore, useRun } from '../store.ts';
import { type Cell, cellsOf, ownStages, pipelineCells, waffleCells } from './cells.ts';
import type { Grid } from './grid.ts';
import { type Box, type BoxItem, PANEL_HEAD, PANEL_PADDING } from './layout.ts';

/** A box that has squares. */
export type GridItem = Extract<BoxItem, { grid: Grid }>;

export function hasGrid(item: BoxItem): item is GridItem {
  return 'grid' in item;
}

/** Where the squares of a box begin, from its top left corner. */
export function gridOrigin(item: GridItem): { x: number; y: number } {
  return { x: PANEL_PADDING + (item.kind === 'matrix' ? item.labelWidth : 0), y: PANEL_HEAD };
}

const known = new WeakMap<Box, { at: number; cells: readonly Cell[] }>();

/** The squares of a box as they are; the same array as long as they are the same. */
export function currentCells({ tree, changes }: RunStore, box: Box): readonly Cell[] {
  const before = known.get(box);
  if (before?.at === changes.count) return before.cells;
  const next = computeCells(tree, box);
  const cells = before && sameCells(before.cells, next) ? before.cells : next;
  known.set(box, { at: changes.count, cells });
  return cells;
}

export function useCells(box: Box): readonly Cell[] {
  return useRun((store) => currentCells(store, box));
}

function computeCells(tree: RunTree, { item, phase }: Box): Cell[] {
  if (item.kind === 'fold') return item.open ? [] : cellsOf(tree, item.refs);
  if (item.kind !== 'waffle' && item.kind !== 'matrix') return [];
  const group = tree.groups.get(item.group);
  if (!group) return [];
  if (item.kind === 'matrix') return pipelineCells(tree, group, upTo(item.grid.columns));
  if (group.info.kind !== 'pipeline') return waffleCells(tree, group, phase);
  const stages = ownStages(tree, group, phase);
  return pipelineCells(tree, group, stages.length > 0 ? stages : [0]);
}

function upTo(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function sameCells(a: readonly Cell[], b: readonly Cell[]): boolean {
  return a.length === b.length && a.every((cell, index) => sameCell(cell, b[index]));
}

function sameCell(a: Cell, b: Cell | undefined): boolean {
  return a.state === b?.state && sameRef(a.ref, b.ref);
}

export function sameRef(a: NodeRef | null, b: NodeRef | null): boolean {
  return a === b || (a !== null && b !== null && a.id === b.id && a.type === b.type);
}
