/** An MCP server of one tool, `tell`, which answers with what its environment says, and says it of itself, too. Run by Node as it is. */
import { createInterface } from 'node:readline';

const { SAYS = '' } = process.env;

function say(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const serverInfo = { name: 'telling', version: '1' };
    say({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo } });
  } else if (method === 'tools/list') {
    say({ id, result: { tools: [{ name: 'tell', description: 'Tells.', inputSchema: { type: 'object' } }] } });
  } else if (method === 'tools/call') {
    const isError = params.arguments?.fail === true;
    say({ id, result: { content: [{ type: 'text', text: SAYS }], isError } });
  }
});
