import { stat } from 'node:fs/promises';
import type { JsonObject } from '../protocol/json.ts';
import { keptBackNote } from './bounds.ts';
import { matchesThere } from './matches-there.ts';
import { countKeptBack, type GrepMatch, listFiles, type Search, searchFiles } from './ripgrep.ts';
import { type TextTool, type ToolContext, ToolError } from './tool.ts';
import { integerInput, stringInput, stringListInput } from './tool-input.ts';
import { linesWithNote, printablePath } from './tool-output.ts';
import {
  checkUnchanged,
  mayHoldSecret,
  readTargets,
  resolveInWorkspace,
  type WorkspacePath,
} from './workspace-path.ts';

const MAX_MATCHES = 5_000;
const MAX_PATHS = 5_000;
/** Matches that are held before it is known which of them are shown; some megabytes. */
const MAX_UNSORTED = 20_000;

/**
 * Searches the text of files by a regular expression, with ripgrep.
 * Input `{ pattern, path?, paths?, glob?, ignoreCase?, maxResults? }`: `pattern` in the syntax of Rust's regex crate (no look-around, no
 * back references), matched line by line. `path` or `paths` (or both): files or directories to look in, the workspace by default.
 * `glob` narrows to matching files, relative to the workspace, as in the glob tool. `maxResults` is 200 by default, at most 5,000 lines.
 * Output: `path:line:text` a matching line, `path` relative to the workspace with forward slashes, `line` from 1, the text as it stands in
 * the file, cut after 500 characters with `…`; sorted by path (by code unit), then by line. Left out as in the glob tool, and binary
 * files. A file named in `path` or `paths` is searched even where it is ignored. What was cut, and how much rules keep back, is told after
 * an empty line. `No matches.` where there is none.
 */
export const grepTool: TextTool = {
  name: 'grep',
  description: 'Search file contents by Rust regex; gives path:line:text.',
  inputSchema: {
    type: 'object',
    properties: {
      pattern: { type: 'string' },
      path: { type: 'string', description: 'File or directory' },
      paths: { type: 'array', items: { type: 'string' } },
      glob: { type: 'string' },
      ignoreCase: { type: 'boolean' },
      maxResults: { type: 'integer' },
    },
    required: ['pattern'],
    additionalProperties: false,
  },
  access: 'read',
  targets: async (input, context) => await readTargets(context, wantedPaths(input)),
  describe: (input) => `searching ${String(input.pattern).slice(0, 60)}`,
  run: grep,
};

async function grep(input: JsonObject, context: ToolContext): Promise<string> {
  const pattern = stringInput(input, 'pattern');
  const maxResults = integerInput(input, 'maxResults', { fallback: 200, min: 1, max: MAX_MATCHES });
  const glob = input.glob === undefined ? undefined : stringInput(input, 'glob');
  const places = await placesToSearch(input, context);
  const paths = places.map(({ relative }) => relative);
  const listed = glob === undefined ? null : new Set(await listFiles({ directory: context.workspace, paths }, context));
  const search = { pattern, glob, paths, ignoreCase: input.ignoreCase === true, directory: context.workspace };
  const isWanted = ({ path }: GrepMatch): boolean =>
    !mayHoldSecret(path) && (context.bounds?.holds(path, 'read') ?? true) && (listed === null || listed.has(path));
  // How many that are says nothing of what is in them: it is the same for every pattern.
  const keptBack = keptBackNote(await countKeptBack(places, context));
  // Unsorted it is far quicker, but what is found first is any of it: only all of it can be sorted and cut.
  const all = await collect({ ...search, sorted: false }, MAX_UNSORTED, isWanted, context);
  // One more than was asked for shows that something was cut.
  const matches =
    all.size <= MAX_UNSORTED ? all : await collect({ ...search, sorted: true }, maxResults, isWanted, context);
  await checkUnchanged(places);
  const first = [...matches.values()].sort(byPlace).slice(0, maxResults + 1);
  const there = await matchesThere(context.workspace, first);
  if (there.length === 0) return linesWithNote(['No matches.'], keptBack);
  const kept = there.slice(0, maxResults);
  const note =
    there.length > maxResults ? `(more than ${maxResults} matches; narrow the search or raise maxResults)` : null;
  return linesWithNote(kept.map(formatMatch), note, keptBack);
}

/** Up to one match more than `most`; by place, because a file may be named and lie in a folder that is named too. */
async function collect(
  search: Search,
  most: number,
  isWanted: (match: GrepMatch) => boolean,
  context: ToolContext,
): Promise<Map<string, GrepMatch>> {
  const matches = new Map<string, GrepMatch>();
  await searchFiles(search, context, (match) => {
    if (isWanted(match)) matches.set(`${match.path}:${match.line}`, match);
    return matches.size <= most;
  });
  return matches;
}

function byPlace(a: GrepMatch, b: GrepMatch): number {
  if (a.path === b.path) return a.line - b.line;
  return a.path < b.path ? -1 : 1;
}

/** The workspace, where the input names nothing. */
function wantedPaths(input: JsonObject): string[] {
  const given = stringListInput(input, 'paths');
  if (input.path !== undefined) given.push(stringInput(input, 'path'));
  if (given.length > MAX_PATHS) throw new ToolError(`"paths" may name at most ${MAX_PATHS} files.`);
  return given.length === 0 ? ['.'] : given;
}

/** Each once, in order. */
async function placesToSearch(input: JsonObject, context: ToolContext): Promise<WorkspacePath[]> {
  const places = new Map<string, WorkspacePath>();
  for (const path of wantedPaths(input)) {
    const place = await resolveInWorkspace(context, path);
    const found = await stat(place.absolute).catch((error: NodeJS.ErrnoException) => {
      throw new ToolError(`${path} cannot be opened (${error.code}).`);
    });
    if (!found.isFile() && !found.isDirectory()) throw new ToolError(`${path} is neither a file nor a directory.`);
    places.set(place.relative, place);
  }
  return [...places.keys()].sort().map((path) => places.get(path)!);
}

function formatMatch(match: GrepMatch): string {
  return `${printablePath(match.path)}:${match.line}:${match.text}`;
}
