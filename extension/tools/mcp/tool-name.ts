/** The two small tools that find and call those of servers. */
export const SEARCH_TOOL = 'mcp_search';
export const CALL_TOOL = 'mcp_call';

/** What a tool of a server is called: letters, digits, `_` and `-`, as models take it. */
export function toolName(server: string, tool: string): string {
  return `mcp__${server}__${tool}`.replace(/[^\w*-]/g, '_');
}
