import type { Palette } from '../palette.ts';
import type { CellState } from '../states.ts';
import type { Cell } from './cells.ts';
import { type CellBox, cellBox, type Grid, gridHeight, gridWidth } from './grid.ts';
import { isSame } from './live-layout.ts';

/** What is to be seen on the squares of a group. */
export interface Picture {
  cells: readonly Cell[];
  grid: Grid;
  palette: Palette;
  /** Pixels of the screen for one of the picture. */
  scale: number;
  lit: ((cell: Cell) => boolean) | undefined;
  /** What stands on a square that has room for it: what it is, and below that what it does. */
  words: ((cell: Cell) => [label: string, doing: string]) | undefined;
}

/** From this width on a square at work is half filled, and has room for words from the next on. */
const WIDE = 14;
const ROOM_FOR_WORDS = 34;
const DIM = 0.3;
/** No canvas is larger, in pixels, however near one looks. */
const MOST_PIXELS = 6_000_000;

/** Draws squares on a canvas, and later only those that look different from before. */
export class SquarePainter {
  private before: Picture | null = null;
  private drawn: string[] = [];

  paint(canvas: HTMLCanvasElement, picture: Picture): void {
    const context = canvas.getContext('2d');
    if (!context) return;
    const [width, height] = [gridWidth(picture.grid), gridHeight(picture.grid)];
    const scale = Math.min(picture.scale, Math.sqrt(MOST_PIXELS / Math.max(1, width * height)));
    const [wide, high] = [Math.max(1, Math.ceil(width * scale)), Math.max(1, Math.ceil(height * scale))];
    const { before } = this;
    const anew =
      canvas.width !== wide ||
      canvas.height !== high ||
      before?.palette !== picture.palette ||
      !isSame(before.grid, picture.grid);
    this.before = picture;
    if (anew) {
      canvas.width = wide;
      canvas.height = high;
      this.drawn = [];
    }
    context.setTransform(wide / Math.max(1, width), 0, 0, high / Math.max(1, height), 0, 0);
    for (const [index, cell] of picture.cells.entries()) this.paintCell(context, picture, cell, index, anew);
  }

  private paintCell(context: CanvasRenderingContext2D, picture: Picture, cell: Cell, index: number, anew: boolean) {
    const { grid } = picture;
    const dim = picture.lit !== undefined && !picture.lit(cell);
    const words = picture.words && grid.cellWidth >= ROOM_FOR_WORDS && cell.ref ? picture.words(cell) : null;
    const look = words || dim ? `${cell.state}${dim}${words?.join('\n') ?? ''}` : cell.state;
    if (this.drawn[index] === look) return;
    this.drawn[index] = look;
    const box = cellBox(grid, index);
    // Gaps belong to no square, so that the edge of this one can go with it.
    if (!anew) context.clearRect(box.x - 0.4, box.y - 0.4, box.width + 0.8, box.height + 0.8);
    context.globalAlpha = dim ? DIM : 1;
    // Words have the ground of a small card, on which they can be read.
    if (words || box.height >= TILE) drawTile(context, cell.state, box, picture.palette);
    else drawSquare(context, cell.state, box, picture.palette);
    if (words) drawWords(context, words, box, picture);
  }
}

function drawSquare(context: CanvasRenderingContext2D, state: CellState, box: CellBox, palette: Palette): void {
  const { x, y, width, height } = box;
  const tone = palette.states[state];
  if (state === 'none') return outline(context, box, palette.faint, 1);
  if (state === 'unverified') {
    context.setLineDash([1.6, 1.2]);
    outline(context, box, palette.ask, 1.4);
    context.setLineDash([]);
  } else if (state === 'working' && width > WIDE) {
    const shown = context.globalAlpha;
    context.globalAlpha = shown * 0.32;
    fill(context, x, y, width, height, tone);
    context.globalAlpha = shown;
    fill(context, x, y, width / 2, height, tone);
    return;
  } else if (palette.contrast && (state === 'waiting' || state === 'reused')) {
    outline(context, box, state === 'waiting' ? palette.contrast : tone, state === 'waiting' ? 1 : 2);
  } else fill(context, x, y, width, height, tone);
  if (height >= 8) drawGlyph(context, state, x + width / 2, y + height / 2, palette);
}

