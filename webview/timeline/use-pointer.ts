import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { type Bar, barAt } from './packing.ts';
import { bandAt, rowAt } from './rows.ts';
import { HEAD, type Sight, timeIn } from './scene.ts';
import { type Looking, panned, type Stage } from './sight.ts';
import type { Timeline } from './use-timeline.ts';

/** What is under the pointer: a bar, else the header or the queue of a phase; `x` and `y` are those of the pointer. */
export interface Hit {
  bar: Bar | null;
  phase?: string;
  x?: number;
  y?: number;
}

interface Options {
  grid: RefObject<HTMLDivElement | null>;
  timeline: Timeline;
  stage: Stage;
  sight: Sight;
  looking: Looking;
  look(looking: Looking): void;
  zoom(factor: number, x: number): void;
  shown(bar: Bar): boolean;
  open(hit: Hit | null): void;
}

/** Bars are hit from this many pixels beside them. */
const REACH = 3;
/** A press that moves less is a click. */
const STILL = 4;

/** Pointing, clicking, dragging and the wheel over the drawing. */
export function usePointer(options: Options) {
  const latest = useRef(options);
  latest.current = options;
  const [hit, setHit] = useState<Hit | null>(null);
  const [dragging, setDragging] = useState(false);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  useWheel(options.grid, latest);
  const at = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button === 0) drag.current = { ...at(event), moved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = at(event);
    const from = drag.current;
    if (from && (event.buttons & 1) === 0) drag.current = null;
    else if (from && (from.moved || Math.hypot(x - from.x, y - from.y) > STILL)) {
      if (!from.moved) event.currentTarget.setPointerCapture(event.pointerId);
      const { looking, sight, stage, look } = latest.current;
      look(panned(looking, sight, stage, from.x - x, from.y - y));
      drag.current = { x, y, moved: true };
      setDragging(true);
      return;
    }
    setHit(hitAt(latest.current, x, y));
  };
  const onPointerUp = (event: PointerEvent) => {
    const from = drag.current;
    drag.current = null;
    setDragging(false);
    const { x, y } = at(event);
    if (from && !from.moved) latest.current.open(hitAt(latest.current, x, y));
  };
  const onPointerLeave = () => !drag.current && setHit(null);
  return { hit, dragging, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerLeave } };
}

function hitAt({ timeline, stage, sight, shown }: Options, x: number, y: number): Hit | null {
  if (y < HEAD || stage.width === 0) return { bar: null, x, y };
  const deep = y - HEAD + sight.top;
  const time = timeIn({ axis: timeline.axis, sight }, x);
  const row = rowAt(timeline.rows, deep);
  const bar = row && barAt(row.lane, time, REACH / sight.scale, timeline.now);
  if (bar && shown(bar)) return { bar, x, y };
  const band = bandAt(timeline.rows, deep);
  if (!band || (row && deep < (band.queueY ?? Number.POSITIVE_INFINITY))) return { bar: null, x, y };
  return { bar: null, phase: band.phase.title, x, y };
}

/** Ctrl and the wheel zoom about the pointer; the wheel alone moves the picture, down while there is more below. */
function useWheel(grid: RefObject<HTMLDivElement | null>, latest: RefObject<Options>): void {
  useEffect(() => {
    const element = grid.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      const { looking, sight, stage, look, zoom } = latest.current;
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) {
        const x = event.clientX - element.getBoundingClientRect().left;
        return zoom(Math.exp(-event.deltaY * unit * 0.0022), x);
      }
      const deeper = stage.rowsHeight > stage.height - HEAD && !event.shiftKey;
      const across = event.deltaX + (deeper ? 0 : event.deltaY);
      look(panned(looking, sight, stage, across * unit, deeper ? event.deltaY * unit : 0));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [grid, latest]);
}
