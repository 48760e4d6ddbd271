import { expect, onTestFinished, test } from 'vitest';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import { MODELS } from '../../extension/models/model-table.ts';
import type { ModelRequest, Provider } from '../../extension/models/provider.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { type FakeAnthropic, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';
import { heard, REQUEST } from '../support/model-requests.ts';

async function start(
  script: FakeScript = () => ({ text: 'ok' }),
): Promise<{ server: FakeAnthropic; provider: Provider }> {
  const server = await startFakeAnthropic(script);
  onTestFinished(() => server.close());
  return { server, provider: createAnthropicProvider({ apiKey: 'test', baseUrl: server.url }) };
}

/** What is sent about thinking and effort. */
async function sent(request: Partial<ModelRequest>): Promise<unknown[]> {
  const { server, provider } = await start();
  await provider.complete({ ...REQUEST, maxOutputTokens: 32_000, ...request }, heard());
  const body = server.requests[0]!.raw;
  return [body.thinking, body.output_config];
}

test('effort makes a model think in the way that it takes, and without effort nothing is said of it', async () => {
  const budget = (tokens: number): object => ({ type: 'enabled', budget_tokens: tokens });
  expect(await sent({ model: 'claude-opus-5-5', effort: 'max' })).toEqual([undefined, { effort: 'max' }]);
  expect(await sent({ model: 'claude-opus-4-8', effort: 'low' })).toEqual([{ type: 'adaptive' }, { effort: 'low' }]);
  expect(await sent({ model: 'claude-opus-4-5', effort: 'high' })).toEqual([budget(10_000), { effort: 'high' }]);
  expect(await sent({ model: 'claude-haiku-4-5', effort: 'max' })).toEqual([budget(16_000), undefined]);
  expect(await sent({ model: 'claude-haiku-4-5', effort: 'low' })).toEqual([undefined, undefined]);
  expect(await sent({ model: 'somebody-elses-model', effort: 'high' })).toEqual([undefined, undefined]);
  for (const model of Object.keys(MODELS)) expect(await sent({ model })).toEqual([undefined, undefined]);
});

test('a budget for thinking leaves half of a reply for the answer, and where that is too little there is none', async () => {
  const model = 'claude-haiku-4-5';
  expect(await sent({ model, effort: 'max', maxOutputTokens: 4_000 })).toEqual([
    { type: 'enabled', budget_tokens: 2_000 },
    undefined,
  ]);
  expect(await sent({ model, effort: 'max', maxOutputTokens: 2_000 })).toEqual([undefined, undefined]);
});

test('who is made to call a tool does not think: the API refuses both together', async () => {
  const forced = { toolChoice: 'answer', effort: 'high' } as const;
  expect(await sent({ model: 'claude-opus-4-8', ...forced })).toEqual([undefined, { effort: 'high' }]);
  expect(await sent({ model: 'claude-haiku-4-5', ...forced })).toEqual([undefined, undefined]);
});

