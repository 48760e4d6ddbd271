import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ToolError } from './tool.ts';
import { isInside } from './workspace-path.ts';

/** Where the repository of a workspace lies; real paths all. */
export interface GitRepository {
  /** The root of the working tree: the workspace, or a folder around it. */
  root: string;
  /** Git's own folder for this working tree, with its index. */
  gitDir: string;
  /** The folder with objects and refs; for a linked worktree another than `gitDir`. */
  commonDir: string;
}

/**
 * Finds the repository that a workspace lies in, as git would, and makes sure that it is this working tree's own: a `.git`
 * that comes with foreign files may point to any other repository of the person, and would bring its contents here.
 * @throws ToolError where there is none, or it is somebody else's.
 */
export async function findRepository(workspace: string): Promise<GitRepository> {
  for (let root = workspace; ; root = dirname(root)) {
    const found = await lstat(join(root, '.git')).catch(() => null);
    if (found?.isDirectory()) return await checked(root, join(root, '.git'));
    if (found?.isFile()) return await checked(root, await linkedDirectory(root));
    if (found) throw notOwn(root, 'it is a symbolic link');
    if (dirname(root) === root) break;
  }
  throw new ToolError('The workspace is in no Git repository, so nothing can be compared. Open a folder of one.');
}

/** Where a `.git` file leads, if what lies there knows of this working tree: a linked worktree, or a submodule. */
async function linkedDirectory(root: string): Promise<string> {
  const pointer = join(root, '.git');
  const target = /^gitdir: (.+)/.exec(await textOf(pointer))?.[1];
  const gitDir = target === undefined ? null : await realpath(resolve(root, target.trim())).catch(() => null);
  if (gitDir === null) throw notOwn(root, 'it leads nowhere');
  const worktree = (await textOf(join(gitDir, 'gitdir'))).trim();
  if (worktree !== '' && (await isSame(resolve(gitDir, worktree), pointer))) return gitDir;
  const submodule = /^\s*worktree\s*=\s*"?(.+?)"?\s*$/m.exec(await textOf(join(gitDir, 'config')))?.[1];
  if (submodule !== undefined && (await isSame(resolve(gitDir, submodule), root))) return gitDir;
  throw notOwn(root, 'it leads to a folder that knows nothing of this one');
}

async function checked(root: string, gitDir: string): Promise<GitRepository> {
  const common = (await textOf(join(gitDir, 'commondir'))).trim();
  const commonDir = await realpath(resolve(gitDir, common)).catch(() => '');
  // A linked worktree's folder is `worktrees/NAME` of the one it shares.
  if (commonDir !== gitDir && commonDir !== dirname(dirname(gitDir))) throw notOwn(root, 'it shares with a stranger');
  const parts = [join(gitDir, 'HEAD'), join(gitDir, 'index')];
  for (const name of ['objects', 'refs', 'packed-refs', 'config', 'shallow']) parts.push(join(commonDir, name));
  for (const part of parts) {
    const real = await realpath(part).catch(() => part);
    if (!isInside(commonDir, real)) throw notOwn(root, `its ${part.slice(dirname(part).length + 1)} lies elsewhere`);
  }
  return { root, gitDir, commonDir };
}

async function isSame(path: string, other: string): Promise<boolean> {
  return (await realpath(path).catch(() => null)) === other;
}

/** '' for what is no regular file, for a pipe would never end. */
async function textOf(path: string): Promise<string> {
  const found = await lstat(path).catch(() => null);
  // Unreadable is as good as absent: either way the folder is not followed.
  return found?.isFile() ? await readFile(path, 'utf8').catch(() => '') : '';
}

function notOwn(root: string, why: string): ToolError {
  return new ToolError(`The .git of ${root} is not followed: ${why}. Compare in the repository itself.`);
}
