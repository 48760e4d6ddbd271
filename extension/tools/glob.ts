import { stat } from 'node:fs/promises';
import type { JsonObject } from '../protocol/json.ts';
import { keptApart, keptBackNote } from './bounds.ts';
import { countKeptBack, listFiles } from './ripgrep.ts';
import { type TextTool, type ToolContext, ToolError } from './tool.ts';
import { integerInput, stringInput } from './tool-input.ts';
import { linesWithNote, printablePath } from './tool-output.ts';
import { checkUnchanged, mayHoldSecret, readTargets, resolveInWorkspace } from './workspace-path.ts';

const MAX_FILES = 10_000;

/**
 * Finds files by a glob, with ripgrep.
 * Input `{ pattern, path?, maxResults? }`: `pattern` as in `.gitignore`, relative to `path` (the workspace by default): without a slash it
 * matches names at any depth; `**`, `*`, `?`, `[a-z]`, `{a,b}`. `maxResults` is 1,000 by default, at most 10,000.
 * Output: one file a line, relative to the workspace with forward slashes, sorted by code unit. Hidden files are found; ignored ones
 * (`.gitignore`), `.git`, `node_modules`, symbolic links, files that may hold secrets and those that rules keep back are not. What was
 * cut, and how much rules keep back, is told after an empty line. `No files found.` where there is none.
 */
export const globTool: TextTool = {
  name: 'glob',
  description: 'Find files by glob, such as src/**/*.ts.',
  inputSchema: {
    type: 'object',
    properties: {
      pattern: { type: 'string' },
      path: { type: 'string', description: 'Directory to look in' },
      maxResults: { type: 'integer' },
    },
    required: ['pattern'],
    additionalProperties: false,
  },
  access: 'read',
  targets: async (input, context) => await readTargets(context, [stringInput(input, 'path', '.')]),
  describe: (input) => `finding ${String(input.pattern)}`,
  run: glob,
};

async function glob(input: JsonObject, context: ToolContext): Promise<string> {
  const pattern = stringInput(input, 'pattern');
  const path = stringInput(input, 'path', '.');
  const maxResults = integerInput(input, 'maxResults', { fallback: 1_000, min: 1, max: MAX_FILES });
  const place = await resolveInWorkspace(context, path);
  if (!(await stat(place.absolute)).isDirectory()) throw new ToolError(`${path} is not a directory.`);
  const found = await listFiles({ directory: place.absolute, glob: pattern }, context);
  const prefix = place.relative === '.' ? '' : `${place.relative}/`;
  const { free } = keptApart(
    found.map((file) => prefix + file),
    context.bounds,
  );
  const files = free.filter((file) => !mayHoldSecret(file)).sort();
  const keptBack = keptBackNote(await countKeptBack([place], context));
  await checkUnchanged([place]);
  if (files.length === 0) return linesWithNote(['No files found.'], keptBack);
  const cut = files.length - maxResults;
  const note = cut > 0 ? `(${cut} more files were cut; narrow the pattern or raise maxResults)` : null;
  return linesWithNote(files.slice(0, maxResults).map(printablePath), note, keptBack);
}
