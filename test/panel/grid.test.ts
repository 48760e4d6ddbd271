import { describe, expect, it } from 'vitest';
import {
  cellAfterKey,
  cellAt,
  cellBox,
  gridHeight,
  gridWidth,
  matrixGrid,
  waffleGrid,
} from '../../webview/tree/grid.ts';

const GRIDS = [
  waffleGrid(240, 216),
  waffleGrid(1000, 312),
  waffleGrid(10_000, 312),
  waffleGrid(90, 216, 3),
  matrixGrid(12, 4, 130),
];

describe('grid', () => {
  it.each(GRIDS)('finds each square again at its middle (%#)', (grid) => {
    const found = Array.from({ length: grid.count }, (_, index) => {
      const { x, y, width, height } = cellBox(grid, index);
      return cellAt(grid, x + width / 2, y + height / 2);
    });
    expect(found).toEqual(Array.from({ length: grid.count }, (_, index) => index));
  });

  it('fits its width', () => {
    expect(GRIDS.map((grid) => gridWidth(grid) <= 312)).toEqual(GRIDS.map(() => true));
    expect(gridHeight(waffleGrid(10_000, 312))).toBeLessThan(560);
  });

  it('finds nothing beyond the last square', () => {
    const grid = waffleGrid(30, 216);
    expect(cellAt(grid, 215, 15)).toBeNull();
    expect(cellAt(grid, -1, 3)).toBeNull();
    expect(cellAt(grid, 3, 400)).toBeNull();
  });

  it('moves by arrows and stays at the edges', () => {
    const grid = { ...waffleGrid(30, 216), columns: 10 };
    expect(cellAfterKey(grid, 0, 'ArrowRight')).toBe(1);
    expect(cellAfterKey(grid, 0, 'ArrowLeft')).toBe(0);
    expect(cellAfterKey(grid, 5, 'ArrowDown')).toBe(15);
    expect(cellAfterKey(grid, 25, 'ArrowDown')).toBe(25);
    expect(cellAfterKey(grid, 15, 'ArrowUp')).toBe(5);
    expect(cellAfterKey(grid, 15, 'End')).toBe(19);
    expect(cellAfterKey(grid, 15, 'Home')).toBe(10);
    expect(cellAfterKey(grid, 15, 'a')).toBeNull();
  });
});
