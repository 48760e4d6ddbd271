/** The smallest runner that works in the extension host and in Node alike: tests run one after the other, each by its name. */
export interface HostTest {
  name: string;
  run(): Promise<void>;
}

export interface HostResult {
  name: string;
  durationMs: number;
  /** Undefined where it passed. */
  failure?: string;
}

/** After so many failures in a row the rest would only wait in vain; they count as failed. */
const GIVE_UP_AFTER = 3;

/** Runs the tests in order. @param after Called when one has ended, before the next begins. */
export async function runTests(
  tests: HostTest[],
  limitMs: number,
  after: (result: HostResult) => Promise<void> | void,
): Promise<HostResult[]> {
  const results: HostResult[] = [];
  let failedInARow = 0;
  for (const test of tests) {
    const started = performance.now();
    const failure =
      failedInARow < GIVE_UP_AFTER ? await failureOf(test, limitMs) : 'It was not run: those before it failed.';
    failedInARow = failure === undefined ? 0 : failedInARow + 1;
    const result = {
      name: test.name,
      durationMs: performance.now() - started,
      ...(failure !== undefined && { failure }),
    };
    results.push(result);
    await after(result);
  }
  return results;
}

export function lineOf({ name, durationMs, failure }: HostResult): string {
  const time = `${(durationMs / 1000).toFixed(1)} s`;
  return failure === undefined ? `  ✓ ${name} · ${time}` : `  ✗ ${name} · ${time}\n${failure.replace(/^/gm, '      ')}`;
}

async function failureOf(test: HostTest, limitMs: number): Promise<string | undefined> {
  let limit: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`It took more than ${limitMs / 1000} s.`)), limitMs);
  });
  try {
    await Promise.race([test.run(), tooLong]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    clearTimeout(limit);
  }
}
