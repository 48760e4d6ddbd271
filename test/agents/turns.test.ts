import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { ToolCallDeps } from '../../extension/agents/tool-calls.ts';
import type { TurnStore } from '../../extension/agents/turns.ts';
import { Journal } from '../../extension/journal/journal.ts';
import { Lease } from '../../extension/journal/lease.ts';
import { readTurns } from '../../extension/journal/reader.ts';
import { asData } from '../../extension/protocol/as-data.ts';
import { RunLog } from '../../extension/runs/run-log.ts';
import { RunTurns } from '../../extension/runs/run-turns.ts';
import type { Tool, ToolContext } from '../../extension/tools/tool.ts';
import { runAgainst } from '../support/agent-run.ts';
import type { FakeBlock, FakeScript } from '../support/fake-anthropic.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Where a real journal keeps the turns of the agent `key`, and how many rows there are. */
function journaled(): { turns: TurnStore; rows(): number } {
  const journal = new Journal(tempDir());
  onTestFinished(() => journal.close());
  const lease = Lease.acquire(journal, 'run', () => undefined);
  if (!lease) throw new Error('nobody else can have the lease');
  const log = new RunLog(journal, lease, 'run', [], () => undefined);
  const turns = new RunTurns(journal.database, log).of('key', (error) => {
    throw error;
  });
  return { turns, rows: () => readTurns(journal.database, 'run', 'key').length };
}

function tool(name: string, access: Tool['access'], run: Tool['run']): Tool {
  return {
    name,
    description: `The tool ${name}.`,
    inputSchema: { type: 'object' },
    access,
    describe: () => `doing ${name}`,
    run,
  };
}

/** Until its process dies. */
function endless({ signal }: ToolContext): Promise<string> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

/** Runs an agent until its request number `n`, in which its process dies, as far as the agent can tell. */
async function brokenOffAt(n: number, script: FakeScript, given: Parameters<typeof runAgainst>[1]) {
  const process = new AbortController();
  return await runAgainst(
    async (body, count) => {
      if (count === n) process.abort();
      return await script(body, count);
    },
    { ...given, signal: process.signal },
  );
}

