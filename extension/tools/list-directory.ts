import { readdir } from 'node:fs/promises';
import type { JsonObject } from '../protocol/json.ts';
import { type TextTool, type ToolContext, ToolError } from './tool.ts';
import { stringInput } from './tool-input.ts';
import { linesWithNote, printablePath } from './tool-output.ts';
import { resolveInWorkspace } from './workspace-path.ts';

const MAX_ENTRIES = 1_000;

/**
 * Lists one directory, not what lies deeper.
 * Input `{ path? }`, the workspace by default.
 * Output: one name a line, sorted by code unit; directories end in `/`, symbolic links in `@`. `.git` is left out; at most
 * 1,000 entries, and what was cut is told after an empty line. An empty directory gives an empty string.
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
  describe: (input) => `listing ${String(input.path ?? 'the workspace')}`,
  run: listDirectory,
};

async function listDirectory(input: JsonObject, context: ToolContext): Promise<string> {
  const path = stringInput(input, 'path', '.');
  const place = await resolveInWorkspace(context.workspace, path);
  const entries = await readdir(place.absolute, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(
      error.code === 'ENOTDIR' ? `${path} is not a directory.` : `${path} cannot be listed (${error.code}).`,
    );
  });
  const names = entries
    .filter((entry) => entry.name !== '.git')
    .map((entry) => printablePath(entry.name) + (entry.isDirectory() ? '/' : entry.isSymbolicLink() ? '@' : ''))
    .sort();
  const cut = names.length - MAX_ENTRIES;
  return linesWithNote(
    names.slice(0, MAX_ENTRIES),
    cut > 0 ? `(${cut} more entries were cut; find files with glob)` : null,
  );
}
