/** How often the process looks at its own size while a script is at work, in milliseconds. */
const INTERVAL_MS = 20;
/** The engine's own limit is a guideline that a script can pass two or three times over; beyond that it is a bomb. */
const TOLERANCE = 3;

/**
 * Returns a function that watches the process's resident memory for as long as some work goes on, and calls `onExceeded`
 * when it has grown by more than three times `limitMb` since now. It needs a thread that is free: some built-ins
 * (filling an array of 2^32 elements) never look at the engine's limits, nor at its request to stop.
 */
export function memoryWatch(limitMb: number, onExceeded: () => void): <T>(work: Promise<T>) => Promise<T> {
  const limit = process.memoryUsage.rss() + limitMb * TOLERANCE * 1024 * 1024;
  const check = () => {
    if (process.memoryUsage.rss() > limit) onExceeded();
  };
  return async (work) => {
    const timer = setInterval(check, INTERVAL_MS);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  };
}
