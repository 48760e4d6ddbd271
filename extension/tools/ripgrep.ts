import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type ToolContext, ToolError } from './tool.ts';
import type { WorkspacePath } from './workspace-path.ts';

const TIMEOUT_MS = 60_000;
/** Characters of path arguments in one call: Windows takes 32,767 for a whole command line. */
const MAX_PATH_ARGUMENTS = 24_000;
export const MAX_TEXT = 500;

/** What every call has: no settings of the user's, hidden files but neither Git's own nor dependencies, links not followed. */
const COMMON = [
  '--no-config',
  '--hidden',
  '--no-follow',
  '--no-require-git',
  '--no-ignore-global',
  '--color=never',
  '--path-separator=/',
  '--null',
];
const NEVER = ['--glob=!**/.git', '--glob=!**/node_modules'];

/**
 * An agent's own worktree lies in a folder of ours that git ignores as a whole, and ripgrep would, too, for it looks into the folders
 * above. So there it looks into none, but what the worktree itself ignores holds for all of it.
 */
function ignoredHere({ workspace }: ToolContext): string[] {
  if (!workspace.split(sep).includes('.counterpoint')) return [];
  const own = join(workspace, '.gitignore');
  return ['--no-ignore-parent', ...(existsSync(own) ? [`--ignore-file=${own}`] : [])];
}

export interface GrepMatch {
  /** Relative to the directory, forward slashes. */
  path: string;
  /** From 1. */
  line: number;
  /** Of the line's first byte. */
  offset: number;
  /** Cut after 500 characters, then ending in `…`. */
  text: string;
}

/**
 * Files below a directory that are not ignored, and match the glob where one is given; relative to the directory, forward slashes.
 * `--glob` alone would bring ignored files back, therefore those that match are held against those that are not ignored.
 * @throws ToolError for a bad glob or a failure of ripgrep.
 */
export async function listFiles(
  wanted: { directory: string; glob?: string; paths?: string[] },
  context: ToolContext,
): Promise<string[]> {
  const { directory, glob, paths = ['.'] } = wanted;
  const list = async (args: string[]): Promise<string[]> => {
    const files: string[] = [];
    for (const some of inParts(paths)) {
      await runRipgrep(
        ['--files', ...COMMON, ...ignoredHere(context), ...args, ...NEVER, '--', ...some],
        { directory, separator: '\0' },
        context,
        (file) => {
          files.push(withoutDot(file));
          return true;
        },
      );
    }
    return files;
  };
  if (glob === undefined) return list([]);
  const [matching, notIgnored] = await Promise.all([list([globArgument(glob)]), list([])]);
  const kept = new Set(notIgnored);
  return matching.filter((file) => kept.has(file));
}

/** How many files at these places rules keep back from a call; ignored ones do not count. */
export async function countKeptBack(places: readonly WorkspacePath[], context: ToolContext): Promise<number> {
  const { bounds, workspace } = context;
  const paths = places.map(({ relative }) => relative).filter((path) => bounds?.narrows(path, 'read'));
  if (!bounds || paths.length === 0) return 0;
  const files = new Set(await listFiles({ directory: workspace, paths }, context));
  return [...files].filter((file) => !bounds.holds(file, 'read')).length;
}

export interface Search {
  pattern: string;
  glob?: string | undefined;
  /** Relative to the directory. */
  paths: string[];
  ignoreCase: boolean;
  /** Path by path, which takes one processor alone; else file by file as it comes, on all of them. */
  sorted: boolean;
  directory: string;
}

/** Tells every matching line until `onMatch` says false. @throws ToolError for a bad pattern or a failure of ripgrep. */
export async function searchFiles(
  search: Search,
  context: ToolContext,
  onMatch: (match: GrepMatch) => boolean,
): Promise<void> {
  const globs = search.glob === undefined ? NEVER : [globArgument(search.glob), ...NEVER];
  const how = [
    '--no-heading',
    '--with-filename',
    '--line-number',
    '--byte-offset',
    '--crlf',
    '--max-columns=4000',
    '--max-columns-preview',
  ];
  const args = [
    ...COMMON,
    ...ignoredHere(context),
    ...how,
    ...(search.sorted ? ['--sort=path'] : []),
    ...globs,
    search.ignoreCase ? '--ignore-case' : '--case-sensitive',
  ];
  let goOn = true;
  for (const some of inParts(search.paths)) {
    if (!goOn) return;
    await runRipgrep(
      [...args, '--', search.pattern, ...some],
      { directory: search.directory, separator: '\n' },
      context,
      (line) => {
        const match = parseMatch(line);
        if (match) goOn = onMatch(match);
        return goOn;
      },
    );
  }
}

/** `path NUL line:offset:text`; anything else is a remark of ripgrep's about a binary file. */
function parseMatch(line: string): GrepMatch | null {
  const nul = line.indexOf('\0');
  const [whole = '', number, offset] = (nul !== -1 && /^(\d+):(\d+):/.exec(line.slice(nul + 1, nul + 50))) || [];
  if (whole === '') return null;
  const text = line.slice(nul + 1 + whole.length).replace(/\r$/, '');
  return {
    path: withoutDot(line.slice(0, nul)),
    line: Number(number),
    offset: Number(offset),
    text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text,
  };
}

function globArgument(glob: string): string {
  // A leading "!" would turn the meaning round and let in what is excluded after it.
  if (glob === '' || glob.startsWith('!')) throw new ToolError('A glob must not be empty or begin with "!".');
  return `--glob=${glob.replace(/^(\.\/)+/, '')}`;
}

function withoutDot(path: string): string {
  return path.startsWith('./') ? path.slice(2) : path;
}

/** Cuts a list of paths so that each part fits a command line. */
function inParts(paths: string[]): string[][] {
  const parts: string[][] = [];
  let room = 0;
  for (const path of paths) {
    if (path.length + 1 > room) {
      parts.push([]);
      room = MAX_PATH_ARGUMENTS;
    }
    parts.at(-1)!.push(path);
    room -= path.length + 1;
  }
  return parts;
}

/**
 * Runs ripgrep and tells each part of its output; ends it as soon as `onPart` says false.
 * @throws ToolError with ripgrep's words where it could do nothing; the signal's reason when aborted.
 */
async function runRipgrep(
  args: string[],
  how: { directory: string; separator: string },
  context: ToolContext,
  onPart: (part: string) => boolean,
): Promise<void> {
  context.signal.throwIfAborted();
  const child = spawn(context.ripgrep, args, {
    cwd: how.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {},
    windowsHide: true,
    signal: AbortSignal.any([context.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    killSignal: 'SIGKILL',
  });
  let anything = false;
  let rest = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split(how.separator);
    rest = parts.pop() ?? '';
    anything ||= parts.length > 0;
    if (!parts.every((part) => onPart(part))) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (errors.length < 1_000) errors += chunk;
  });
  const code = await exitCode(child, context);
  // Code 2 with output means that some files could not be read; 1 that nothing was found.
  if (code === 2 && !anything) throw new ToolError(errors.slice(0, 1_000).trim() || 'ripgrep failed.');
}

function exitCode(child: ChildProcess, context: ToolContext): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      if (context.signal.aborted) reject(context.signal.reason);
      else if (error.name === 'AbortError') reject(new ToolError('The search took more than a minute; narrow it.'));
      else reject(error);
    });
    child.on('close', resolve);
  });
}
