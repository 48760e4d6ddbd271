import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findGit, gitText } from '../git-process.ts';
import { findRepository, type GitRepository } from '../git-repository.ts';
import { makeStandIn, type StandIn } from '../git-stand-in.ts';
import { type ToolContext, ToolError } from '../tool.ts';

/** A history that takes longer to look through counts as one that holds something. */
const MAX_MS = 10_000;
/** Where commits are written down that no branch has any more. */
const LOGS = ['logs/HEAD', 'logs/refs/stash'];
const MAX_LOGGED = 2_000;

/** What was found of a history in a state of it, so that a long one is gone through once. */
const known = new Map<string, boolean>();

/**
 * The folders of a repository that hold the contents of all its versions, where a file that rules keep from being read is in one of them:
 * `git show` would bring it, whatever lies in the workspace. Git works on no commit then. Empty where none is.
 */
export async function keptHistory(context: ToolContext): Promise<string[]> {
  const { workspace, bounds } = context;
  const globs = bounds?.narrows('.', 'read') ? bounds.globs('read') : [];
  if (!bounds || globs.length === 0) return [];
  let repository: GitRepository;
  try {
    repository = await findRepository(workspace);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const dotGit = join(workspace, '.git');
    // What there is of it leads where nobody can look through it.
    return (await lstat(dotGit).catch(() => null)) ? [dotGit] : [];
  }
  return (await holdsAny(repository, globs, context)) ? await contentsOf(repository) : [];
}

async function holdsAny(repository: GitRepository, globs: readonly string[], context: ToolContext): Promise<boolean> {
  const limited = { ...context, signal: AbortSignal.any([context.signal, AbortSignal.timeout(MAX_MS)]) };
  let standIn: StandIn | undefined;
  try {
    const git = await findGit();
    standIn = await makeStandIn(git, repository, limited);
    const env = { ...standIn.env, GIT_LITERAL_PATHSPECS: undefined };
    const paths = globs.flatMap((glob) => [`:(glob,icase)${glob}`, `:(glob,icase)${glob}/**`]);
    const ask = async (args: string[]) =>
      await gitText({ git, args: [...args, '--', ...paths], directory: context.workspace, env }, limited);
    const staged = await ask(['ls-files', '--cached']);
    if (staged.code !== 0 || staged.text !== '') return true;
    const commits = await loggedCommits(repository);
    const refs = await readFile(join(standIn.env.GIT_DIR ?? '', 'packed-refs'), 'utf8');
    const state = createHash('sha256')
      .update(JSON.stringify([context.workspace, standIn.head, refs, commits, paths]))
      .digest('hex');
    const before = known.get(state);
    if (before !== undefined) return before;
    const start = standIn.head === null ? [] : ['HEAD'];
    const { code, text } = await ask([
      'rev-list',
      '--max-count=1',
      '--full-history',
      '--ignore-missing',
      '--all',
      ...start,
      ...commits,
    ]);
    const holds = code !== 0 || text !== '';
    known.set(state, holds);
    return holds;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ToolError) && !limited.signal.aborted) throw error;
    // Nobody can say what is in it.
    return true;
  } finally {
    await standIn?.remove();
  }
}

async function loggedCommits({ gitDir, commonDir }: GitRepository): Promise<string[]> {
  const folders = [...new Set([gitDir, commonDir])];
  const texts = await Promise.all(
    folders.flatMap((folder) => LOGS.map(async (log) => await readFile(join(folder, log), 'utf8').catch(() => ''))),
  );
  const commits = texts.join('\n').match(/^[0-9a-f]{40,64} [0-9a-f]{40,64}(?= )/gm) ?? [];
  const last = commits.slice(-MAX_LOGGED).flatMap((pair) => pair.split(' '));
  return [...new Set(last)].filter((commit) => !/^0+$/.test(commit));
}

/** Also where a repository borrows from another, and where large files lie beside their versions. */
async function contentsOf({ commonDir, gitDir }: GitRepository): Promise<string[]> {
  const objects = join(commonDir, 'objects');
  const borrowed = await readFile(join(objects, 'info', 'alternates'), 'utf8').catch(() => '');
  const others = borrowed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => resolve(objects, line));
  const all = [objects, ...others, join(commonDir, 'lfs'), join(commonDir, 'rr-cache'), join(gitDir, 'rr-cache')];
  const there = await Promise.all(all.map(async (path) => ((await lstat(path).catch(() => null)) ? [path] : [])));
  return [...new Set(there.flat())];
}
