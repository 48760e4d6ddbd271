import { useEffect, useState } from 'react';
import { useStore } from '../store.ts';

/** Changes when the run did, at most once in so many milliseconds: for what need not be drawn with every frame. */
export function usePulse(every: number): number {
  const store = useStore();
  const [pulse, setPulse] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = store.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setPulse((count) => count + 1);
      }, every);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, every]);
  return pulse;
}
