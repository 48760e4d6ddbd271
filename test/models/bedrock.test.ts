import { createHash, createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type BedrockOptions, createBedrockProvider } from '../../extension/models/bedrock.ts';
import type { Provider } from '../../extension/models/provider.ts';
import { type CloudRequest, type CloudScript, type FakeCloud, startFakeBedrock } from '../support/fake-clouds.ts';
import { heard, REQUEST } from '../support/model-requests.ts';
import { tempDir } from '../support/temp-dir.ts';

const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const MODEL = 'global.anthropic.claude-haiku-4-5-20251001-v1:0';

async function start(
  script: CloudScript,
  options: Partial<BedrockOptions> = KEYS,
): Promise<{ server: FakeCloud; provider: Provider }> {
  const server = await startFakeBedrock(script);
  onTestFinished(() => server.close());
  return { server, provider: createBedrockProvider({ region: 'eu-west-1', baseUrl: server.url, ...options }) };
}

test('a request is signed, names its model in the address, and its frames are a reply that streams', async () => {
  const { server, provider } = await start(() => ({ text: 'Hello there', usage: { input: 1_000, output: 100 } }));
  const watching = heard();
  const reply = await provider.complete({ ...REQUEST, model: MODEL }, watching);
  expect(reply.content).toEqual([{ type: 'text', text: 'Hello there' }]);
  expect(watching.deltas.join('')).toBe('Hello there');
  expect(watching.deltas.length).toBeGreaterThan(1);
  expect(reply.usage).toMatchObject({ inputTokens: 1_000, outputTokens: 100, costUsd: 0.0015 });
  const [request] = server.requests;
  expect(request?.path).toBe(`/model/${MODEL}/invoke-with-response-stream`);
  expect(request?.body).not.toHaveProperty('model');
  expect(request?.body.anthropic_version).toBe('bedrock-2023-05-31');
  expect(request?.headers.authorization).toBe(signatureOf(request!, 'eu-west-1'));
});

test('a newer model is asked with the newer version, an older one in a conversation with tools with the older', async () => {
  const { server, provider } = await start(() => ({ tools: [{ name: 'grep', input: { a: [1, { b: null }] } }] }));
  const tools = [{ name: 'grep', description: 'Search.', inputSchema: { type: 'object' } }];
  const reply = await provider.complete(
    { ...REQUEST, model: 'global.anthropic.claude-sonnet-5-5', tools, effort: 'low' },
    heard(),
  );
  expect(reply.content).toEqual([{ type: 'tool_use', id: 'toolu_1_0', name: 'grep', input: { a: [1, { b: null }] } }]);
  expect(server.requests[0]?.body).toMatchObject({ output_config: { effort: 'low' } });
  expect(server.requests[0]?.body.anthropic_version).toBe('2026-10-21');
});

test('where the version of the API is refused, the older one is tried, remembered and told', async () => {
  const { server, provider } = await start(({ body }) =>
    body.anthropic_version === 'bedrock-2023-05-31'
      ? { text: 'ok' }
      : { status: 400, message: 'Invalid anthropic_version: 2026-10-21' },
  );
  const watching = heard();
  const model = 'eu.anthropic.claude-opus-4-8';
  await provider.complete({ ...REQUEST, model }, watching);
  await provider.complete({ ...REQUEST, model }, watching);
  expect(server.requests).toHaveLength(3);
  expect(watching.notes).toHaveLength(1);
  expect(watching.notes[0]).toContain(`${model} knows only an older version of the API`);
});

test('names: aliases and the names of Anthropic are global profiles, all others pass', () => {
  const { resolveModel, defaultModel } = createBedrockProvider({ region: 'us-east-1', ...KEYS });
  expect(defaultModel).toBe('global.anthropic.claude-sonnet-5-5');
  expect(resolveModel('opus')).toBe('global.anthropic.claude-opus-5-5');
  expect(resolveModel('claude-haiku-4-5')).toBe(MODEL);
  expect(resolveModel('claude-haiku-4-5-20251001')).toBe(MODEL);
  expect(resolveModel('claude-opus-4-6')).toBe('global.anthropic.claude-opus-4-6-v1');
  const arn = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc';
  expect([arn, MODEL, 'constructor'].map(resolveModel)).toEqual([arn, MODEL, 'constructor']);
  const own = createBedrockProvider({ region: 'eu-west-1', aliases: { opus: 'eu.anthropic.claude-opus-5-5' } });
  expect(own.resolveModel('opus')).toBe('eu.anthropic.claude-opus-5-5');
});

