import { useStore as useFlow, useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { isOpenQuestion } from '../states.ts';
import { useRun, useStore } from '../store.ts';
import { useView } from '../view-state.ts';
import type { Box, Layout } from './layout.ts';
import { type Place, placeOf } from './place.ts';
import { levelOf } from './zoom.ts';

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

type Rect = Pick<Box, 'x' | 'y' | 'width' | 'height'>;

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

/** Nothing is shown smaller than this. */
const LEAST_OF_ALL = 0.1;
/** Room for what headers have above their boxes where one looks from far away. */
const FAR_HEADER = 34;
/** What is lower than this, at zoom 1, is a square. */
const SMALL = 20;

/** Fields and buttons are used at a size at which they can be read. */
const NEAR_ZOOM = 0.9;

/** Keeps what is at work in view as the run grows, until the person moves the picture. */
export function useFollow(layout: Layout): Follow {
  const flow = useReactFlow();
  const view = useView();
  const { tree } = useStore();
  const width = useFlow((state) => state.width);
  const height = useFlow((state) => state.height);
  const element = useFlow((state) => state.domNode);
  const restored = useRef(view.state.viewport);
  const [on, setOn] = useState(restored.current === null);
  // Whose turn it is changes without the layout.
  useRun((store) => (on ? activeKey(store.tree) : ''));
  const place = useCallback((viewport: Viewport) => void flow.setViewport(viewport), [flow]);
  const last = useRef<Viewport | null>(null);
  const active = on && width > 0 ? activeBoxes(layout, tree) : null;
  const wanted = active && viewportFor(layout, active, { width, height }, last.current);
  const key = JSON.stringify(wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the viewport.
  useEffect(() => {
    last.current = wanted;
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
  useWanted(layout, width, (found) => {
    if (!element) return;
    // The picture as it is on the screen now: React Flow learns only later that a side has opened over it.
    const size = { width: element.offsetWidth, height: element.offsetHeight };
    place(viewportNear(found, size, flow.getViewport()));
    release();
  });
  useKeptInSight(layout, { width, height }, on);
  return { on, release, toggle, fit };
}

/**
 * Goes to what is wanted once it is there, be it a box, a square or only what is around it, and puts the focus on what can
 * be done in it. What is folded and has to be answered is unfolded first; where nothing can be done its details open.
 */
function useWanted(layout: Layout, width: number, goTo: (place: Place) => void): void {
  const view = useView();
  const store = useStore();
  const wanted = useSyncExternalStore(view.subscribe, () => view.wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes there once for each time something is wanted.
  useEffect(() => {
    if (wanted === null || width === 0) return;
    const { ref, focus } = wanted;
    const place = placeOf(store, layout, ref);
    const fold = place?.exact && place.square !== null && place.box.item.kind === 'fold' ? place.box.item : null;
    if (focus && fold && !fold.open) return view.toggleFold(fold.key);
    // The side opens first, so that what it leaves of the picture is where one goes.
    if (focus && (!place?.exact || place.square !== null)) return view.reveal(ref);
    // It stays wanted, until the layout has a box for it.
    if (!place) return;
    view.broughtIntoView();
    goTo(place);
    if (!focus) return;
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`[data-id="${ref.type}:${ref.id}"] button`)?.focus({ preventScroll: true }),
    );
  }, [wanted, width, layout]);
}

/** What is selected stays in sight where the picture gets smaller: by its details that open, or with the window. */
function useKeptInSight(layout: Layout, size: Size, follows: boolean): void {
  const flow = useReactFlow();
  const store = useStore();
  const view = useView();
  const before = useRef(size);
  const { width, height } = size;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks again when the size changes, and at nothing else.
  useEffect(() => {
    const last = before.current;
    before.current = size;
    const { selected } = view.state;
    if (follows || (selected?.type !== 'call' && selected?.type !== 'group')) return;
    const place = placeOf(store, layout, selected);
    const now = flow.getViewport();
    if (!place || !isInSight(place, last, now) || isInSight(place, size, now)) return;
    const viewport = viewportWith(place, size, now);
    void flow.setViewport(viewport);
    view.change({ viewport });
  }, [width, height]);
}

/** Moved no more than it takes to have all of this in sight. */
function viewportWith(target: Rect, size: Size, { x, y, zoom }: Viewport): Viewport {
  const right = (target.x + target.width) * zoom + x;
  const bottom = (target.y + target.height) * zoom + y;
  const across = Math.max(0, right + MARGIN - size.width);
  const down = Math.max(0, bottom + FOOT - size.height);
  return { x: x - across, y: y - down, zoom };
}

/** What was looked for in the middle, its head in sight where it is too high for that; where it is well in sight nothing moves. */
export function viewportNear(target: Rect, size: Size, now: Viewport): Viewport {
  const zoom = Math.max(now.zoom, target.height < SMALL ? LEAST_ZOOM : NEAR_ZOOM);
  if (zoom === now.zoom && isInSight(target, size, now)) return now;
  const x = size.width / 2 - (target.x + target.width / 2) * zoom;
  const y = size.height / 2 - (target.y + target.height / 2) * zoom;
  return { x, y: Math.max(y, MARGIN - target.y * zoom), zoom };
}

function isInSight(target: Rect, size: Size, { x, y, zoom }: Viewport): boolean {
  const left = target.x * zoom + x;
  const top = target.y * zoom + y;
  const right = left + target.width * zoom;
  const bottom = top + target.height * zoom;
  return left >= 0 && top >= 0 && right <= size.width && bottom <= size.height - FOOT;
}

function wholeViewport(layout: Layout, size: Size): Viewport {
  const across = (size.width - 2 * MARGIN) / Math.max(1, layout.width);
  const down = (size.height - MARGIN - FOOT) / Math.max(1, layout.height);
  const zoom = Math.max(LEAST_OF_ALL, Math.min(1, across, down));
  if (levelOf(zoom) !== 'far') return { x: MARGIN, y: MARGIN, zoom };
  // Far away the headers are larger than their boxes, and stand out above them.
  const below = (size.height - MARGIN - FAR_HEADER - FOOT) / Math.max(1, layout.height);
  return { x: MARGIN, y: MARGIN + FAR_HEADER, zoom: Math.max(LEAST_OF_ALL, Math.min(zoom, below)) };
}

/** All of it where that stays legible; else the part that is at work, at a legible size, moved no more than it takes. */
export function viewportFor(layout: Layout, active: Active, size: Size, before: Viewport | null): Viewport {
  const whole = wholeViewport(layout, size);
  if (whole.zoom >= LEAST_ZOOM) return whole;
  const zoom = Math.min(1, Math.max(LEAST_ZOOM, (size.width - 2 * MARGIN) / Math.max(1, layout.width)));
  const { column, box } = active;
  const right = column ? (column.x + column.width) * zoom + 2 * MARGIN : 0;
  const x = MARGIN - Math.max(0, right - size.width);
  const y = before?.zoom === zoom ? before.y : MARGIN;
  if (!box) return { x, y: MARGIN, zoom };
  const lowest = size.height - FOOT - (box.y + box.height) * zoom;
  const highest = MARGIN - box.y * zoom;
  return { x, y: Math.min(MARGIN, Math.max(Math.min(y, lowest), Math.min(highest, MARGIN))), zoom };
}

/** Where the run is at work: the header of a phase, and a box below it. */
export interface Active {
  column: Box | null;
  box: Box | null;
}

/** The header of the last phase that has agents at work, else of the last that began, and what it works at; none of a run that is over. */
function activeBoxes(layout: Layout, tree: RunTree): Active {
  const title = activePhase(tree);
  const column = layout.boxes.find(({ item }) => item.kind === 'phase' && item.title === title) ?? null;
  const own = layout.boxes.filter((box) => box.phase === title);
  const box = own.find((each) => isAsking(tree, each)) ?? own.find((each) => isWorking(tree, each)) ?? null;
  return { column, box };
}

function activePhase(tree: RunTree): string | null {
  if (tree.endedAt !== null || tree.run?.preview) return null;
  const begun = tree.phases.filter((phase) => phase.beganAt !== null);
  return (begun.findLast((phase) => phase.counts.working > 0) ?? begun.at(-1))?.title ?? null;
}

/** What may change where the run is at work. */
function activeKey(tree: RunTree): string {
  return `${activePhase(tree)} ${tree.counts.working} ${tree.calls.size}`;
}

function isAsking(tree: RunTree, { item }: Box): boolean {
  const call = item.kind === 'checkpoint' ? tree.calls.get(item.call) : undefined;
  return call !== undefined && isOpenQuestion(tree, call);
}

function isWorking(tree: RunTree, { item }: Box): boolean {
  if (item.kind === 'agent' || item.kind === 'tool') return tree.calls.get(item.call)?.state === 'working';
  return item.kind === 'claim' && (tree.groups.get(item.group)?.counts.working ?? 0) > 0;
}
