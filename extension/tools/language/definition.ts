import type { TextTool } from '../tool.ts';
import { AT_SYMBOL_INPUT, anywhereFrom, placesOfSymbol } from './at-symbol.ts';
import type { LanguageServers } from './language-servers.ts';
import type { ToolFacts } from './tool-facts.ts';

export const DEFINITION: ToolFacts = {
  name: 'definition',
  description: 'Where a symbol used in a line is defined.',
  inputSchema: AT_SYMBOL_INPUT,
  access: 'read',
  describe: (input) => `looking up ${String(input.symbol).slice(0, 60)}`,
};

/**
 * Where a name is defined, by the language server.
 * Input `{ path, line, symbol }`: `line` from 1, `symbol` as it stands in it; of `a.b` the last name is meant.
 * Output: `path:line: text of the line` a place, `path` relative to the workspace; what lies outside of it is told by the name of its file.
 */
export function definitionTool(servers: LanguageServers): TextTool {
  return {
    ...DEFINITION,
    targets: anywhereFrom,
    run: (input, context) =>
      placesOfSymbol('vscode.executeDefinitionProvider', input, { servers, context, nothing: 'No definition.' }),
  };
}
