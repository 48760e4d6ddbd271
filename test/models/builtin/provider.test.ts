import { expect, test } from 'vitest';
import { createBuiltinProvider } from '../../../extension/models/builtin/provider.ts';
import { ModelError, type ModelRequest } from '../../../extension/models/provider.ts';
import { answerOf, runBuiltin } from '../../support/builtin-agent.ts';

const provider = createBuiltinProvider({ dist: '/nowhere' });
const watch = { signal: new AbortController().signal };
const SCOUT = 'Counterpoint-Task: scout\nPaths: ["."]\n\nList the files.';

function request(prompt: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }];
  const tools = [{ name: 'glob', description: '', inputSchema: {} }];
  return { model: 'builtin', system: '', messages, tools, maxOutputTokens: 100, ...more };
}

async function failure(of: ModelRequest): Promise<ModelError> {
  const error: unknown = await provider.complete(of, watch).catch((thrown) => thrown);
  if (error instanceof ModelError) return error;
  throw new Error(`not a ModelError: ${JSON.stringify(error)}`);
}

test('never passes for a model: its title says so, and every model name comes to the one it has', () => {
  expect(provider.title).toBe('built-in analyst (no AI model)');
  expect(provider.resolveModel('opus')).toBe(provider.defaultModel);
});

test.each(['Write a poem.', 'Counterpoint-Task: compose\n\nA poem.', ''])(
  'refuses %j for good, and says what to do',
  async (prompt) => {
    const error = await failure(request(prompt));
    expect(error.retryable).toBe(false);
    expect(error.message).toContain('built-in analyst (no AI model) is not a language model');
    expect(error.message).toContain('ANTHROPIC_API_KEY');
    expect(error.message).toContain('--provider anthropic');
  },
);

test('asks for tools, with ids that are unique in the conversation, and costs nothing', async () => {
  const reply = await provider.complete(request(SCOUT), watch);
  expect(reply.stopReason).toBe('tool_use');
  expect(reply.content).toEqual([
    { type: 'tool_use', id: 'builtin_1_0', name: 'glob', input: expect.objectContaining({ path: '.' }) },
  ]);
  expect(reply.usage).toEqual({ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 });
});

test('says which tool it lacks', async () => {
  const error = await failure(request(SCOUT, { tools: [] }));
  expect(error.message).toContain('needs the tool "glob"');
});

test('will not answer before it has looked', async () => {
  const error = await failure(request(SCOUT, { toolChoice: 'answer' }));
  expect(error.message).toContain('before it had seen');
});

test('an answer that the schema turns down is given once, not five times', async () => {
  const schema = { type: 'object', properties: { poem: { type: 'string' } }, required: ['poem'] };
  const { outcome, transcript } = await runBuiltin({ 'a.js': '' }, SCOUT, schema);
  expect(outcome).toMatchObject({
    ok: false,
    cause: { kind: 'refused', message: expect.stringContaining('does not fit the schema') },
  });
  expect(transcript.filter((entry) => entry.type === 'answer-rejected')).toHaveLength(1);
});

test('without a schema the answer is its JSON', async () => {
  const answer = answerOf(await runBuiltin({ 'a.js': '' }, SCOUT, null));
  expect(JSON.parse(answer as string)).toEqual({ files: ['a.js'], total: 1 });
});

test('a stop ends it', async () => {
  const controller = new AbortController();
  controller.abort(new Error('stopped'));
  await expect(provider.complete(request(SCOUT), { signal: controller.signal })).rejects.toThrow('stopped');
});

test('an answer that a person held back is given again, for it was not wrong', async () => {
  const after = (isError: boolean): ModelRequest => {
    const { messages, ...rest } = request(SCOUT);
    const call = { type: 'tool_use' as const, id: 'a', name: 'answer', input: {} };
    const result = { type: 'tool_result' as const, toolUseId: 'a', content: 'not yet', isError };
    return {
      ...rest,
      messages: [...messages, { role: 'assistant', content: [call] }, { role: 'user', content: [result] }],
    };
  };
  expect((await provider.complete(after(false), watch)).stopReason).toBe('tool_use');
  expect((await failure(after(true))).message).toContain('does not fit the schema: not yet');
});
