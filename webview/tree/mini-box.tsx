import { type MiniMapNodeProps, useNodesData } from '@xyflow/react';
import { standingOf } from '../states.ts';
import { useTree } from '../store.ts';
import { type Cell, claimCells, ownStages, pipelineCells, waffleCells } from './cells.ts';
import type { Box } from './layout.ts';
import { pathsOf, SquarePaths } from './square-grid.tsx';
import type { BoxNode } from './tree-view.tsx';

/** A box in the overview: the same squares, without the words. */
export function MiniBox({ id, x, y, width, height }: MiniMapNodeProps) {
  const data = useNodesData<BoxNode>(id)?.data;
  const tree = useTree();
  if (!data) return null;
  const { box } = data;
  const item = box.item;
  if (item.kind === 'phase') return <rect className="mini-phase" x={x} y={y + height - 8} width={width} height={8} />;
  if (item.kind === 'agent')
    return (
      <rect
        className={`mini-card is-${tree.calls.get(item.call)?.state ?? 'none'}`}
        x={x}
        y={y}
        width={width}
        height={height}
        rx={6}
      />
    );
  if (item.kind === 'claim') {
    const group = tree.groups.get(item.group);
    return (
      <rect
        className={`mini-card is-${group ? standingOf(tree, group).state : 'none'}`}
        x={x}
        y={y}
        width={width}
        height={height}
        rx={6}
      />
    );
  }
  const cells = miniCells();
  const offset = item.kind === 'matrix' ? item.labelWidth : 0;
  return (
    <g>
      <rect className="mini-panel" x={x} y={y} width={width} height={height} rx={6} />
      {'grid' in item && cells.length > 0 && (
        <g transform={`translate(${x + 10 + offset} ${y + 32})`}>
          <SquarePaths paths={pathsOf(cells, item.grid).map((path) => ({ ...path, glyph: '' }))} />
        </g>
      )}
    </g>
  );

  function miniCells(): Cell[] {
    return cellsOf(box);
  }

  function cellsOf({ item: of, phase }: Box): Cell[] {
    if (of.kind === 'fold') return of.of === 'claims' ? claimCells(tree, of.refs) : [];
    if (of.kind !== 'waffle' && of.kind !== 'matrix') return [];
    const group = tree.groups.get(of.group);
    if (!group) return [];
    if (of.kind === 'matrix')
      return pipelineCells(
        tree,
        group,
        Array.from({ length: of.grid.columns }, (_, stage) => stage),
      );
    return group.info.kind === 'pipeline'
      ? pipelineCells(tree, group, ownStages(tree, group, phase))
      : waffleCells(tree, group, phase);
  }
}
