import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Nearer than so many pixels counts as there. */
const NEAR = 24;

export interface Following {
  /** The end of what grows has left the sight. */
  away: boolean;
  /** Goes there, and stays there while it grows. */
  jump(): void;
}

/**
 * Keeps the end of something that grows in sight for as long as the person has it there, and lets go when they scroll up.
 * @param end An element behind what grows, in whatever scrolls.
 * @param moment Changes whenever it has grown.
 */
export function useFollowEnd(end: RefObject<HTMLElement | null>, moment: string): Following {
  const [away, setAway] = useState(false);
  const follows = useRef(false);
  useEffect(() => {
    const scroller = scrollerOf(end.current);
    if (!scroller) return;
    const look = () => {
      follows.current = below(end.current, scroller) <= NEAR;
      setAway(!follows.current);
    };
    look();
    scroller.addEventListener('scroll', look, { passive: true });
    return () => scroller.removeEventListener('scroll', look);
  }, [end]);
  const toEnd = useCallback(() => {
    const scroller = scrollerOf(end.current);
    const missing = below(end.current, scroller);
    if (scroller && missing > 0) scroller.scrollTop += missing + 8;
  }, [end]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has grown is another moment.
  useLayoutEffect(() => {
    if (follows.current) toEnd();
  }, [moment, toEnd]);
  const jump = () => {
    follows.current = true;
    setAway(false);
    toEnd();
  };
  return { away, jump };
}

function scrollerOf(element: HTMLElement | null): HTMLElement | null {
  return element?.closest<HTMLElement>('.side-body') ?? null;
}

/** By how many pixels the end lies below what can be seen; negative: above. */
function below(end: HTMLElement | null, scroller: HTMLElement | null): number {
  if (!end || !scroller) return 0;
  return end.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom;
}
