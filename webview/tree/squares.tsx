import { createContext, memo, useContext, useLayoutEffect, useRef } from 'react';
import type { NodeRef, RunTree } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { usePalette } from '../palette.ts';
import { useRun, useStore } from '../store.ts';
import type { Cell } from './cells.ts';
import { type Grid, gridHeight, gridWidth } from './grid.ts';
import { SquarePainter } from './square-painter.ts';
import { useLevel } from './zoom.ts';

/** Pixels of the screen for one of the picture, once it has come to rest: then drawings are made as sharp as the screen is. */
const ScaleContext = createContext(1);
export const ScaleProvider = ScaleContext.Provider;

interface Props {
  cells: readonly Cell[];
  grid: Grid;
  /** Squares that stay bright while others dim; undefined: nothing dims. */
  lit: ((ref: NodeRef) => boolean) | undefined;
}

/** The drawing alone. What an agent says is on its square where one looks from near enough to read it. */
export const Squares = memo(function Squares({ cells, grid, lit }: Props) {
  const store = useStore();
  const palette = usePalette();
  const scale = useContext(ScaleContext);
  const level = useLevel();
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<SquarePainter>(null);
  const worded = level === 'close' || (level === 'near' && isTiled(grid));
  // Words change without the picture; only where they are read do they cost anything.
  useRun(({ version }) => (worded ? version : 0));
  useLayoutEffect(() => {
    if (!canvas.current) return;
    painter.current ??= new SquarePainter();
    painter.current.paint(canvas.current, {
      cells,
      grid,
      palette,
      scale,
      lit: lit && (({ ref }) => ref !== null && lit(ref)),
      words: worded ? (cell) => wordsOf(store.tree, cell, level === 'close') : undefined,
    });
  });
  return (
    <div aria-hidden="true">
      <canvas ref={canvas} className="squares-drawing" style={{ width: gridWidth(grid), height: gridHeight(grid) }} />
    </div>
  );
});

function isTiled(grid: Grid): boolean {
  return grid.cellHeight >= 16;
}

function wordsOf(tree: RunTree, { ref }: Cell, close: boolean): [string, string] {
  if (!ref) return ['', ''];
  if (ref.type === 'group') return [line(tree.groups.get(ref.id)?.info.label ?? '', 60), ''];
  const call = tree.calls.get(ref.id);
  if (!call) return ['', ''];
  const more = call.state === 'failed' ? (call.settled?.cause?.message ?? '') : call.doing;
  return [line(call.info.label, 60), close ? line(more, 60) : ''];
}
