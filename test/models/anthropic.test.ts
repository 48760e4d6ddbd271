import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import { ModelError, type ModelReply, type ModelRequest, type Provider } from '../../extension/models/provider.ts';
import { UserError } from '../../extension/protocol/errors.ts';
import { type FakeAnthropic, type FakeReply, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';

const KEY = 'sk-ant-very-secret-0123456789';
const REQUEST: ModelRequest = {
  model: 'claude-haiku-4-5',
  system: 'Be brief.',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
  tools: [],
  maxOutputTokens: 100,
};

async function start(script: FakeScript, silenceMs?: number): Promise<{ server: FakeAnthropic; provider: Provider }> {
  const server = await startFakeAnthropic(script);
  onTestFinished(() => server.close());
  return { server, provider: createAnthropicProvider({ apiKey: KEY, baseUrl: server.url, silenceMs }) };
}

function watch(signal = new AbortController().signal): {
  signal: AbortSignal;
  onText(delta: string): void;
  deltas: string[];
} {
  const deltas: string[] = [];
  return { signal, onText: (delta) => deltas.push(delta), deltas };
}

/** The failure of one request, which must be a `ModelError`. */
async function failure(reply: FakeReply): Promise<ModelError> {
  const { provider } = await start(() => reply);
  const error = await provider.complete(REQUEST, watch()).then(
    (value) => value,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelError) return error;
  throw new Error(`It did not fail as it should: ${JSON.stringify(error)}`);
}

test('text streams, and comes back whole with what it used and cost', async () => {
  const { server, provider } = await start(() => ({
    text: 'Hello there',
    usage: { input: 1_000, output: 2_000, cacheRead: 3_000, cacheWrite: 4_000 },
  }));
  const watching = watch();
  const reply = await provider.complete(REQUEST, watching);
  expect(reply.content).toEqual([{ type: 'text', text: 'Hello there' }]);
  expect(reply.stopReason).toBe('end_turn');
  expect(watching.deltas.length).toBeGreaterThan(1);
  expect(watching.deltas.join('')).toBe('Hello there');
  // (1,000 × 1 + 2,000 × 5 + 3,000 × 0.10 + 4,000 × 1.25) / 1,000,000
  expect(reply.usage).toEqual({
    inputTokens: 1_000,
    outputTokens: 2_000,
    cacheReadTokens: 3_000,
    cacheWriteTokens: 4_000,
    costUsd: 0.0163,
  });
  const [request] = server.requests;
  expect(request?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(request?.body).toEqual({
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    stream: true,
    system: 'Be brief.',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
  });
});

test('a tool call comes with its input, thinking comes as something to give back', async () => {
  const { provider } = await start(() => ({
    thinking: 'hm',
    tools: [{ name: 'grep', input: { pattern: 'x', deep: [1, { y: null }] } }],
  }));
  const reply = await provider.complete(
    { ...REQUEST, tools: [{ name: 'grep', description: 'Search.', inputSchema: { type: 'object' } }] },
    watch(),
  );
  expect(reply.stopReason).toBe('tool_use');
  expect(reply.content).toEqual([
    { type: 'opaque', value: { type: 'thinking', thinking: 'hm', signature: 'signature-1' } },
    { type: 'tool_use', id: 'toolu_1_0', name: 'grep', input: { pattern: 'x', deep: [1, { y: null }] } },
  ]);
});

test('what a model said and got goes back in the words of the API', async () => {
  const { server, provider } = await start(() => ({ text: 'ok' }));
  const thinking = { type: 'thinking', thinking: 'hm', signature: 's' };
  await provider.complete(
    {
      ...REQUEST,
      messages: [
        ...REQUEST.messages,
        {
          role: 'assistant',
          content: [
            { type: 'opaque', value: thinking },
            { type: 'tool_use', id: 't1', name: 'grep', input: '{"cut' },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', toolUseId: 't1', content: 'no', isError: true }] },
      ],
    },
    watch(),
  );
  expect(server.requests[0]?.body.messages.slice(1)).toEqual([
    { role: 'assistant', content: [thinking, { type: 'tool_use', id: 't1', name: 'grep', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'no', is_error: true }] },
  ]);
});

test('effort and a forced tool go to models that take them, and to no other', async () => {
  const { server, provider } = await start(() => ({ text: 'ok' }));
  for (const model of ['claude-opus-4-8', 'claude-opus-5-5', 'claude-haiku-4-5', 'somebody-elses-model']) {
    await provider.complete({ ...REQUEST, model, effort: 'low', toolChoice: 'answer' }, watch());
  }
  expect(server.requests.map(({ body }) => body.output_config?.effort)).toEqual(['low', 'low', undefined, undefined]);
  expect(server.requests.map(({ body }) => body.tool_choice?.name)).toEqual(['answer', undefined, 'answer', undefined]);
});

test('aliases stand for the newest models, any other name passes', () => {
  const provider = createAnthropicProvider({ apiKey: KEY });
  expect(['opus', 'sonnet', 'haiku'].map((name) => provider.resolveModel(name))).toEqual([
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-haiku-5-5',
  ]);
  expect(provider.resolveModel('local/llama')).toBe('local/llama');
  expect(provider.resolveModel('constructor')).toBe('constructor');
  expect(createAnthropicProvider({ apiKey: KEY, defaultModel: 'opus' }).defaultModel).toBe('claude-opus-5-5');
});

test.each([400, 401, 402, 403, 404, 413, 422])('status %i is final', async (status) => {
  const error = await failure({ status, message: 'scripted' });
  expect(error).toMatchObject({ retryable: false, status });
  expect(error.message).toContain(`${status}: scripted`);
});

test.each([408, 409, 429, 500, 502, 503, 529])('status %i may be tried again', async (status) => {
  expect(await failure({ status, message: 'scripted' })).toMatchObject({ retryable: true, status });
});

test('the API has the last word on trying again', async () => {
  expect((await failure({ status: 429, headers: { 'x-should-retry': 'false' } })).retryable).toBe(false);
  expect((await failure({ status: 400, headers: { 'x-should-retry': 'true' } })).retryable).toBe(true);
});

test('the wait that the API asks for is read from either header, in seconds or as a date', async () => {
  expect((await failure({ status: 429, headers: { 'retry-after': '2' } })).retryAfterMs).toBe(2_000);
  expect((await failure({ status: 429, headers: { 'retry-after': '2', 'retry-after-ms': '150' } })).retryAfterMs).toBe(
    150,
  );
  expect((await failure({ status: 429 })).retryAfterMs).toBeUndefined();
  expect((await failure({ status: 429, headers: { 'retry-after': 'soon' } })).retryAfterMs).toBeUndefined();
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  const wait = (await failure({ status: 429, headers: { 'retry-after': inAnHour } })).retryAfterMs ?? 0;
  expect(wait).toBeGreaterThan(3_000_000);
  expect(wait).toBeLessThanOrEqual(3_600_000);
});

test('a connection that breaks anywhere in the stream may be tried again', async () => {
  for (const dropAfter of [0, 1, 3]) {
    const error = await failure({ text: 'Hello there', dropAfter });
    expect(error).toMatchObject({ retryable: true, status: undefined });
    expect(error.message).toMatch(/connection/);
  }
});

test('a stream that ends in good order but too early is not taken for an answer', async () => {
  for (const endAfter of [1, 3, 5]) {
    const error = await failure({ text: 'Hello there', endAfter });
    expect(error.retryable).toBe(true);
    expect(error.message).toContain('ended early');
  }
});

test('an error inside the stream has the status of its type', async () => {
  expect(await failure({ text: 'Hel', errorEvent: 'overloaded_error' })).toMatchObject({
    retryable: true,
    status: 529,
  });
  expect(await failure({ text: 'Hel', errorEvent: 'rate_limit_error' })).toMatchObject({
    retryable: true,
    status: 429,
  });
  expect(await failure({ text: 'Hel', errorEvent: 'invalid_request_error' })).toMatchObject({
    retryable: false,
    status: 400,
  });
});

test('where nobody listens the failure says so and may be tried again', async () => {
  const { server } = await start(() => ({ text: 'x' }));
  await server.close();
  const provider = createAnthropicProvider({ apiKey: KEY, baseUrl: server.url });
  await expect(provider.complete(REQUEST, watch())).rejects.toMatchObject({
    name: 'ModelError',
    retryable: true,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('the provider itself never tries again', async () => {
  const { server, provider } = await start(() => ({ status: 529 }));
  await expect(provider.complete(REQUEST, watch())).rejects.toThrow(ModelError);
  expect(server.requests).toHaveLength(1);
});

test('a stop before, during and in the middle of a reply throws the reason of the stop', async () => {
  const { server, provider } = await start(async () => {
    await sleep(200);
    return { text: 'late' };
  });
  const reason = new Error('stopped by a person');
  await expect(provider.complete(REQUEST, watch(AbortSignal.abort(reason)))).rejects.toBe(reason);
  expect(server.requests).toHaveLength(0);
  const waiting = new AbortController();
  const asked = provider.complete(REQUEST, watch(waiting.signal));
  setTimeout(() => waiting.abort(reason), 20);
  await expect(asked).rejects.toBe(reason);
  const streaming = new AbortController();
  const second = provider.complete(REQUEST, { signal: streaming.signal, onText: () => streaming.abort(reason) });
  await expect(second).rejects.toBe(reason);
});

test('the key is in no error, whoever puts it there', async () => {
  const echoed = await failure({ status: 401, message: `invalid x-api-key: ${KEY}` });
  expect(echoed.message).toContain('invalid x-api-key: [key]');
  expect(echoed.message).toContain('check ANTHROPIC_API_KEY');
  const found = [echoed.message, echoed.stack, JSON.stringify(echoed), String(echoed.cause)].join();
  expect(found).not.toContain(KEY);
  const broken = `${KEY}\n${KEY}`;
  const refused = ((): unknown => {
    try {
      return createAnthropicProvider({ apiKey: broken });
    } catch (error) {
      return error;
    }
  })();
  expect(refused).toBeInstanceOf(UserError);
  expect(String(refused)).not.toContain(KEY);
});

test('a long or many-lined message of an API is cut to one line', async () => {
  const error = await failure({ status: 400, message: `first\nsecond ${'x'.repeat(5_000)}` });
  expect(error.message).toContain('first second');
  expect(error.message.length).toBeLessThan(520);
});

test('without a key it says what to do, except where another address is given', async () => {
  for (const apiKey of [undefined, '', '  ']) {
    expect(() => createAnthropicProvider({ apiKey })).toThrow(/set ANTHROPIC_API_KEY, or use the built-in analyst/);
  }
  const { server } = await start(() => ({ text: 'local' }));
  const provider = createAnthropicProvider({ apiKey: undefined, baseUrl: server.url });
  const reply: ModelReply = await provider.complete(REQUEST, watch());
  expect(reply.content).toEqual([{ type: 'text', text: 'local' }]);
});

test('an address that is none is told at once', () => {
  for (const baseUrl of ['localhost:8080', 'not an address', 'file:///etc/passwd']) {
    expect(() => createAnthropicProvider({ apiKey: KEY, baseUrl })).toThrow('check ANTHROPIC_BASE_URL');
  }
});

test('many requests share few connections', async () => {
  const { server, provider } = await start(() => ({ text: 'ok' }));
  const replies = await Promise.all(Array.from({ length: 50 }, () => provider.complete(REQUEST, watch())));
  expect(replies.every(({ content }) => content.length === 1)).toBe(true);
  for (let i = 0; i < 20; i++) await provider.complete(REQUEST, watch());
  expect(server.requests).toHaveLength(70);
  expect(server.connections).toBeLessThanOrEqual(51);
});

test('a reply that stops sending is cut, may be tried again, and what it used is known', async () => {
  for (const hangAfter of [0, 2]) {
    const { provider } = await start(() => ({ text: 'Hello there', hangAfter, usage: { input: 70 } }), 60);
    const error = await provider.complete(REQUEST, watch()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ModelError', retryable: true });
    expect(String(error)).toContain('no data for 0.06 s');
    expect((error as ModelError).usage?.inputTokens).toBe(hangAfter === 0 ? 0 : 70);
  }
});

test('a server that never answers is cut too', async () => {
  const { provider } = await start(() => new Promise(() => undefined), 60);
  await expect(provider.complete(REQUEST, watch())).rejects.toThrow('no data for 0.06 s');
});

test('a reply that takes longer than the silence allowed is not cut while bytes come, and pings are bytes', async () => {
  const { provider } = await start(() => ({ text: 'Hello there', dripMs: 150, pings: true }), 1_000);
  expect((await provider.complete(REQUEST, watch())).content).toEqual([{ type: 'text', text: 'Hello there' }]);
});

test('what was used before a stream broke is known', async () => {
  const error = await failure({ text: 'Hello there', dropAfter: 3, usage: { input: 70, cacheRead: 9 } });
  expect(error.usage).toMatchObject({ inputTokens: 70, cacheReadTokens: 9 });
});

test('the text that had come before a stream broke is kept, in whatever way it broke', async () => {
  for (const broken of [{ dropAfter: 3 }, { endAfter: 3 }, { endAfter: 3, halfJson: true }]) {
    expect((await failure({ text: 'Hello there', ...broken })).partialText).toBe('Hello ');
  }
  expect((await failure({ text: 'Hello there', errorEvent: 'overloaded_error' })).partialText).toBe('Hello there');
  const { provider } = await start(() => ({ text: 'Hello there', hangAfter: 3 }), 60);
  await expect(provider.complete(REQUEST, watch())).rejects.toMatchObject({ partialText: 'Hello ' });
});

test('thinking before a text does not go with it, and what broke in a tool call, or before any text, keeps nothing', async () => {
  expect((await failure({ thinking: 'hm', text: 'Hello there', dropAfter: 7 })).partialText).toBe('Hello ');
  expect((await failure({ thinking: 'hm', text: 'Hello there', dropAfter: 3 })).partialText).toBe('');
  const call = { text: 'Looking.', tools: [{ name: 'grep', input: { pattern: 'x' } }] };
  for (const dropAfter of [6, 7, 9]) expect((await failure({ ...call, dropAfter })).partialText).toBe('');
  expect((await failure({ status: 529 })).partialText).toBe('');
});

test('half a JSON in a stream may be tried again', async () => {
  expect(await failure({ text: 'Hello there', endAfter: 3, halfJson: true })).toMatchObject({ retryable: true });
});

test('an answer and a failure tell of the limit that is nearest to being used up', async () => {
  const reset = '2026-11-22T14:05:00Z';
  const limit = (name: string, values: [number, number]): Record<string, string> => ({
    [`anthropic-ratelimit-${name}-limit`]: String(values[0]),
    [`anthropic-ratelimit-${name}-remaining`]: String(values[1]),
    [`anthropic-ratelimit-${name}-reset`]: reset,
  });
  const headers = { ...limit('requests', [50, 40]), ...limit('output-tokens', [8_000, 100]) };
  const tightest = { limit: 8_000, remaining: 100, resetAt: Date.parse(reset) };
  const { provider } = await start(() => ({ text: 'ok', headers }));
  expect((await provider.complete(REQUEST, watch())).rateLimit).toEqual(tightest);
  expect((await failure({ status: 429, headers })).rateLimit).toEqual(tightest);
  expect((await failure({ status: 429, headers: limit('requests', [0, 0]) })).rateLimit).toBeUndefined();
});

test('a limit on spending, which has the status of a bad request, is to be waited for', async () => {
  const message =
    'You have reached your specified API usage limits. You will regain access on 2100-01-01 at 00:00 UTC.';
  const error = await failure({ status: 400, type: 'invalid_request_error', message });
  expect(error).toMatchObject({ retryable: true, usageLimit: true, status: 400 });
  expect(Math.abs(Date.now() + (error.retryAfterMs ?? 0) - Date.UTC(2100, 0, 1))).toBeLessThan(60_000);
  expect((await failure({ status: 400, message: 'usage limits' })).usageLimit).toBe(false);
});

test('a subscription that is used up says when it resets', async () => {
  const soon = Math.ceil(Date.now() / 1_000) + 3_600;
  const headers = {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(soon),
  };
  expect((await failure({ status: 429, headers })).retryAfterMs).toBeGreaterThan(3_500_000);
});
