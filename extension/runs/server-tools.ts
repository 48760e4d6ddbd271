import type { AgentType } from '../agents/agent-definitions.ts';
import { toolNames } from '../agents/tool-aliases.ts';
import type { Rule } from '../permissions/rules.ts';
import type { McpServers, McpServersOptions } from '../tools/mcp/servers.ts';
import { CALL_TOOL, SEARCH_TOOL, toolName } from '../tools/mcp/tool-name.ts';
import type { Tool } from '../tools/tool.ts';

/** What rules without brackets that are about all servers begin with. */
const ALL_SERVERS = ['mcp', CALL_TOOL, SEARCH_TOOL];

/** Which tools of servers an agent is to have, as `McpServers.tools` takes them; undefined: those of all. */
type Names = readonly string[] | undefined;

/** The tools of MCP servers for the agents of all runs here. Nothing of it is loaded before an agent is to have one. */
export class ServerTools {
  readonly #options: McpServersOptions;
  #servers: Promise<McpServers> | null = null;
  #closed = false;

  constructor(options: McpServersOptions) {
    this.#options = options;
  }

  /**
   * The tools that an agent of this type is given beside ours: those that its definition names; where that names none at all, those that
   * rules of the run allow or have asked. Null, at once, where there are none of them.
   * @param tell Hears what of it cannot be had, in a line.
   */
  of(type: AgentType | undefined, rules: readonly Rule[], tell: (line: string) => void): Promise<Tool[]> | null {
    const names = type?.tools ? type.tools.filter((name) => name.startsWith('mcp__')) : namesIn(rules);
    if (names?.length === 0 || this.#closed) return null;
    this.#servers ??= import('../tools/mcp/servers.ts').then(({ createMcpServers }) => createMcpServers(this.#options));
    return this.#servers.then((servers) => servers.tools(names, tell));
  }

  /** Ends the servers that were started; none is started after it. */
  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#servers)?.close();
  }
}

function namesIn(rules: readonly Rule[]): Names {
  const allowed = rules.filter(({ outcome }) => outcome !== 'deny');
  if (allowed.some(({ tool, pattern }) => pattern === null && ALL_SERVERS.includes(tool))) return undefined;
  const names = allowed.flatMap(({ tool, pattern }) =>
    pattern?.kind === 'server' ? [toolName(pattern.server, pattern.tool ?? '*')] : toolNames([tool]),
  );
  return [...new Set(names)].filter((name) => name.startsWith('mcp__'));
}
