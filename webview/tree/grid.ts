/** Where the squares of a group lie: rows of `columns`, counted from the top left. Lengths are pixels at zoom 1. */
export interface Grid {
  count: number;
  columns: number;
  cellWidth: number;
  cellHeight: number;
  pitchX: number;
  pitchY: number;
  /** Every `unit` squares belong together, with `unitGap` more between them and the next. */
  unit: number;
  unitGap: number;
}

export interface CellBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Squares for `count` agents across `width`; smaller the more there are, so that ten thousand still fit a screen. */
export function waffleGrid(count: number, width: number, unit = 1): Grid {
  const [cell, gap] = count <= 800 ? [8, 2] : count <= 2400 ? [5.5, 1.5] : [3.2, 0.8];
  const unitGap = unit > 1 ? gap * 1.5 : 0;
  const units = Math.max(1, Math.floor((width + gap + unitGap) / (unit * (cell + gap) + unitGap)));
  return {
    count,
    columns: units * unit,
    cellWidth: cell,
    cellHeight: cell,
    pitchX: cell + gap,
    pitchY: cell + gap,
    unit,
    unitGap,
  };
}

/** Two columns of small cards, with room for a label and for what is done now. */
export function tileGrid(count: number, width: number): Grid {
  const pitchX = (width + TILE_GAP) / 2;
  const [cellWidth, cellHeight] = [pitchX - TILE_GAP, TILE_HEIGHT];
  return { count, columns: 2, cellWidth, cellHeight, pitchX, pitchY: TILE_HEIGHT + TILE_GAP, unit: 1, unitGap: 0 };
}

const TILE_GAP = 4;
const TILE_HEIGHT = 20;

/** A row an item and a column a stage, across `width`. */
export function matrixGrid(rows: number, stages: number, width: number): Grid {
  const pitchX = (width + 4) / stages;
  return {
    count: rows * stages,
    columns: stages,
    cellWidth: pitchX - 4,
    cellHeight: 8,
    pitchX,
    pitchY: MATRIX_ROW,
    unit: 1,
    unitGap: 0,
  };
}

export const MATRIX_ROW = 16;

export function gridHeight(grid: Grid): number {
  const rows = Math.ceil(grid.count / grid.columns);
  return rows === 0 ? 0 : (rows - 1) * grid.pitchY + grid.cellHeight;
}

export function gridWidth(grid: Grid): number {
  const columns = Math.min(grid.count, grid.columns);
  return columns === 0 ? 0 : cellBox(grid, columns - 1).x + grid.cellWidth;
}

export function cellBox(grid: Grid, index: number): CellBox {
  const column = index % grid.columns;
  return {
    x: column * grid.pitchX + Math.floor(column / grid.unit) * grid.unitGap,
    y: Math.floor(index / grid.columns) * grid.pitchY,
    width: grid.cellWidth,
    height: grid.cellHeight,
  };
}

/** The square at a point, gaps counted to the square before them; null beyond the last. */
export function cellAt(grid: Grid, x: number, y: number): number | null {
  const row = Math.floor(y / grid.pitchY);
  const unitWidth = grid.unit * grid.pitchX + grid.unitGap;
  const unit = Math.floor(x / unitWidth);
  const within = Math.min(grid.unit - 1, Math.floor((x - unit * unitWidth) / grid.pitchX));
  const column = unit * grid.unit + within;
  const index = row * grid.columns + column;
  return x < 0 || y < 0 || column >= grid.columns || index >= grid.count ? null : index;
}

/** Where an arrow key leads from a square; the same square at the edge. Null for other keys. */
export function cellAfterKey(grid: Grid, index: number, key: string): number | null {
  const last = grid.count - 1;
  const rowStart = index - (index % grid.columns);
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, index + 1);
    case 'ArrowLeft':
      return Math.max(0, index - 1);
    case 'ArrowDown':
      return index + grid.columns <= last ? index + grid.columns : index;
    case 'ArrowUp':
      return index >= grid.columns ? index - grid.columns : index;
    case 'Home':
      return rowStart;
    case 'End':
      return Math.min(last, rowStart + grid.columns - 1);
    default:
      return null;
  }
}
