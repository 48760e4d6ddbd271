import { isJsonObject, type JsonObject } from '../protocol/json.ts';
import { replaceFile } from './replace-file.ts';
import { applyEdit, type TextEdit } from './text-edit.ts';
import { type TextTool, type ToolContext, ToolError } from './tool.ts';
import { stringInput } from './tool-input.ts';
import { resolveForWriting, writeTargets } from './workspace-path.ts';

const MAX_EDITS = 100;

/**
 * Replaces pieces of a text file, each given exactly.
 * Input `{ path, edits: [{ old, new, all? }] }`: done one after the other, each on what the one before it made; all of them, or none.
 * `old` must be there exactly once, unless `all` is true. Line ends (CRLF), a byte order mark, mode and owner stay as they are.
 * Output: one line with the lines that were changed.
 */
export const editFileTool: TextTool = {
  name: 'edit_file',
  description: 'Replace exact pieces of a file, all or none.',
  inputSchema: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      edits: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            old: { type: 'string', description: 'Occurs once, unless all' },
            new: { type: 'string' },
            all: { type: 'boolean' },
          },
          required: ['old', 'new'],
          additionalProperties: false,
        },
      },
    },
    required: ['path', 'edits'],
    additionalProperties: false,
  },
  access: 'write',
  // What an edit does not find, it answers with what is there instead: it reads, too.
  targets: async (input, context) => {
    const written = await writeTargets(context, [stringInput(input, 'path')]);
    return written.flatMap((target) => [target, { ...target, access: 'read' as const }]);
  },
  describe: (input) => `editing ${String(input.path)}`,
  run: editFile,
};

async function editFile(input: JsonObject, context: ToolContext): Promise<string> {
  const path = stringInput(input, 'path');
  const edits = readEdits(input);
  const place = await resolveForWriting(context, path);
  context.signal.throwIfAborted();
  let changed: number[] = [];
  await replaceFile(context.workspace, place, false, (found) => {
    if (!found) throw new ToolError(`There is no ${path}; write_file makes one.`);
    const edited = applyAll(textOf(found.bytes, path), edits);
    changed = edited.lines;
    return Buffer.from(edited.text, 'utf8');
  });
  const places = changed.length === 1 ? `line ${changed[0]}` : `lines ${changed.slice(0, 20).join(', ')}`;
  return `Edited ${place.relative} at ${places}${changed.length > 20 ? ', …' : ''}.`;
}

function readEdits(input: JsonObject): TextEdit[] {
  const { edits } = input;
  if (!Array.isArray(edits) || edits.length === 0) throw new ToolError('"edits" must be a list with an edit in it.');
  if (edits.length > MAX_EDITS) throw new ToolError(`"edits" may have at most ${MAX_EDITS}.`);
  return edits.map((edit) => {
    if (!isJsonObject(edit) || typeof edit.old !== 'string' || typeof edit.new !== 'string')
      throw new ToolError('An edit must be { "old": text, "new": text, "all"?: true }.');
    return { old: edit.old, new: edit.new, all: edit.all === true };
  });
}

/** A byte order mark stays in the text, so that it is written back. */
export function textOf(bytes: Buffer, path: string): string {
  if (bytes.subarray(0, 8_192).includes(0)) throw new ToolError(`${path} is a binary file.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ToolError(`${path} is not UTF-8; an edit would damage it.`, { cause: error });
  }
}

function applyAll(text: string, edits: readonly TextEdit[]): { text: string; lines: number[] } {
  const lines: number[] = [];
  const result = edits.reduce((before, edit, at) => {
    const outcome = applyEdit(before, edit);
    if ('problem' in outcome)
      throw new ToolError(
        edits.length === 1
          ? outcome.problem
          : `Edit ${at + 1} of ${edits.length}: ${outcome.problem} None of them was done.`,
      );
    lines.push(...outcome.lines);
    return outcome.text;
  }, text);
  return { text: result, lines };
}
