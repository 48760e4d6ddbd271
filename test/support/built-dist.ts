import { join } from 'node:path';

/** Names the folder that `global-setup.ts` built the sandbox into, for a run of tests. */
export const BUILT_DIST = 'COUNTERPOINT_TEST_DIST';

/** Folder with the built sandbox: that of the tests under way, else what `npm run build` made. */
export async function builtDist(): Promise<string> {
  return process.env[BUILT_DIST] ?? join(import.meta.dirname, '../../dist');
}
