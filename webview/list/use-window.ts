import { type RefObject, useEffect, useState } from 'react';

const SPARE_ROWS = 12;

/** The rows of a scrolling list that can be seen, from `first` up to and without `last`. */
export function useWindow(
  scroller: RefObject<HTMLElement | null>,
  rows: number,
  rowHeight: number,
): { first: number; last: number } {
  const [range, setRange] = useState({ top: 0, height: 900 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setRange({ top: element.scrollTop, height: element.clientHeight });
    measure();
    element.addEventListener('scroll', measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', measure);
      observer.disconnect();
    };
  }, [scroller]);
  const first = Math.max(0, Math.floor(range.top / rowHeight) - SPARE_ROWS);
  return { first, last: Math.min(rows, Math.ceil((range.top + range.height) / rowHeight) + SPARE_ROWS) };
}