test('of the calls that were under way, those that only look are run again; of others the model is told', async () => {
  const { turns } = journaled();
  const process = new AbortController();
  const ran: string[] = [];
  const doing =
    (name: string, hang: boolean): Tool['run'] =>
    async (_input, context) => {
      ran.push(name);
      // All have begun, and the quick one will be done.
      if (ran.length === 3) setTimeout(() => process.abort(), 50);
      return hang ? await endless(context) : `${name} is done`;
    };
  const tools = (hang: boolean): Tool[] => [
    tool('write', 'write', doing('write', hang)),
    tool('quick', 'write', doing('quick', false)),
    tool('look', 'read', doing('look', hang)),
  ];
  const calls: FakeScript = () => ({
    thinking: 'what to do',
    tools: ['write', 'quick', 'look'].map((name) => ({ name, input: {}, id: `toolu_${name}` })),
  });
  const died = runAgainst(calls, { tools: tools(true), turns, signal: process.signal });
  expect((await died).outcome).toMatchObject({ ok: false, cause: { kind: 'stopped' } });
  expect(ran.sort()).toEqual(['look', 'quick', 'write']);

  const { outcome, server, transcript } = await runAgainst(() => ({ text: 'checked' }), { tools: tools(false), turns });
  expect(outcome).toMatchObject({ ok: true, value: 'checked' });
  expect(ran).toEqual(['look', 'quick', 'write', 'look']);
  expect(server.requests).toHaveLength(1);
  const [, asking, answering] = server.requests[0]?.body.messages ?? [];
  expect(asking?.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use', 'tool_use', 'tool_use']);
  expect(answering?.content).toEqual([
    {
      type: 'tool_result',
      tool_use_id: 'toolu_write',
      content: expect.stringMatching(/Interrupted.*Check/),
      is_error: true,
    },
    expect.objectContaining({ tool_use_id: 'toolu_quick', content: asData('quick is done') }),
    expect.objectContaining({ tool_use_id: 'toolu_look', content: asData('look is done') }),
  ]);
  expect(transcript).toContainEqual(expect.objectContaining({ type: 'tool', name: 'write', isError: true }));
});

test('a call that was not allowed to begin yet is asked about again after a break, and then done once', async () => {
  const { turns } = journaled();
  const process = new AbortController();
  let ran = 0;
  const tools = [tool('write', 'write', async () => `done ${++ran}`)];
  const calls: FakeScript = () => ({ tools: [{ name: 'write', input: {}, id: 'toolu_write' }] });
  const waits = (): Promise<never> => {
    setTimeout(() => process.abort(), 50);
    return new Promise((_, reject) => process.signal.addEventListener('abort', () => reject(process.signal.reason)));
  };
  await runAgainst(calls, { tools, turns, signal: process.signal, admit: waits });
  expect(ran).toBe(0);

  let asked = 0;
  const admit: ToolCallDeps['admit'] = async () => {
    asked += 1;
    return { allowed: true, context: { workspace: '/', ripgrep: '', signal: new AbortController().signal } };
  };
  const { server } = await runAgainst(() => ({ text: 'fine' }), { tools, turns, admit });
  expect([asked, ran]).toEqual([1, 1]);
  expect(server.requests[0]?.body.messages.at(-1)?.content).toMatchObject([{ content: asData('done 1') }]);
});

test('what is counted goes on: rejected answers, replies, tokens, and what a person has said', async () => {
  const { turns } = journaled();
  const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
  const wrong: FakeScript = () => ({ tools: [{ name: 'answer', input: { n: 'no' } }], usage: { output: 100 } });
  const said = ['look at b, too'];
  const given = { task: { options: { schema } }, turns, takeMessages: () => said.splice(0) };
  await brokenOffAt(4, wrong, given);
  const second = await runAgainst(wrong, { ...given, maxTokens: 1_000 });
  // Three of five were wrong before the break.
  expect(second.server.requests).toHaveLength(2);
  expect(second.outcome).toMatchObject({ ok: false, cause: { kind: 'schema' } });
  expect(JSON.stringify(second.server.requests[0]?.body.messages)).toContain('look at b, too');
  expect(second.server.requests[1]?.body.max_tokens).toBe(1_000 - 400);
});

test.each([
  ['model', { task: { model: 'claude-opus-4-6' } }],
  ['tools', { tools: [tool('look', 'read', async () => 'seen'), tool('more', 'read', async () => 'more')] }],
  ['rules', { task: { rules: 'Be brief.' } }],
])('another %s, and it begins anew and says so', async (_what, changed) => {
  const { turns } = journaled();
  const looking: FakeScript = () => ({ tools: [{ name: 'look', input: {} }] });
  const given = { tools: [tool('look', 'read', async () => 'seen')], turns };
  await brokenOffAt(3, looking, given);
  const again = await runAgainst(() => ({ text: 'anew' }), { ...given, ...changed });
  expect(again.server.requests[0]?.body.messages).toHaveLength(1);
  expect(again.transcript[0]).toMatchObject({ type: 'note', text: expect.stringContaining('begins anew') });
  expect(again.outcome).toMatchObject({ ok: true, value: 'anew' });
  const third = await runAgainst(() => ({ text: 'and again' }), { ...given, ...changed });
  expect(third.transcript).toHaveLength(1);
});

test('an agent that is done with its first reply leaves nothing behind', async () => {
  const { turns, rows } = journaled();
  await runAgainst(() => ({ text: 'done' }), { turns });
  expect(rows()).toBe(0);
});

test('results keep the order of their calls, whichever ended first', async () => {
  const { turns } = journaled();
  const order: FakeBlock[][] = [];
  const slow = Promise.withResolvers<string>();
  const tools = [
    tool('slow', 'read', () => slow.promise),
    tool('fast', 'read', async () => {
      setTimeout(() => slow.resolve('slow'), 20);
      return 'fast';
    }),
  ];
  const script: FakeScript = (body) => {
    order.push(body.messages.at(-1)?.content ?? []);
    return { tools: ['slow', 'fast'].map((name) => ({ name, input: {}, id: `toolu_${name}` })) };
  };
  await brokenOffAt(2, script, { tools, turns });
  const { server } = await runAgainst(() => ({ text: 'done' }), { tools, turns });
  order.push(server.requests[0]?.body.messages.at(-1)?.content ?? []);
  expect(order[1]?.map(({ content }) => content)).toEqual([asData('slow'), asData('fast')]);
  expect(order[2]).toEqual(order[1]);
});

test('a conversation that was shortened is gone on from as it is then', async () => {
  const { turns } = journaled();
  const tools = [tool('look', 'read', async () => 'found: '.padEnd(4_000, 'x'))];
  const script: FakeScript = (body) => {
    const usage = { input: Math.ceil(JSON.stringify(body.messages).length / 3.5) };
    return { tools: [{ name: 'look', input: {} }], usage };
  };
  const given = { tools, turns, contextWindow: 10_000 };
  const died = await brokenOffAt(14, script, given);
  const last = died.server.requests.at(-1)?.body;
  expect(JSON.stringify(last?.messages)).toContain('Cut to save room');
  const again = await runAgainst(() => ({ text: 'done' }), given);
  expect(again.server.requests[0]?.body).toEqual(last);
  expect(again.transcript[0]).toMatchObject({ text: 'It goes on at turn 14 after a break.' });
});

test('no call is run, and no request sent, before what led to it is written', async () => {
  const { turns } = journaled();
  const order: string[] = [];
  const slowly: TurnStore = {
    ...turns,
    keep: async (steps, how) => {
      await sleep(30);
      await turns.keep(steps, how);
      order.push(`kept ${steps.map(({ type }) => type).join(' ')}`);
    },
  };
  const tools = [
    tool('write', 'write', async () => {
      order.push('call');
      return 'written';
    }),
  ];
  await runAgainst(
    (_body, n) => {
      order.push(`request ${n}`);
      return n === 1 ? { tools: [{ name: 'write', input: {} }] } : { text: 'done' };
    },
    { tools, turns: slowly },
  );
  expect(order).toEqual([
    'request 1',
    'kept began reply counted',
    'kept begun counted',
    'call',
    'kept result counted',
    'request 2',
  ]);
});
