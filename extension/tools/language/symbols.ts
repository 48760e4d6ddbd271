import type * as vscode from 'vscode';
import type { JsonObject } from '../../protocol/json.ts';
import { type TextTool, type ToolContext, ToolError } from '../tool.ts';
import { stringInput } from '../tool-input.ts';
import { printablePath } from '../tool-output.ts';
import { readTargets } from '../workspace-path.ts';
import { throwUnsupported } from './at-symbol.ts';
import { oneLine } from './language-api.ts';
import type { LanguageServers } from './language-servers.ts';
import { answer, type FoundPlace, leftOut, sortPlaces, unsavedNote } from './places.ts';
import type { ToolFacts } from './tool-facts.ts';

const MAX_SYMBOLS = 500;
const MAX_NAME = 120;

export const SYMBOLS: ToolFacts = {
  name: 'symbols',
  description: 'Outline of a file (path), or symbols of the workspace by name (query).',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' }, query: { type: 'string' } },
    additionalProperties: false,
  },
  access: 'read',
  describe: ({ path, query }) => (path === undefined ? `looking for ${String(query)}` : `outlining ${String(path)}`),
};

/**
 * What there is in a file, or by its name in the workspace, by the language server.
 * Input `{ path }` or `{ query }`. Output of a file: `line: kind name` a symbol, indented below what it is part of, as they stand in the
 * file. Of a query: `path:line: kind name (what it is part of)`, sorted by path. 500 at most, and how many were cut is told.
 */
export function symbolsTool(servers: LanguageServers): TextTool {
  return {
    ...SYMBOLS,
    targets: async ({ path = '.' }, context) => await readTargets(context, [stringInput({ path }, 'path')]),
    run: async (input, context) => {
      if ((input.path === undefined) === (input.query === undefined))
        throw new ToolError('Give either "path", for the outline of a file, or "query", for symbols of the workspace.');
      return input.path === undefined
        ? await search(stringInput(input, 'query'), servers, context)
        : await outline(input, servers, context);
    },
  };
}

async function outline(input: JsonObject, servers: LanguageServers, context: ToolContext): Promise<string> {
  const file = await servers.open(stringInput(input, 'path'), context);
  const { document, place } = file;
  const asked = servers.ask<(vscode.DocumentSymbol | vscode.SymbolInformation)[]>(
    'vscode.executeDocumentSymbolProvider',
    [document.uri],
    context.signal,
  );
  const lines = ((await asked) ?? []).flatMap((symbol) => outlineLines(symbol, 0, servers));
  if (lines.length > 0) {
    const cut = lines.length > MAX_SYMBOLS ? `(${lines.length - MAX_SYMBOLS} more symbols were cut)` : null;
    return answer(lines.slice(0, MAX_SYMBOLS), [cut, unsavedNote(document.isDirty ? [place.relative] : [])]);
  }
  throwUnsupported(file);
  return 'No symbols.';
}

function outlineLines(
  symbol: vscode.DocumentSymbol | vscode.SymbolInformation,
  depth: number,
  servers: LanguageServers,
): string[] {
  const range = 'selectionRange' in symbol ? symbol.selectionRange : symbol.location.range;
  const own = `${'  '.repeat(depth)}${range.start.line + 1}: ${nameOf(symbol, servers)}`;
  const parts = 'children' in symbol ? symbol.children : [];
  return [own, ...parts.flatMap((part) => outlineLines(part, depth + 1, servers))];
}

async function search(query: string, servers: LanguageServers, context: ToolContext): Promise<string> {
  const asked = servers.ask<vscode.SymbolInformation[]>(
    'vscode.executeWorkspaceSymbolProvider',
    [query],
    context.signal,
  );
  const found = ((await asked) ?? []).map((symbol): FoundPlace & { text: string } => ({
    uri: symbol.location.uri,
    line: symbol.location.range.start.line + 1,
    text: `${nameOf(symbol, servers)}${symbol.containerName ? ` (${oneLine(symbol.containerName, MAX_NAME)})` : ''}`,
  }));
  const { inside, cut } = await sortPlaces(found, context, MAX_SYMBOLS);
  const lines = inside.map(({ place, line, text }) => `${printablePath(place.relative)}:${line}: ${text}`);
  return answer(lines.length > 0 ? lines : [NOTHING_KNOWN], [leftOut({ cut, outside: [] }, 'symbols', context)]);
}

const NOTHING_KNOWN =
  'No symbols. Language servers know projects of which a file was opened: ask for one of its files first, or use grep.';

function nameOf({ kind, name }: { kind: vscode.SymbolKind; name: string }, { editor }: LanguageServers): string {
  return `${(editor.SymbolKind[kind] ?? 'symbol').toLowerCase()} ${oneLine(name, MAX_NAME)}`;
}
