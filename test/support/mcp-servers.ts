import { join } from 'node:path';
import { createMcpServers, type McpServers, type McpServersOptions } from '../../extension/tools/mcp/servers.ts';
import { outputOf, type Tool, type ToolOutput } from '../../extension/tools/tool.ts';
import { ROOT, writeFiles } from './workspace.ts';

/** The official server that has one of everything. */
export const EVERYTHING = join(ROOT, 'node_modules', '@modelcontextprotocol', 'server-everything', 'dist', 'index.js');
export const ROUGH = join(ROOT, 'test', 'tools', 'mcp', 'rough-server.ts');

/** Servers of a folder with such a `.mcp.json`, which a person allows unless the test says otherwise. */
export function serversIn(
  workspace: string,
  mcpServers: Record<string, object>,
  options: Partial<McpServersOptions> = {},
): McpServers {
  writeFiles(workspace, { '.mcp.json': JSON.stringify({ mcpServers }) });
  return createMcpServers({ workspace, mayStart: async () => true, ...options });
}

export async function toolNamed(servers: McpServers, name: string, names?: string[]): Promise<Tool> {
  const tools = await servers.tools(names);
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw new Error(`there is no ${name} among ${tools.map((one) => one.name).join(', ')}`);
  return tool;
}

/** Calls a tool of a server as an agent does. */
export async function callMcp(
  servers: McpServers,
  [server, tool]: [string, string],
  input: Record<string, never> | Record<string, string | number> = {},
  context: { signal?: AbortSignal; onProgress?(doing: string): void } = {},
): Promise<ToolOutput> {
  const call = await toolNamed(servers, 'mcp_call');
  const signal = context.signal ?? new AbortController().signal;
  const given = { workspace: '/nowhere', ripgrep: '/nowhere/rg', ...context, signal };
  return outputOf(await call.run({ server, tool, input }, given));
}
