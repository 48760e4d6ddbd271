const READ = ['read_file', 'list_directory', 'glob', 'grep'];
/** There in VS Code alone. */
const LOOK_UP = ['definition', 'references', 'symbols'];

/**
 * What tools are called elsewhere, and which of ours does the same. Sources: https://code.claude.com/docs/en/tools-reference and
 * https://code.visualstudio.com/docs/copilot/reference/copilot-vscode-features#_chat-tools.
 */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  Read: ['read_file'],
  NotebookRead: ['read_file'],
  LS: ['list_directory'],
  Glob: ['glob'],
  Grep: ['grep'],
  Edit: ['edit_file'],
  MultiEdit: ['edit_file'],
  Write: ['write_file'],
  Bash: ['bash'],
  LSP: [...LOOK_UP, 'diagnostics'],
  WebFetch: ['web_fetch'],
  read: [...READ, 'diagnostics'],
  'read/readFile': ['read_file'],
  'read/problems': ['diagnostics'],
  problems: ['diagnostics'],
  search: [...READ, ...LOOK_UP],
  'search/usages': LOOK_UP,
  usages: LOOK_UP,
  codebase: READ,
  'search/codebase': ['grep', 'glob'],
  'search/fileSearch': ['glob'],
  'search/textSearch': ['grep'],
  'search/listDirectory': ['list_directory'],
  edit: ['edit_file', 'write_file'],
  'edit/editFiles': ['edit_file'],
  'edit/createFile': ['write_file'],
  execute: ['bash'],
  runCommands: ['bash'],
  'execute/runInTerminal': ['bash'],
  web: ['web_fetch'],
  fetch: ['web_fetch'],
  'web/fetch': ['web_fetch'],
};

/**
 * Our names of the tools that a definition names; of a server's they are `mcp__SERVER__TOOL`, or `mcp__SERVER__*` for all of it.
 * What there is nothing like here is left out, and so is what is allowed only in part, such as `Bash(git log:*)`: the whole
 * of it would be more than was meant.
 */
export function toolNames(names: readonly string[]): string[] {
  return [...new Set(names.flatMap(ours))];
}

function ours(name: string): readonly string[] {
  if (Object.hasOwn(ALIASES, name)) return ALIASES[name]!;
  const claude = /^mcp__([\w.-]+?)(?:__([\w.*-]+))?$/.exec(name);
  if (claude) return [`mcp__${claude[1]}__${claude[2] ?? '*'}`];
  const code = /^([\w.-]+)\/([\w.-]+|\*)$/.exec(name);
  if (code) return [`mcp__${code[1]}__${code[2]}`];
  return /^[a-z]+(_[a-z]+)*$/.test(name) ? [name] : [];
}

/** Whether a tool is among those that were named. */
export function isNamed(tool: string, named: readonly string[]): boolean {
  return named.some((name) => name === tool || (name.endsWith('__*') && tool.startsWith(name.slice(0, -1))));
}
