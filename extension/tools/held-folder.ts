import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from './tool.ts';
import { toRelative } from './workspace-path.ts';

/**
 * A folder of the workspace that is held open, so that what is done in it is done in this very folder, whatever somebody puts in its
 * place meanwhile.
 */
export interface HeldFolder {
  /** The path of something in it, for calls that follow no link at its end. */
  at(name: string): string;
  /** @throws ToolError where another folder stands in its place by now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const AS_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
/** Here a held folder has a path of its own, which no link can change. */
const HAS_PATHS_OF_HELD = process.platform === 'linux';

/**
 * Goes down from the workspace name by name and through no link, making the folders that are missing where `create` says so.
 * @param names Of folders, relative to the workspace, every link resolved.
 * @throws ToolError where one is no folder (any more).
 */
export async function holdFolder(workspace: string, names: readonly string[], create: boolean): Promise<HeldFolder> {
  let path = workspace;
  let handle = await openFolder(workspace, '.');
  for (const name of names) {
    const from = childPath(handle, path, name);
    path = join(path, name);
    try {
      if (create) await makeFolder(from);
      const next = await openFolder(from, toRelative(workspace, path));
      await handle.close();
      handle = next;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  const held: HeldFolder = {
    at: (name) => childPath(handle, path, name),
    check: async () => {
      const [opened, now, way] = await Promise.all([handle.stat(), lstat(path), realpath(path)]).catch(() => {
        throw changed(toRelative(workspace, path));
      });
      if (opened.ino !== now.ino || opened.dev !== now.dev || way !== path) throw changed(toRelative(workspace, path));
    },
    close: async () => await handle.close(),
  };
  await held.check().catch(async (error: unknown) => {
    await held.close();
    throw error;
  });
  return held;
}

function childPath(handle: FileHandle, path: string, name: string): string {
  return join(HAS_PATHS_OF_HELD ? `/proc/self/fd/${handle.fd}` : path, name);
}

async function openFolder(from: string, shown: string): Promise<FileHandle> {
  return await open(from, AS_FOLDER).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new ToolError(`There is no folder ${shown}.`);
    if (error.code === 'ENOTDIR' || error.code === 'ELOOP') throw new ToolError(`${shown} is no folder.`);
    throw new ToolError(`${shown} cannot be opened (${error.code}).`);
  });
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw new ToolError(`The folder cannot be made (${error.code}).`);
  });
}

function changed(path: string): ToolError {
  return new ToolError(`${path} changed while it was being opened; try again.`);
}
