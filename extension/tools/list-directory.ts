import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { JsonObject } from '../protocol/json.ts';
import { keptApart, keptBackNote } from './bounds.ts';
import { holdFolder } from './held-folder.ts';
import { type TextTool, type ToolContext, ToolError } from './tool.ts';
import { stringInput } from './tool-input.ts';
import { linesWithNote, printablePath } from './tool-output.ts';
import { readTargets, resolveInWorkspace, type WorkspacePath } from './workspace-path.ts';

const MAX_ENTRIES = 1_000;

/**
 * Lists one directory, not what lies deeper.
 * Input `{ path? }`, the workspace by default.
 * Output: one name a line, sorted by code unit; directories end in `/`, symbolic links in `@`. `.git` is left out, and what rules keep
 * back; at most 1,000 entries, and what was cut or kept back is told after an empty line. An empty directory gives an empty string.
 */
export const listDirectoryTool: TextTool = {
  name: 'list_directory',
  description: 'List a directory.',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string', description: 'Default: the workspace' } },
    additionalProperties: false,
  },
  access: 'read',
  targets: async (input, context) => await readTargets(context, [stringInput(input, 'path', '.')]),
  describe: (input) => `listing ${String(input.path ?? 'the workspace')}`,
  run: listDirectory,
};

async function listDirectory(input: JsonObject, context: ToolContext): Promise<string> {
  const path = stringInput(input, 'path', '.');
  const place = await resolveInWorkspace(context, path);
  if (!(await stat(place.absolute)).isDirectory()) throw new ToolError(`${path} is not a directory.`);
  const prefix = place.relative === '.' ? '' : `${place.relative}/`;
  const entries = (await entriesOf(path, place, context)).filter((entry) => entry.name !== '.git');
  const { free, keptBack } = keptApart(
    entries.map(({ name }) => prefix + name),
    context.bounds,
  );
  const shown = new Set(free);
  const names = entries
    .filter((entry) => shown.has(prefix + entry.name))
    .map((entry) => printablePath(entry.name) + (entry.isDirectory() ? '/' : entry.isSymbolicLink() ? '@' : ''))
    .sort();
  const cut = names.length - MAX_ENTRIES;
  const note = cut > 0 ? `(${cut} more entries were cut; find files with glob)` : null;
  return linesWithNote(names.slice(0, MAX_ENTRIES), note, keptBackNote(keptBack));
}

/** The entries of the very folder that was resolved: somebody may put a link in its place meanwhile. */
async function entriesOf(path: string, { relative }: WorkspacePath, { workspace }: ToolContext): Promise<Dirent[]> {
  const folder = await holdFolder(workspace, relative === '.' ? [] : relative.split('/'), false);
  try {
    const entries = await readdir(folder.at('.'), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      throw new ToolError(`${path} cannot be listed (${error.code}).`);
    });
    await folder.check();
    return entries;
  } finally {
    await folder.close();
  }
}
