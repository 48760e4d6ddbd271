import type { CommandLine } from './usage.ts';

/** How a process ends that a person has cancelled. */
export const EXIT_CANCELLED = 130;

/**
 * Does something that a signal cancels, and a second one ends with the process. Null where it was cancelled, and that is told,
 * in `--json` as well.
 * @param told What is said then.
 */
export async function cancellable<T>(
  { json }: CommandLine,
  told: string,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const cancel = new AbortController();
  const onSignal = () => {
    // The second one means it.
    if (cancel.signal.aborted) process.exit(EXIT_CANCELLED);
    cancel.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await task(cancel.signal);
  } catch (error) {
    if (!cancel.signal.aborted) throw error;
    console.error(`counterpoint: ${told}`);
    if (json) process.stdout.write(`${JSON.stringify({ status: 'stopped' })}\n`);
    return null;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
