import { useEffect, useState } from 'react';
import type { Further } from './load.ts';

/** What a further script holds: null until it has come, and where it does not come. Nothing is loaded that is not `wanted`. */
export function useFurther<Parts>(script: Further<Parts>, wanted = true): Parts | null {
  const [parts, setParts] = useState<Parts | null>(() => script.now() ?? null);
  useEffect(() => {
    if (parts || !wanted) return;
    let current = true;
    script.load().then(
      (loaded) => current && setParts(() => loaded),
      (error: Error) => console.warn(`Counterpoint: ${error.message}`),
    );
    return () => {
      current = false;
    };
  }, [script, parts, wanted]);
  return parts;
}
