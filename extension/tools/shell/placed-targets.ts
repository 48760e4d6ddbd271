import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Target } from '../../protocol/permissions.ts';
import { isInside, toRelative } from '../workspace-path.ts';
import { fileWords } from './file-words.ts';

/** After these, nobody knows from the line alone which files its words name. */
const MOVES = new Set(['cd', 'pushd', 'popd']);
const MAX_LINKS = 40;

/**
 * The targets of a shell line with the files that words of its commands name, and each file by the name that it has there and by that of
 * what links lead to now: rules may be about either. What lies outside the workspace has its whole path.
 */
export async function placedTargets(targets: readonly Target[], workspace: string): Promise<Target[]> {
  const commands = targets.filter((target) => target.kind === 'command');
  const words = commands.some(({ words: [name = ''] }) => MOVES.has(name))
    ? []
    : commands.flatMap((one) => fileWords(one.words));
  const placed = new Map<string, Target>();
  for (const target of [...targets, ...words])
    for (const one of target.kind === 'path' ? await namesOf(target, workspace) : [target])
      placed.set(JSON.stringify(one), one);
  return [...placed.values()];
}

async function namesOf(target: Extract<Target, { kind: 'path' }>, workspace: string): Promise<Target[]> {
  const asked = resolve(workspace, target.path);
  const real = await whereItEnds(asked, MAX_LINKS);
  const shown = (path: string, outside: string): string =>
    isInside(workspace, path) ? toRelative(workspace, path) : outside;
  const names = new Set([shown(asked, target.path), shown(real, real)]);
  // Of what lies outside by its own name the links on the way say nothing new.
  if (!isInside(workspace, asked) && !isInside(workspace, real)) names.delete(real);
  return [...names].map((path) => ({ ...target, path }));
}

/** Where a path leads through every link, those to nothing, too; what is not there is taken by its name. */
async function whereItEnds(path: string, links: number): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null || dirname(path) === path) return real ?? path;
  const link =
    (await lstat(path).catch(() => null))?.isSymbolicLink() && links > 0
      ? await readlink(path).catch(() => null)
      : null;
  if (link !== null) return await whereItEnds(resolve(dirname(path), link), links - 1);
  return join(await whereItEnds(dirname(path), links), basename(path));
}
