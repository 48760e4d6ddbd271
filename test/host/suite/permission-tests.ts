import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PermissionAnswer } from '../../../extension/protocol/permissions.ts';
import { type HeldApi, withHeldApi } from '../held-api.ts';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, folder, tabs, treeOf, until, withSetting } from './support.ts';

interface Wanted {
  runId: string;
  callId: number;
  callKey: string;
  permission: number;
}

/** Starts `team`, whose first agent wants to write this file, which the person wants to be asked about. */
async function askToWrite(api: HeldApi, path: string): Promise<Wanted> {
  const runId = await command('counterpoint.runWorkflow', { script: 'team', provider: 'anthropic', model: 'haiku' });
  assert(runId);
  await api.release('Hold one', { tools: [{ name: 'write_file', input: { path, content: 'hello' } }] });
  const call = await until('a permission that is asked for', async () =>
    [...(await treeOf(runId)).calls.values()].find(({ asks }) => asks.length > 0),
  );
  const [question] = call.asks;
  assert.deepEqual(question?.targets, [{ kind: 'path', path, access: 'write' }]);
  return { runId, callId: call.info.id, callKey: call.info.key, permission: question?.id ?? 0 };
}

async function answer(wanted: Wanted, given: PermissionAnswer): Promise<void> {
  await vscode.commands.executeCommand('counterpoint.permission.answer', { ...wanted, answer: given });
}

async function withQuestion(path: string, use: (wanted: Wanted, file: string) => Promise<void>): Promise<void> {
  const file = join(folder().uri.fsPath, path);
  const rules = { allow: [], ask: ['write_file'], deny: [] };
  await withHeldApi((api) =>
    withSetting('profile', 'trusted', () =>
      withSetting('permissions', rules, async () => {
        const wanted = await askToWrite(api, path);
        try {
          await use(wanted, file);
        } finally {
          await command('counterpoint.stopRun', wanted.runId);
          rmSync(file, { force: true });
        }
      }),
    ),
  );
}

async function askedOf({ runId, callId }: Wanted): Promise<number | undefined> {
  return (await treeOf(runId)).calls.get(callId)?.asks.length;
}

export const PERMISSION_TESTS: HostTest[] = [
  {
    name: 'a tool call that was asked about is done once it is allowed, and a second answer changes nothing',
    run: () =>
      withQuestion('allowed.txt', async (wanted, file) => {
        assert(!existsSync(file));
        await answer(wanted, 'once');
        await until('the file', () => existsSync(file));
        assert.equal(await askedOf(wanted), 0);
        // One that a slow screen still shows: it is told, and no failure.
        await answer(wanted, 'deny');
        assert.deepEqual((await treeOf(wanted.runId)).calls.get(wanted.callId)?.denied, []);
      }),
  },
  {
    name: 'a tool call that is denied is not done, and counted with its agent',
    run: () =>
      withQuestion('denied.txt', async (wanted, file) => {
        await answer(wanted, 'deny');
        await until('the denial', async () => {
          const denied = (await treeOf(wanted.runId)).calls.get(wanted.callId)?.denied ?? [];
          return denied.length === 1 && denied[0]?.by === 'person';
        });
        assert.equal(await askedOf(wanted), 0);
        assert(!existsSync(file));
      }),
  },
  {
    name: 'whoever answers questions is led to the panel where a tool call waits alone',
    run: () =>
      withQuestion('shown.txt', async () => {
        await closeTabs();
        await command('counterpoint.answerCheckpoint');
        await until('the panel of the run', () => tabs().some(({ label }) => label === 'team'));
        await closeTabs();
      }),
  },
];