/** Squares of this height are small cards. */
const TILE = 16;
const EDGE = 3;

/** A small card: its left edge and its ground are its state. */
function drawTile(context: CanvasRenderingContext2D, state: CellState, box: CellBox, palette: Palette): void {
  const { x, y, width, height } = box;
  if (state === 'none') return outline(context, box, palette.faint, 1);
  const tone = palette.states[state];
  if (palette.contrast) outline(context, box, palette.contrast, 1);
  else {
    const shown = context.globalAlpha;
    context.globalAlpha = shown * (state === 'waiting' ? 0.4 : 0.24);
    fill(context, x, y, width, height, tone);
    context.globalAlpha = shown;
  }
  fill(context, x, y, EDGE, height, state === 'waiting' && palette.contrast ? palette.contrast : tone);
  // A sign beside the words, for those who do not tell the colours apart.
  context.strokeStyle = state === 'waiting' ? palette.quiet : tone;
  context.lineWidth = 1.3;
  traceGlyph(context, state, x + width - Math.min(7, height * 0.6), y + height / 2);
}

function fill(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, tone: string) {
  context.fillStyle = tone;
  if (height < 5) return context.fillRect(x, y, width, height);
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(1.6, width / 2));
  context.fill();
}

function outline(context: CanvasRenderingContext2D, box: CellBox, tone: string, lineWidth: number): void {
  context.strokeStyle = tone;
  context.lineWidth = Math.min(lineWidth, box.height / 3);
  const inset = context.lineWidth / 2;
  context.beginPath();
  context.roundRect(box.x + inset, box.y + inset, box.width - 2 * inset, box.height - 2 * inset, 1);
  context.stroke();
}

/** A sign inside the square, so that states differ without colour too. */
function drawGlyph(context: CanvasRenderingContext2D, state: CellState, x: number, y: number, palette: Palette): void {
  context.strokeStyle = state === 'unverified' ? palette.ask : palette.ground;
  context.lineWidth = state === 'unverified' ? 2 : 1.3;
  traceGlyph(context, state, x, y);
}

function traceGlyph(context: CanvasRenderingContext2D, state: CellState, x: number, y: number): void {
  const lines = GLYPHS[state];
  if (!lines) return;
  context.beginPath();
  for (const [fromX, fromY, toX, toY] of lines) {
    context.moveTo(x + fromX, y + fromY);
    context.lineTo(x + toX, y + toY);
  }
  context.lineCap = 'round';
  context.stroke();
}

const CROSSED: [number, number, number, number][] = [
  [-1.7, -1.7, 1.7, 1.7],
  [1.7, -1.7, -1.7, 1.7],
];
const GLYPHS: Partial<Record<CellState, [number, number, number, number][]>> = {
  failed: CROSSED,
  refuted: [[-1.7, 1.7, 1.7, -1.7]],
  working: [
    [0, -2, 0, 2],
    [-1, -2, -1, 2],
  ],
  skipped: [[-1.8, 0, 1.8, 0]],
  stopped: [[-1.8, 0, 1.8, 0]],
  unverified: [[0, -0.4, 0, 0.4]],
  asks: [
    [0, -2, 2, 0],
    [2, 0, 0, 2],
    [0, 2, -2, 0],
    [-2, 0, 0, -2],
  ],
};

/** The label, and below it what is done now where there is height for two lines. */
function drawWords(context: CanvasRenderingContext2D, words: [string, string], box: CellBox, picture: Picture): void {
  const { x, y, width, height } = box;
  const { palette } = picture;
  const [label, doing] = words;
  const tile = height >= TILE;
  const size = tile ? (doing ? 7.5 : 9) : 6.2;
  context.font = `${size}px ${palette.family}`;
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(x, y, width - (tile ? 13 : 10), height);
  context.clip();
  context.fillStyle = palette.strong;
  const left = x + EDGE + (tile ? 4 : 2);
  if (tile && doing) {
    context.fillText(label, left, y + height * 0.29);
    context.fillStyle = palette.quiet;
    context.fillText(doing, left, y + height * 0.73);
  } else context.fillText(doing || label, left, y + height / 2 + 0.3);
  context.restore();
}
