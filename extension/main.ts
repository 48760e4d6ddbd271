import * as vscode from 'vscode';
import { createAnthropicKey } from './commands/anthropic-key.ts';
import { ApprovalMemory } from './commands/approval-memory.ts';
import { AskedScripts } from './commands/asked-scripts.ts';
import { chatHandler, registerChat } from './commands/chat.ts';
import { createCheckpointPlaces, createQuestionBoard } from './commands/checkpoint-places.ts';
import { registerCommands } from './commands/commands.ts';
import { showFailure } from './commands/failure.ts';
import { createServerConsents, type ServerConsents } from './commands/mcp-servers.ts';
import { createModelServer } from './commands/model-server.ts';
import { openRuns } from './commands/open-runs.ts';
import { createPanelActions } from './commands/panel-actions.ts';
import { viewed } from './commands/pick-run.ts';
import { goOn, openReport, resumeRun, showRun } from './commands/run-commands.ts';
import { createRunWatch } from './commands/run-watch.ts';
import { createTakeOver } from './commands/take-over.ts';
import { createViews, type OwnViews } from './commands/views.ts';
import type { Workbench } from './commands/workbench.ts';
import { registerWorkflowLinks } from './commands/workflow-links.ts';
import { createWorkspaces, type Workspaces } from './commands/workspaces.ts';
import { createFindingComments } from './editor/finding-comments.ts';
import { createRunDocuments, type ViewedRun } from './panel/documents.ts';
import { createPreviewPanels, type PreviewPanels } from './panel/preview-panel.ts';
import { createRunPanels } from './panel/run-panel.ts';
import { createLiveRuns } from './runs/live-runs.ts';

/** What the tests inside VS Code reach; nobody else gets it. */
export interface TestApi {
  workspaces: Workspaces;
  views: Pick<OwnViews, 'runs' | 'workflows'>;
  previews: PreviewPanels;
  consents: ServerConsents;
  /** Folder of the scripts that come with us. */
  bundled: string;
  /** What `@counterpoint` answers. */
  chat: vscode.ChatRequestHandler;
}

let workspaces: Workspaces | undefined;

/** Wires everything. No journal is opened before a command, a panel or an earlier run needs it. */
export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const bench = createWorkbench(context);
  workspaces = bench.workspaces;
  return context.extensionMode === vscode.ExtensionMode.Test ? { ...bench, chat: chatHandler(bench) } : undefined;
}

/** Runs that are at work are let go, to be resumed later. */
export async function deactivate(): Promise<void> {
  await workspaces?.close();
}

function createWorkbench(context: vscode.ExtensionContext): Workbench & { views: OwnViews } {
  const access = {
    key: createAnthropicKey(context.secrets, process.env),
    server: createModelServer(context.secrets),
    dist: vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath,
  };
  const consents = createServerConsents();
  const workspaces = createWorkspaces((folder, leaveNoTrace) =>
    openRuns(folder, context.extensionUri, access, consents, leaveNoTrace),
  );
  const find = async (runId: string): Promise<ViewedRun> => viewed(await workspaces.find(runId));
  const documents = createRunDocuments(find);
  const live = createLiveRuns();
  const panels = createRunPanels({
    extension: context.extensionUri,
    find,
    attend: ({ id, runs }) => live.watch(runs, id),
    actions: createPanelActions(() => bench),
  });
  const watch = createRunWatch({
    live,
    isVisible: (runId) => panels.isVisible(runId),
    show: (runId) => void showRun(bench, runId).catch(showFailure),
    openReport: (runId) => void openReport(bench, runId).catch(showFailure),
    resume: (runId) => void resumeRun(bench, runId).catch(showFailure),
  });
  const questions = createQuestionBoard(workspaces, live);
  const views = createViews({ workspaces, live, extension: context.extensionUri });
  const previews = createPreviewPanels({ extension: context.extensionUri, documents });
  const bench = {
    workspaces,
    panels,
    previews,
    asked: new AskedScripts(previews),
    documents,
    watch,
    questions,
    findings: createFindingComments(),
    views,
    ...access,
    approvals: new ApprovalMemory(),
    consents,
    bundled: vscode.Uri.joinPath(context.extensionUri, 'workflows').fsPath,
    memory: context.workspaceState,
  };
  const show = (runId?: string) => showRun(bench, runId);
  const onFailure = showFailure;
  const places = createCheckpointPlaces(bench, live);
  const takeOver = createTakeOver({
    workspaces,
    memory: bench.memory,
    goOn: (found) => goOn(bench, found),
    show,
    onFailure,
  });
  const offers = [registerCommands(bench), registerWorkflowLinks(bench), registerChat(bench)];
  context.subscriptions.push(
    documents,
    panels,
    previews,
    bench.asked,
    bench.findings,
    watch,
    places,
    views,
    takeOver,
    ...offers,
  );
  return bench;
}
