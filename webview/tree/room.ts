import { useSyncExternalStore } from 'react';

/** Below this width the side is a sheet under the tree; the stylesheet has the same number. */
const SHEET_BELOW = 900;

/** The width that is left for the tree when the side is open, so that opening it moves nothing. */
export function useRoom(): number {
  return useSyncExternalStore(onResize, () => roomBeside(window.innerWidth));
}

export function roomBeside(width: number): number {
  if (width <= SHEET_BELOW) return width;
  return Math.round(width - Math.min(520, Math.max(340, width * 0.28)));
}

function onResize(listener: () => void): () => void {
  window.addEventListener('resize', listener);
  return () => window.removeEventListener('resize', listener);
}
