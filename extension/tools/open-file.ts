import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { ToolError } from './tool.ts';
import type { WorkspacePath } from './workspace-path.ts';

const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens the very file that a path was resolved to: since then somebody may have put a link in its place, or in that of a folder above it.
 * @param path As it was asked for. @throws ToolError where it is no regular file, cannot be opened, or is another one by now.
 */
export async function openUnchanged(path: string, { absolute }: Pick<WorkspacePath, 'absolute'>): Promise<FileHandle> {
  const changed = new ToolError(`${path} changed while it was being opened.`);
  const file = await open(absolute, FLAGS).catch((error: NodeJS.ErrnoException) => {
    const { code = '' } = error;
    throw ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)
      ? changed
      : new ToolError(`${path} cannot be opened (${code}).`);
  });
  const isStill = await isFileAt(file, absolute).catch(() => false);
  if (isStill) return file;
  await file.close();
  throw changed;
}

async function isFileAt(file: FileHandle, absolute: string): Promise<boolean> {
  const opened = await file.stat();
  // The system itself says where an open file lies, at once; the names of its path, asked one after the other, could be swapped between.
  if (process.platform === 'linux') return opened.isFile() && (await readlink(`/proc/self/fd/${file.fd}`)) === absolute;
  const [now, way] = await Promise.all([stat(absolute), realpath(absolute)]);
  return opened.isFile() && opened.ino === now.ino && opened.dev === now.dev && way === absolute;
}
