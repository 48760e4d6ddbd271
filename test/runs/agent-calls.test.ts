import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { AgentOutcome } from '../../extension/agents/run-agent.ts';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import type { TranscriptEntry } from '../../extension/protocol/call-details.ts';
import { type AgentCall, AgentCalls, type AgentCallsOptions } from '../../extension/runs/agent-calls.ts';
import { type CapLimits, Caps } from '../../extension/scheduler/caps.ts';
import type { Tool } from '../../extension/tools/tool.ts';
import {
  type FakeAnthropic,
  type FakeBody,
  type FakeReply,
  type FakeScript,
  startFakeAnthropic,
} from '../support/fake-anthropic.ts';
import { promptOf, until } from '../support/run-harness.ts';

interface Asked {
  /** Resolves when its end is written, rejects as `run` does. */
  done: Promise<void>;
  outcome: AgentOutcome | null;
  started: boolean;
  transcript: TranscriptEntry[];
  inbox: string[];
  cancel: AbortController;
}

interface Fleet {
  agents: AgentCalls;
  api: FakeAnthropic;
  told: string[];
  ask(prompt: string, call?: Partial<AgentCall>): Asked;
  askMany(count: number): Asked[];
}

/** The agents of one run over a loopback API, with nothing of the run itself. */
async function fleet(
  script: FakeScript,
  options: Partial<AgentCallsOptions> & {
    delayMs?: number;
    silenceMs?: number;
    limits?: Partial<CapLimits>;
    spentTokens?: number;
  } = {},
): Promise<Fleet> {
  const { delayMs = 0, silenceMs, limits, spentTokens = 0, ...rest } = options;
  const api = await startFakeAnthropic(script, { delayMs });
  onTestFinished(() => api.close());
  const told: string[] = [];
  const agents = new AgentCalls({
    provider: createAnthropicProvider({ apiKey: 'loopback', baseUrl: api.url, silenceMs }),
    concurrency: 4,
    tools: [],
    toolContext: { workspace: '/nowhere', ripgrep: '/nowhere/rg' },
    retryBaseMs: 5,
    ...rest,
  });
  agents.listen({ tell: (message) => told.push(message), onDead: (error) => told.push(error.message) });
  const caps = new Caps({ maxAgents: 1_000, budget: null, ...limits }, { outputTokens: spentTokens, costUsd: 0 });
  const ask: Fleet['ask'] = (prompt, given) => {
    const asked: Asked = {
      done: Promise.resolve(),
      outcome: null,
      started: false,
      transcript: [],
      inbox: [],
      cancel: new AbortController(),
    };
    asked.done = agents.run({
      prompt,
      options: {},
      role: 'agent',
      model: 'claude-haiku-4-5',
      caps,
      signal: asked.cancel.signal,
      takeMessages: () => asked.inbox.splice(0),
      onStarted: () => {
        asked.started = true;
      },
      onProgress: () => undefined,
      onTranscript: (entry) => asked.transcript.push(entry),
      onEnded: async (outcome) => {
        asked.outcome = outcome;
      },
      ...given,
    });
    // Each test waits for those it means; the others may be cut at its end.
    asked.done.catch(() => undefined);
    return asked;
  };
  const askMany: Fleet['askMany'] = (count) => Array.from({ length: count }, (_, index) => ask(`n${index}`));
  return { agents, api, told, ask, askMany };
}

const all = (asked: Asked[]): Promise<unknown> => Promise.all(asked.map(({ done }) => done));
const resultsOf = (asked: Asked[]): unknown[] => asked.map(({ outcome }) => outcome?.ok && outcome.value);
const echo: FakeScript = (body) => ({ text: promptOf(body) });

/** A script whose answers wait until they are let go. */
function held(): { script: FakeScript; letGo(): void } {
  const gate = Promise.withResolvers<void>();
  const script: FakeScript = async (body) => {
    await gate.promise;
    return { text: promptOf(body) };
  };
  return { script, letGo: () => gate.resolve() };
}

/** A while in which whatever is not held back would have gone out. */
const aWhile = (): Promise<unknown> => sleep(100);

const LONG = Array.from({ length: 150 }, (_, index) => `word${index}`).join(' ');
const MIDDLE = Math.ceil(LONG.length / 2);
const [FIRST_HALF, SECOND_HALF] = [LONG.slice(0, MIDDLE), LONG.slice(MIDDLE)];
/** The first half of it comes. */
const CUT: FakeReply = { text: LONG, dropAfter: 3, usage: { input: 50 } };

