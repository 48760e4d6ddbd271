import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { costUsd } from '../../extension/models/prices.ts';
import { createProvider, type Environment, PROVIDERS, type ProviderSetup } from '../../extension/models/providers.ts';
import { startFakeAnthropic } from '../support/fake-anthropic.ts';
import { startFakeBedrock } from '../support/fake-clouds.ts';
import { heard, requestFor } from '../support/model-requests.ts';
import { tempDir } from '../support/temp-dir.ts';

function make(id: string, environment: Environment = {}, more: Partial<ProviderSetup> = {}) {
  return createProvider(id, { dist: '/nowhere', environment, ...more });
}

test('every provider can be asked for its names and prices without key, credentials or server', async () => {
  for (const { id } of PROVIDERS) {
    const provider = await make(id, {}, { dry: true });
    expect(provider.id).toBe(id);
    expect(provider.defaultModel).not.toBe('');
    if (id !== 'builtin' && id !== 'compatible') expect(costUsd(provider.defaultModel, NO_TOKENS), id).toBe(0);
  }
});

const NO_TOKENS = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

test.each([
  ['anthropic', 'set ANTHROPIC_API_KEY'],
  ['bedrock', 'set AWS_REGION'],
  ['vertex', 'set CLOUD_ML_REGION'],
  ['compatible', 'set ANTHROPIC_BASE_URL'],
  ['oracle', 'The providers are anthropic, bedrock, vertex, compatible, builtin.'],
  ['constructor', 'There is no provider "constructor"'],
  ['vscode', 'inside VS Code alone'],
])('%s without its settings says what to do', async (id, words) => {
  await expect(make(id)).rejects.toMatchObject({ name: 'UserError', message: expect.stringContaining(words) });
});

test('settings are those of the environment that is given, and a key of a secret store goes before its own', async () => {
  const server = await startFakeAnthropic(() => ({ text: 'ok' }));
  onTestFinished(() => server.close());
  const environment = {
    ANTHROPIC_API_KEY: 'of-the-environment',
    ANTHROPIC_BASE_URL: server.url,
    ANTHROPIC_MODEL: 'haiku',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: 'my-own-haiku',
  };
  const provider = await make('anthropic', environment);
  expect(provider.defaultModel).toBe('my-own-haiku');
  expect(provider.resolveModel('opus')).toBe('claude-opus-5-5');
  await provider.complete(requestFor('x', { model: 'm' }), heard());
  const kept = await make('anthropic', environment, { apiKey: 'of-the-store' });
  await kept.complete(requestFor('x', { model: 'm' }), heard());
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer of-the-environment',
    'Bearer of-the-store',
  ]);
});

test('a server that does not list its models is not asked for one where one is chosen', async () => {
  const server = await startFakeAnthropic(() => ({ text: 'ok' }));
  onTestFinished(() => server.close());
  const environment = { ANTHROPIC_BASE_URL: server.url };
  await expect(make('compatible', environment)).rejects.toThrow('does not tell which models it has');
  expect((await make('compatible', environment, { model: 'qwen3' })).defaultModel).toBe('qwen3');
});

test('keys of AWS in the environment sign, and the key for Anthropic does not reach a cloud', async () => {
  const server = await startFakeBedrock(() => ({ text: 'ok' }));
  onTestFinished(() => server.close());
  const provider = await make('bedrock', {
    ANTHROPIC_API_KEY: 'sk-ant-secret',
    ANTHROPIC_BEDROCK_BASE_URL: server.url,
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  await provider.complete(requestFor('x', { model: provider.defaultModel }), heard());
  const [request] = server.requests;
  expect(request?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\//,
  );
  expect(JSON.stringify(request)).not.toContain('sk-ant-secret');
});

test('prices of a person are read from the file that the environment names', async () => {
  const path = join(tempDir(), 'prices.json');
  writeFileSync(path, '{ "providers-test": { "input": 2, "output": 3 } }');
  await make('builtin', { COUNTERPOINT_PRICES: path });
  expect(costUsd('providers-test', { ...NO_TOKENS, inputTokens: 500_000, outputTokens: 1_000_000 })).toBe(4);
  writeFileSync(path, '{ "providers-test"');
  await expect(make('builtin', { COUNTERPOINT_PRICES: path })).rejects.toThrow('check COUNTERPOINT_PRICES');
  await expect(make('builtin', { COUNTERPOINT_PRICES: `${path}.none` })).rejects.toThrow('check COUNTERPOINT_PRICES');
});
