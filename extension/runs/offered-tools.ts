import type { Rule } from '../permissions/rules.ts';
import type { Profile } from '../protocol/permissions.ts';
import { LANGUAGE_TOOLS } from '../tools/language/language-tools.ts';
import { CALL_TOOL, SEARCH_TOOL } from '../tools/mcp/tool-name.ts';
import { READ_ONLY_TOOLS, SCRIPT_TOOLS } from '../tools/read-only-tools.ts';
import type { Tool } from '../tools/tool.ts';
import { EDIT_TOOLS, NETWORK_TOOLS } from '../tools/tool-sets.ts';

const BY_PROFILE: Readonly<Record<Profile, readonly Tool[]>> = {
  'read-only': READ_ONLY_TOOLS,
  'edit-in-worktrees': EDIT_TOOLS,
  trusted: NETWORK_TOOLS,
};

/** Names that rules may be about. */
export const TOOL_NAMES: readonly string[] = [
  ...new Set([...NETWORK_TOOLS, ...SCRIPT_TOOLS, ...LANGUAGE_TOOLS].map(({ name }) => name)),
  SEARCH_TOOL,
  CALL_TOOL,
];

/** Tools that only look. */
export interface LookingTools {
  agents: readonly Tool[];
  script: readonly Tool[];
}

/** @param editorTools What an editor brings. */
export function lookingTools(editorTools: readonly Tool[] = []): LookingTools {
  const looking = editorTools.filter(({ access }) => access === 'read');
  return { agents: [...READ_ONLY_TOOLS, ...looking], script: [...SCRIPT_TOOLS, ...looking] };
}

/**
 * The tools of a profile, and those that a person's rules allow beside it: a rule must not be without effect.
 * @param editorTools What an editor brings; they are offered as others of their access are.
 */
export function toolsFor(profile: Profile, rules: readonly Rule[], editorTools: readonly Tool[] = []): readonly Tool[] {
  const named = new Set(rules.flatMap(({ outcome, tool }) => (outcome === 'deny' ? [] : [tool])));
  const accesses = new Set(BY_PROFILE[profile].map(({ access }) => access));
  const ofProfile = [...BY_PROFILE[profile], ...editorTools.filter(({ access }) => accesses.has(access))];
  return [...NETWORK_TOOLS, ...editorTools].filter((tool) => ofProfile.includes(tool) || named.has(tool.name));
}

/** Of these what a script may call itself. It has no worktree, so that it changes something only where the workspace itself may be changed. */
export function scriptToolsOf(tools: readonly Tool[], profile: Profile): readonly Tool[] {
  const fit = tools.filter(({ access }) => access === 'read' || access === 'network' || profile === 'trusted');
  return [...new Set([...fit, ...SCRIPT_TOOLS])];
}

/** Whether a tool is one of an editor's, and none of these tools is: the run is driven outside of VS Code. */
export function isElsewhere(name: string, tools: readonly Tool[]): boolean {
  const ofEditor = new Set(LANGUAGE_TOOLS.map((tool) => tool.name));
  return ofEditor.has(name) && !tools.some((tool) => ofEditor.has(tool.name));
}
