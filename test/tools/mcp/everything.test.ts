// biome-ignore-all lint/suspicious/noTemplateCurlyInString: definitions of servers look like that
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { McpServers } from '../../../extension/tools/mcp/servers.ts';
import { runAgainst } from '../../support/agent-run.ts';
import { callMcp, EVERYTHING, serversIn, toolNamed } from '../../support/mcp-servers.ts';
import { runTool } from '../../support/workspace.ts';

/** One real server over each way of speaking with it, for all tests of this file. */
const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'counterpoint-mcp-')));
const far: ChildProcess[] = [];
const told: string[] = [];
let servers: McpServers;

async function listening(way: string, path: string): Promise<string> {
  const port = await freePort();
  const child = spawn(process.execPath, [EVERYTHING, way], {
    env: { PORT: `${port}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  far.push(child);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes(`${port}`)) resolve();
    });
    child.on('exit', () => reject(new Error(said)));
  });
  return `http://127.0.0.1:${port}${path}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

beforeAll(async () => {
  const [http, sse] = await Promise.all([listening('streamableHttp', '/mcp'), listening('sse', '/sse')]);
  const environment = { ...process.env, OUR_SECRET: 'sk-not-for-servers', GIVEN: 'given-12345' };
  const definitions = {
    all: { command: process.execPath, args: [EVERYTHING], env: { OWN: 'its own', TOKEN: '${GIVEN}' } },
    http: { type: 'http', url: http },
    sse: { type: 'sse', url: sse },
  };
  servers = serversIn(workspace, definitions, { environment, tell: (line) => told.push(line) });
});

afterAll(async () => {
  await servers?.close();
  for (const child of far) child.kill('SIGKILL');
  rmSync(workspace, { recursive: true, force: true });
});

const context = () => ({ workspace, ripgrep: '/nowhere/rg', signal: new AbortController().signal });

test('without names there are two small tools; with a name that tool itself', async () => {
  expect((await servers.tools()).map(({ name }) => name)).toEqual(['mcp_search', 'mcp_call']);
  expect((await servers.tools(['read_file'])).map(({ name }) => name)).toEqual([]);
  const tools = await servers.tools([
    'mcp__all__get-sum',
    'mcp__http__*',
    'mcp__none__x',
    'mcp__all__none',
    'mcp__none__*',
  ]);
  expect(tools.map(({ name }) => name)).toEqual(['mcp_search', 'mcp_call', 'mcp__all__get-sum']);
  expect(JSON.stringify(tools[1]?.inputSchema)).toContain('"enum":["http"]');
  expect(told.sort()).toEqual([
    'The tool mcp__all__none cannot be had: its server has no such tool.',
    'The tool mcp__none__x cannot be had: no .mcp.json or .vscode/mcp.json defines its server.',
    'There is no MCP server for mcp__none__*: no .mcp.json or .vscode/mcp.json defines it.',
  ]);
  expect(tools[2]).toMatchObject({
    access: 'network',
    description: 'A tool of the server all, which says of it: "Returns the sum of two numbers"',
    inputSchema: { required: ['a', 'b'] },
  });
  expect(await tools[2]?.targets?.({}, context())).toEqual([{ kind: 'server', server: 'all', tool: 'get-sum' }]);
  expect(await runTool(tools[2]!, { a: 2, b: 3 }, context())).toBe('The sum of 2 and 3 is 5.');
});

test('a search finds tools by words, with what they take', async () => {
  const search = await toolNamed(servers, 'mcp_search', ['mcp__all__*']);
  const [first, ...others] = (await runTool(search, { words: 'sum of numbers' }, context())).split('\n');
  expect(first).toBe('all: get-sum(a: number, b: number) Returns the sum of two numbers');
  expect(others.join('\n')).not.toContain('echo');
  // Nothing but its name has that word.
  expect(await runTool(search, { words: 'trigger' }, context())).toContain('all: trigger-long-running-operation(');
  expect(await runTool(search, { words: 'zebra' }, context())).toMatch(/^No tool fits; there are \d\d in all/);
});

test.each(['all', 'http', 'sse'])('the server is called over each way: %s', async (server) => {
  const { forModel } = await callMcp(servers, [server, 'echo'], { message: 'hello' });
  expect(forModel).toBe('Echo: hello');
});

test('pictures, links and structured content come as a model takes them', async () => {
  const picture = await callMcp(servers, ['all', 'get-tiny-image']);
  expect(picture.images).toEqual([{ mediaType: 'image/png', data: expect.stringMatching(/^iVBOR/) }]);
  expect(picture.forModel).toContain("Here's the image you requested:\n(picture 1)\n");
  const { forModel: links } = await callMcp(servers, ['all', 'get-resource-links'], { count: 2 });
  expect(links).toContain('demo://resource/dynamic/');
  const { forModel: weather } = await callMcp(servers, ['all', 'get-structured-content'], { location: 'Chicago' });
  // It is said twice, and told once.
  expect(weather.match(/temperature/g)).toHaveLength(1);
});

test('what does not fit the schema of the server is not sent, and what does is told', async () => {
  const wrong = callMcp(servers, ['all', 'get-sum'], { a: 'two' });
  await expect(wrong).rejects.toThrow(/^Bad input:\n(.*\n)*- "a" must be number\nIt takes:\n\{"type":"object"/);
  await expect(callMcp(servers, ['all', 'none'])).rejects.toThrow('all has no tool none. Find one with mcp_search.');
});

test('a server gets what its definition gives it and what is harmless, and no secret of it comes back', async () => {
  const { forModel } = await callMcp(servers, ['all', 'get-env']);
  expect(forModel).toContain('"OWN": "its own"');
  expect(forModel).toContain('"TOKEN": "***"');
  expect(forModel).toContain('"PATH"');
  expect(forModel).not.toMatch(/OUR_SECRET|sk-not-for-servers|given-12345/);
});

test('a call says how far it is, and ends when nobody waits for it any more', async () => {
  const doing: string[] = [];
  const controller = new AbortController();
  const call = callMcp(
    servers,
    ['all', 'trigger-long-running-operation'],
    { duration: 600, steps: 60_000 },
    {
      signal: controller.signal,
      onProgress: (what) => {
        doing.push(what);
        controller.abort(new Error('enough'));
      },
    },
  );
  await expect(call).rejects.toThrow('enough');
  expect(doing).toEqual([expect.stringMatching(/^all trigger-long-running-operation: \d+ of 60000$/)]);
});

test('an agent finds a tool and calls it', async () => {
  const { outcome, server } = await runAgainst(
    (_body, n) => {
      if (n === 1) return { tools: [{ name: 'mcp_search', input: { words: 'sum' } }] };
      if (n === 2)
        return { tools: [{ name: 'mcp_call', input: { server: 'http', tool: 'get-sum', input: { a: 20, b: 22 } } }] };
      return { text: 'It is 42.' };
    },
    { tools: await servers.tools() },
  );
  expect(outcome).toMatchObject({ ok: true, value: 'It is 42.' });
  const results = server.requests.at(-1)?.body.messages.flatMap(({ content }) => content.map((block) => block.content));
  expect(JSON.stringify(results)).toContain('http: get-sum(a: number, b: number)');
  expect(JSON.stringify(results)).toContain('The sum of 20 and 22 is 42.');
});
