import { expect, onTestFinished, test } from 'vitest';
import { createAnthropicProvider } from '../../extension/models/anthropic.ts';
import { createCompatibleProvider } from '../../extension/models/compatible.ts';
import { type ModelTest, testModel } from '../../extension/models/test-model.ts';
import { type FakeReply, type FakeScript, startFakeAnthropic } from '../support/fake-anthropic.ts';

const GOOD: FakeReply = {
  text: 'Hello there, and welcome to this small test of mine.',
  tools: [{ name: 'answer', input: { word: 'ready', number: 7 } }],
  usage: { input: 200, output: 40 },
};

async function tested(script: FakeScript, model = 'claude-haiku-4-5'): Promise<ModelTest> {
  const server = await startFakeAnthropic(script);
  onTestFinished(() => server.close());
  const provider =
    model === 'local'
      ? await createCompatibleProvider({ baseUrl: server.url, defaultModel: model })
      : createAnthropicProvider({ apiKey: 'sk-secret-key', baseUrl: server.url });
  const result = await testModel(provider, model, new AbortController().signal);
  expect(server.requests.length).toBeLessThanOrEqual(2);
  return result;
}

test('a model that does all of it is told so, with what it cost and how long it took', async () => {
  const result = await tested(() => GOOD);
  expect(result).toMatchObject({
    ...{ provider: 'Anthropic', model: 'claude-haiku-4-5', problem: null },
    ...{ text: true, tools: true, structured: true, streaming: true, notes: [] },
    usage: { inputTokens: 200, outputTokens: 40, costUsd: 0.0004 },
  });
  expect(result.firstTextMs).toBeGreaterThanOrEqual(0);
  expect(result.ms).toBeGreaterThanOrEqual(result.firstTextMs ?? 0);
});

test.each<[string, FakeReply, Partial<ModelTest>, string]>([
  ['calls no tool', { text: 'Hello!' }, { text: true, tools: false }, 'did not call the tool'],
  [
    'gives what does not fit',
    { tools: [{ name: 'answer', input: { word: 7 } }] },
    { text: false, tools: true, structured: false },
    'does not fit the schema',
  ],
  ['cuts its input', { tools: [{ name: 'answer', json: '{"word":' }] }, { structured: false }, 'does not fit'],
  [
    'declines',
    { text: '', stopReason: 'refusal', stopDetails: { category: 'bio', explanation: null } },
    {},
    'declined to answer: bio',
  ],
  [
    'has no such key',
    { status: 401, message: 'bad key sk-secret-key' },
    { tools: false, remedy: 'credentials' },
    'check ANTHROPIC_API_KEY',
  ],
  ['is overloaded', { status: 529, message: 'overloaded' }, { remedy: 'time' }, 'answered 529'],
  ['takes no such request', { status: 400, message: 'no credit' }, {}, 'answered 400'],
])('one that %s is told from one that agents can work with', async (_, reply, expected, words) => {
  const result = await tested(() => reply);
  expect(result).toMatchObject(expected);
  expect(result.remedy).toBe(expected.remedy);
  expect(result.problem).toContain(words);
  expect(JSON.stringify(result)).not.toContain('sk-secret-key');
});

test('what a server lacks is found on the way, and is no reason against it', async () => {
  const result = await tested((body, n) => {
    if (n === 1) return { status: 400, message: 'tools.0.strict: unknown field' };
    return body.tools?.[0]?.strict ? { status: 400 } : { ...GOOD, lacks: ['stream', 'usage'] };
  }, 'local');
  // The model is not in the table and takes no schema, so that the first request asks for nothing it does not know.
  expect(result).toMatchObject({
    problem: null,
    tools: true,
    structured: true,
    streaming: false,
    usage: { estimated: true },
  });
  expect(result.notes).toEqual([expect.stringContaining('does not hold answers to a schema')]);
});

test('a test that is stopped throws the reason of the stop', async () => {
  const server = await startFakeAnthropic(() => new Promise(() => undefined));
  onTestFinished(() => server.close());
  const provider = createAnthropicProvider({ apiKey: 'x', baseUrl: server.url });
  const stop = new AbortController();
  const reason = new Error('stopped by a person');
  const going = testModel(provider, 'm', stop.signal);
  stop.abort(reason);
  await expect(going).rejects.toBe(reason);
});
