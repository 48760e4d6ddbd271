import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bashTool } from '../../extension/tools/bash.ts';
import { findOnPath } from '../../extension/tools/find-program.ts';
import { osSandbox } from '../../extension/tools/shell/os-sandbox.ts';
import { outputOf, type ToolContext } from '../../extension/tools/tool.ts';
import { oddSeconds, programsAreGone, programsWith } from '../support/programs.ts';
import { workspaceWith } from '../support/workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'counterpoint-path-'));
const before = process.env.PATH;

/** A machine without the programs of the sandbox. */
beforeAll(async () => {
  mkdirSync(join(folder, 'bin'));
  for (const name of ['sleep', 'env', 'ls', 'setsid', 'ps', 'perl']) {
    const path = await findOnPath(name);
    if (path !== undefined) symlinkSync(path, join(folder, 'bin', name));
  }
  process.env.PATH = join(folder, 'bin');
});
afterAll(() => {
  process.env.PATH = before;
  rmSync(folder, { recursive: true, force: true });
});

async function bash(command: string, context: ToolContext, timeout = 60): Promise<string> {
  return outputOf(await bashTool.run({ command, timeout }, context)).forModel;
}

test('where there is no sandbox, that is told, and every command is put to a person beside what it is', async () => {
  const context = await workspaceWith({});
  const sandbox = await osSandbox();
  expect(sandbox).toEqual({ available: false, why: expect.stringContaining('There is no sandbox on this machine') });
  expect(await bashTool.targets!({ command: 'npm test' }, context)).toEqual([
    { kind: 'command', words: ['npm', 'test'], text: 'npm test' },
    { kind: 'unclear', text: 'npm test', why: expect.stringContaining('There is no sandbox on this machine') },
  ]);
});

test('a command that a person allowed has the same environment there', async () => {
  const context = await workspaceWith({});
  process.env.MY_OWN_SECRET = 'VALUE-OF-SECRET';
  const environment = await bash('env', context);
  delete process.env.MY_OWN_SECRET;
  expect(environment).not.toContain('VALUE-OF');
  expect(environment).toContain('GIT_CONFIG_VALUE_0=/dev/null');
  expect(environment).toMatch(/^HOME=.*counterpoint-home-/m);
});

test('what it started ends with it there, too, also what has left its group and lost its parent', async () => {
  const context = await workspaceWith({});
  const seconds = oddSeconds();
  expect(await bash(`setsid sleep ${seconds} & (setsid sleep ${seconds} &) ; echo done`, context)).toBe('done');
  expect(await programsAreGone(seconds)).toBe(true);
  const command = `(setsid sleep ${seconds} &); (sleep ${seconds} &); sleep ${seconds}`;
  expect(await bash(command, context, 1)).toBe('(ended after 1 seconds, with all that it had started)');
  expect(await programsAreGone(seconds)).toBe(true);
});

test('processes that make processes end with the rest there, too, and so they do after a stop', async () => {
  const stop = new AbortController();
  const context = { ...(await workspaceWith({})), signal: stop.signal };
  const seconds = oddSeconds();
  const bomb = `b() { [ $1 -gt 0 ] && { b $(($1-1)) & b $(($1-1)) & }; exec sleep ${seconds}; }; b 5`;
  const ended = expect(bash(bomb, context)).rejects.toThrow('stopped by a person');
  for (let i = 0; i < 200 && programsWith(seconds).length < 5; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(programsWith(seconds).length).toBeGreaterThanOrEqual(5);
  stop.abort(new Error('stopped by a person'));
  await ended;
  expect(await programsAreGone(seconds)).toBe(true);
});