/** Gives one reply after the other. */
function replies(...list: FakeReply[]): FakeScript {
  return (_body, n) => list[n - 1] ?? { status: 400, message: `There was no request ${n} to be expected.` };
}

const turnsOf = (body: FakeBody | undefined): string[] =>
  (body?.messages ?? []).map(({ role, content }) => `${role}: ${content.map(({ text }) => text).join('')}`);

test('a reply that breaks off in its text is gone on with, and the result is the whole', async () => {
  const { api, ask } = await fleet(replies(CUT, { text: SECOND_HALF, usage: { input: 70 } }));
  const asked = ask('Write.');
  await asked.done;
  expect(FIRST_HALF.length).toBeGreaterThan(500);
  expect(asked.outcome).toMatchObject({ ok: true, value: LONG, requests: 2, usage: { inputTokens: 120 } });
  expect(turnsOf(api.requests[1]?.body)).toEqual([
    'user: Write.',
    `assistant: ${FIRST_HALF}`,
    expect.stringMatching(/^user: .*Go on exactly where it ended/),
  ]);
  expect(asked.transcript.map(({ type }) => type)).toEqual(['retry', 'note', 'text']);
  expect(asked.transcript[1]).toMatchObject({ text: expect.stringContaining(`after ${FIRST_HALF.length} characters`) });
});

test('a stream that stalls is gone on with like one that was dropped', async () => {
  const { ask } = await fleet(replies({ text: LONG, hangAfter: 3 }, { text: SECOND_HALF }), { silenceMs: 1_000 });
  const asked = ask('Write.');
  await asked.done;
  expect(resultsOf([asked])).toEqual([LONG]);
});

test('limits, overload and a second break in between lose nothing of it', async () => {
  const script = replies(
    CUT,
    { status: 429, headers: { 'retry-after-ms': '5' } },
    { text: SECOND_HALF, dropAfter: 3 },
    { status: 529 },
    { text: SECOND_HALF.slice(Math.ceil(SECOND_HALF.length / 2)) },
  );
  const { api, ask } = await fleet(script);
  const asked = ask('Write.');
  await asked.done;
  expect(resultsOf([asked])).toEqual([LONG]);
  expect(turnsOf(api.requests[2]?.body)).toEqual(turnsOf(api.requests[1]?.body));
  expect(turnsOf(api.requests[4]?.body)[1]?.length).toBeGreaterThan(FIRST_HALF.length + 200);
});

test('the whole goes into the conversation, as if it had never been broken', async () => {
  const schema = { type: 'object' };
  const script = replies(CUT, { text: SECOND_HALF }, { tools: [{ name: 'answer', input: {} }] });
  const { api, ask } = await fleet(script);
  await ask('Write.', { options: { schema } }).done;
  expect(turnsOf(api.requests[2]?.body)).toEqual([
    'user: Write.',
    `assistant: ${LONG}`,
    expect.stringContaining('Call `answer` now'),
  ]);
});

test('what breaks off in a tool call, or early, is asked anew', async () => {
  const calling: FakeReply = { text: LONG, tools: [{ name: 'grep', input: { pattern: 'x' } }] };
  for (const broken of [
    { ...calling, dropAfter: 7 },
    { text: 'Short.', dropAfter: 3 },
  ]) {
    const { api, ask } = await fleet(replies(broken, { text: 'fresh' }));
    const asked = ask('Write.');
    await asked.done;
    expect(resultsOf([asked])).toEqual(['fresh']);
    expect(turnsOf(api.requests[1]?.body)).toEqual(['user: Write.']);
    expect(asked.transcript.map(({ type }) => type)).toEqual(['retry', 'text']);
  }
});

test('where the API refuses to go on, the reply is asked anew and not given up', async () => {
  const { api, ask } = await fleet(replies(CUT, { status: 400, message: 'roles' }, { text: LONG }));
  const asked = ask('Write.');
  await asked.done;
  expect(resultsOf([asked])).toEqual([LONG]);
  expect(turnsOf(api.requests[2]?.body)).toEqual(['user: Write.']);
});

