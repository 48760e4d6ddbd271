import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Asked } from '../../extension/cli/asked.ts';
import { ServerQuestions } from '../../extension/cli/server-questions.ts';
import { readCommandLine } from '../../extension/cli/usage.ts';
import { readMcpConfig } from '../../extension/tools/mcp/config.ts';
import { tempDir } from '../support/temp-dir.ts';
import { ROOT, writeFiles } from '../support/workspace.ts';

/** The command line from its sources, in a home of its own. */
function cli(args: string[], home: string): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', HOME: home } };
    execFile(process.execPath, [join(ROOT, 'extension/cli.ts'), ...args], options, (_error, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
}

function definitions(command: string): Record<string, string> {
  const args = ['--key', '$' + '{TOKEN}'];
  return { '.mcp.json': JSON.stringify({ mcpServers: { known: { command, args }, other: { command: 'other' } } }) };
}

async function serversOf(workspace: string) {
  const { servers } = await readMcpConfig(workspace);
  const [known, other] = servers;
  if (!known || !other) throw new Error('both are defined');
  return { known, other };
}

test('a server that was allowed by name is started as it is written, and of others it is told how to allow them', async () => {
  const [workspace, home] = [realpathSync(tempDir()), tempDir()];
  writeFiles(workspace, definitions('run\u202eit'));
  const { stdout } = await cli(['mcp', 'allow', 'known', '--workspace', workspace], home);
  expect(stdout).toContain('"command": "run\\u202eit"');
  expect(stdout).toContain('it is given TOKEN.');
  expect(stdout).toContain('is allowed from now on');
  const list = await cli(['mcp', '--workspace', workspace], home);
  expect(list.stdout).toContain(
    `  allowed; \`counterpoint mcp forbid known --workspace ${workspace}\` takes that back`,
  );
  // What keeps it from being started is said before anybody allows it.
  for (const said of [stdout, list.stdout])
    expect(said).toContain('  It cannot be started: the environment variable TOKEN is not set');
  expect(list.stdout).toContain('  not allowed yet: asked when an agent wants it; `counterpoint mcp allow other');
  const told: string[] = [];
  const consent = () => {
    const made = new ServerQuestions({ workspace, unattended: false }, home);
    made.showOn({ say: (line) => told.push(line), ask: () => told.push('asked') });
    return made;
  };
  const { known, other } = await serversOf(workspace);
  expect(await consent().mayStart(known)).toBe(true);
  expect(told).toEqual([]);
  const once = consent();
  expect([await once.mayStart(other), await once.mayStart(other)]).toEqual([false, false]);
  expect(told).toEqual([
    expect.stringContaining(`\`counterpoint mcp allow other --workspace ${workspace}\` allows it`),
  ]);
  writeFiles(workspace, definitions('something else'));
  expect(await consent().mayStart((await serversOf(workspace)).known)).toBe(false);
  writeFiles(workspace, { '.mcp.json': JSON.stringify({ mcpServers: { other: { command: 'other' }, bad: 1 } }) });
  const later = JSON.parse((await cli(['mcp', '--workspace', workspace, '--json'], home)).stdout);
  expect(later).toMatchObject({
    servers: [{ name: 'other', standing: 'asked', allowed: false }],
    gone: ['known'],
    problems: [expect.stringMatching(/^\.mcp\.json:1: the server "bad" cannot be used: /)],
  });
});

test('what was allowed can be taken back, in all its versions and for what runs already asks the next time', async () => {
  const [workspace, home] = [realpathSync(tempDir()), tempDir()];
  const made = new ServerQuestions({ workspace, unattended: false }, home);
  made.showOn({ say: () => undefined, ask: () => undefined });
  const versions = [];
  for (const command of ['first', 'second']) {
    writeFiles(workspace, definitions(command));
    await cli(['mcp', 'allow', 'known', '--workspace', workspace], home);
    versions.push((await serversOf(workspace)).known);
  }
  expect(await Promise.all(versions.map((one) => made.mayStart(one)))).toEqual([true, true]);
  const { stdout } = await cli(['mcp', 'forbid', 'known', '--workspace', workspace], home);
  expect(stdout).toBe('known is not allowed any more, in this folder: you are asked before it is started again\n');
  expect(await Promise.all(versions.map((one) => made.mayStart(one)))).toEqual([false, false]);
  const again = await cli(['mcp', 'forbid', 'known', '--workspace', workspace, '--json'], home);
  expect(JSON.parse(again.stdout)).toEqual({ name: 'known', allowed: false, taken: 0 });
});

test('at a terminal a person sees all of it and is asked, once a process', async () => {
  for (const stream of [process.stdin, process.stderr]) {
    const { isTTY } = stream;
    stream.isTTY = true;
    onTestFinished(() => void Object.assign(stream, { isTTY }));
  }
  const [workspace, home] = [realpathSync(tempDir()), tempDir()];
  writeFiles(workspace, definitions('run'));
  const asked: Asked[] = [];
  const consent = new ServerQuestions({ workspace, unattended: false }, home);
  consent.showOn({ say: () => undefined, ask: (one) => asked.push(one) });
  const { known } = await serversOf(workspace);
  const answer = consent.mayStart(known);
  await vi.waitUntil(() => asked.length === 1);
  expect(asked[0]?.lines().join('\n')).toContain('"command": "run"');
  // A question that is withdrawn is a no, which holds.
  await asked[0]?.ask(AbortSignal.abort());
  expect([await answer, await consent.mayStart(known), asked.length]).toEqual([false, false, 1]);
});

test('the command takes a server to allow or to forbid, or nothing', () => {
  expect(readCommandLine(['mcp'])).toMatchObject({ subject: '', name: '' });
  for (const what of ['allow', 'forbid'])
    expect(readCommandLine(['mcp', what, 'x'])).toMatchObject({ subject: what, name: 'x' });
  for (const wrong of [['allow'], ['forbid'], ['x'], ['deny', 'x']])
    expect(() => readCommandLine(['mcp', ...wrong])).toThrow('allow NAME');
});
