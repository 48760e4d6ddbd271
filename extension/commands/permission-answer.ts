import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { PermissionAnswer } from '../protocol/permissions.ts';
import { plain } from '../protocol/plain-text.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { RunService } from '../runs/run-service.ts';
import { requireTrust } from './workspaces.ts';

/** A question about a tool call, as it is answered: which, and of which call of the run. */
export interface PermissionRef {
  on: CallRef;
  permission: number;
}

/** Hands in a yes or no. @throws UserError where it is not asked any more, or the folder is not trusted. */
export async function sendPermit(
  { runs, runId }: { runs: RunService; runId: string },
  { on, permission }: PermissionRef,
  answer: PermissionAnswer,
): Promise<void> {
  requireTrust();
  await runs.control(runId, { action: 'permit', ...on, permission, answer });
}

/** As `sendPermit`, for a place that is still on the screen when somebody else has answered: that is said, and is no failure. */
export async function givePermit(...asked: Parameters<typeof sendPermit>): Promise<void> {
  try {
    await sendPermit(...asked);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'not-possible') throw error;
    void vscode.window.showInformationMessage(plain(error.message));
  }
}
