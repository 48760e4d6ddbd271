import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { askToRun, type RunToApprove, runOrAsk } from './approve-run.ts';
import { showFailure } from './failure.ts';
import { makePreview } from './planning.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust, type TrustedWorkspace } from './workspaces.ts';

/** What buttons of the chat do. They are no commands of the palette: without a script they mean nothing. */
export const REVIEW = 'counterpoint.workflow.review';
export const RUN = 'counterpoint.workflow.run';

const wanted = z.strictObject({
  script: z.string().check(z.minLength(1)),
  args: z.optional(z.json()),
  provider: z.string().check(z.minLength(1)),
  model: z.optional(z.string()),
});

/** Both ask the person where that has to be asked; `REVIEW` shows the script and its preview in any case. */
export function registerWorkflowLinks(bench: Workbench): vscode.Disposable {
  const ask = async (workspace: TrustedWorkspace, run: RunToApprove) =>
    askToRun(bench, workspace, run, { first: await makePreview(workspace, run) });
  const handlers = { [REVIEW]: ask, [RUN]: (at: TrustedWorkspace, run: RunToApprove) => runOrAsk(bench, at, run) };
  return vscode.Disposable.from(
    ...Object.entries(handlers).map(([id, handler]) =>
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        try {
          const run = wanted.parse(argument) as RunToApprove;
          const trust = requireTrust();
          const own = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(run.script));
          const folder = own ?? (await bench.workspaces.choose());
          return folder && (await handler({ ...(await bench.workspaces.open(folder)), ...trust }, run));
        } catch (error) {
          showFailure(error);
          return undefined;
        }
      }),
    ),
  );
}
