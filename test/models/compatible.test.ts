import { expect, onTestFinished, test } from 'vitest';
import { createCompatibleProvider } from '../../extension/models/compatible.ts';
import type { ModelRequest, Provider } from '../../extension/models/provider.ts';
import {
  type FakeAnthropic,
  type FakeBody,
  type FakeOptions,
  type FakeReply,
  startFakeAnthropic,
} from '../support/fake-anthropic.ts';
import { heard, requestFor } from '../support/model-requests.ts';

type RawScript = (raw: Record<string, unknown>, n: number) => FakeReply;

async function start(
  script: (body: FakeBody, n: number) => FakeReply | Promise<FakeReply>,
  options: FakeOptions = {},
): Promise<{ server: FakeAnthropic; provider: Provider }> {
  const server = await startFakeAnthropic(script, options);
  onTestFinished(() => server.close());
  const provider = await createCompatibleProvider({ baseUrl: server.url, defaultModel: 'qwen3' });
  return { server, provider };
}

/** A server that refuses a request of which the text, as it came, has what it does not know. */
async function refusing(
  ...unknown: { has: RegExp; reply: FakeReply }[]
): Promise<{ server: FakeAnthropic; provider: Provider }> {
  const found: { server?: FakeAnthropic } = {};
  const script: RawScript = (_, n) => {
    const text = JSON.stringify(found.server?.requests[n - 1]?.raw);
    return unknown.find(({ has }) => has.test(text))?.reply ?? { text: 'ok' };
  };
  const made = await start((body, n) => script(body as never, n));
  found.server = made.server;
  return made;
}

const SCHEMA = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
const ANSWER = { name: 'answer', description: 'Give the result.', inputSchema: SCHEMA, strict: true as const };
const WISHES: ModelRequest = requestFor('hello', {
  model: 'qwen3',
  tools: [ANSWER],
  toolChoice: 'answer',
  effort: 'high',
  maxOutputTokens: 8_000,
});

test('a server is asked for all that the request wants, in the version of the API that others know', async () => {
  const { server, provider } = await start(() => ({ text: 'ok' }));
  await provider.complete(WISHES, heard());
  expect(server.requests[0]?.body).toMatchObject({
    tool_choice: { type: 'tool', name: 'answer' },
    output_config: { effort: 'high' },
    tools: [{ name: 'answer', strict: true }],
  });
  expect(server.requests[0]?.headers['anthropic-version']).toBe('2023-06-01');
});

test.each([
  ['tool_choice', /"tool_choice"/, 'tool_choice is not supported', 'cannot be made to call a tool'],
  ['effort', /"output_config"/, 'output_config: Extra inputs are not permitted', 'knows no effort'],
  ['cache_control', /"cache_control"/, 'system.0.cache_control: Extra inputs are not permitted', 'for its cache'],
  ['strict', /"strict"/, 'tools.0.strict: unexpected field', 'does not hold answers to a schema'],
  ['stream', /"stream":true/, 'streaming is not implemented', 'does not stream'],
])('%s that is refused is left out: once for this server, and told once', async (_, has, message, words) => {
  const { server, provider } = await refusing({ has, reply: { status: 400, type: 'invalid_request_error', message } });
  const watching = heard();
  for (let n = 0; n < 3; n++) {
    expect((await provider.complete(WISHES, watching)).content).toEqual([{ type: 'text', text: 'ok' }]);
  }
  expect(server.requests).toHaveLength(4);
  expect(server.requests.filter(({ raw }) => has.test(JSON.stringify(raw)))).toHaveLength(1);
  expect(watching.notes).toEqual([expect.stringContaining(words)]);
  expect(watching.notes[0]).toContain('qwen3');
  expect(watching.notes[0]).toContain(message);
  expect(watching.deltas.join('')).toBe('okokok');
});

