import { useStoreApi } from '@xyflow/react';
import { type RefObject, useEffect, useRef, useState } from 'react';

/** Milliseconds without a step after which the picture is at rest. */
const REST_MS = 160;
/** Between the dots of the ground, in pixels at zoom 1; on the screen they are never nearer than half of that. */
const DOTS = 20;

export interface Motion {
  /** Pixels of the screen for one of the picture, as of the last rest. */
  scale: number;
  dots: RefObject<HTMLDivElement | null>;
}

/**
 * What follows each step of the picture without React: while it is panned it is a layer of its own, moved and not painted;
 * its ground moves with it; type that must stay legible is told how small it would be. At rest drawings are made sharp.
 */
export function useMotion(): Motion {
  const flow = useStoreApi();
  const dots = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(() => devicePixelRatio);
  useEffect(() => {
    let last: readonly [number, number, number] | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = () => {
      flow.getState().domNode?.classList.remove('panning');
      setScale(flow.getState().transform[2] * devicePixelRatio);
    };
    const step = () => {
      const { transform, domNode } = flow.getState();
      if (transform === last || !domNode) return;
      const [x, y, zoom] = transform;
      domNode.classList.toggle('panning', last?.[2] === zoom);
      if (last?.[2] !== zoom) domNode.style.setProperty('--unzoom', String(1 / zoom));
      if (dots.current) placeDots(dots.current, x, y, zoom);
      last = transform;
      clearTimeout(timer);
      timer = setTimeout(rest, REST_MS);
    };
    step();
    const stop = flow.subscribe(step);
    window.addEventListener('resize', rest);
    return () => {
      stop();
      clearTimeout(timer);
      window.removeEventListener('resize', rest);
    };
  }, [flow]);
  return { scale, dots };
}

/** The ground repeats itself, so it only ever moves by less than one dot. */
function placeDots({ style }: HTMLElement, x: number, y: number, zoom: number): void {
  let gap = DOTS * zoom;
  while (gap < DOTS / 2) gap *= 2;
  const size = `${gap}px ${gap}px`;
  if (style.backgroundSize !== size) style.backgroundSize = size;
  style.transform = `translate(${x % gap}px, ${y % gap}px)`;
}
