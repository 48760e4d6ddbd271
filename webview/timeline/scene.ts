import type { RunTree } from '../../extension/protocol/run-tree.ts';
import type { Palette } from '../palette.ts';
import { type Axis, timeAt, xOf } from './axis.ts';
import type { Bar, Packing } from './packing.ts';
import type { Rows } from './rows.ts';

/** Pixels at the left and at the right of the picture. */
export const PAD = 14;
/** How many are at work, at the top, and below it the axis; both stay when the bands are scrolled. */
export const STRIP_HEIGHT = 52;
export const AXIS_HEIGHT = 24;
export const HEAD = STRIP_HEIGHT + AXIS_HEIGHT;

/** Which part of the run is in sight: pixels a millisecond, and pixels scrolled away at the left and at the top. */
export interface Sight {
  scale: number;
  left: number;
  top: number;
}

/** All that one drawing of the timeline shows. */
export interface Scene {
  tree: RunTree;
  packing: Packing;
  rows: Rows;
  axis: Axis;
  sight: Sight;
  width: number;
  height: number;
  now: number;
  /** The run goes: what is at work has no end yet. */
  live: boolean;
  palette: Palette;
  shown(bar: Bar): boolean;
  /** 1 for what stays bright, less for what dims. */
  opacity(bar: Bar): number;
  selected: Bar | null;
  /** Where the keys are, while they are here. */
  active: Bar | null;
  hovered: Bar | null;
}

export type Pen = CanvasRenderingContext2D;

/** Pixels from the left of the picture to a time. */
export function xIn({ axis, sight }: Scene, at: number): number {
  return PAD + xOf(axis, sight.scale, at) - sight.left;
}

/** The time at a number of pixels from the left of the picture. */
export function timeIn({ axis, sight }: Pick<Scene, 'axis' | 'sight'>, x: number): number {
  return timeAt(axis, sight.scale, x - PAD + sight.left);
}

export function font({ size, family }: Palette, share = 1, weight = 'normal'): string {
  return `${weight} ${Math.round(size * share * 10) / 10}px ${family}`;
}

const ELLIPSIS = '…';

/** Text, cut where it has no room; gives its width. */
export function write(pen: Pen, text: string, x: number, y: number, room: number): number {
  if (room < 8 || text === '') return 0;
  const width = pen.measureText(text).width;
  if (width <= room) {
    pen.fillText(text, x, y);
    return width;
  }
  const fits = Math.floor((text.length * room) / width) - 2;
  if (fits < 2) return 0;
  pen.fillText(text.slice(0, fits) + ELLIPSIS, x, y);
  return room;
}

/** Slanted lines over an area; what is drawn before and after is left alone. */
export function hatch(pen: Pen, x: number, y: number, width: number, height: number, apart: number): void {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.beginPath();
  // The lines lie on a grid of the page, so that they do not run when what they fill grows.
  const first = Math.floor((x - height) / apart) * apart;
  for (let at = first; at < x + width; at += apart) {
    pen.moveTo(at, y + height);
    pen.lineTo(at + height, y);
  }
  pen.stroke();
  pen.restore();
}
