import { type Axis, scaleToFit, timeAt, widthOf, xOf } from './axis.ts';
import { HEAD, PAD, type Sight } from './scene.ts';

/** `fit`: always all of the run; `now`: as far in as it is, with the present in sight; `free`: where the person left it. */
export type Mode = 'fit' | 'now' | 'free';

export interface Looking extends Sight {
  mode: Mode;
}

export const ALL: Looking = { mode: 'fit', scale: 0, left: 0, top: 0 };

/** What the timeline was left at; `left` depends on whether idle stretches are skipped. */
export interface TimelineState extends Looking {
  skipIdle: boolean;
}

/** What was saved before, as far as it can be made out; null for anything else. */
export function asTimelineState(saved: unknown): TimelineState | null {
  if (typeof saved !== 'object' || saved === null) return null;
  const { mode, scale, left, top, skipIdle } = saved as Record<string, unknown>;
  if (mode !== 'fit' && mode !== 'now' && mode !== 'free') return null;
  if (!isNumber(scale) || !isNumber(left) || !isNumber(top)) return null;
  return { mode, scale, left, top, skipIdle: skipIdle !== false };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** What is looked at, and how large the picture is, in pixels. */
export interface Stage {
  axis: Axis;
  now: number;
  width: number;
  height: number;
  rowsHeight: number;
}

/** Pixels a millisecond, at the nearest. */
const NEAREST = 3;
/** Where in the picture the present is kept. */
const PRESENT = 0.82;

/** What is in sight: never beyond the run, and never farther away than all of it. */
export function sightOf(looking: Looking, stage: Stage): Sight {
  const { axis, now, width, height, rowsHeight } = stage;
  const whole = scaleToFit(axis, roomOf(stage));
  const scale = looking.mode === 'fit' ? whole : clamp(looking.scale, Math.min(whole, NEAREST), NEAREST);
  const wanted = looking.mode === 'now' ? xOf(axis, scale, now) - width * PRESENT : looking.left;
  const left = clamp(wanted, 0, Math.max(0, widthOf(axis, scale) - roomOf(stage)));
  return { scale, left, top: clamp(looking.top, 0, Math.max(0, rowsHeight - (height - HEAD))) };
}

function roomOf({ width }: Stage): number {
  return Math.max(1, width - 2 * PAD);
}

/** Nearer or farther, with the time at `x` of the picture staying where it is; as far away as all of it is `fit`. */
export function zoomed(sight: Sight, stage: Stage, x: number, factor: number): Looking {
  const scale = Math.min(NEAREST, sight.scale * factor);
  if (scale <= scaleToFit(stage.axis, roomOf(stage)) * 1.001) return { ...sight, mode: 'fit' };
  const at = timeAt(stage.axis, sight.scale, x - PAD + sight.left);
  return { mode: 'free', scale, left: xOf(stage.axis, scale, at) - (x - PAD), top: sight.top };
}

/** Moved by pixels. A picture that shows all of the run, and stays where it is, goes on to do so. */
export function panned(looking: Looking, sight: Sight, stage: Stage, x: number, y: number): Looking {
  const moved = sightOf({ ...sight, mode: 'free', left: sight.left + x, top: sight.top + y }, stage);
  return { ...moved, mode: moved.left === sight.left ? looking.mode : 'free' };
}

/** A place of the picture moved into sight, where it is not: `from` and `to` are times, `y` is pixels within the bands. */
export function shownAt(
  looking: Looking,
  sight: Sight,
  stage: Stage,
  place: { from: number; to: number; y: number; height: number },
): Looking {
  const begin = xOf(stage.axis, sight.scale, place.from);
  const end = xOf(stage.axis, sight.scale, place.to);
  const room = roomOf(stage);
  let { left, top } = sight;
  if (end < left + 20 || begin > left + room - 20) left = Math.min(begin - room / 3, (begin + end - room) / 2);
  const deep = stage.height - HEAD;
  if (place.y < top) top = place.y - 30;
  else if (place.y + place.height > top + deep) top = place.y + place.height - deep + 12;
  return panned(looking, sight, stage, left - sight.left, top - sight.top);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
