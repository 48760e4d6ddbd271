import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli-process.ts';
import type { FakeScript } from '../support/fake-anthropic.ts';
import { promptsOf } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';
import { documentOf, modelApi } from './cli-bench.ts';

const TASK = 'Name the mill.\nIn one word.';

async function bench(answer: FakeScript = () => ({ text: 'the *Grinder*' })) {
  const workspace = tempDir();
  const { api, env } = await modelApi(answer);
  const words = (...args: string[]) => runCli([...args, '--workspace', workspace], { env });
  const cli = (...args: string[]) => words(...args, '--json');
  return { workspace, api, cli, words };
}

test('one agent does the task, in a run that is called after it, and its answer is the report', async () => {
  const { workspace, api, cli } = await bench();
  // Of that name there may be a script in any repository; it is not what is meant.
  mkdirSync(join(workspace, '.counterpoint/workflows'), { recursive: true });
  const other = `export const meta = { name: 'agent', description: 'another' };\nreturn 'not this';\n`;
  writeFileSync(join(workspace, '.counterpoint/workflows/agent.js'), other);
  const result = await cli(
    'agent',
    TASK,
    '--model',
    'haiku',
    '--profile',
    'edit-in-worktrees',
    '--agent-type',
    'writer',
  );
  expect(result.code).toBe(0);
  expect(documentOf(result)).toMatchObject({
    status: 'completed',
    result: { answer: 'the *Grinder*', report: '# Name the mill.\n\nthe *Grinder*\n' },
    agents: { started: 1, succeeded: 1 },
  });
  expect(promptsOf(api)).toEqual([expect.stringMatching(/^Name the mill\.\nIn one word\.\n/)]);
  // The kind of agent that has no tools.
  expect(api.requests[0]?.body.tools ?? []).toEqual([]);
  expect(documentOf(await cli('runs'))).toMatchObject([{ name: 'Name the mill.' }]);
});

test('in words, too: the answer, and in the list of runs what it was about', async () => {
  const { words } = await bench();
  expect((await words('agent', TASK)).stdout).toMatch(/: completed in [\s\S]*# Name the mill\.\n\nthe \*Grinder\*\n/);
  expect((await words('runs')).stdout).toMatch(/^agent-[0-9a-f]{8} +completed .* Name the mill\.$/m);
});

test('it may be called otherwise; an agent without an answer is a failed run, exit code 1', async () => {
  const { cli } = await bench(() => ({ status: 400 }));
  const result = await cli('agent', TASK, '--label', 'mill');
  expect(result.code).toBe(1);
  expect(documentOf(result)).toMatchObject({ status: 'failed', agents: { failed: 1 } });
  expect(documentOf(await cli('runs'))).toMatchObject([{ name: 'mill' }]);
});

test('the analyst, which is no model, and an empty task are refused before anything begins', async () => {
  const { api, cli } = await bench();
  const analyst = await cli('agent', TASK, '--provider', 'builtin');
  expect([analyst.code, documentOf(analyst).error.message]).toEqual([
    1,
    expect.stringMatching(/is no AI model.*A model does/),
  ]);
  const empty = await cli('agent', ' \n');
  expect([empty.code, documentOf(empty).error.message]).toEqual([1, 'The task is empty. Say what the agent is to do.']);
  expect((await cli('agent')).code).toBe(2);
  expect(documentOf(await cli('runs'))).toEqual([]);
  expect(api.requests).toEqual([]);
});