test('of many that are refused at once it is told once', async () => {
  const refusal: FakeReply = { status: 400, message: 'tool_choice is not supported' };
  const { server, provider } = await refusing({ has: /"tool_choice"/, reply: refusal });
  const watching = heard();
  await Promise.all(Array.from({ length: 5 }, () => provider.complete(WISHES, watching)));
  expect(server.requests).toHaveLength(10);
  expect(watching.notes).toHaveLength(1);
});

test('thinking that is refused is left out, where a model of the table is asked for it', async () => {
  const message = '`thinking.type.enabled` is not supported for this model';
  const { server, provider } = await refusing({ has: /"thinking":/, reply: { status: 400, message } });
  const watching = heard();
  const request = { ...WISHES, model: 'anthropic/claude-haiku-4-5', toolChoice: undefined } as ModelRequest;
  await provider.complete(request, watching);
  expect(server.requests.map(({ body }) => body.thinking)).toEqual([
    { type: 'enabled', budget_tokens: 4_000 },
    undefined,
  ]);
  expect(watching.notes).toEqual([expect.stringContaining('takes no order to think')]);
});

test('several that are refused are left out one after the other, and one that is not named is left out with all', async () => {
  const one = await refusing(
    { has: /"tool_choice"/, reply: { status: 400, message: 'tool_choice is not supported' } },
    { has: /"output_config"/, reply: { status: 422, message: 'effort: unknown' } },
  );
  await one.provider.complete(WISHES, heard());
  expect(one.server.requests).toHaveLength(3);
  const all = await refusing({
    has: /"strict"|"output_config"|"cache_control"|"tool_choice"/,
    reply: { status: 400, message: 'Unknown field in request' },
  });
  const watching = heard();
  await all.provider.complete(WISHES, watching);
  expect(all.server.requests).toHaveLength(2);
  expect(watching.notes).toHaveLength(4);
});

test('what has nothing to do with a feature stays a refusal, and is not asked twice', async () => {
  for (const message of ['messages: roles must alternate', 'maximum context length is 8192 tokens, schemas included']) {
    const { server, provider } = await start(() => ({ status: 400, message }));
    await expect(provider.complete(WISHES, heard())).rejects.toMatchObject({
      retryable: false,
      status: 400,
      promptTooLong: message.startsWith('maximum'),
    });
    expect(server.requests).toHaveLength(1);
  }
});

test('where a small context has no room for the reply that was asked for, it is asked for with less: found out once', async () => {
  const context = 8_192;
  const { server, provider } = await start((body) => {
    const prompt = Math.ceil((body.messages[0]?.content[0]?.text?.length ?? 0) / 4);
    if (prompt + body.max_tokens <= context) return { text: 'ok' };
    const message = `'max_tokens' is too large: ${body.max_tokens}. This model's maximum context length is ${context} tokens and your request has ${prompt} input tokens`;
    return { status: 400, message };
  });
  const watching = heard();
  const ask = async (prompt: string): Promise<number[]> => {
    const before = server.requests.length;
    await provider.complete(requestFor(prompt, { model: 'qwen3', maxOutputTokens: 32_000 }), watching);
    return server.requests.slice(before).map(({ body }) => body.max_tokens);
  };
  expect(await ask('short')).toEqual([32_000, 16_000, 8_000]);
  expect(await ask('short again')).toEqual([8_000]);
  expect(await ask('x'.repeat(20_000))).toEqual([8_000, 4_000, 2_000]);
  expect(await ask('short once more')).toEqual([8_000]);
  expect(watching.notes).toEqual(['qwen3 has no room for longer replies: they are asked for with 8000 tokens at most']);
  await expect(ask('x'.repeat(40_000))).rejects.toMatchObject({ status: 400, promptTooLong: true });
  expect(server.requests.at(-1)?.body.max_tokens).toBe(1_024);
});

test('a reply without counts of tokens has estimated ones, that say so', async () => {
  const { provider } = await start(() => ({ text: 'x'.repeat(350), lacks: ['usage'] }));
  const { usage } = await provider.complete(requestFor('y'.repeat(3_500), { model: 'qwen3' }), heard());
  expect(usage.estimated).toBe(true);
  expect(usage.outputTokens).toBe(100);
  expect(usage.inputTokens).toBeGreaterThanOrEqual(1_000);
  expect(usage.inputTokens).toBeLessThan(1_100);
  const counted = await start(() => ({ text: 'x', usage: { input: 3, output: 1 } }));
  expect((await counted.provider.complete(requestFor('y', { model: 'qwen3' }), heard())).usage).not.toHaveProperty(
    'estimated',
  );
});

