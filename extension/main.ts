import * as vscode from 'vscode';
import { createAnthropicKey } from './commands/anthropic-key.ts';
import { registerCommands, showFailure } from './commands/commands.ts';
import { openRuns } from './commands/open-runs.ts';
import { allRuns } from './commands/pick-run.ts';
import { agreesToStop, openReport, resumeRun, showRun, viewed, type Workbench } from './commands/run-commands.ts';
import { createRunWatch, offerResume } from './commands/run-watch.ts';
import { createWorkspaces, type Workspaces } from './commands/workspaces.ts';
import { createRunDocuments, type ViewedRun } from './panel/documents.ts';
import { createRunPanels } from './panel/run-panel.ts';

/** What the tests inside VS Code reach; nobody else gets it. */
export interface TestApi {
  workspaces: Workspaces;
}

let workspaces: Workspaces | undefined;

/** Wires everything. No journal is opened before a command, a panel or an earlier run needs it. */
export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const bench = createWorkbench(context);
  workspaces = bench.workspaces;
  context.subscriptions.push(bench.documents, bench.panels, bench.watch, registerCommands(bench));
  offerCutRuns(bench).catch(showFailure);
  return context.extensionMode === vscode.ExtensionMode.Test ? { workspaces } : undefined;
}

/** Runs that are at work are let go, to be resumed later. */
export async function deactivate(): Promise<void> {
  await workspaces?.close();
}

function createWorkbench(context: vscode.ExtensionContext): Workbench {
  const key = createAnthropicKey(context.secrets, process.env);
  const workspaces = createWorkspaces((folder) => openRuns(folder, context.extensionUri, key));
  const find = async (runId: string): Promise<ViewedRun> => viewed(await workspaces.find(runId));
  const documents = createRunDocuments(find);
  const panels = createRunPanels({
    extension: context.extensionUri,
    find,
    actions: {
      documents,
      stop: async ({ id, runs }) => {
        const { summary } = await workspaces.find(id);
        if (await agreesToStop(summary)) await runs.stop(id);
      },
      resume: ({ id }) => resumeRun(bench, id),
    },
  });
  const watch = createRunWatch({
    isVisible: (runId) => panels.isVisible(runId),
    show: (runId) => void showRun(bench, runId).catch(showFailure),
    openReport: (runId) => void openReport(bench, runId).catch(showFailure),
  });
  const bench: Workbench = { workspaces, panels, documents, watch, key, memory: context.workspaceState };
  return bench;
}

/** Long enough for the window before this one to let go of its runs, and for its claim on them to lapse. */
const CUT_CHECKS_MS = [0, 3_000, 15_000];

/** Asks about runs that were cut, in a folder where going on is allowed. After a reload they may still look alive for a moment. */
async function offerCutRuns(bench: Workbench): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  for (const delay of CUT_CHECKS_MS) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    const open = await allRuns(bench.workspaces, ({ status }) => status === 'interrupted' || status === 'running');
    const cut = open.filter(({ summary }) => summary.status === 'interrupted');
    void offerResume(
      cut,
      bench.memory,
      ({ summary }) => void resumeRun(bench, summary.run.id).catch(showFailure),
      (run) => void showRun(bench, run?.summary.run.id).catch(showFailure),
    );
    if (cut.length === open.length) return;
  }
}
