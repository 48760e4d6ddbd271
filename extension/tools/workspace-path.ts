import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Target } from '../protocol/permissions.ts';
import { asFileSystemsSee, isProtected, problemOfName } from './protected-path.ts';
import { type ToolContext, ToolError, ToolRefusal } from './tool.ts';

/** A place in the workspace: `absolute` without any symbolic link in it, `relative` to the workspace with forward slashes, `.` for itself. */
export interface WorkspacePath {
  absolute: string;
  relative: string;
}

/** Where paths are resolved: `workspace` is a real path. */
export type Place = Pick<ToolContext, 'workspace' | 'bounds'>;

/**
 * Resolves a path that a model gave, through every symbolic link, and makes sure that where it ends lies in the workspace.
 * Nothing is remembered between calls: a link may have been made since.
 * @throws ToolError where it leads outside, does not exist, is a file that may hold a secret, or is not what was allowed.
 */
export async function resolveInWorkspace({ workspace, bounds }: Place, path: string): Promise<WorkspacePath> {
  const asked = resolve(workspace, path);
  // Told apart before the disk is asked, so that a model learns nothing of what exists outside, or of what is secret.
  if (!isInside(workspace, asked)) throw outside(path);
  refuseToRead(toRelative(workspace, asked), path);
  const absolute = await realpath(asked).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(error.code === 'ENOENT' ? `There is no ${path}.` : `${path} cannot be opened (${error.code}).`);
  });
  if (!isInside(workspace, absolute)) throw outside(path);
  const place = { absolute, relative: toRelative(workspace, absolute) };
  refuseToRead(place.relative, path);
  if (bounds && !bounds.holds(place.relative, 'read')) throw notAllowed(path);
  return place;
}

/**
 * Resolves a path that a model wants to write to: the deepest folder of it that exists through every link, and what is to be made
 * below it by its name.
 * @throws ToolError where it leads outside, through a link to nothing, to what no agent writes, or to what was not allowed.
 */
export async function resolveForWriting({ workspace, bounds }: Place, path: string): Promise<WorkspacePath> {
  const asked = resolve(workspace, path);
  if (!isInside(workspace, asked)) throw outside(path);
  if (asked === workspace) throw new ToolError(`${path} is the workspace itself, not a file.`);
  refuseToWrite(toRelative(workspace, asked), path);
  const absolute = await resolveDeepest(asked, path);
  if (!isInside(workspace, absolute)) throw outside(path);
  const place = { absolute, relative: toRelative(workspace, absolute) };
  refuseToWrite(place.relative, path);
  if (bounds && !bounds.holds(place.relative, 'write')) throw notAllowed(path);
  return place;
}

function refuseToRead(name: string, path: string): void {
  if (mayHoldSecret(name)) throw new ToolRefusal(`${path} may hold secrets; agents do not read such files.`);
}

function refuseToWrite(name: string, path: string): void {
  if (mayHoldSecret(name))
    throw new ToolRefusal(`${path} may hold secrets, or is git’s or ours; agents do not write such files.`);
  if (isProtected(name)) throw new ToolRefusal(`${path} says what programs run; agents do not write such files.`);
  const problem = name
    .split('/')
    .map(problemOfName)
    .find((found) => found !== null);
  if (problem) throw new ToolError(`${JSON.stringify(path)} has ${problem}; choose another.`);
}

/** What a call touches that reads these paths. @throws ToolError as `resolveInWorkspace`. */
export async function readTargets(context: Place, paths: readonly string[]): Promise<Target[]> {
  return await targetsOf(paths, 'read', async (path) => await resolveInWorkspace(context, path), context.workspace);
}

/** What a call touches that writes to these paths. @throws ToolError as `resolveForWriting`. */
export async function writeTargets(context: Place, paths: readonly string[]): Promise<Target[]> {
  return await targetsOf(paths, 'write', async (path) => await resolveForWriting(context, path), context.workspace);
}

/** By the name that was given, too, where links lead elsewhere: a rule may be about either. */
async function targetsOf(
  paths: readonly string[],
  access: 'read' | 'write',
  resolved: (path: string) => Promise<WorkspacePath>,
  workspace: string,
): Promise<Target[]> {
  const names = new Set<string>();
  for (const path of paths)
    names.add((await resolved(path)).relative).add(toRelative(workspace, resolve(workspace, path)));
  return [...names].map((path) => ({ kind: 'path', path, access }));
}

/**
 * For tools that hand a place to another program: that what it went through is still what it was resolved to.
 * @throws ToolError where somebody put a link in its way meanwhile.
 */
export async function checkUnchanged(places: readonly WorkspacePath[]): Promise<void> {
  for (const { absolute, relative } of places) {
    const now = await realpath(absolute).catch(() => null);
    if (now !== absolute) throw new ToolError(`${relative} changed while it was being looked through; try again.`);
  }
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
  if (link) throw new ToolRefusal(`${path} goes through a link to nothing.`);
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

function notAllowed(path: string): ToolError {
  return new ToolRefusal(`${path} is not what was allowed: it leads elsewhere by now, or a rule keeps that back.`);
}

function outside(path: string): ToolError {
  return new ToolRefusal(`${path} lies outside the workspace.`);
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
