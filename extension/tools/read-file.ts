import { stat } from 'node:fs/promises';
import type { JsonObject } from '../protocol/json.ts';
import { type ImageFacts, imageFacts } from './image-file.ts';
import { openUnchanged } from './open-file.ts';
import { type Tool, type ToolContext, ToolError, type ToolOutput } from './tool.ts';
import { integerInput, stringInput } from './tool-input.ts';
import { linesWithNote, printablePath } from './tool-output.ts';
import { readTargets, resolveInWorkspace, type WorkspacePath } from './workspace-path.ts';

const MAX_BYTES = 10_000_000;
const MAX_LINE = 2_000;
const DEFAULT_LINES = 2_000;

/** Most bytes of a picture: five megabytes is what models take, packed in four characters for three bytes. */
const MAX_IMAGE = 3_700_000;
/** Pixels of a side; models refuse more. */
const MAX_SIDE = 8_000;

/**
 * Reads a text file as UTF-8, or a picture (PNG, JPEG, GIF, WebP, by what is in it), which is shown to the model beside a line about it.
 * Input `{ path, offset?, limit? }`: `offset` is the first line wanted (from 1), `limit` how many (2,000).
 * Output: `<line>\t<text>` a line, without leading spaces, line numbers from 1; CRLF is read as LF; a line over 2,000 characters
 * is cut and ends in `…`. What was left out is told after an empty line. An empty file gives an empty string.
 */
export const readFileTool: Tool = {
  name: 'read_file',
  description: 'Read a text file as numbered lines, or an image.',
  inputSchema: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      offset: { type: 'integer', description: 'First line, from 1' },
      limit: { type: 'integer', description: 'Lines, default 2000' },
    },
    required: ['path'],
    additionalProperties: false,
  },
  access: 'read',
  targets: async (input, context) => await readTargets(context, [stringInput(input, 'path')]),
  describe: (input) => `reading ${String(input.path)}`,
  run: readFile,
};

async function readFile(input: JsonObject, context: ToolContext): Promise<string | ToolOutput> {
  const path = stringInput(input, 'path');
  const offset = integerInput(input, 'offset', { fallback: 1, min: 1, max: Number.MAX_SAFE_INTEGER });
  const limit = integerInput(input, 'limit', { fallback: DEFAULT_LINES, min: 1, max: 100_000 });
  const place = await resolveInWorkspace(context, path);
  const bytes = await readBytes(path, place, context.signal);
  const facts = imageFacts(bytes);
  if (facts) return showImage(path, bytes, facts);
  const text = asText(path, bytes);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (offset > 1 && offset > lines.length) throw new ToolError(`${path} has only ${lines.length} lines.`);
  const wanted = lines.slice(offset - 1, offset - 1 + limit);
  const end = offset - 1 + wanted.length;
  const note = end < lines.length ? `(lines ${offset} to ${end} of ${lines.length}; offset ${end + 1} goes on)` : null;
  return linesWithNote(
    wanted.map((line, index) => `${offset + index}\t${shortened(line)}`),
    note,
  );
}

function showImage(path: string, bytes: Buffer, { mediaType, width, height, whole }: ImageFacts): ToolOutput {
  const what = `${printablePath(path)}: ${mediaType}, ${width} × ${height} pixels, ${bytes.length} bytes`;
  if (!whole) throw new ToolError(`${what}: it is cut off, and cannot be shown.`);
  if (bytes.length > MAX_IMAGE || Math.max(width, height) > MAX_SIDE)
    throw new ToolError(`${what}: at most ${MAX_IMAGE} bytes and ${MAX_SIDE} pixels a side can be shown.`);
  return { forModel: what, images: [{ mediaType, data: bytes.toString('base64') }] };
}

/** A whole text file; CRLF is read as LF. @throws ToolError as `readBytes`, and for a binary file. */
export async function readText(path: string, place: WorkspacePath, signal: AbortSignal): Promise<string> {
  return asText(path, await readBytes(path, place, signal));
}

/** @throws ToolError for a binary file. */
function asText(path: string, bytes: Buffer): string {
  if (bytes.subarray(0, 8_192).includes(0)) throw new ToolError(`${path} is a binary file.`);
  return bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n');
}

/**
 * A whole file.
 * @throws ToolError for what is no regular file, is too large, or changed while it was opened.
 */
export async function readBytes(path: string, place: WorkspacePath, signal: AbortSignal): Promise<Buffer> {
  const found = await stat(place.absolute).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(`${path} cannot be opened (${error.code}).`);
  });
  if (found.isDirectory()) throw new ToolError(`${path} is a directory; list_directory shows it.`);
  // A pipe or a device would block, or never end.
  if (!found.isFile()) throw new ToolError(`${path} is not a regular file.`);
  if (found.size > MAX_BYTES) throw new ToolError(`${path} is too large (${found.size} bytes); search it with grep.`);
  const file = await openUnchanged(path, place);
  try {
    return await file.readFile({ signal });
  } finally {
    await file.close();
  }
}

function shortened(line: string): string {
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
}
