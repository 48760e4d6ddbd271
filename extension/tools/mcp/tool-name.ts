/** What a tool of a server is called: letters, digits, `_` and `-`, as models take it. */
export function toolName(server: string, tool: string): string {
  return `mcp__${server}__${tool}`.replace(/[^\w*-]/g, '_');
}
