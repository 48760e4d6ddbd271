import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PROVIDERS } from '../../extension/models/providers.ts';
import { type FakeReply, startFakeAnthropic } from '../support/fake-anthropic.ts';

const CLI = join(import.meta.dirname, '../../extension/cli.ts');

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** The command line from its sources; nothing of the settings of this machine reaches it. */
function models(args: string[], env: Record<string, string> = {}): Promise<Result> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env } };
    execFile(process.execPath, [CLI, 'models', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

async function server(reply: FakeReply): Promise<string> {
  const made = await startFakeAnthropic(() => reply, { models: ['qwen3'] });
  onTestFinished(() => made.close());
  return made.url;
}

test('it lists the providers, what each needs, and what of that is set, but no value', async () => {
  const env = { ANTHROPIC_API_KEY: 'sk-secret', AWS_REGION: 'eu-west-1' };
  const { code, stdout } = await models([], env);
  expect(code).toBe(0);
  for (const { id, needs } of PROVIDERS)
    expect(stdout).toMatch(new RegExp(`^${id} +.*\\n +needs ${needs.slice(0, 12)}`, 'm'));
  expect(stdout).toContain('set: ANTHROPIC_API_KEY');
  expect(stdout).not.toContain('sk-secret');
  const json = JSON.parse((await models(['--json'], env)).stdout);
  expect(json.providers.map(({ id, set }: { id: string; set: string[] }) => [id, set])).toContainEqual([
    'bedrock',
    ['AWS_REGION'],
  ]);
});

test('it asks one once and tells what it can do, in words or as a document', async () => {
  const reply = { text: 'Hello to you.', tools: [{ name: 'answer', input: { word: 'ready', number: 7 } }] };
  const env = { ANTHROPIC_BASE_URL: await server(reply) };
  const told = await models(['--provider', 'compatible'], env);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toMatch(/^qwen3 · Messages API at 127\.0\.0\.1:\d+$/m);
  expect(told.stdout).toMatch(/structured output +yes/);
  expect(told.stdout).toContain('Agents can work with it.');
  const document = JSON.parse((await models(['--model', 'haiku', '--json'], env)).stdout);
  expect(document).toMatchObject({ model: 'claude-haiku-5-5', problem: null, tools: true });
});

test('one that agents cannot work with is exit code 1, and a provider that is not set up says what to do', async () => {
  const mute = await models(['--provider', 'compatible'], { ANTHROPIC_BASE_URL: await server({ text: 'Hello.' }) });
  expect(mute.code).toBe(1);
  expect(mute.stdout).toContain('Agents cannot work with it: It did not call the tool');
  const unset = await models(['--provider', 'vertex']);
  expect(unset).toMatchObject({ code: 1, stdout: '' });
  expect(unset.stderr).toMatch(/^counterpoint: No region of Google Vertex AI: set CLOUD_ML_REGION.*\n$/);
});