test.each([
  [
    { status: 403, type: 'AccessDeniedException', message: 'no access' },
    { retryable: false, status: 403 },
    'has access',
  ],
  [{ status: 404, type: 'ResourceNotFoundException' }, { retryable: false, status: 404 }, 'AWS_REGION'],
  [{ status: 429, type: 'ThrottlingException' }, { retryable: true, status: 429 }, '429'],
  [{ status: 503, type: 'ServiceUnavailableException' }, { retryable: true, status: 503 }, '503'],
  [
    { text: 'Hel', exception: { type: 'throttlingException', message: 'slow' } },
    { retryable: true, status: 429 },
    'slow',
  ],
  [{ text: 'Hel', exception: { type: 'validationException', message: 'no' } }, { retryable: false, status: 400 }, 'no'],
  [{ text: 'Hello', dropAfter: 3 }, { retryable: true, status: undefined }, 'connection'],
])('the failure %j is read for what it is', async (reply, expected, words) => {
  // An exception comes in place of the end.
  const { provider } = await start(() => reply);
  const error = await provider.complete({ ...REQUEST, model: MODEL }, heard()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'ModelError', ...expected, message: expect.stringContaining(words) });
});

test('a signature that is refused shows neither key nor token, though the cloud quotes all of the request', async () => {
  const token = 'IQoJb3JpZ2luX2VjEXAMPLETOKEN==';
  const message = `The request signature we calculated does not match. The Canonical String should have been x-amz-security-token:${token} Credential=${KEYS.accessKeyId}/x ${KEYS.secretAccessKey}`;
  const { provider } = await start(() => ({ status: 403, type: 'InvalidSignatureException', message }), {
    ...KEYS,
    sessionToken: token,
  });
  const error = await provider.complete({ ...REQUEST, model: MODEL }, heard()).catch((thrown: unknown) => thrown);
  const told = [String(error), (error as Error).stack, JSON.stringify(error)].join();
  expect(told).toContain('does not match');
  for (const secret of [token, KEYS.accessKeyId, KEYS.secretAccessKey]) expect(told).not.toContain(secret);
});

test('a key of Bedrock itself goes in the place of a signature', async () => {
  const { server, provider } = await start(() => ({ text: 'ok' }), { bearerToken: 'bedrock-api-key-123' });
  await provider.complete({ ...REQUEST, model: MODEL }, heard());
  expect(server.requests[0]?.headers.authorization).toBe('Bearer bedrock-api-key-123');
});

test('without any keys it says what to do, and looks for them again the next time', async () => {
  const home = tempDir();
  vi.stubEnv('HOME', home);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', `${home}/config`);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', `${home}/credentials`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { server, provider } = await start(() => ({ text: 'ok' }), {});
  await expect(provider.complete({ ...REQUEST, model: MODEL }, heard())).rejects.toMatchObject({
    retryable: false,
    status: 401,
    message: expect.stringMatching(/^No AWS credentials: set AWS_PROFILE/),
  });
  expect(server.requests).toHaveLength(0);
  vi.stubEnv('AWS_ACCESS_KEY_ID', KEYS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEYS.secretAccessKey);
  await provider.complete({ ...REQUEST, model: MODEL }, heard());
  expect(server.requests[0]?.headers.authorization).toBe(signatureOf(server.requests[0]!, 'eu-west-1'));
});

test('a profile whose credentials a program gives has it run once, for all requests', async () => {
  const home = tempDir();
  onTestFinished(() => void vi.unstubAllEnvs());
  const credentials = { Version: 1, AccessKeyId: KEYS.accessKeyId, SecretAccessKey: KEYS.secretAccessKey };
  writeFileSync(`${home}/keys.json`, JSON.stringify(credentials));
  writeFileSync(
    `${home}/config`,
    `[profile mine]\ncredential_process = sh -c "echo x >> ${home}/runs; cat ${home}/keys.json"\n`,
  );
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', `${home}/config`);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', `${home}/none`);
  vi.stubEnv('AWS_PROFILE', 'mine');
  const { server, provider } = await start(() => ({ text: 'ok' }), {});
  for (let n = 0; n < 3; n++) await provider.complete({ ...REQUEST, model: MODEL }, heard());
  expect(server.requests[2]?.headers.authorization).toBe(signatureOf(server.requests[2]!, 'eu-west-1'));
  expect(readFileSync(`${home}/runs`, 'utf8')).toBe('x\n');
});

test('without a region, or with none that could be one, it says what to set', () => {
  for (const region of [undefined, '', 'evil.example/']) {
    expect(() => createBedrockProvider({ region, ...KEYS })).toThrow('set AWS_REGION');
  }
});

/** The header that these very words must have been signed with. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function signatureOf(request: CloudRequest, region: string): string {
  const given = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const signed = given.split(';');
  expect(signed).toEqual(expect.arrayContaining(['host', 'x-amz-content-sha256', 'x-amz-date']));
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const lines = signed.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join('');
  // The path is encoded once more than it is sent.
  const path = request.path.split('/').map(encodeURIComponent).join('/');
  const canonical = ['POST', path, '', lines, given, hash(request.text)].join('\n');
  const date = String(request.headers['x-amz-date']);
  const scope = `${date.slice(0, 8)}/${region}/bedrock/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>((last, part) => mac(last, part), `AWS4${KEYS.secretAccessKey}`);
  const signature = mac(key, ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${KEYS.accessKeyId}/${scope}, SignedHeaders=${given}, Signature=${signature}`;
}
