import { useStore as useFlow, useNodesInitialized, useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { useViewState } from '../view-state.ts';
import type { Box, Layout } from './layout.ts';

export interface Follow {
  on: boolean;
  /** The person moved the picture: leave it where it is. */
  release(): void;
  toggle(): void;
  fit(): void;
}

const MARGIN = 18;
/** Room that the legend takes below. */
const FOOT = 58;
const LEAST_ZOOM = 0.6;

/** Keeps what is at work in view as the run grows, until the person moves the picture. */
export function useFollow(layout: Layout, tree: RunTree): Follow {
  const flow = useReactFlow();
  const width = useFlow((state) => state.width);
  const height = useFlow((state) => state.height);
  const ready = useNodesInitialized() || layout.boxes.length > 0;
  const saved = useViewState((state) => state.viewport);
  const restored = useRef(saved);
  const [on, setOn] = useState(restored.current === null);
  const place = useCallback(
    (target: { x: number; y: number; zoom: number }) => void flow.setViewport(target, { duration: 0 }),
    [flow],
  );
  const wanted = on && ready && width > 0 ? viewportFor(layout, activeBox(layout, tree), { width, height }) : null;
  const key = wanted ? `${wanted.x},${wanted.y},${wanted.zoom}` : '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the viewport.
  useEffect(() => {
    if (wanted) place(wanted);
  }, [key, place]);
  useEffect(() => {
    if (restored.current) place(restored.current);
  }, [place]);
  return {
    on,
    release: useCallback(() => setOn(false), []),
    toggle: useCallback(() => setOn((before) => !before), []),
    fit: useCallback(() => place(wholeViewport(layout, { width, height })), [place, layout, width, height]),
  };
}

interface Size {
  width: number;
  height: number;
}

function wholeViewport(layout: Layout, size: Size) {
  const zoom = Math.min(
    1,
    (size.width - 2 * MARGIN) / Math.max(1, layout.width),
    (size.height - MARGIN - FOOT) / Math.max(1, layout.height),
  );
  return { x: MARGIN, y: MARGIN, zoom: Math.max(0.1, zoom) };
}

/** All of it where that stays legible; else the part that is at work, at a legible size. */
export function viewportFor(layout: Layout, active: Box | null, size: Size): { x: number; y: number; zoom: number } {
  const whole = wholeViewport(layout, size);
  if (whole.zoom >= LEAST_ZOOM) return whole;
  const zoom = Math.min(1, Math.max(LEAST_ZOOM, (size.width - 2 * MARGIN) / Math.max(1, layout.width)));
  const right = active ? (active.x + active.width) * zoom + 2 * MARGIN : 0;
  return { x: MARGIN - Math.max(0, right - size.width), y: MARGIN, zoom };
}

/** The header of the last phase that has agents at work, else of the last that began. */
function activeBox(layout: Layout, tree: RunTree): Box | null {
  const begun = tree.phases.filter((phase) => phase.beganAt !== null);
  const active = begun.findLast((phase) => phase.counts.working > 0) ?? begun.at(-1);
  return layout.boxes.find((box) => box.item.kind === 'phase' && box.item.title === active?.title) ?? null;
}