test('each try of a request carries what a person said up to then', async () => {
  const asked: Asked[] = [];
  const { api, ask } = await fleet((_, n) => {
    if (n === 1) asked[0]?.inbox.push('Be brief.');
    return n === 1 ? { status: 500 } : { text: 'done' };
  });
  asked.push(ask('Write.'));
  await asked[0]?.done;
  expect(turnsOf(api.requests[0]?.body)).toEqual(['user: Write.']);
  expect(turnsOf(api.requests[1]?.body)).toEqual([
    'user: Write.A message from the person who runs this workflow: Be brief.',
  ]);
});

test('what a person says during a pause goes out with the next request', async () => {
  const look: Tool = {
    name: 'look',
    description: '',
    inputSchema: { type: 'object' },
    access: 'read',
    describe: () => 'looking',
    run: async () => 'seen',
  };
  const { agents, api, ask } = await fleet(
    (_, n) => {
      agents.pause();
      return n === 1 ? { tools: [{ name: 'look' }] } : { text: 'done' };
    },
    { tools: [look] },
  );
  const asked = ask('Write.');
  await until(() => asked.transcript.length === 1);
  await aWhile();
  asked.inbox.push('Be brief.');
  agents.unpause();
  await asked.done;
  expect(api.requests[1]?.body.messages.at(-1)?.content.map(({ type }) => type)).toEqual(['tool_result', 'text']);
});

test('a pause lets nothing out, neither agents nor requests; those under way end, and unpause lets all go', async () => {
  const gate = held();
  const { agents, api, askMany } = await fleet(gate.script);
  const asked = askMany(20);
  await until(() => api.requests.length === 4);
  agents.pause();
  gate.letGo();
  await until(() => asked.filter(({ outcome }) => outcome).length === 4);
  await aWhile();
  expect([api.requests.length, asked.filter(({ started }) => started).length]).toEqual([4, 4]);
  agents.unpause();
  await all(asked);
  expect(resultsOf(asked)).toEqual(Array.from({ length: 20 }, (_, index) => `n${index}`));
  expect(agents.heldMs).toBeGreaterThanOrEqual(90);
});

test('a request that waits for its share of the budget is held too', async () => {
  const gate = Promise.withResolvers<void>();
  const script: FakeScript = async () => {
    await gate.promise;
    return { text: 'done', usage: { output: 1 } };
  };
  const { agents, api, askMany } = await fleet(script, { limits: { budget: 10 }, spentTokens: 8 });
  const asked = askMany(2);
  await until(() => api.requests.length > 0);
  await aWhile();
  expect(api.requests).toHaveLength(1);
  agents.pause();
  gate.resolve();
  await asked[0]?.done;
  await aWhile();
  expect(api.requests).toHaveLength(1);
  agents.unpause();
  await all(asked);
  expect(resultsOf(asked)).toEqual(['done', 'done']);
});

test('a run that is parked as well stays parked when it is let go, and paused when its park is over', async () => {
  let reset = 0;
  const script: FakeScript = (body) => {
    reset ||= Date.now() + 1_000;
    const left = reset - Date.now();
    if (left > 0) return { status: 429, headers: { 'retry-after-ms': String(left) } };
    return { text: promptOf(body) };
  };
  const { agents, api, told, ask } = await fleet(script, { governor: { parkOverMs: 0, maxTries: 1 } });
  const asked = ask('n0');
  await until(() => told.length > 0);
  agents.pause();
  agents.unpause();
  await aWhile();
  expect(api.requests).toHaveLength(1);
  agents.pause();
  await sleep(reset - Date.now() + 100);
  expect(api.requests).toHaveLength(1);
  agents.unpause();
  await asked.done;
  expect(resultsOf([asked])).toEqual(['n0']);
});

test('a pause longer than the time limit of its agents fails nobody; the time of their own does, before and after', async () => {
  const gate = held();
  const never = new Promise<FakeReply>(() => undefined);
  const { agents, api, ask } = await fleet((body, n) => (promptOf(body) === 'slow' ? never : gate.script(body, n)), {
    agentTimeoutMs: 1_500,
  });
  const asked = [ask('a'), ask('b')];
  const slow = ask('slow');
  await until(() => api.requests.length === 3);
  agents.pause();
  await sleep(2_000);
  expect([...asked, slow].map(({ outcome }) => outcome)).toEqual([null, null, null]);
  agents.unpause();
  gate.letGo();
  await all([...asked, slow]);
  expect(resultsOf(asked)).toEqual(['a', 'b']);
  expect(slow.outcome).toMatchObject({ ok: false, cause: { kind: 'timeout' } });
});

