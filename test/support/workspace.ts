import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { outputOf, type Tool, type ToolContext } from '../../extension/tools/tool.ts';
import { tempDir } from './temp-dir.ts';

/** The repository's own root. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Writes files below a folder, making the folders they need. */
export function writeFiles(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A workspace with these files and the real ripgrep, that goes when the test does. */
export async function workspaceWith(files: Record<string, string | Uint8Array>): Promise<ToolContext> {
  const workspace = tempDir();
  writeFiles(workspace, files);
  return { workspace, ripgrep: await findRipgrep({ near: [ROOT] }), signal: new AbortController().signal };
}

/** What a tool says to the model. */
export async function runTool(tool: Tool, input: JsonObject, context: ToolContext): Promise<string> {
  return outputOf(await tool.run(input, context)).forModel;
}
