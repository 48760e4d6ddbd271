import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { openUnchanged } from './open-file.ts';
import { type GrepMatch, MAX_TEXT } from './ripgrep.ts';
import { ToolError } from './tool.ts';

/** Files that are open at a time. */
const TOGETHER = 32;
/** Bytes of a character, at most. */
const WIDEST = 4;
/** A file that begins with a mark of its encoding is read as a whole; longer ones are not looked at. */
const MAX_MARKED = 10_000_000;
const MARKS: readonly [string, string][] = [
  ['efbbbf', 'utf-8'],
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
];

/**
 * Of matches those that stand in the file of that name. While ripgrep goes through folders, or opens what it was given, somebody may put a
 * link in the place of what it has seen, and take it away again: then its matches are of a file that nobody may see. What does not stand
 * there is left out without a word, for even its number would tell something of that file.
 */
export async function matchesThere(workspace: string, matches: readonly GrepMatch[]): Promise<GrepMatch[]> {
  const byPath = Object.groupBy(matches, ({ path }) => path);
  const paths = Object.keys(byPath);
  const together = pLimit(TOGETHER);
  const found = await Promise.all(paths.map((path) => together(() => thereIn(workspace, path, byPath[path] ?? []))));
  const there = new Set(found.flat());
  return matches.filter((match) => there.has(match));
}

async function thereIn(workspace: string, path: string, matches: readonly GrepMatch[]): Promise<GrepMatch[]> {
  let file: FileHandle;
  try {
    file = await openUnchanged(path, { absolute: join(workspace, path) });
  } catch (error) {
    if (error instanceof ToolError) return [];
    throw error;
  }
  try {
    const lines = await markedLines(file);
    const there = await Promise.all(
      matches.map(async (match) => isLine(match, lines ? (lines[match.line - 1] ?? null) : await lineAt(file, match))),
    );
    return matches.filter((_, at) => there[at]);
  } finally {
    await file.close();
  }
}

/** All lines of a file that begins with a mark of its encoding; null where it does not. */
async function markedLines(file: FileHandle): Promise<string[] | null> {
  const begin = (await bytesAt(file, 0, 3)).toString('hex');
  const encoding = MARKS.find(([mark]) => begin.startsWith(mark))?.[1];
  if (encoding === undefined) return null;
  const { size } = await file.stat();
  if (size > MAX_MARKED) return [];
  return new TextDecoder(encoding).decode(await bytesAt(file, 0, size)).split('\n');
}

async function lineAt(file: FileHandle, { offset }: GrepMatch): Promise<string> {
  // One more than is shown, and what may end the line.
  const bytes = await bytesAt(file, offset, (MAX_TEXT + 2) * WIDEST);
  const end = bytes.indexOf('\n');
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function isLine({ text }: GrepMatch, line: string | null): boolean {
  if (line === null) return false;
  return text.length > MAX_TEXT ? line.startsWith(text.slice(0, MAX_TEXT)) : line.replace(/\r$/, '') === text;
}
