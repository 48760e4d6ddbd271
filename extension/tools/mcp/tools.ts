import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { orAborted } from '../../protocol/or-aborted.ts';
import { plain } from '../../protocol/plain-text.ts';
import { type Tool, type ToolContext, ToolError, type ToolOutput } from '../tool.ts';
import { stringInput } from '../tool-input.ts';
import type { Connection, ListedTool } from './connection.ts';
import { resultOutput } from './results.ts';
import { CALL_TOOL, SEARCH_TOOL, toolName } from './tool-name.ts';
import { inputProblems, offeredSchema, signatureOf } from './tool-schema.ts';

/** A start is for all who wait for it: one that gives up ends it for nobody else. @throws ToolError where it cannot be had. */
export type Connect = (server: string) => Promise<Connection>;

const MAX_FOUND = 15;
/** Characters of what a server says of a tool, where it is found and where it is offered. */
const MAX_LINE = 160;
const MAX_DESCRIPTION = 600;

/** Finds tools by words, so that an agent need not pay for all that servers offer. */
export function searchTool(servers: readonly string[], connect: Connect): Tool {
  return {
    name: SEARCH_TOOL,
    description: `Finds tools of the servers ${servers.join(', ')} by words; call them with mcp_call.`,
    access: 'read',
    inputSchema: {
      type: 'object',
      properties: { words: { type: 'string', description: 'What the tool should do; empty: any' } },
      required: ['words'],
      additionalProperties: false,
    },
    describe: ({ words }) => `looking for a tool: ${plain(String(words), 40)}`,
    async run(input, { signal }) {
      const words =
        stringInput(input, 'words')
          .toLowerCase()
          .match(/[\p{L}\p{N}]+/gu) ?? [];
      const problems: string[] = [];
      const found = await Promise.all(
        servers.map(async (server) => {
          try {
            const { tools } = await orAborted(connect(server), signal);
            return tools.map((tool) => ({ server, tool, score: score(words, server, tool) }));
          } catch (error) {
            if (!(error instanceof ToolError)) throw error;
            problems.push(error.message);
            return [];
          }
        }),
      );
      const fitting = found.flat().filter((one) => words.length === 0 || one.score > 0);
      fitting.sort((a, b) => b.score - a.score);
      const lines = fitting.slice(0, MAX_FOUND).map(({ server, tool }) => line(server, tool));
      if (fitting.length > MAX_FOUND) lines.push(`(${fitting.length - MAX_FOUND} more: use other words)`);
      if (fitting.length === 0) lines.push(`No tool fits; there are ${found.flat().length} in all. Use other words.`);
      return [...lines, ...problems].join('\n');
    },
  };
}

/** Calls any tool of some servers. */
export function callTool(servers: readonly string[], connect: Connect): Tool {
  return {
    name: CALL_TOOL,
    description: `Calls a tool that ${SEARCH_TOOL} found.`,
    access: 'network',
    inputSchema: {
      type: 'object',
      properties: {
        server: { type: 'string', enum: [...servers] },
        tool: { type: 'string' },
        input: { type: 'object', description: 'What the tool takes' },
      },
      required: ['server', 'tool'],
      additionalProperties: false,
    },
    async targets(input) {
      return [{ kind: 'server', server: stringInput(input, 'server'), tool: stringInput(input, 'tool') }];
    },
    describe: ({ server, tool }) => plain(`${server}: ${tool}`, 60),
    async run(input, context) {
      const server = stringInput(input, 'server');
      const name = stringInput(input, 'tool');
      if (!servers.includes(server)) throw new ToolError(`There is no server ${plain(server, 60)} for you.`);
      const connection = await orAborted(connect(server), context.signal);
      const tool = connection.tools.find((one) => one.name === name);
      if (!tool) throw new ToolError(`${server} has no tool ${plain(name, 60)}. Find one with mcp_search.`);
      const given = input.input ?? {};
      if (!isJsonObject(given)) throw new ToolError('"input" must be an object.');
      const problems = inputProblems(tool.inputSchema, given);
      if (problems !== null)
        throw new ToolError(`Bad input:\n${problems}\nIt takes:\n${JSON.stringify(offeredSchema(tool.inputSchema))}`);
      return await call(connection, server, name, given, context);
    },
  };
}

/** A tool of a server that an agent has as its own. */
export function directTool(
  server: string,
  { name, description, inputSchema }: ListedTool,
  connect: () => Promise<Connection>,
): Tool {
  return {
    name: toolName(server, name),
    // What a server says of its tools is read by the model beside our own words.
    description: `A tool of the server ${server}, which says of it: ${JSON.stringify(plain(description, MAX_DESCRIPTION))}`,
    // It is asked of a server, wherever that works; no worktree and no sandbox would hold it.
    access: 'network',
    inputSchema: offeredSchema(inputSchema),
    async targets() {
      return [{ kind: 'server', server, tool: name }];
    },
    describe: () => plain(`${server}: ${name}`, 60),
    async run(input, context) {
      return await call(await orAborted(connect(), context.signal), server, name, input, context);
    },
  };
}

async function call(
  connection: Connection,
  server: string,
  tool: string,
  input: JsonObject,
  { signal, onProgress }: ToolContext,
): Promise<ToolOutput> {
  const result = await connection.call(tool, input, { signal, ...(onProgress && { onProgress }) });
  const output = resultOutput(result);
  if (result.isError) throw new ToolError(`${server}: ${tool} failed:\n${output.forModel}`);
  return output;
}

function line(server: string, { name, description, inputSchema }: ListedTool): string {
  return `${server}: ${plain(name, 80)}${signatureOf(inputSchema)} ${plain(description, MAX_LINE)}`.trimEnd();
}

/** How well a tool fits: what it is called counts more than what is said of it. */
function score(words: readonly string[], server: string, { name, description }: ListedTool): number {
  const called = `${server} ${name}`.toLowerCase();
  const said = description.slice(0, 2_000).toLowerCase();
  return words.reduce((sum, word) => sum + (called.includes(word) ? 3 : 0) + (said.includes(word) ? 1 : 0), 0);
}