test('tool calls that come without a stream of their input, and replies that come whole, are taken', async () => {
  const call = { text: 'Looking.', tools: [{ name: 'grep', input: { pattern: 'x', deep: [1, { y: null }] } }] };
  for (const lacks of [['tool-deltas'], ['stream'], ['stream', 'usage']] as const) {
    const { provider } = await start(() => ({ ...call, lacks: [...lacks] }));
    const watching = heard();
    const reply = await provider.complete(WISHES, watching);
    expect(reply.content).toEqual([
      { type: 'text', text: 'Looking.' },
      { type: 'tool_use', id: 'toolu_1_0', name: 'grep', input: { pattern: 'x', deep: [1, { y: null }] } },
    ]);
    expect(reply.stopReason).toBe('tool_use');
    expect(watching.deltas.join('')).toBe('Looking.');
  }
});

test('to one who asks for a model that there is not, those there are are named', async () => {
  const models = ['qwen3:8b', ...Array.from({ length: 30 }, (_, n) => `model-${n}`)];
  const missing = { status: 404, type: 'not_found_error', message: 'model "qwen3" not found' };
  const { provider } = await start(() => missing, { models });
  const error = await provider.complete(WISHES, heard()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ retryable: false, status: 404 });
  expect(String(error)).toContain('There is no model "qwen3" at this server. It has: qwen3:8b, model-0, ');
  expect(String(error)).toMatch(/, and 19 more\.$/);
  const silent = await start(() => missing);
  await expect(silent.provider.complete(WISHES, heard())).rejects.toThrow('check the name of the model');
});

test('without a model of its own it takes the first that the server lists', async () => {
  const server = await startFakeAnthropic(() => ({ text: 'ok' }), { models: ['qwen3:8b', 'gemma4'] });
  onTestFinished(() => server.close());
  const provider = await createCompatibleProvider({ baseUrl: server.url });
  expect(provider.defaultModel).toBe('qwen3:8b');
  expect(provider.title).toContain(new URL(server.url).host);
  const aliased = await createCompatibleProvider({ baseUrl: server.url, aliases: { haiku: 'gemma4' } });
  expect(aliased.resolveModel('haiku')).toBe('gemma4');
});

test('a server that lists no model, that does not list, that is not there or has no address: each says what to do', async () => {
  const server = await startFakeAnthropic(() => ({ text: 'ok' }), { models: [] });
  onTestFinished(() => server.close());
  await expect(createCompatibleProvider({ baseUrl: server.url })).rejects.toThrow(
    'lists no model: name one with --model',
  );
  const mute = await startFakeAnthropic(() => ({ text: 'ok' }));
  await expect(createCompatibleProvider({ baseUrl: mute.url })).rejects.toThrow('does not tell which models it has');
  await mute.close();
  await expect(createCompatibleProvider({ baseUrl: mute.url })).rejects.toThrow(`No server answers at ${mute.url}`);
  await expect(createCompatibleProvider({ baseUrl: undefined })).rejects.toThrow('set ANTHROPIC_BASE_URL');
  await expect(createCompatibleProvider({ baseUrl: 'localhost:1' })).rejects.toThrow('check ANTHROPIC_BASE_URL');
  const whence = { key: 'the key there', address: 'the address there', model: 'in that list' };
  await expect(createCompatibleProvider({ baseUrl: mute.url, whence })).rejects.toThrow('check the address there');
  await expect(createCompatibleProvider({ baseUrl: server.url, whence })).rejects.toThrow('name one in that list');
  await expect(createCompatibleProvider({ baseUrl: server.url, apiKey: 'ä', whence })).rejects.toThrow('the key there');
});
