import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type HeldFolder, holdFolder } from './held-folder.ts';
import { ToolError } from './tool.ts';
import type { WorkspacePath } from './workspace-path.ts';

const MAX_BYTES = 10_000_000;

/** A file before it is replaced: null where there is none. */
export interface FoundFile {
  bytes: Buffer;
  stats: Stats;
}

/**
 * Replaces a file by what `change` makes of it, all at once: whoever reads meanwhile finds the old one or the new one. Its mode and
 * owner stay; a second name of it (a hard link) keeps the old content. Calls for the same file wait for each other.
 * @param create Whether a file that is not there, and its folders, are made.
 * @param change Gets null where there is no file. What it throws leaves everything as it is.
 * @throws ToolError for what is no regular file, is too large, or was changed by somebody else meanwhile.
 */
export async function replaceFile(
  workspace: string,
  place: WorkspacePath,
  create: boolean,
  change: (found: FoundFile | null) => Buffer,
): Promise<void> {
  await inTurn(place.absolute, async () => {
    const names = dirname(place.relative) === '.' ? [] : dirname(place.relative).split('/');
    const folder = await holdFolder(workspace, names, create);
    try {
      const name = place.relative.slice(place.relative.lastIndexOf('/') + 1);
      const found = await readFound(folder, name, place.relative);
      const bytes = change(found);
      if (bytes.length > MAX_BYTES)
        throw new ToolError(`${place.relative} would be too large (${bytes.length} bytes).`);
      await putInPlace(folder, name, bytes, found, place.relative);
    } finally {
      await folder.close();
    }
  });
}

/** Ends of those that write to a file now, by its path. */
const writing = new Map<string, Promise<void>>();

/** Two agents may edit one file at the same time: the second one has to see what the first one made of it. */
async function inTurn(path: string, work: () => Promise<void>): Promise<void> {
  const before = writing.get(path) ?? Promise.resolve();
  const mine = before.then(work);
  const end = mine.catch(() => undefined);
  writing.set(path, end);
  try {
    await mine;
  } finally {
    if (writing.get(path) === end) writing.delete(path);
  }
}

async function readFound(folder: HeldFolder, name: string, path: string): Promise<FoundFile | null> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(folder.at(name), flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    if (error.code === 'ELOOP') throw new ToolError(`${path} changed while it was being opened; try again.`);
    throw new ToolError(`${path} cannot be opened (${error.code}).`);
  });
  if (!file) return null;
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new ToolError(`${path} is a directory.`);
    if (!stats.isFile()) throw new ToolError(`${path} is not a regular file.`);
    if (stats.size > MAX_BYTES) throw new ToolError(`${path} is too large (${stats.size} bytes).`);
    return { bytes: await file.readFile(), stats };
  } finally {
    await file.close();
  }
}

async function putInPlace(
  folder: HeldFolder,
  name: string,
  bytes: Buffer,
  found: FoundFile | null,
  path: string,
): Promise<void> {
  const draft = folder.at(`.counterpoint-${randomBytes(6).toString('hex')}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const file = await open(draft, flags, 0o666).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(`${path} cannot be written (${error.code}).`);
  });
  try {
    try {
      await file.writeFile(bytes);
      if (found) {
        await file.chmod(found.stats.mode & 0o777);
        // Only root may give a file away; anyone else owns what they write.
        if (process.getuid?.() === 0) await file.chown(found.stats.uid, found.stats.gid);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await checkUnchanged(folder, name, found, path);
    await folder.check();
    await rename(draft, folder.at(name));
  } catch (error) {
    await rm(draft, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    // A full disk, or a folder that somebody took away: nothing of ours, and the file is as it was.
    throw code === undefined ? error : new ToolError(`${path} cannot be written (${code}).`, { cause: error });
  }
}

async function checkUnchanged(folder: HeldFolder, name: string, found: FoundFile | null, path: string): Promise<void> {
  const now = await lstat(folder.at(name)).catch(() => null);
  const before = found?.stats ?? null;
  const same =
    now === null || before === null
      ? now === before
      : now.ino === before.ino && now.dev === before.dev && now.mtimeMs === before.mtimeMs && now.size === before.size;
  if (!same) throw new ToolError(`Somebody else changed ${path} meanwhile; read it again.`);
}
