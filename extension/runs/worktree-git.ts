import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { findGit, gitText } from '../tools/git-process.ts';
import { findRepository, type GitRepository } from '../tools/git-repository.ts';
import { makeStandIn } from '../tools/git-stand-in.ts';
import { isProtected } from '../tools/protected-path.ts';
import { type ToolContext, ToolError } from '../tools/tool.ts';
import { mayHoldSecret } from '../tools/workspace-path.ts';

/*
 * Git at the worktrees of agents. But for making the worktree itself, all of it goes by a stand-in of the repository (`git-stand-in.ts`): so
 * no filter, driver, monitor or hook that the repository's configuration names ever runs, and nothing is written to the repository's
 * index or objects. The price: what a filter keeps elsewhere, as Git LFS does, is in a worktree as the filter left it.
 */

/** Git takes no two new worktrees of one repository at the same instant. */
const oneByOne = pLimit(1);

/** Bytes of paths in one command line; Windows takes 32,000 in all. */
const MAX_ARGUMENTS = 20_000;

/** A change of files, as `git apply` takes it. */
export interface Diff {
  text: string;
  /** Relative to the repository's root, forward slashes. */
  files: string[];
  /** What has changed and is left out: it says what editors, shells and git run, or may hold secrets. No tool may write it, and no program for it. */
  heldBack: string[];
}

/** A temporary view of a working tree: git reads the repository, and what it writes goes with the view. */
interface View {
  ask(args: readonly string[]): Promise<string>;
  tell(args: readonly string[]): Promise<{ code: number; text: string; errors: string }>;
  head: string | null;
  root: string;
  close(): Promise<void>;
}

async function open(repository: GitRepository, context: ToolContext, env: Record<string, string> = {}): Promise<View> {
  const git = await findGit();
  const standIn = await makeStandIn(git, repository, context);
  const objects = await mkdtemp(join(tmpdir(), 'counterpoint-objects-'));
  const own = {
    ...standIn.env,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(repository.commonDir, 'objects'),
    ...env,
  };
  const tell: View['tell'] = (args) => gitText({ git, args, directory: repository.root, env: own }, context);
  return {
    tell,
    ask: async (args) => {
      const { code, text, errors } = await tell(args);
      if (code !== 0) throw new ToolError(errors || `git ${args[0]} failed (${code}).`);
      return text;
    },
    head: standIn.head,
    root: repository.root,
    close: async () => {
      await Promise.all([standIn.remove(), rm(objects, { recursive: true, force: true })]);
    },
  };
}

/** As `work`, with a view that is closed whatever comes. */
async function viewing<T>(
  repository: GitRepository,
  context: ToolContext,
  work: (view: View) => Promise<T>,
  env?: Record<string, string>,
): Promise<T> {
  const view = await open(repository, context, env);
  try {
    return await work(view);
  } finally {
    await view.close();
  }
}

/**
 * Makes a worktree of the repository that a workspace lies in, at its present commit.
 * @returns the commit, git's own folder for the worktree, and which files of the working tree differ from the commit.
 * @throws ToolError where there is no repository, or no commit yet.
 */
export async function addWorktree(
  folder: string,
  context: ToolContext,
): Promise<{ base: string; gitDir: string; uncommitted: string[] }> {
  const repository = await findRepository(context.workspace);
  const { base, uncommitted } = await viewing(repository, context, async (view) => {
    if (view.head === null) throw new ToolError('The repository of the workspace has no commit yet; make one first.');
    const staged = namesOf(await view.ask(['diff-index', '--cached', '--name-only', '-z', view.head]));
    return { base: view.head, uncommitted: [...new Set([...staged, ...(await changedPaths(view))])].sort() };
  });
  const git = await findGit();
  const off = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'];
  const args = [...off, `--git-dir=${repository.gitDir}`, 'worktree', 'add', '--detach', '--no-checkout', folder, base];
  const { code, errors } = await oneByOne(() => gitText({ git, args, directory: repository.root, env: {} }, context));
  if (code !== 0) throw new ToolError(`No worktree could be made: ${errors || `git failed (${code})`}`);
  const worktree = await findRepository(folder);
  const index = { GIT_INDEX_FILE: join(worktree.gitDir, 'index') };
  await viewing(worktree, context, (view) => view.ask(['read-tree', '--reset', '-u', base]), index);
  return { base, gitDir: worktree.gitDir, uncommitted };
}

