import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../support/cli-process.ts';
import { startFakeBedrock } from '../support/fake-clouds.ts';
import { tempDir } from '../support/temp-dir.ts';

// The client's own chain would find none there.
test('the built product finds the credentials of a profile', async () => {
  const answer = { tools: [{ name: 'answer', input: { word: 'ready', number: 7 } }] };
  const cloud = await startFakeBedrock(() => answer);
  onTestFinished(() => cloud.close());
  const home = tempDir();
  const keys = 'aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n';
  writeFileSync(join(home, 'credentials'), `[mine]\n${keys}`);
  const env = {
    ...{ AWS_REGION: 'eu-west-1', AWS_PROFILE: 'mine', ANTHROPIC_BEDROCK_BASE_URL: cloud.url },
    ...{ AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'), AWS_CONFIG_FILE: join(home, 'none') },
    ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
  };
  const { code, stdout } = await runCli(['models', '--provider', 'bedrock'], { env });
  expect(stdout).toContain('Agents can work with it.');
  expect(code).toBe(0);
  expect(cloud.requests[0]?.headers.authorization).toContain('Credential=AKIAIOSFODNN7EXAMPLE/');
});
