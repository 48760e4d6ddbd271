import type { PhaseNode } from '../../extension/protocol/run-tree.ts';
import { type Band, type Bar, LANE_KINDS, type Lane, type LaneKind, type Packing } from './packing.ts';

/** A lane where it lies; `y` is pixels from the top of the first band, `height` without the gap below it. */
export interface Row {
  lane: Lane;
  y: number;
  height: number;
}

/** A phase as a band of rows below its header. */
export interface BandRows {
  phase: PhaseNode;
  band: Band | null;
  y: number;
  height: number;
  rows: Row[];
  /** Where what waits for a place is told; null where nothing does. */
  queueY: number | null;
}

export interface Rows {
  bands: BandRows[];
  height: number;
  rowOf: Map<Lane, Row>;
}

export const BAND_HEAD = 25;
const BAND_GAP = 9;
/** Below the rows of a band. */
const BAND_FOOT = 7;
/** Of a phase that has nothing yet. */
const EMPTY = 2;
export const QUEUE_HEIGHT = 15;
const LEAST_PITCH = 5;
const MOST_PITCH = 21;
const HEIGHTS: Record<Exclude<LaneKind, 'agents'>, number> = { asks: 20, tools: 8 };

/** The bands one below the other; lanes are as high as `room` allows, within what can still be told apart. */
export function layoutRows(phases: readonly PhaseNode[], packing: Packing, room: number): Rows {
  const pitch = pitchFor(phases, packing, room);
  const result: Rows = { bands: [], height: 0, rowOf: new Map() };
  let y = 0;
  for (const phase of phases) {
    const band = packing.bands.get(phase.title) ?? null;
    const rows: Row[] = [];
    let at = y + BAND_HEAD;
    for (const kind of LANE_KINDS) {
      for (const lane of band?.lanes[kind] ?? []) {
        const step = kind === 'agents' ? pitch : HEIGHTS[kind];
        const row = { lane, y: at, height: step - (step > 9 ? 2 : 1) };
        rows.push(row);
        result.rowOf.set(lane, row);
        at += step;
      }
    }
    const queueY = band && band.waiting.size > 0 ? at + 1 : null;
    if (queueY !== null) at += QUEUE_HEIGHT;
    const height = at - y + (rows.length > 0 || queueY !== null ? BAND_FOOT : EMPTY);
    result.bands.push({ phase, band, y, height, rows, queueY });
    y += height + BAND_GAP;
  }
  result.height = Math.max(0, y - BAND_GAP);
  return result;
}

function pitchFor(phases: readonly PhaseNode[], packing: Packing, room: number): number {
  let lanes = 0;
  let fixed = 0;
  for (const { title } of phases) {
    const band = packing.bands.get(title);
    fixed += BAND_HEAD + BAND_FOOT + BAND_GAP;
    if (!band) continue;
    lanes += band.lanes.agents.length;
    fixed += band.lanes.asks.length * HEIGHTS.asks + band.lanes.tools.length * HEIGHTS.tools;
    if (band.waiting.size > 0) fixed += QUEUE_HEIGHT;
  }
  const fair = Math.floor((2 * (room - fixed)) / Math.max(1, lanes)) / 2;
  return Math.max(LEAST_PITCH, Math.min(MOST_PITCH, fair));
}

/** The row at a height, the gap below it counted to it; null between the bands. */
export function rowAt(rows: Rows, y: number): Row | null {
  const band = bandAt(rows, y);
  return band?.rows.findLast((row) => row.y <= y && y < row.y + row.height + 2) ?? null;
}

export function bandAt({ bands }: Rows, y: number): BandRows | null {
  return bands.find((band) => y >= band.y && y < band.y + band.height) ?? null;
}

/** Where an arrow leads from a bar; null for other keys. Bars that are not `shown` are passed over. */
export function barAfterKey(rows: Rows, bar: Bar | null, key: string, shown: (bar: Bar) => boolean): Bar | null {
  const lanes = rows.bands.flatMap(({ rows: own }) => own.map(({ lane }) => lane));
  if (!bar) return KEYS.has(key) ? (lanes.map((lane) => lane.bars.find(shown)).find((first) => first) ?? null) : null;
  const own = bar.lane.bars;
  const at = lanes.indexOf(bar.lane);
  switch (key) {
    case 'ArrowRight':
      return own.find((each, index) => index > bar.index && shown(each)) ?? bar;
    case 'ArrowLeft':
      return own.findLast((each, index) => index < bar.index && shown(each)) ?? bar;
    case 'Home':
      return own.find(shown) ?? bar;
    case 'End':
      return own.findLast(shown) ?? bar;
    case 'ArrowDown':
      return nearestIn(lanes.slice(at + 1), bar, shown) ?? bar;
    case 'ArrowUp':
      return nearestIn(lanes.slice(0, Math.max(0, at)).reverse(), bar, shown) ?? bar;
    case 'PageDown':
      return nearestIn(lanesBeside(rows, bar.lane, 1), bar, shown) ?? bar;
    case 'PageUp':
      return nearestIn(lanesBeside(rows, bar.lane, -1), bar, shown) ?? bar;
    default:
      return null;
  }
}

const KEYS = new Set(['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Home', 'End', 'PageDown', 'PageUp']);

/** All lanes of the bands after (1) or before (-1) that of a lane, the next band first. */
function lanesBeside({ bands }: Rows, lane: Lane, step: 1 | -1): Lane[] {
  const at = bands.findIndex(({ rows }) => rows.some((row) => row.lane === lane));
  const beside = step === 1 ? bands.slice(at + 1) : bands.slice(0, Math.max(0, at)).reverse();
  return beside.flatMap(({ rows }) => rows.map((row) => row.lane));
}

/** In the first of the lanes that shows anything, the bar that begins nearest to the begin of this one. */
function nearestIn(lanes: readonly Lane[], { from }: Bar, shown: (bar: Bar) => boolean): Bar | null {
  for (const { bars } of lanes) {
    let best: Bar | null = null;
    for (const bar of bars) {
      if (shown(bar) && (!best || Math.abs(bar.from - from) < Math.abs(best.from - from))) best = bar;
    }
    if (best) return best;
  }
  return null;
}