test('thinking, also what is not to be read, goes back unchanged and unmarked', async () => {
  const { server, provider } = await start((_, n) => ({ thinking: `thought ${n}`, tools: [{ name: 'grep' }] }));
  const request = { ...REQUEST, model: 'claude-opus-4-8', effort: 'high' as const };
  const first = await provider.complete(request, heard());
  const redacted = { type: 'opaque' as const, value: { type: 'redacted_thinking', data: 'x1==' } };
  await provider.complete(
    {
      ...request,
      messages: [
        ...REQUEST.messages,
        { role: 'assistant', content: [redacted, ...first.content] },
        { role: 'user', content: [{ type: 'tool_result', toolUseId: 'toolu_1_0', content: 'found', isError: false }] },
        { role: 'assistant', content: [redacted] },
        { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
      ],
    },
    heard(),
  );
  const raw = server.requests[1]?.raw.messages as { content: object[] }[];
  expect(raw[1]?.content.slice(0, 2)).toEqual([
    { type: 'redacted_thinking', data: 'x1==' },
    { type: 'thinking', thinking: 'thought 1', signature: 'signature-1' },
  ]);
  expect(raw[3]?.content).toEqual([{ type: 'redacted_thinking', data: 'x1==' }]);
});

test('an answer is held to its schema by the API where the model is known to be held to one, and the schema can be', async () => {
  const { server, provider } = await start();
  const schema = { type: 'object', properties: { a: { type: 'number', minimum: 1 } }, required: ['a'] };
  const held = { type: 'object', properties: { a: { type: 'number', description: '(minimum: 1)' } }, required: ['a'] };
  const ask = (model: string, inputSchema: JsonObject, strict?: true): Promise<unknown> => {
    const tool = { name: 'answer', description: '', inputSchema, ...(strict && { strict }) };
    return provider.complete({ ...REQUEST, model, tools: [tool] }, heard());
  };
  await ask('claude-sonnet-5-5', schema, true);
  await ask('claude-sonnet-5-5', schema);
  await ask('claude-sonnet-5-5', { type: 'object' }, true);
  await ask('somebody-elses-model', schema, true);
  expect(server.requests.map(({ body }) => [body.tools?.[0]?.strict, body.tools?.[0]?.input_schema])).toEqual([
    [true, { ...held, additionalProperties: false }],
    [undefined, schema],
    [undefined, { type: 'object' }],
    [undefined, schema],
  ]);
});

test('a picture goes with the result of its tool, and who takes none is told that there is one', async () => {
  const { server, provider } = await start((_, n) =>
    n === 2 ? { status: 400, message: 'this model does not support image input' } : { text: 'ok' },
  );
  const request = (content: string): ModelRequest => ({
    ...REQUEST,
    messages: [
      ...REQUEST.messages,
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'read_file', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            toolUseId: 't1',
            content,
            isError: false,
            images: [{ mediaType: 'image/png', data: 'iVBO' }],
          },
        ],
      },
    ],
  });
  const watching = heard();
  await provider.complete(request('a.png'), watching);
  await provider.complete(request(''), watching);
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } };
  expect(server.requests.map(({ body }) => body.messages[2]?.content[0]?.content)).toEqual([
    [{ type: 'text', text: 'a.png' }, image],
    [image],
    '(There is a picture here, which this model cannot be shown.)',
  ]);
  expect(watching.notes).toEqual([expect.stringContaining('takes no pictures')]);
});

test.each([
  ['end_turn', 'end_turn', undefined],
  ['stop_sequence', 'end_turn', undefined],
  ['tool_use', 'tool_use', undefined],
  ['max_tokens', 'max_tokens', undefined],
  ['pause_turn', 'pause_turn', undefined],
  ['refusal', 'refusal', undefined],
  ['model_context_window_exceeded', 'context_full', undefined],
  ['something_new', 'other', 'something_new'],
])('a reply that stopped by %s is one that stopped by %s', async (stopReason, expected, detail) => {
  const { provider } = await start(() => ({ text: 'so far', stopReason }));
  const reply = await provider.complete(REQUEST, heard());
  expect(reply).toMatchObject({ stopReason: expected, content: [{ type: 'text', text: 'so far' }] });
  expect(reply.stopDetail).toBe(detail);
});

test('why it was declined is told in a line of bounded length', async () => {
  const refusal = { text: '', stopReason: 'refusal' };
  const named = await start(() => ({ ...refusal, stopDetails: { category: 'cyber', explanation: null } }));
  expect((await named.provider.complete(REQUEST, heard())).stopDetail).toBe('cyber');
  const long = await start(() => ({
    ...refusal,
    stopDetails: { category: 'bio', explanation: `a\nb${'x'.repeat(900)}` },
  }));
  const { stopDetail } = await long.provider.complete(REQUEST, heard());
  expect(stopDetail).toMatch(/^a bx+$/);
  expect(stopDetail).toHaveLength(200);
});

test.each([
  [400, 'prompt is too long: 210000 tokens > 200000 maximum', true],
  [400, 'Input is too long for requested model.', true],
  [400, "This model's maximum context length is 8192 tokens", true],
  [400, 'the request exceeds the available context size. try increasing the context size', true],
  [413, 'Request exceeds the maximum size', true],
  [400, 'messages: roles must alternate', false],
  [429, 'too many tokens', false],
])('a refusal with %i "%s" is one of a prompt that is too long: %s', async (status, message, expected) => {
  const { provider } = await start(() => ({ status, message }));
  await expect(provider.complete(REQUEST, heard())).rejects.toMatchObject({ promptTooLong: expected });
});

test('a server that numbers its blocks absurdly, or sends what is no block, does no harm', async () => {
  const { server, provider } = await start();
  const events = [
    { type: 'message_start', message: { usage: { input_tokens: 1 } } },
    { type: 'content_block_start', index: 4e9, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 4e9, delta: { type: 'text_delta', text: 'lost' } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'kept' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    { type: 'message_stop' },
  ];
  server.sendRaw(events);
  const reply = await provider.complete(REQUEST, heard());
  expect(reply.content).toEqual([{ type: 'text', text: 'kept' }]);
});
