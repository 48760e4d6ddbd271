import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { OAuth2Client } from 'google-auth-library';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Provider } from '../../extension/models/provider.ts';
import { createVertexProvider, type VertexOptions } from '../../extension/models/vertex.ts';
import { type CloudScript, type FakeCloud, startFakeVertex } from '../support/fake-clouds.ts';
import { heard, REQUEST } from '../support/model-requests.ts';
import { tempDir } from '../support/temp-dir.ts';

const TOKEN = 'ya29.very-secret-token';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/** Google's own client of credentials, with a token that nobody has to fetch. */
function authClient(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: TOKEN, expiry_date: Date.now() + 3_600_000 });
  return client;
}

async function start(
  script: CloudScript,
  options: Partial<VertexOptions> = {},
): Promise<{ server: FakeCloud; provider: Provider }> {
  const server = await startFakeVertex(script);
  onTestFinished(() => server.close());
  const all = { region: 'global', projectId: 'my-project', baseUrl: `${server.url}/v1`, authClient: authClient() };
  return { server, provider: createVertexProvider({ ...all, ...options }) };
}

test('a request names project, place and model in the address, has the token, and its reply streams', async () => {
  const { server, provider } = await start(() => ({ text: 'Hello there', usage: { input: 1_000, output: 100 } }));
  const watching = heard();
  const model = provider.resolveModel('claude-haiku-4-5');
  const reply = await provider.complete({ ...REQUEST, model }, watching);
  expect(reply.content).toEqual([{ type: 'text', text: 'Hello there' }]);
  expect(watching.deltas.length).toBeGreaterThan(1);
  expect(reply.usage.costUsd).toBeCloseTo(0.0015, 10);
  const [request] = server.requests;
  expect(request?.path).toBe(
    '/v1/projects/my-project/locations/global/publishers/anthropic/models/claude-haiku-4-5@20251001:streamRawPredict',
  );
  expect(request?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  expect(request?.body).not.toHaveProperty('model');
  expect(request?.body).toHaveProperty('anthropic_version');
});

test('one part of the world costs a tenth more', async () => {
  const { provider } = await start(() => ({ text: 'x', usage: { input: 1_000, output: 100 } }), { region: 'us-east5' });
  const reply = await provider.complete({ ...REQUEST, model: 'claude-haiku-4-5@20251001' }, heard());
  expect(reply.usage.costUsd).toBeCloseTo(0.00165, 10);
});

test('names: those of Anthropic have the date that Google wants, all others pass', () => {
  const { resolveModel, defaultModel } = createVertexProvider({ region: 'global' });
  expect(defaultModel).toBe('claude-sonnet-5-5');
  expect(
    ['opus', 'claude-sonnet-4-5', 'claude-haiku-4-5-20251001', 'claude-opus-4-6', 'x@y'].map(resolveModel),
  ).toEqual(['claude-opus-5-5', 'claude-sonnet-4-5@20250929', 'claude-haiku-4-5@20251001', 'claude-opus-4-6', 'x@y']);
});

test('answers that an organisation does not let be held to a schema are asked for without, and that is told once', async () => {
  const { server, provider } = await start(({ body }) => {
    const [tool] = body.tools as { strict?: boolean }[];
    return tool?.strict
      ? {
          status: 400,
          type: 'FAILED_PRECONDITION',
          message: 'structured_outputs is not allowed by allowedPartnerModelFeatures',
        }
      : { tools: [{ name: 'answer', input: { a: 1 } }] };
  });
  const inputSchema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
  const request = { ...REQUEST, tools: [{ name: 'answer', description: '', inputSchema, strict: true as const }] };
  const watching = heard();
  for (let n = 0; n < 2; n++) expect((await provider.complete(request, watching)).stopReason).toBe('tool_use');
  expect(server.requests).toHaveLength(3);
  expect(watching.notes).toEqual([expect.stringContaining('does not hold answers to a schema')]);
});

test.each([
  [401, { retryable: false }, 'gcloud auth application-default login'],
  [403, { retryable: false }, 'may use Vertex AI'],
  [404, { retryable: false }, 'Model Garden'],
  [429, { retryable: true }, '429'],
  [503, { retryable: true }, '503'],
])('status %i is read for what it is', async (status, expected, words) => {
  const { provider } = await start(() => ({ status, message: 'scripted' }));
  await expect(provider.complete(REQUEST, heard())).rejects.toMatchObject({
    ...expected,
    status,
    message: expect.stringContaining(words),
  });
});

test('a token that a message quotes is not shown', async () => {
  const { provider } = await start(() => ({ status: 401, message: `Request had invalid credentials Bearer ${TOKEN}` }));
  const error = await provider.complete(REQUEST, heard()).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('invalid credentials [key]');
});

test("credentials are found as Google's tools find them, and fetched once for all requests", async () => {
  let fetched = 0;
  const issuer = createServer((_, response) => {
    fetched += 1;
    const token = { access_token: TOKEN, issued_token_type: TOKEN_TYPE, token_type: 'Bearer', expires_in: 3_600 };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void issuer.close());
  const home = tempDir();
  writeFileSync(join(home, 'subject'), 'who I am');
  const found = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/me',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/v1/token`,
    credential_source: { file: join(home, 'subject') },
  };
  writeFileSync(join(home, 'adc.json'), JSON.stringify(found));
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(home, 'adc.json'));
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'my-project');
  const { server, provider } = await start(() => ({ text: 'ok' }), { authClient: undefined });
  for (let n = 0; n < 3; n++) await provider.complete(REQUEST, heard());
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${TOKEN}`));
  expect(fetched).toBe(1);
});

test('without credentials it says what to do, and looks for them again the next time', async () => {
  const home = tempDir();
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HOME', home);
  vi.stubEnv('CLOUDSDK_CONFIG', home);
  vi.stubEnv('GCE_METADATA_HOST', '127.0.0.1:9');
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
  const { server, provider } = await start(() => ({ text: 'ok' }), { authClient: undefined });
  const refused = async (why: string): Promise<void> => {
    const error = await provider.complete(REQUEST, heard()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ModelError', retryable: false, status: 401 });
    expect(String(error)).toContain('No Google credentials: run `gcloud auth application-default login`');
    expect(String(error)).toContain(why);
  };
  await refused('Could not load the default credentials');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', `${home}/made-meanwhile.json`);
  await refused('made-meanwhile.json');
  expect(server.requests).toHaveLength(0);
});

test('without a project that is told', async () => {
  const { provider } = await start(() => ({ text: 'ok' }), { projectId: undefined });
  await expect(provider.complete(REQUEST, heard())).rejects.toMatchObject({
    retryable: false,
    message: expect.stringContaining('set ANTHROPIC_VERTEX_PROJECT_ID'),
  });
});

test('without a region, or with none that could be one, it says what to set', () => {
  for (const region of [undefined, '', 'evil.example/']) {
    expect(() => createVertexProvider({ region })).toThrow('set CLOUD_ML_REGION');
  }
});
