import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isInside, toRelative } from '../workspace-path.ts';
import type { Launch } from './config.ts';

/** What of the workspace a definition names; paths relative to it, in order. */
export interface NamedFiles {
  /** Programs, each with the SHA-256 of its contents, hex: a person's yes is bound to them, too. Data that a server keeps is none. */
  files: { path: string; sha256: string }[];
  /** Of these nobody can say what is run. */
  folders: string[];
}

const NONE: NamedFiles = { files: [], folders: [] };
/** More words than any definition has; the rest are no paths that anybody wrote. */
const MAX_WORDS = 500;

/**
 * The files and folders of the workspace that the command line of a server names, or its environment: what a repository may change without
 * changing the definition.
 * @param launch With the values of its variables; null where it cannot be started at all.
 */
export async function namedFiles(launch: Launch | null, workspace: string): Promise<NamedFiles> {
  if (launch?.type !== 'stdio') return NONE;
  const { command, args, env, cwd } = launch;
  const root = await realpath(workspace).catch(() => workspace);
  const words = [command, ...args, ...Object.values(env)].flatMap(pathsIn).slice(0, MAX_WORDS);
  const files = new Map<string, string>();
  const folders = new Set<string>();
  for (const path of new Set(words.map((word) => resolve(cwd, word)))) {
    const real = await realpath(path).catch(() => null);
    if (real === null || !(isInside(root, real) || isInside(workspace, path))) continue;
    const shown = isInside(workspace, path) ? toRelative(workspace, path) : toRelative(root, real);
    const found = await stat(real).catch(() => null);
    if (found?.isDirectory()) folders.add(shown);
    // A pipe or a device would never end.
    else if (found?.isFile() && (path === command || (await isProgram(real, found))))
      files.set(shown, await digestOf(real));
  }
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, sha256]) => ({ path, sha256 }));
  return { files: sorted, folders: [...folders].sort() };
}

/** A word, and what stands in it behind `=` or between blanks, as in `--config=x.js` and `--require ./x.js`. */
function pathsIn(word: string): string[] {
  const parts = [word, ...word.split(/\s+/), ...word.split(/[\s=]+/)];
  return [...new Set(parts)].filter((part) => part !== '' && part.length < 4_096 && !part.includes('\0'));
}

const PROGRAMS = /\.([cm]?[jt]sx?|py[cw]?|rb|sh|bash|zsh|fish|ps1|cmd|bat|pl|php|lua|jar|wasm|exe|r|jl|exs?|clj)$/i;

/** By its name, by its permissions, or by its first line. */
async function isProgram(path: string, { mode }: Stats): Promise<boolean> {
  if (PROGRAMS.test(path) || (process.platform !== 'win32' && (mode & 0o111) !== 0)) return true;
  const file = await open(path).catch(() => null);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString('latin1') === '#!';
  } finally {
    await file.close();
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    // Whoever starts it reads it, or fails, too; what becomes readable is another file than this.
    hash.update(`unreadable ${(error as NodeJS.ErrnoException).code}`);
  }
  return hash.digest('hex');
}
