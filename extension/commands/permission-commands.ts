import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { PERMISSION_ANSWERS } from '../protocol/permissions.ts';
import { showCheckpoint } from './checkpoint-commands.ts';
import { showFailure } from './failure.ts';
import { givePermit } from './permission-answer.ts';
import type { Workbench } from './workbench.ts';

/** A question about a tool call as rows name it; `answer`: what is said to it. */
const pointer = z.object({ runId: z.string(), callId: z.int(), callKey: z.string(), permission: z.int() });
const answered = z.extend(pointer, { answer: z.enum(PERMISSION_ANSWERS) });

/** What the rows of a question about a tool call do. They are no commands of the palette: without a question they mean nothing. */
export function registerPermissionCommands(bench: Workbench): vscode.Disposable {
  const handlers: Record<string, (argument: unknown) => Promise<void>> = {
    'counterpoint.permission.show': (argument) => showCheckpoint(bench, pointer.parse(argument)),
    'counterpoint.permission.answer': async (argument) => {
      const { runId, callId, callKey, permission, answer } = answered.parse(argument);
      const { runs } = (await bench.workspaces.find(runId)).workspace;
      await givePermit({ runs, runId }, { on: { call: callId, key: callKey }, permission }, answer);
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(handlers).map(([id, handler]) =>
      vscode.commands.registerCommand(id, (argument: unknown) => handler(argument).catch(showFailure)),
    ),
  );
}
