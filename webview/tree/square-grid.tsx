// biome-ignore-all lint/a11y/useSemanticElements: a table cannot be drawn in part, or as one drawing.
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active cell.
import { type KeyboardEvent, type MouseEvent, useId, useState } from 'react';
import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { judgingOf, LOOKS, standingOf } from '../states.ts';
import { agentMenu } from '../steer/native-menu.ts';
import { type RunStore, useStore } from '../store.ts';
import { type Selection, useCursor, useView, useViewState } from '../view-state.ts';
import type { Cell } from './cells.ts';
import { cellAfterKey, cellAt, cellBox, type Grid, gridHeight, gridWidth } from './grid.ts';
import { around } from './place.ts';
import { Squares } from './squares.tsx';

interface Props {
  cells: readonly Cell[];
  grid: Grid;
  label: string;
  /** Squares that stay bright while others dim; undefined: nothing dims. */
  lit?: ((ref: NodeRef) => boolean) | undefined;
}

/**
 * The squares of a group as one drawing, however many agents. To the keyboard and the screen reader
 * it is a grid of which only the active cell exists; the arrows move it and Enter opens it.
 */
export function SquareGrid({ cells, grid, label, lit }: Props) {
  const store = useStore();
  const view = useView();
  const marked = useViewState((state) => indexOf(cells, state.selected));
  const cursor = useCursor((current) => cursorIn(store.tree, cells, current));
  const [active, setActive] = useState(0);
  const [hovered, setHovered] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const cellId = useId();
  const index = Math.min(active, Math.max(0, cells.length - 1));
  const cell = cells[index];
  const open = (target: Cell | undefined) => target?.ref && view.select(selectionOf(target.ref));
  const onKeyDown = (event: KeyboardEvent) => {
    const next = cellAfterKey(grid, index, event.key);
    if (next !== null) setActive(next);
    else if (event.key === 'Enter' || event.key === ' ') open(cell);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const indexAt = (event: MouseEvent) => hitTest(grid, event);
  return (
    <div
      className="squares"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={Math.ceil(cells.length / grid.columns)}
      aria-colcount={grid.columns}
      aria-activedescendant={cellId}
      style={{ width: gridWidth(grid), height: gridHeight(grid) }}
      {...menuOf(store, cells[hovered ?? (focused ? index : marked)])}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onMouseMove={(event) => setHovered(indexAt(event))}
      onMouseLeave={() => setHovered(null)}
      onClick={(event) => {
        const at = indexAt(event);
        if (at === null) return;
        setActive(at);
        open(cells[at]);
      }}
    >
      <Squares cells={cells} grid={grid} lit={lit} />
      <div role="row" className="unseen" aria-rowindex={Math.floor(index / grid.columns) + 1}>
        <div role="gridcell" id={cellId} aria-colindex={(index % grid.columns) + 1} aria-selected={index === marked}>
          {cell ? describe(store.tree, cell) : 'empty'}
        </div>
      </div>
      {marked >= 0 && <Ring grid={grid} index={marked} kind="selected" />}
      {focused && <Ring grid={grid} index={index} kind="active" />}
      {cursor >= 0 && <Ring grid={grid} index={cursor} kind="active" />}
      <Tip grid={grid} index={hovered ?? (focused ? index : null)} cells={cells} />
    </div>
  );
}

/** The native menu of the square under the pointer, else of the active one. */
function menuOf({ tree, runId }: RunStore, cell: Cell | undefined) {
  const call = cell?.ref?.type === 'call' ? tree.calls.get(cell.ref.id) : undefined;
  return call?.info.kind === 'agent' ? agentMenu(runId, call) : undefined;
}

function hitTest(grid: Grid, event: MouseEvent): number | null {
  const box = event.currentTarget.getBoundingClientRect();
  const zoom = box.width / gridWidth(grid);
  return cellAt(grid, (event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom);
}

function Ring({ grid, index, kind }: { grid: Grid; index: number; kind: 'selected' | 'active' }) {
  const { x, y, width, height } = cellBox(grid, index);
  return (
    <span className={`square-ring ${kind}`} style={{ left: x - 2, top: y - 2, width: width + 4, height: height + 4 }} />
  );
}

function Tip({ grid, index, cells }: { grid: Grid; index: number | null; cells: readonly Cell[] }) {
  const store = useStore();
  const cell = index === null ? undefined : cells[index];
  if (index === null || !cell) return null;
  const { x, y, height } = cellBox(grid, index);
  return (
    <span className="tip" aria-hidden="true" style={{ left: Math.min(x, gridWidth(grid) - 120), top: y + height + 5 }}>
      {describe(store.tree, cell)}
    </span>
  );
}

function describe(tree: RunTree, cell: Cell): string {
  const word = LOOKS[cell.state].word;
  if (cell.ref?.type === 'call') {
    const call = tree.calls.get(cell.ref.id);
    if (!call) return word;
    const more = call.state === 'failed' ? call.settled?.cause?.message : call.doing;
    return [line(call.info.label, 60), word, more && line(more, 60)].filter(Boolean).join(' · ');
  }
  const group = cell.ref ? tree.groups.get(cell.ref.id) : undefined;
  if (!group) return word;
  if (group.info.kind === 'challenge') return `${line(group.info.label, 60)} · ${standingOf(tree, group).words}`;
  if (group.info.kind === 'judge') return `${line(group.info.label, 60)} · ${judgingOf(tree, group).words}`;
  if (group.info.kind === 'workflow') return `${line(group.info.label, 60)} · ${word}`;
  return `${group.info.kind} of ${group.children.length} · ${word}`;
}

export function selectionOf(ref: NodeRef): Selection {
  return { type: ref.type, id: ref.id };
}

/** The square that the keys are at, or that of what they are in: a challenger has none of its own. */
function cursorIn(tree: RunTree, cells: readonly Cell[], cursor: Selection | null): number {
  const own = indexOf(cells, cursor);
  if (own >= 0 || (cursor?.type !== 'call' && cursor?.type !== 'group')) return own;
  for (const ref of around(tree, cursor)) {
    const index = indexOf(cells, selectionOf(ref));
    if (index >= 0) return index;
  }
  return -1;
}

function indexOf(cells: readonly Cell[], selected: Selection | null): number {
  if (selected?.type !== 'call' && selected?.type !== 'group') return -1;
  return cells.findIndex(({ ref }) => ref?.id === selected.id && ref.type === selected.type);
}
