import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { asFileSystemsSee, isProtected, problemOfName } from './protected-path.ts';
import { ToolError } from './tool.ts';

/** A place in the workspace: `absolute` without any symbolic link in it, `relative` to the workspace with forward slashes, `.` for itself. */
export interface WorkspacePath {
  absolute: string;
  relative: string;
}

/**
 * Resolves a path that a model gave, through every symbolic link, and makes sure that where it ends lies in the workspace.
 * Nothing is remembered between calls: a link may have been made since.
 * @param workspace Real path of the workspace.
 * @throws ToolError where it leads outside, does not exist, or is a file that may hold a secret.
 */
export async function resolveInWorkspace(workspace: string, path: string): Promise<WorkspacePath> {
  const asked = resolve(workspace, path);
  // Told apart before the disk is asked, so that a model learns nothing of what exists outside.
  if (!isInside(workspace, asked)) throw outside(path);
  const absolute = await realpath(asked).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(error.code === 'ENOENT' ? `There is no ${path}.` : `${path} cannot be opened (${error.code}).`);
  });
  if (!isInside(workspace, absolute)) throw outside(path);
  const place = { absolute, relative: toRelative(workspace, absolute) };
  for (const name of [toRelative(workspace, asked), place.relative]) {
    if (mayHoldSecret(name)) throw new ToolError(`${path} may hold secrets; agents do not read such files.`);
  }
  return place;
}

/**
 * Resolves a path that a model wants to write to: the deepest folder of it that exists through every link, and what is to be made
 * below it by its name.
 * @throws ToolError where it leads outside, through a link to nothing, or to what no agent writes.
 */
export async function resolveForWriting(workspace: string, path: string): Promise<WorkspacePath> {
  const asked = resolve(workspace, path);
  if (!isInside(workspace, asked)) throw outside(path);
  if (asked === workspace) throw new ToolError(`${path} is the workspace itself, not a file.`);
  const absolute = await resolveDeepest(asked, path);
  if (!isInside(workspace, absolute)) throw outside(path);
  const place = { absolute, relative: toRelative(workspace, absolute) };
  for (const name of [toRelative(workspace, asked), place.relative]) {
    if (mayHoldSecret(name))
      throw new ToolError(`${path} may hold secrets, or is git’s or ours; agents do not write such files.`);
    if (isProtected(name)) throw new ToolError(`${path} says what programs run; agents do not write such files.`);
    const problem = name
      .split('/')
      .map(problemOfName)
      .find((found) => found !== null);
    if (problem) throw new ToolError(`${JSON.stringify(path)} has ${problem}; choose another.`);
  }
  return place;
}

/** The real path of as much as there is, with the rest as it was asked for. */
async function resolveDeepest(asked: string, path: string): Promise<string> {
  try {
    return await realpath(asked);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new ToolError(`${path} cannot be written (${code}).`);
  }
  // There is nothing at its end; but a link to nothing would lead whoever writes to where it points.
  const link = await lstat(asked).catch(() => null);
  if (link) throw new ToolError(`${path} goes through a link to nothing.`);
  return join(await resolveDeepest(dirname(asked), path), basename(asked));
}

/** Path relative to the workspace with forward slashes; `.` for the workspace itself. */
export function toRelative(workspace: string, absolute: string): string {
  return relative(workspace, absolute).split(sep).join('/') || '.';
}

/** Whether a path is that of a folder, or lies in it; by the names alone. */
export function isInside(workspace: string, absolute: string): boolean {
  const way = relative(workspace, absolute);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(path: string): ToolError {
  return new ToolError(`${path} lies outside the workspace.`);
}

const SECRET_NAMES = [
  /^\.env(\.(?!(example|sample|template|dist|defaults?)$).*)?$/,
  /\.(pem|p12|pfx|jks|keystore|ppk|kdbx)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /^\.(netrc|npmrc|pypirc|pgpass|git-credentials)$/,
  // Git's own files: a remote's address may carry a token.
  /^(\.git|git~\d+)$/,
  // Ours: what other runs read and were told.
  /^\.counterpoint$/,
];

/**
 * Whether a file's path says that it holds keys or passwords: what an agent reads goes to a model's provider.
 * @param path Relative to the workspace, forward slashes.
 */
export function mayHoldSecret(path: string): boolean {
  return path
    .split('/')
    .map(asFileSystemsSee)
    .some((name) => SECRET_NAMES.some((pattern) => pattern.test(name)));
}
