import { useStore as useFlow, useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { useView } from '../view-state.ts';
import type { Box, Layout } from './layout.ts';

export interface Follow {
  on: boolean;
  /** The person moved the picture: leave it where it is, also after a reload. */
  release(): void;
  toggle(): void;
  fit(): void;
}

interface Size {
  width: number;
  height: number;
}

interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

const MARGIN = 18;
/** Room that the legend takes below. */
const FOOT = 58;
/** Type at a smaller zoom is hard to read. */
const LEAST_ZOOM = 0.75;

/** Fields and buttons are used at a size at which they can be read. */
const NEAR_ZOOM = 0.9;

/** Keeps what is at work in view as the run grows, until the person moves the picture. */
export function useFollow(layout: Layout, tree: RunTree): Follow {
  const flow = useReactFlow();
  const view = useView();
  const width = useFlow((state) => state.width);
  const height = useFlow((state) => state.height);
  const restored = useRef(view.state.viewport);
  const [on, setOn] = useState(restored.current === null);
  const place = useCallback((viewport: Viewport) => void flow.setViewport(viewport), [flow]);
  const wanted = on && width > 0 ? viewportFor(layout, activeBox(layout, tree), { width, height }) : null;
  const key = JSON.stringify(wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the viewport.
  useEffect(() => {
    if (wanted) place(wanted);
  }, [key, place]);
  useEffect(() => {
    if (restored.current) place(restored.current);
  }, [place]);
  const release = () => {
    setOn(false);
    view.change({ viewport: flow.getViewport() });
  };
  const toggle = () => {
    if (on) return release();
    setOn(true);
    view.change({ viewport: null });
  };
  const fit = () => {
    place(wholeViewport(layout, { width, height }));
    release();
  };
  useWanted(layout, width, (box) => {
    place(viewportNear(box, { width, height }, flow.getViewport().zoom));
    release();
  });
  return { on, release, toggle, fit };
}

/** Goes to the box that is wanted once it is there, and puts the focus on what can be done in it; where it has none its details open. */
function useWanted(layout: Layout, width: number, goTo: (box: Box) => void): void {
  const view = useView();
  const wanted = useSyncExternalStore(view.subscribe, () => view.wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes there once for each time something is wanted.
  useEffect(() => {
    if (wanted === null || width === 0) return;
    view.broughtIntoView();
    const { ref, focus } = wanted;
    const id = `${ref.type}:${ref.id}`;
    const box = layout.boxes.find((each) => each.id === id);
    if (!box) return focus ? view.select(ref) : undefined;
    goTo(box);
    if (!focus) return;
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`[data-id="${id}"] button`)?.focus({ preventScroll: true }),
    );
  }, [wanted, width]);
}

/** A box in the middle, its head in sight where it is too high for that. */
export function viewportNear(box: Box, size: Size, zoom: number): Viewport {
  const near = Math.max(zoom, NEAR_ZOOM);
  const x = size.width / 2 - (box.x + box.width / 2) * near;
  const y = size.height / 2 - (box.y + box.height / 2) * near;
  return { x, y: Math.max(y, MARGIN - box.y * near), zoom: near };
}

function wholeViewport(layout: Layout, size: Size): Viewport {
  const across = (size.width - 2 * MARGIN) / Math.max(1, layout.width);
  const down = (size.height - MARGIN - FOOT) / Math.max(1, layout.height);
  return { x: MARGIN, y: MARGIN, zoom: Math.max(0.1, Math.min(1, across, down)) };
}

/** All of it where that stays legible; else the part that is at work, at a legible size. */
export function viewportFor(layout: Layout, active: Box | null, size: Size): Viewport {
  const whole = wholeViewport(layout, size);
  if (whole.zoom >= LEAST_ZOOM) return whole;
  const zoom = Math.min(1, Math.max(LEAST_ZOOM, (size.width - 2 * MARGIN) / Math.max(1, layout.width)));
  const right = active ? (active.x + active.width) * zoom + 2 * MARGIN : 0;
  return { x: MARGIN - Math.max(0, right - size.width), y: MARGIN, zoom };
}

/** The header of the last phase that has agents at work, else of the last that began; none of a run that is over. */
function activeBox(layout: Layout, tree: RunTree): Box | null {
  if (tree.endedAt !== null) return null;
  const begun = tree.phases.filter((phase) => phase.beganAt !== null);
  const active = begun.findLast((phase) => phase.counts.working > 0) ?? begun.at(-1);
  return layout.boxes.find((box) => box.item.kind === 'phase' && box.item.title === active?.title) ?? null;
}
