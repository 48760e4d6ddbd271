import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { McpServer } from '../../extension/tools/mcp/config.ts';
import type { FakeBody, FakeScript } from '../support/fake-anthropic.ts';
import { EVERYTHING } from '../support/mcp-servers.ts';
import { type RunHarness, runHarness } from '../support/run-harness.ts';
import { writeFiles } from '../support/workspace.ts';

const ECHO = 'mcp__everything__echo';
const ASK = `return await agent('say it', { agentType: 'echoer' })`;

/** A model that calls a tool, where it has it, and answers with what came of it. */
function calls(name: string, input: object): FakeScript {
  return (body) => {
    const [block] = body.messages.at(-1)?.content ?? [];
    if (block?.type === 'tool_result') return { text: String(block.content) };
    return namesOf(body).includes(name) ? { tools: [{ name, input }] } : { text: 'no such tool' };
  };
}

function namesOf(body: FakeBody | undefined): string[] {
  return (body?.tools ?? []).map(({ name }) => name);
}

/** A workspace with a server, and an agent that is to have its echo. */
async function withServer(script: FakeScript, mayStartServer?: (server: McpServer) => Promise<boolean>) {
  const harness = await runHarness(script, { ...(mayStartServer && { mayStartServer }) });
  define(harness, [EVERYTHING]);
  return harness;
}

function define({ workspace }: RunHarness, args: string[]): void {
  writeFiles(workspace, {
    '.mcp.json': JSON.stringify({ mcpServers: { everything: { command: process.execPath, args } } }),
    '.claude/agents/echoer.md': `---\nname: echoer\ndescription: d\ntools: Read, ${ECHO}\n---\nYou echo.`,
  });
}

test('an agent whose definition names a tool of a server calls it, by the rules of the run', async () => {
  const asked: string[] = [];
  const harness = await withServer(calls(ECHO, { message: 'hello' }), async ({ name, digest }) => {
    asked.push(`${name} ${digest.length}`);
    return true;
  });
  const allowed = await harness.run(`${ASK} + await agent('plain')`, {
    permissions: { allow: ['mcp(everything:echo)'], ask: [], deny: [] },
  });
  expect(allowed.result).toContain('Echo: hello');
  const [first] = harness.api.requests.map(({ body }) => body);
  expect(namesOf(first)).toEqual(['read_file', ECHO]);
  expect(first?.system).toContain('between <data> tags');
  // Where no rule is, the profile decides, and a server is as far away as the network.
  const { result: denied } = await harness.run(ASK);
  expect(denied).toContain('a tool of a server counts as the network, and agents of the profile read-only do not');
  // It was asked about, and started, once for all runs.
  expect(asked).toEqual(['everything 64']);
});

test('what rules allow of servers is offered to agents that nobody told otherwise, and to others nothing of it', async () => {
  const input = { server: 'everything', tool: 'echo', input: { message: 'found' } };
  const harness = await withServer(calls('mcp_call', input), async () => true);
  const allow = { permissions: { allow: ['mcp(everything:*)'], ask: [], deny: [] } };
  const { result } = await harness.run(`return [await agent('a'), await agent('b', { agentType: 'Explore' })]`, allow);
  expect(result).toEqual([expect.stringContaining('Echo: found'), 'no such tool']);
  const { result: none } = await harness.run(`return await agent('c')`);
  expect(none).toBe('no such tool');
  const offered = harness.api.requests.map(({ body }) => namesOf(body).filter((name) => name.startsWith('mcp')).length);
  // Two requests of the first agent; those that have nothing of it pay for none of its words.
  expect(offered).toEqual([2, 2, 0, 0]);
  for (const rules of [['mcp_search', 'mcp_call'], ['mcp']]) {
    const named = await harness.run(`return await agent('d')`, { permissions: { allow: rules, ask: [], deny: [] } });
    expect(named.result, `${rules}`).toContain('Echo: found');
  }
  const denied = await harness.run(`return await agent('e')`, {
    permissions: { allow: ['mcp(everything:*)'], ask: [], deny: ['mcp'] },
  });
  expect(denied.result).toContain('the rule mcp denies it');
});

test('a server that nobody allowed is not started, which is told once, and the agent goes on without it', async () => {
  const harness = await withServer(calls(ECHO, { message: 'hello' }));
  const touch = `require('node:fs').writeFileSync('started', '')`;
  define(harness, ['-e', touch]);
  const { result, runId } = await harness.run(`return [await agent('x', { agentType: 'echoer' }), ${ASK.slice(7)}]`);
  expect(result).toEqual(['no such tool', 'no such tool']);
  expect(existsSync(join(harness.workspace, 'started'))).toBe(false);
  const why = `The tool ${ECHO} cannot be had: The server everything is not started: a person has to allow it, and did not.`;
  const logs = harness.manager.events(runId, 0).filter(({ type }) => type === 'log');
  expect(logs).toEqual([expect.objectContaining({ level: 'warning', message: why })]);
  const call = harness.manager.tree(runId).calls.keys().next().value ?? 0;
  const { transcript } = harness.manager.details(runId, call);
  expect(transcript).toContainEqual(expect.objectContaining({ type: 'note', text: why }));
});
