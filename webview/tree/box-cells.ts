import { addUsage, NO_USAGE, type Usage } from '../../extension/protocol/run-events.ts';
import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import type { CellCounts } from '../states.ts';
import { type RunStore, useRun } from '../store.ts';
import { type Cell, cellsOf, ownStages, pipelineCells, waffleCells } from './cells.ts';
import type { Grid } from './grid.ts';
import { type Box, type BoxItem, FOLD_BAR, PANEL_HEAD, PANEL_PADDING } from './layout.ts';

/** A box that may have squares. */
export type GridItem = Extract<BoxItem, { grid: Grid }>;

export function hasGrid(item: BoxItem): item is GridItem {
  return 'grid' in item && !('open' in item && item.open);
}

/** Where the squares of a box begin, from its top left corner. */
export function gridOrigin(item: GridItem): { x: number; y: number } {
  const y = PANEL_HEAD + (item.kind === 'fold' ? FOLD_BAR : 0);
  return { x: PANEL_PADDING + (item.kind === 'matrix' ? item.labelWidth : 0), y };
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

/** How many squares of a box are how. */
export function countCells(cells: readonly Cell[]): CellCounts {
  const counts: CellCounts = {};
  for (const { state } of cells) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

const spent = new WeakMap<Box, { at: number; usage: Usage }>();

/** What all that a fold stands for has used; added up again only when something in its phase changed. */
export function useSpent(box: Box): Usage {
  return useRun(({ tree, changes }) => {
    const at = changes.of(box.phase);
    const before = spent.get(box);
    if (before?.at === at) return before.usage;
    const refs = box.item.kind === 'fold' ? box.item.refs : [];
    const usage = refs.reduce((sum, ref) => addUsage(sum, nodeOf(tree, ref)?.usage ?? NO_USAGE), NO_USAGE);
    spent.set(box, { at, usage });
    return usage;
  });
}

function nodeOf(tree: RunTree, { type, id }: NodeRef): { usage: Usage } | undefined {
  return type === 'call' ? tree.calls.get(id) : tree.groups.get(id);
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