test('more at a time start at once, with no answer come to those at work', async () => {
  const gate = held();
  const { agents, api, askMany } = await fleet(gate.script, { concurrency: 2 });
  const asked = askMany(10);
  await until(() => api.requests.length === 2);
  agents.setConcurrency(6);
  await until(() => api.requests.length === 6);
  await aWhile();
  expect(api.load.now).toBe(6);
  gate.letGo();
  await all(asked);
});

test('more at a time and fewer at a time, as seen from the server', async () => {
  const { agents, api, askMany } = await fleet(echo, { delayMs: 30, concurrency: 2 });
  const asked = askMany(120);
  await until(() => api.requests.length > 6);
  expect(api.load.peak).toBe(2);
  agents.setConcurrency(12);
  await until(() => api.requests.length > 50);
  expect(api.load.peak).toBe(12);
  agents.setConcurrency(3);
  await until(() => api.load.now <= 3);
  api.load.peak = 0;
  await until(() => api.requests.length > 80);
  expect(api.load.peak).toBe(3);
  agents.setConcurrency(256);
  await all(asked);
  expect(new Set(resultsOf(asked)).size).toBe(120);
  for (const wrong of [0, 257, 1.5, Number.NaN]) expect(() => agents.setConcurrency(wrong)).toThrow(RangeError);
});

test('fewer at a time, set during a pause, holds for those who waited for its end', async () => {
  const { agents, api, askMany } = await fleet(echo, { delayMs: 20, concurrency: 16 });
  agents.pause();
  const asked = askMany(40);
  await aWhile();
  expect(asked.some(({ started }) => started)).toBe(false);
  agents.setConcurrency(2);
  agents.unpause();
  await all(asked);
  expect(api.load.peak).toBe(2);
});

test('one that waits and one at work are stopped at once, and the others go on', async () => {
  const gate = held();
  const { api, askMany } = await fleet(gate.script);
  const asked = askMany(8);
  await until(() => api.requests.length === 4);
  const [waiting, working] = [asked[6], asked[1]];
  for (const one of [waiting, working]) one?.cancel.abort(new Error('not wanted'));
  await expect(waiting?.done).rejects.toThrow('not wanted');
  await expect(working?.done).rejects.toThrow('not wanted');
  // Its place is the next one's, though no answer has come to anybody.
  await until(() => api.requests.length === 5);
  expect(api.load.now).toBe(4);
  gate.letGo();
  const others = asked.filter((one) => one !== waiting && one !== working);
  await all(others);
  expect(resultsOf(others)).toEqual(['n0', 'n2', 'n3', 'n4', 'n5', 'n7']);
  expect([waiting?.started, waiting?.outcome, working?.outcome]).toEqual([false, null, null]);
  expect(api.requests.map(({ body }) => promptOf(body))).not.toContain('n6');
});

test('one in a pause, and one whose tool does not heed it, are stopped at once too', async () => {
  const running = Promise.withResolvers<void>();
  const deaf: Tool = {
    name: 'deaf',
    description: '',
    inputSchema: { type: 'object' },
    access: 'read',
    describe: () => 'not listening',
    run: () => {
      running.resolve();
      return new Promise(() => undefined);
    },
  };
  const { agents, ask } = await fleet(() => ({ tools: [{ name: 'deaf' }] }), { tools: [deaf], concurrency: 1 });
  const working = ask('a');
  await running.promise;
  agents.pause();
  const waiting = ask('b');
  for (const one of [waiting, working]) one.cancel.abort(new Error('not wanted'));
  await expect(working.done).rejects.toThrow('not wanted');
  await expect(waiting.done).rejects.toThrow('not wanted');
});

test('a picture holds what it costs of a cap, and not what its bytes would', async () => {
  const photo: Tool = {
    name: 'photo',
    description: 'Takes a picture.',
    inputSchema: { type: 'object' },
    access: 'read',
    describe: () => 'taking a picture',
    run: async () => ({ forModel: 'a picture', images: [{ mediaType: 'image/png', data: 'A'.repeat(1_000_000) }] }),
  };
  const script: FakeScript = (_body, n) => (n === 1 ? { tools: [{ name: 'photo', input: {} }] } : { text: 'seen' });
  const { ask } = await fleet(script, { tools: [photo], limits: { maxCostUsd: 0.3 } });
  const asked = ask('look');
  await asked.done;
  expect(asked.outcome).toMatchObject({ ok: true, value: 'seen' });
});
