import { type MiniMapNodeProps, useNodesData } from '@xyflow/react';
import type { NodeRef } from '../../extension/protocol/run-tree.ts';
import { useTree } from '../store.ts';
import { type Cell, cellsOf as cellsOfRefs, ownStages, pipelineCells, stateOfRef, waffleCells } from './cells.ts';
import type { Box, BoxItem } from './layout.ts';
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
  if (item.kind === 'frame') return <rect className="mini-frame" x={x} y={y} width={width} height={height} rx={6} />;
  const ref = cardOf(item);
  if (ref) {
    const state = stateOfRef(tree, ref);
    return <rect className={`mini-card is-${state}`} x={x} y={y} width={width} height={height} rx={6} />;
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
    if (of.kind === 'fold') return of.open ? [] : cellsOfRefs(tree, of.refs);
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

/** What a box stands for that is of one colour. */
function cardOf(item: BoxItem): NodeRef | null {
  switch (item.kind) {
    case 'agent':
    case 'checkpoint':
    case 'tool':
      return { type: 'call', id: item.call };
    case 'claim':
      return { type: 'group', id: item.group };
    default:
      return null;
  }
}
