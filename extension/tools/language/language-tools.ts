import type { Tool } from '../tool.ts';
import { DEFINITION, definitionTool } from './definition.ts';
import { DIAGNOSTICS, diagnosticsTool } from './diagnostics.ts';
import type { LanguageApi, LanguageWaits } from './language-api.ts';
import { LanguageServers } from './language-servers.ts';
import { REFERENCES, referencesTool } from './references.ts';
import { RENAME, renameTool } from './rename.ts';
import { SYMBOLS, symbolsTool } from './symbols.ts';
import type { ToolFacts } from './tool-facts.ts';

/** The tools that only VS Code has, as far as they are known without it. */
export const LANGUAGE_TOOLS: readonly ToolFacts[] = [DIAGNOSTICS, DEFINITION, REFERENCES, SYMBOLS, RENAME];

/**
 * The tools of the language features of an editor, in the order in which a model sees them.
 * @param editor VS Code's namespace, which this folder does not load itself.
 * @param waits How long language servers are waited for, where not by default.
 */
export function createLanguageTools(editor: LanguageApi, waits?: Partial<LanguageWaits>): readonly Tool[] {
  const servers = new LanguageServers(editor, waits);
  return [diagnosticsTool, definitionTool, referencesTool, symbolsTool, renameTool].map((make) => make(servers));
}
