import type { TextTool } from '../tool.ts';
import { AT_SYMBOL_INPUT, anywhereFrom, placesOfSymbol } from './at-symbol.ts';
import type { LanguageServers } from './language-servers.ts';
import type { ToolFacts } from './tool-facts.ts';

export const REFERENCES: ToolFacts = {
  name: 'references',
  description: 'All uses of the symbol in a line, across files.',
  inputSchema: AT_SYMBOL_INPUT,
  access: 'read',
  describe: (input) => `looking for uses of ${String(input.symbol).slice(0, 60)}`,
};

/**
 * Where a name is used, and where it is declared, by the language server. Input and output as of `definition`; 200 places at most, and
 * how many were cut is told.
 */
export function referencesTool(servers: LanguageServers): TextTool {
  return {
    ...REFERENCES,
    targets: anywhereFrom,
    run: (input, context) =>
      placesOfSymbol('vscode.executeReferenceProvider', input, { servers, context, nothing: 'No references.' }),
  };
}
