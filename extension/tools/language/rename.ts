import { errorInfo } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { replaceFile } from '../replace-file.ts';
import { type TextTool, type ToolContext, ToolError } from '../tool.ts';
import { stringInput } from '../tool-input.ts';
import { printablePath } from '../tool-output.ts';
import { readTargets, resolveForWriting, writeTargets } from '../workspace-path.ts';
import { AT_SYMBOL } from './at-symbol.ts';
import type { LanguageServers } from './language-servers.ts';
import { type FileChange, planRename, type RenamePlan, refuseUnsaved } from './rename-plan.ts';
import type { ToolFacts } from './tool-facts.ts';

const SHOWN_LINES = 10;

export const RENAME: ToolFacts = {
  name: 'rename',
  description: 'Rename the symbol in a line everywhere, all or nothing.',
  inputSchema: {
    type: 'object',
    properties: { ...AT_SYMBOL, newName: { type: 'string' } },
    required: ['path', 'line', 'symbol', 'newName'],
    additionalProperties: false,
  },
  access: 'write',
  describe: ({ symbol, newName }) => `renaming ${String(symbol).slice(0, 40)} to ${String(newName).slice(0, 40)}`,
};

/**
 * Renames a name in all files that use it, by the language server, and writes them as the other tools write.
 * Input as of `definition`, and `newName`. Output: the files that were changed, and the lines.
 * What it would write is told before, as targets; and it is this that is written once it is allowed, where no file has changed since.
 */
export function renameTool(servers: LanguageServers): TextTool {
  /** What was told of a call as its targets, until it is run. */
  const planned = new WeakMap<JsonObject, RenamePlan | ToolError>();
  const plan = async (input: JsonObject, context: ToolContext): Promise<RenamePlan | ToolError> =>
    await planRename(input, servers, context).catch((error: unknown) => {
      if (error instanceof ToolError) return error;
      throw error;
    });
  return {
    ...RENAME,
    targets: async (input, context) => {
      const asked = await readTargets(context, [stringInput(input, 'path')]);
      const made = await plan(input, context);
      planned.set(input, made);
      // Why it cannot be done says what is in the file: that is told once it may be read.
      if (made instanceof ToolError) return asked;
      const paths = made.changes.map(({ place }) => place.relative);
      return [...asked, ...(await writeTargets(context, paths)), ...(await readTargets(context, paths))];
    },
    run: async (input, context) => {
      const made = planned.get(input) ?? (await plan(input, context));
      planned.delete(input);
      if (made instanceof ToolError) throw made;
      if (made.workspace !== context.workspace) throw new ToolError('It works in another folder by now; ask again.');
      context.signal.throwIfAborted();
      await refuseUnsaved(made.changes, servers);
      await writeAll(made, context);
      const files = made.changes.map(({ place, lines }) => `${printablePath(place.relative)}: ${linesOf(lines)}`);
      return `Renamed in ${files.length} file${files.length === 1 ? '' : 's'}:\n${files.join('\n')}`;
    },
  };
}

/** All files, or none: what was written already is put back where another one cannot be. */
async function writeAll({ changes }: RenamePlan, context: ToolContext): Promise<void> {
  const written: FileChange[] = [];
  try {
    for (const change of changes) {
      await put(change.place.relative, change.before, change.after, context);
      written.push(change);
    }
  } catch (error) {
    const stuck: string[] = [];
    for (const { place, before, after } of written.reverse())
      await put(place.relative, after, before, context).catch((problem: unknown) =>
        stuck.push(`${place.relative} (${errorInfo(problem).message})`),
      );
    const left = stuck.length === 0 ? 'nothing was renamed' : `renamed, and not put back: ${stuck.join(', ')}`;
    throw new ToolError(`${errorInfo(error).message} So ${left}.`, { cause: error });
  }
}

/** Puts one text in place of another. @throws ToolError where the other one is not there (any more). */
async function put(path: string, from: Buffer, to: Buffer, context: ToolContext): Promise<void> {
  const place = await resolveForWriting(context, path);
  await replaceFile(context.workspace, place, false, (found) => {
    if (!found?.bytes.equals(from)) throw new ToolError(`${path} changed meanwhile; try again.`);
    return to;
  });
}

function linesOf(lines: readonly number[]): string {
  const more = lines.length - SHOWN_LINES;
  const shown = lines.slice(0, SHOWN_LINES).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return `line${lines.length === 1 ? '' : 's'} ${shown}`;
}
