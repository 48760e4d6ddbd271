import type { Span } from './moments.ts';

/** How wide a stretch is drawn that is skipped, in pixels. */
export const BREAK_WIDTH = 62;

/** A stretch of the run that is drawn to scale, or skipped. */
export interface Piece extends Span {
  skipped: boolean;
  /** Milliseconds drawn to scale before it, and stretches skipped before it. */
  drawnBefore: number;
  breaksBefore: number;
}

/** The time of a run as it is laid out: one piece after the other, without gaps. */
export interface Axis {
  begin: number;
  end: number;
  pieces: Piece[];
  /** Milliseconds drawn to scale, of all pieces. */
  drawn: number;
  breaks: number;
}

/** A stretch in which nothing happens is skipped where it is longer than this part of all in which something does. */
const LONG_SHARE = 0.1;
/** Milliseconds: shorter ones never are. */
const LONG = 20_000;

/** The stretches worth skipping. */
export function longOnes(idle: readonly Span[], { from, to }: Span): Span[] {
  const quiet = idle.reduce((sum, span) => sum + span.to - span.from, 0);
  const limit = Math.max(LONG, (to - from - quiet) * LONG_SHARE);
  return idle.filter((span) => span.to - span.from > limit);
}

/** `skipped`: in order and apart from each other. `room`: milliseconds that are drawn beyond the end. */
export function axisOf({ from, to }: Span, skipped: readonly Span[], room = 0): Axis {
  const end = Math.max(to, from + 1);
  const axis: Axis = { begin: from, end: end + room, pieces: [], drawn: 0, breaks: 0 };
  let at = from;
  for (const span of skipped) {
    if (span.from > at) addPiece(axis, at, span.from, false);
    addPiece(axis, Math.max(at, span.from), span.to, true);
    at = span.to;
  }
  if (axis.end > at || axis.pieces.length === 0) addPiece(axis, at, axis.end, false);
  return axis;
}

function addPiece(axis: Axis, from: number, to: number, skipped: boolean): void {
  axis.pieces.push({ from, to, skipped, drawnBefore: axis.drawn, breaksBefore: axis.breaks });
  if (skipped) axis.breaks += 1;
  else axis.drawn += to - from;
}

/** Pixels from the begin of the run to a time. `scale`: pixels a millisecond. */
export function xOf(axis: Axis, scale: number, at: number): number {
  const piece = pieceWith(axis, ({ from }) => from <= at);
  const start = piece.drawnBefore * scale + piece.breaksBefore * BREAK_WIDTH;
  if (!piece.skipped) return start + (at - piece.from) * scale;
  return start + Math.min(1, (at - piece.from) / (piece.to - piece.from)) * BREAK_WIDTH;
}

/** The time at a number of pixels from the begin of the run. */
export function timeAt(axis: Axis, scale: number, x: number): number {
  const piece = pieceWith(axis, (each) => each.drawnBefore * scale + each.breaksBefore * BREAK_WIDTH <= x);
  const into = x - piece.drawnBefore * scale - piece.breaksBefore * BREAK_WIDTH;
  return piece.skipped ? piece.from + (into / BREAK_WIDTH) * (piece.to - piece.from) : piece.from + into / scale;
}

/** The last piece that begins early enough, else the first. */
function pieceWith({ pieces }: Axis, begins: (piece: Piece) => boolean): Piece {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (begins(pieces[middle]!)) low = middle;
    else high = middle - 1;
  }
  return pieces[low]!;
}

export function widthOf({ drawn, breaks }: Axis, scale: number): number {
  return drawn * scale + breaks * BREAK_WIDTH;
}

/** The scale at which all of it is as wide as that. */
export function scaleToFit({ drawn, breaks }: Axis, width: number): number {
  return Math.max(width - breaks * BREAK_WIDTH, width / 4) / Math.max(1, drawn);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 84, 364].map((days) => days * DAY),
];

export interface Tick {
  x: number;
  label: string;
}

/** Ticks at round times since the begin, at least `apart` pixels from each other, between two places of the picture. */
export function ticksOf(axis: Axis, scale: number, seen: Span, apart: number): Tick[] {
  const step = STEPS.find((each) => each * scale >= apart) ?? STEPS.at(-1)!;
  const ticks: Tick[] = [];
  const first = timeAt(axis, scale, seen.from);
  const last = timeAt(axis, scale, seen.to);
  let free = Number.NEGATIVE_INFINITY;
  for (const { from, to, skipped } of axis.pieces) {
    if (skipped || to < first || from > last) continue;
    // What would run into the next stretch that is skipped is left out.
    const stop = to < axis.end ? xOf(axis, scale, to) : Number.POSITIVE_INFINITY;
    const begin = Math.ceil((Math.max(from, first) - axis.begin) / step);
    const end = Math.floor((Math.min(to, last) - axis.begin) / step);
    for (let count = begin; count <= end; count++) {
      const x = xOf(axis, scale, axis.begin + count * step);
      if (x < free || x + apart * 0.6 > stop) continue;
      ticks.push({ x, label: sinceBegin(count * step) });
      free = x + apart * 0.9;
    }
  }
  return ticks;
}

/** `0`, `250 ms`, `14 s`, `4 m 30 s`, `2 h 05 m`, `3 d 4 h`; from milliseconds, without what is zero. */
export function sinceBegin(ms: number): string {
  if (ms === 0) return '0';
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${Math.round(ms) / SECOND} s`;
  const parts = [
    { size: DAY, unit: 'd' },
    { size: HOUR, unit: 'h' },
    { size: MINUTE, unit: 'm' },
    { size: SECOND, unit: 's' },
  ];
  const first = parts.findIndex(({ size }) => ms >= size);
  const words = parts.slice(first, first + 3).map(({ size, unit }, index) => {
    const value = index === 0 ? Math.floor(ms / size) : Math.floor((ms % parts[first + index - 1]!.size) / size);
    return value === 0 ? '' : `${value} ${unit}`;
  });
  const rest = ms % SECOND;
  return [...words, rest > 0 && ms < HOUR ? `${Math.round(rest)} ms` : ''].filter(Boolean).join(' ');
}
