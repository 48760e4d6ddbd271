import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { useNow, useRun, useStore, useTree } from '../store.ts';
import { type Axis, axisOf, longOnes } from './axis.ts';
import { idleSpans, type Span } from './moments.ts';
import { Packing } from './packing.ts';
import { layoutRows, type Rows } from './rows.ts';

/** The run laid out over time: packed anew where it changed, and not because time passes. */
export interface Timeline {
  tree: RunTree;
  packing: Packing;
  rows: Rows;
  axis: Axis;
  now: number;
  live: boolean;
  /** Whether there is a stretch worth skipping. */
  hasIdle: boolean;
}

/** What is shown beyond the present of a run that goes, as a part of all of it. */
const AHEAD = 0.04;

/** `room`: the height that the bands have, in pixels. `scale`: pixels a millisecond, for how finely the clock ticks. */
export function useTimeline(room: number, skipIdle: boolean, scale: number): Timeline {
  const tree = useTree();
  const { version } = useStore();
  const live = useRun((store) => store.status() === 'running' && store.host.generatedAt === null);
  const now = useFineNow(live, scale);
  const packing = useRef<Packing>(null);
  packing.current ??= new Packing();
  const current = packing.current;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree changes in place, with a version each time.
  useMemo(() => current.update(tree), [current, tree, version]);
  const phases = tree.phases.map(({ title, beganAt, endedAt }) => `${title} ${beganAt} ${endedAt}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the rows are made of changes with these.
  const rows = useMemo(
    () => layoutRows(tree.phases, current, room),
    [tree, current, current.version, phases, tree.paused, room],
  );
  const begin = tree.startedAt ?? tree.createdAt;
  const end = tree.endedAt ?? now;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the packing changes in place, with a version each time.
  const { axis, hasIdle } = useMemo(() => {
    const span: Span = { from: begin, to: Math.max(begin, end) };
    const idle = longOnes(idleSpans(current.busyFrom, current.busyTo, span), span);
    const bare = axisOf(span, skipIdle ? idle : []);
    return { axis: live ? axisOf(span, skipIdle ? idle : [], bare.drawn * AHEAD) : bare, hasIdle: idle.length > 0 };
  }, [begin, end, current, current.version, skipIdle, live]);
  return { tree, packing: current, rows, axis, now: end, live, hasIdle };
}

/** The time, also between the seconds where a second is wider than a few pixels. */
function useFineNow(live: boolean, scale: number): number {
  const coarse = useNow();
  const [fine, setFine] = useState(0);
  const often = scale * 1000 > 4;
  useEffect(() => {
    if (!live || !often || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setFine(Date.now());
    }, 120);
    return () => clearInterval(timer);
  }, [live, often]);
  return live ? Math.max(coarse, fine) : coarse;
}

export interface Size {
  width: number;
  height: number;
}

/** How large an element is, in pixels of the page; of one without a size nothing is drawn. */
export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize((known) => (known.width === width && known.height === height ? known : { width, height }));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
