import type { JsonObject } from '../protocol/json.ts';
import { replaceFile } from './replace-file.ts';
import type { TextTool, ToolContext } from './tool.ts';
import { stringInput } from './tool-input.ts';
import { resolveForWriting, writeTargets } from './workspace-path.ts';

/**
 * Writes a whole text file as UTF-8, making the folders it needs.
 * Input `{ path, content }`. Output: one line that says whether it is new, and how many lines it has. Mode and owner of a file that was
 * there stay.
 */
export const writeFileTool: TextTool = {
  name: 'write_file',
  description: 'Create or replace a whole file.',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string' } },
    required: ['path', 'content'],
    additionalProperties: false,
  },
  access: 'write',
  targets: async (input, context) => await writeTargets(context, [stringInput(input, 'path')]),
  describe: (input) => `writing ${String(input.path)}`,
  run: writeFile,
};

async function writeFile(input: JsonObject, context: ToolContext): Promise<string> {
  const path = stringInput(input, 'path');
  const content = typeof input.content === 'string' ? input.content : stringInput(input, 'content');
  const place = await resolveForWriting(context, path);
  context.signal.throwIfAborted();
  let isNew = false;
  await replaceFile(context.workspace, place, true, (found) => {
    isNew = found === null;
    return Buffer.from(content, 'utf8');
  });
  const lines = content.split('\n').length - (content.endsWith('\n') || content === '' ? 1 : 0);
  return `${isNew ? 'Created' : 'Replaced'} ${place.relative}: ${lines} lines.`;
}
