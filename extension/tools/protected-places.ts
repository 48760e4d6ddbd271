import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isProtected } from './protected-path.ts';

/** Ours, and what nobody looks through for repositories. */
const LEFT_OUT = new Set(['.counterpoint', 'node_modules']);

/**
 * What there is of all that says which programs run, in a workspace and in the folders right below it, as deep as editors look for
 * repositories: paths relative to it, with forward slashes. Never rejects; what cannot be listed is left out.
 */
export async function protectedPlaces(workspace: string): Promise<string[]> {
  const entries = (await readdir(workspace, { withFileTypes: true }).catch(() => [])).filter(
    ({ name }) => !LEFT_OUT.has(name),
  );
  const folders = entries.filter((entry) => entry.isDirectory() && !isProtected(entry.name));
  const below = await Promise.all(
    folders.map(async ({ name }) =>
      (await readdir(join(workspace, name)).catch(() => [])).map((one) => `${name}/${one}`),
    ),
  );
  return [...entries.map(({ name }) => name), ...below.flat()].filter(isProtected);
}
