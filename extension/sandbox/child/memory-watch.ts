/** How often the process looks at its own size while a script is at work, in milliseconds. */
const INTERVAL_MS = 20;
/** The engine's own limit is a guideline that a script can pass two or three times over; beyond that it is a bomb. */
const TOLERANCE = 3;
/** What a turn may add beyond the whole limit: garbage that waits, stacks, code; a share of the limit, this at least. */
const TURN_SLACK = 0.25;
const LEAST_SLACK_MB = 32;
const MB = 1024 * 1024;

/**
 * Returns a function that watches the process's resident memory for as long as some work goes on, and calls `onExceeded`
 * when it has grown by more than three times `limitMb` since now, or in that work alone by more than the limit and some
 * slack. It needs a thread that is free: some built-ins (filling an array of 2^32 elements) never look at
 * the engine's limits, nor at its request to stop.
 */
export function memoryWatch(limitMb: number, onExceeded: () => void): <T>(work: Promise<T>) => Promise<T> {
  const limit = process.memoryUsage.rss() + limitMb * TOLERANCE * MB;
  const growth = limitMb * MB + Math.max(LEAST_SLACK_MB, limitMb * TURN_SLACK) * MB;
  return async (work) => {
    const turnLimit = Math.min(limit, process.memoryUsage.rss() + growth);
    const timer = setInterval(() => {
      if (process.memoryUsage.rss() > turnLimit) onExceeded();
    }, INTERVAL_MS);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  };
}
