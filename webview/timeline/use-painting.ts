import { type RefObject, useEffect, useRef } from 'react';
import { drawTimeline } from './draw.ts';
import type { Scene } from './scene.ts';

/** Draws the latest scene at the next frame after anything in it changed, so at most once a frame. */
export function usePainting(canvas: RefObject<HTMLCanvasElement | null>, scene: Scene, more: unknown[]): void {
  const latest = useRef(scene);
  const frame = useRef(0);
  latest.current = scene;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn changes with these, and not with each scene.
  useEffect(() => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      if (canvas.current) paint(canvas.current, latest.current);
    });
  }, [
    ...more,
    scene.width,
    scene.height,
    scene.palette,
    scene.now,
    scene.live,
    scene.selected,
    scene.active,
    scene.hovered,
  ]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
}

function paint(canvas: HTMLCanvasElement, scene: Scene): void {
  const pen = canvas.getContext('2d', { alpha: false });
  if (!pen || scene.width === 0 || scene.height === 0) return;
  const dense = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(scene.width * dense), Math.round(scene.height * dense)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  drawTimeline(pen, scene);
}
