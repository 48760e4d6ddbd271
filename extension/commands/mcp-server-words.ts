import type { McpServer } from '../tools/mcp/config.ts';
import { definitionLines, termsLines } from '../tools/mcp/show-server.ts';

/** What a message of VS Code shows without scrolling, on a small screen. */
const MAX_LINES = 30;
const MAX_CHARACTERS = 1_500;

export interface ServerQuestion {
  message: string;
  detail: string;
  /** All that the definition says is in it; what it does not show nobody can allow there. */
  whole: boolean;
}

/** What a person is asked before an MCP server is started. */
export function serverQuestion(server: McpServer): ServerQuestion {
  const message = `An agent needs the MCP server “${server.name}”. Start it?`;
  const lines = definitionLines(server);
  const whole = lines.length <= MAX_LINES && lines.join('\n').length <= MAX_CHARACTERS;
  const where = `${server.file}, line ${server.line}, defines it`;
  const rest = [...termsLines(server), 'Nobody but you can say whether it is harmless.'].join(' ');
  if (whole) return { message, detail: `${where}:\n\n${lines.join('\n')}\n\n${rest}`, whole };
  const how = `Read it there; \`counterpoint mcp allow ${server.name}\` in a terminal allows it.`;
  return { message, detail: `${where}, in more words than can be shown here. ${how}\n\n${rest}`, whole };
}
