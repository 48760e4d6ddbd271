import { Panel, useReactFlow, useStoreApi } from '@xyflow/react';
import { type PointerEvent, useEffect, useRef } from 'react';
import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { type Palette, usePalette } from '../palette.ts';
import { type RunStore, useStore } from '../store.ts';
import { useView } from '../view-state.ts';
import { currentCells, gridOrigin, hasGrid } from './box-cells.ts';
import { stateOfRef } from './cells.ts';
import { cellBox } from './grid.ts';
import type { Box, Layout } from './layout.ts';
import { refOf } from './shown-box.ts';

const WIDTH = 172;
const HEIGHT = 112;
const PADDING = 6;
/** An overview need not be of this very moment. */
const LEAST_MS = 400;

/** The whole picture without the words, on one canvas, and a frame around what is in sight; a drag moves that. */
export function MiniMap({ layout, onMoved }: { layout: Layout; onMoved: () => void }) {
  const store = useStore();
  const palette = usePalette();
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const scale = Math.min((WIDTH - 2 * PADDING) / layout.width, (HEIGHT - 2 * PADDING) / layout.height);
  useEffect(() => {
    let drawnAt = -1;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      if (!canvas.current || drawnAt === store.changes.count) return;
      drawnAt = store.changes.count;
      drawAll(canvas.current, store, layout, palette, scale);
    };
    const drawSoon = () => {
      if (drawnAt !== store.changes.count) timer ??= setTimeout(draw, LEAST_MS);
    };
    draw();
    const stop = store.subscribe(drawSoon);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, layout, palette, scale]);
  useFrame(frame, scale);
  const drag = useDrag(scale, onMoved);
  return (
    <Panel position="bottom-right" className="minimap" role="img" aria-label="Overview of the run" {...drag}>
      <canvas ref={canvas} style={{ width: WIDTH, height: HEIGHT }} />
      <div ref={frame} className="minimap-frame" />
    </Panel>
  );
}

/** Keeps the frame where the picture is, without React. */
function useFrame(frame: React.RefObject<HTMLDivElement | null>, scale: number): void {
  const flow = useStoreApi();
  useEffect(() => {
    const place = () => {
      const style = frame.current?.style;
      if (!style) return;
      const { transform, width, height } = flow.getState();
      const [x, y, zoom] = transform;
      const size = [`${(width / zoom) * scale}px`, `${(height / zoom) * scale}px`] as const;
      if (style.width !== size[0]) style.width = size[0];
      if (style.height !== size[1]) style.height = size[1];
      style.transform = `translate(${PADDING - (x / zoom) * scale}px, ${PADDING - (y / zoom) * scale}px)`;
    };
    place();
    return flow.subscribe(place);
  }, [flow, frame, scale]);
}

function useDrag(scale: number, onMoved: () => void) {
  const flow = useReactFlow();
  const view = useView();
  const goTo = (event: PointerEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const { zoom } = flow.getViewport();
    void flow.setCenter((event.clientX - left - PADDING) / scale, (event.clientY - top - PADDING) / scale, { zoom });
    onMoved();
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      goTo(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) goTo(event);
    },
    onPointerUp: () => view.change({ viewport: flow.getViewport() }),
    onWheel: (event: React.WheelEvent) => void (event.deltaY < 0 ? flow.zoomIn() : flow.zoomOut()).then(onMoved),
  };
}

function drawAll(canvas: HTMLCanvasElement, store: RunStore, layout: Layout, palette: Palette, scale: number): void {
  const context = canvas.getContext('2d');
  if (!context || !Number.isFinite(scale)) return;
  canvas.width = WIDTH * devicePixelRatio;
  canvas.height = HEIGHT * devicePixelRatio;
  const zoom = scale * devicePixelRatio;
  context.setTransform(zoom, 0, 0, zoom, PADDING * devicePixelRatio, PADDING * devicePixelRatio);
  for (const box of layout.boxes) drawBox(context, store, box, palette);
}

function drawBox(context: CanvasRenderingContext2D, store: RunStore, box: Box, palette: Palette): void {
  const { item, x, y, width, height } = box;
  if (item.kind === 'phase') {
    context.fillStyle = palette.quiet;
    return context.fillRect(x, y + height - 10, width, 10);
  }
  context.fillStyle = isCard(box) ? toneOf(store.tree, box, palette) : palette.panel;
  context.globalAlpha = isCard(box) ? 0.65 : 1;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  if (!hasGrid(item)) return;
  const origin = gridOrigin(item);
  currentCells(store, box).forEach(({ state }, index) => {
    const cell = cellBox(item.grid, index);
    context.fillStyle = palette.states[state];
    context.fillRect(x + origin.x + cell.x, y + origin.y + cell.y, cell.width, cell.height);
  });
}

/** What is of one colour. */
function isCard({ item }: Box): boolean {
  return ['agent', 'checkpoint', 'tool', 'claim'].includes(item.kind);
}

function toneOf(tree: RunTree, box: Box, palette: Palette): string {
  const ref = refOf(box);
  return palette.states[ref ? stateOfRef(tree, ref) : 'none'];
}
