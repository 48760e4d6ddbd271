import type * as vscode from 'vscode';
import type { JsonObject } from '../../protocol/json.ts';
import type { Target } from '../../protocol/permissions.ts';
import { type ToolContext, ToolError } from '../tool.ts';
import { integerInput, stringInput } from '../tool-input.ts';
import { readTargets } from '../workspace-path.ts';
import type { LanguageServers, OpenFile } from './language-servers.ts';
import { type FoundPlace, showPlaces } from './places.ts';
import { findSymbol } from './symbol-place.ts';

const MAX_SYMBOL = 300;

/** The input of a tool that begins at a name in a line of a file. */
export const AT_SYMBOL = {
  path: { type: 'string' },
  line: { type: 'integer' },
  symbol: { type: 'string' },
} as const;

/** The input of a tool that takes nothing else. */
export const AT_SYMBOL_INPUT: JsonObject = {
  type: 'object',
  properties: AT_SYMBOL,
  required: ['path', 'line', 'symbol'],
  additionalProperties: false,
};

/** A name in a file that is open. */
export interface AskedSymbol {
  file: OpenFile;
  symbol: string;
  position: vscode.Position;
}

/** The file that is named, and all others of the workspace: a server answers with places anywhere. */
export async function anywhereFrom(input: JsonObject, context: ToolContext): Promise<Target[]> {
  return await readTargets(context, [stringInput(input, 'path'), '.']);
}

/** Opens the file and finds the name. @throws ToolError as `LanguageServers.open`, and where the line does not have it. */
export async function symbolAsked(
  input: JsonObject,
  servers: LanguageServers,
  context: ToolContext,
): Promise<AskedSymbol> {
  const path = stringInput(input, 'path');
  const line = integerInput(input, 'line', { fallback: 0, min: 1, max: 10_000_000 });
  const symbol = stringInput(input, 'symbol').slice(0, MAX_SYMBOL);
  const file = await servers.open(path, context);
  const found = findSymbol(file.lines, line, symbol);
  if ('problem' in found) throw new ToolError(`${file.place.relative}: ${found.problem}`);
  // Before its project is loaded, TypeScript would answer with a part of the places.
  await servers.typescript(file, context.signal);
  return { file, symbol, position: new servers.editor.Position(line - 1, found.character) };
}

/** Where a server says that a name is, as text for the model. @param nothing What is said where it is nowhere. */
export async function placesOfSymbol(
  command: string,
  input: JsonObject,
  { servers, context, nothing }: { servers: LanguageServers; context: ToolContext; nothing: string },
): Promise<string> {
  const { file, position } = await symbolAsked(input, servers, context);
  const asked = [file.document.uri, position];
  const found = (await servers.ask<(vscode.Location | vscode.LocationLink)[]>(command, asked, context.signal)) ?? [];
  if (found.length === 0) throwUnsupported(file);
  return await showPlaces(found.map(placeOf), `${nothing} ${MAY_BE_UNKNOWN}`, servers, context);
}

/** A server may know nothing of a folder, such as an agent's own worktree, and say only that there is nothing. */
export const MAY_BE_UNKNOWN = 'If that is surprising, the language server may not know this folder; use grep.';

/** @throws ToolError where nothing in VS Code speaks for the language of a file. */
export function throwUnsupported({ supported, document, place }: OpenFile): void {
  if (supported) return;
  throw new ToolError(
    `VS Code has no language support for ${place.relative} (language ${document.languageId}); use grep.`,
  );
}

function placeOf(found: vscode.Location | vscode.LocationLink): FoundPlace {
  if ('uri' in found) return { uri: found.uri, line: found.range.start.line + 1 };
  const { targetUri, targetSelectionRange, targetRange } = found;
  return { uri: targetUri, line: (targetSelectionRange ?? targetRange).start.line + 1 };
}