/** What has changed in a working tree since a commit, in files that are not ignored. @throws ToolError where it is too much. */
export function diffSince(base: string, repository: GitRepository, context: ToolContext): Promise<Diff> {
  return viewing(repository, context, async (view) => {
    await takeIn(view, []);
    const tree = (await view.ask(['write-tree', '--missing-ok'])).trim();
    const between = ['-r', '--no-renames', base, tree];
    const all = namesOf(await view.ask(['diff-tree', '--name-only', '-z', ...between]));
    const heldBack = heldBackOf(all);
    const files = all.filter((path) => !heldBack.includes(path));
    const how = ['-p', '--binary', '--full-index', '--no-ext-diff', '--no-textconv'];
    let text = '';
    for (const part of inParts(files)) text += await view.ask(['diff-tree', ...how, ...between, '--', ...part]);
    return { text, files, heldBack };
  });
}

/** With a path goes all that lies below it: so what stands in the place of a folder with such a file in it is held back, too. */
function heldBackOf(paths: readonly string[]): string[] {
  const held = paths.filter((path) => isProtected(path) || mayHoldSecret(path));
  return paths.filter((path) => held.some((one) => one === path || one.startsWith(`${path}/`)));
}

/**
 * Applies a diff to the working tree that a workspace lies in, on top of whatever it has now. The index of the person stays as it is.
 * @param file Path of the diff.
 * @returns the files in which both sides changed the same place: they have marks of the conflict.
 * @throws ToolError where nothing could be applied; nothing has changed then.
 */
export async function applyDiff(file: string, files: readonly string[], context: ToolContext): Promise<string[]> {
  const repository = await findRepository(context.workspace);
  return await viewing(repository, context, async (view) => {
    await takeIn(view, files);
    const { code, errors } = await view.tell(['apply', '--3way', '--whitespace=nowarn', file]);
    const unmerged = await view.ask(['ls-files', '-u', '-z']);
    const conflicts = namesOf(unmerged).map((line) => line.slice(line.indexOf('\t') + 1));
    if (code !== 0 && conflicts.length === 0) throw new ToolError(errors || `git apply failed (${code}).`);
    return [...new Set(conflicts)];
  });
}

/** Takes the working tree as it is into the view's index. @param only these paths, whether ignored or not; empty: all that are not. */
async function takeIn(view: View, only: readonly string[]): Promise<void> {
  const lists = only.length === 0 ? [[]] : inParts(only);
  const paths = (await Promise.all(lists.map((paths) => changedPaths(view, paths)))).flat();
  // A file that a folder has taken the place of goes with what is in that, by `--replace`; by itself it would be an error.
  const entries = await withoutFolders(view.root, paths);
  for (const part of inParts(entries))
    await view.ask(['update-index', '--add', '--remove', '--replace', '--', ...part]);
}

/** What is not as the index has it. @param only as in `takeIn`. */
async function changedPaths(view: View, only: readonly string[] = []): Promise<string[]> {
  const which = only.length === 0 ? ['--exclude-standard'] : ['--', ...only];
  const listed = namesOf(await view.ask(['ls-files', '-z', '-m', '-d', '-o', ...which]));
  // What ends in a slash is a repository of its own, and no part of this one.
  return [...new Set(listed)].filter((path) => !path.endsWith('/'));
}

/** Paths that are folders by now are those of files which have gone, with others in their place. */
async function withoutFolders(root: string, paths: readonly string[]): Promise<string[]> {
  const above = new Set(paths.flatMap(foldersOf));
  const kept = paths.map(async (path) => {
    const found = above.has(path) ? await lstat(join(root, path)).catch(() => null) : null;
    return found?.isDirectory() ? [] : [path];
  });
  return (await Promise.all(kept)).flat();
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
}

function inParts(paths: readonly string[]): string[][] {
  const parts: string[][] = [];
  let room = 0;
  for (const path of paths) {
    room -= Buffer.byteLength(path) + 3;
    if (room < 0 || parts.length === 0) {
      parts.push([]);
      room = MAX_ARGUMENTS;
    }
    parts.at(-1)?.push(path);
  }
  return parts;
}

function namesOf(list: string): string[] {
  return list.split('\0').filter((name) => name !== '');
}
