import { useEffect, useState } from 'react';
import type { Further } from './load.ts';

export interface Loading<Parts> {
  /** What the script holds; null until it has come. */
  parts: Parts | null;
  /** Why it has not come; null while it may. */
  error: string | null;
  /** Loads it once more. */
  again(): void;
}

/** Loads a further script, and says whether it has come. Nothing is loaded that is not `wanted`. */
export function useLoading<Parts>(script: Further<Parts>, wanted = true): Loading<Parts> {
  const [parts, setParts] = useState<Parts | null>(() => script.now() ?? null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    if (parts || error !== null || !wanted) return;
    let current = true;
    script.load().then(
      (loaded) => current && setParts(() => loaded),
      (failure: Error) => {
        console.warn(`Counterpoint: ${failure.message}`);
        if (current) setError(failure.message);
      },
    );
    return () => {
      current = false;
    };
  }, [script, parts, error, wanted]);
  return { parts, error, again: () => setError(null) };
}

/** What a further script holds: null until it has come, and where it does not come. */
export function useFurther<Parts>(script: Further<Parts>, wanted = true): Parts | null {
  return useLoading(script, wanted).parts;
}
