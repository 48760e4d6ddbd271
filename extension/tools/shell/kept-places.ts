import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bounds } from '../bounds.ts';
import { type ToolContext, ToolError } from '../tool.ts';
import { keptHistory } from './kept-history.ts';

/** What rules keep back from the programs of a call; absolute paths. */
export interface KeptPlaces {
  read: string[];
  /** Where the versions of a repository lie, in one of which something is that rules keep from being read. */
  history: string[];
  write: string[];
  /** Those of `write` that are not there yet, so that nobody makes them. */
  missing: string[];
}

const NOTHING: KeptPlaces = { read: [], history: [], write: [], missing: [] };

/** More would be more than the sandbox takes. */
const MAX_PLACES = 1_000;
/** They are held anyway, whatever rules say. */
const HELD = new Set(['.git', '.counterpoint']);

/**
 * What rules keep back from the programs of a call.
 * @param roots Folders that they see and rules are about; of these they may change the workspace alone.
 * @throws ToolError as `keptPlaces`.
 */
export async function keptFromPrograms(roots: readonly string[], context: ToolContext): Promise<KeptPlaces> {
  const { workspace, bounds } = context;
  if (!bounds) return NOTHING;
  const read = await Promise.all(
    roots.map(async (root) => (await keptPlaces(root, bounds, 'read')).map((path) => join(root, path))),
  );
  const write = await keptPlaces(workspace, bounds, 'write');
  const missing: string[] = [];
  for (const glob of bounds.globs('write')) {
    const path = glob.replace(/\/\*\*$/, '');
    if (/[*?]/.test(path)) continue;
    const free = bounds.holds(path, 'write') || bounds.opens(path, 'write');
    if (!free && !(await lstat(join(workspace, path)).catch(() => null))) missing.push(path);
  }
  const absolute = (paths: string[]): string[] => paths.map((path) => join(workspace, path));
  const history = await keptHistory(context);
  return { read: read.flat(), history, write: absolute([...write, ...missing]), missing: absolute(missing) };
}

/**
 * What there is in a folder that rules keep back from the programs of a call, relative to it with forward slashes: the outermost files and
 * folders, so that a whole folder is one. A link is none: what it leads to counts by its own name.
 * @throws ToolError where they are more than a sandbox can hold.
 */
export async function keptPlaces(root: string, bounds: Bounds, access: 'read' | 'write'): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string): Promise<void> => {
    // What cannot be listed is closed to programs, too: they run as the same user.
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isSymbolicLink() || HELD.has(entry.name)) continue;
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      const kept = !bounds.holds(path, access);
      const differs = kept ? bounds.opens : bounds.narrows;
      if (entry.isDirectory() && differs(path, access)) await look(path);
      else if (kept) found.push(path);
      if (found.length > MAX_PLACES) throw tooMany(access);
    }
  };
  if (bounds.narrows('.', access)) await look('.');
  return found;
}

function tooMany(access: 'read' | 'write'): ToolError {
  const what = access === 'read' ? 'reading' : 'writing';
  return new ToolError(
    `Nothing can be run here: rules keep more than ${MAX_PLACES} files from ${what}, which is more than a sandbox can hold. ` +
      'A person has to write rules for whole folders in place of single files.',
  );
}
