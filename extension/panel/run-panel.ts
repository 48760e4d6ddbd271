import * as vscode from 'vscode';
import type { HostToView, PanelCommand } from '../protocol/panel-messages.ts';
import { type Standing, standingOf } from '../runs/run-standing.ts';
import type { ViewedRun } from './documents.ts';
import { loadPanel } from './panel-html.ts';
import { answerRequest, type PanelActions } from './panel-requests.ts';
import { responseParts } from './response-parts.ts';
import { statusIcon } from './status-icon.ts';
import { ViewLine } from './view-line.ts';
import { parseViewMessage, parseViewState } from './view-messages.ts';

const VIEW_TYPE = 'counterpoint.run';

/** One panel a run, in the editor area. */
export interface RunPanels extends vscode.Disposable {
  /** Shows the run's panel, opening it where there is none; `command` is done once the view has the run. */
  show(run: ViewedRun, command?: PanelCommand): void;
  /** Has a panel that is open do something, at once if it is seen, else when it is shown; nothing where there is none. */
  send(runId: string, command: PanelCommand): void;
  /** The run whose panel is the active editor. */
  active(): string | undefined;
  isVisible(runId: string): boolean;
}

export interface RunPanelOptions {
  extension: vscode.Uri;
  actions: PanelActions;
  /** Called for each run that is shown, for as long as it is. */
  attend(run: ViewedRun): vscode.Disposable;
  /** @throws UserError where there is no such run. */
  find(runId: string): Promise<ViewedRun>;
}

/** Also brings panels back after the window was reloaded. */
export function createRunPanels(options: RunPanelOptions): RunPanels {
  const panels = new Map<string, OpenPanel>();
  const adopt = (panel: vscode.WebviewPanel, run: ViewedRun) => {
    const attention = options.attend(run);
    const open: OpenPanel = { panel, line: connect(panel, run, options) };
    panels.set(run.id, open);
    panel.onDidDispose(() => {
      attention.dispose();
      if (panels.get(run.id) === open) panels.delete(run.id);
    });
    return open;
  };
  const serializer = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
    async deserializeWebviewPanel(panel, saved: unknown) {
      try {
        const state = parseViewState(saved);
        if (!state)
          throw new Error('The panel did not say which run it showed. Open it with “Counterpoint: Show Run…”.');
        adopt(panel, await options.find(state.runId));
      } catch (error) {
        showGone(panel, options.extension, error instanceof Error ? error.message : String(error));
      }
    },
  });
  return {
    show(run, command) {
      let open = panels.get(run.id);
      if (open) open.panel.reveal();
      else open = adopt(vscode.window.createWebviewPanel(VIEW_TYPE, 'Run', vscode.ViewColumn.Active), run);
      if (command) open.line.command(command);
    },
    send: (runId, command) => panels.get(runId)?.line.command(command),
    active: () => [...panels].find(([, { panel }]) => panel.active)?.[0],
    isVisible: (runId) => panels.get(runId)?.panel.visible ?? false,
    dispose() {
      serializer.dispose();
      for (const { panel } of panels.values()) panel.dispose();
    },
  };
}

interface OpenPanel {
  panel: vscode.WebviewPanel;
  line: ViewLine;
}

/** Joins a panel and a run: events flow out, requests come in, the tab tells the status. */
function connect(panel: vscode.WebviewPanel, run: ViewedRun, { extension, actions }: RunPanelOptions): ViewLine {
  const line = new ViewLine(run, (message) => panel.webview.postMessage(withTrust(message)));
  const trusted = vscode.workspace.onDidGrantWorkspaceTrust(() => {
    if (panel.visible)
      void line.post({ type: 'events', runId: run.id, events: [], more: false, interrupted: isInterrupted(run) });
  });
  const unsubscribe = followStanding(panel, run);
  panel.onDidDispose(() => {
    line.close();
    trusted.dispose();
    unsubscribe();
  });
  // A hidden view does not exist; it subscribes again when it is shown.
  panel.onDidChangeViewState(() => {
    if (!panel.visible) line.close();
  });
  panel.webview.onDidReceiveMessage(async (received: unknown) => {
    const message = parseViewMessage(received);
    if (message?.type === 'subscribe') await line.subscribe(message.after);
    if (message?.type === 'watch') line.watch(message.call);
    if (message?.type !== 'request') return;
    for (const part of responseParts(await answerRequest(message, run, actions))) await line.post(part);
  });
  panel.title = run.runs.summary(run.id)?.run.name ?? 'Run';
  loadPanel(panel, extension);
  return line;
}

/** What may not be touched says so before somebody tries. */
function withTrust(message: HostToView): HostToView {
  return message.type === 'events' ? { ...message, restricted: !vscode.workspace.isTrusted } : message;
}

function isInterrupted({ id, runs }: ViewedRun): boolean {
  return runs.summary(id)?.status === 'interrupted';
}

/** Tells how the run of the active panel stands, to the menus of its title. */
const STANDING_KEY = 'counterpoint.panelRun';

/** Keeps the tab's icon, and while the panel is active its menus, in step with the run. Returns the way to stop. */
function followStanding(panel: vscode.WebviewPanel, { id, runs }: ViewedRun): () => void {
  const summary = runs.summary(id);
  let standing: Standing = summary ? standingOf(runs, summary) : 'created';
  const tellMenus = () => {
    if (panel.active) void vscode.commands.executeCommand('setContext', STANDING_KEY, standing);
  };
  const become = (next: Standing) => {
    standing = next;
    panel.iconPath = statusIcon(standing);
    tellMenus();
  };
  become(standing);
  panel.onDidChangeViewState(tellMenus);
  const unsubscribe = runs.subscribe(id, (events) => {
    for (const event of events) {
      if (event.type === 'run.started' || event.type === 'run.unpaused') become('running');
      if (event.type === 'run.paused') become('paused');
      if (event.type === 'run.ended') become(event.status);
    }
  });
  // A run that dies leaves no event.
  const unlisten = runs.onInterrupted((runId) => {
    if (runId === id) become('interrupted');
  });
  return () => {
    unsubscribe();
    unlisten();
  };
}

/** A panel whose run cannot be found says so, and goes on saying so when it is hidden and shown. */
function showGone(panel: vscode.WebviewPanel, extension: vscode.Uri, message: string): void {
  panel.webview.onDidReceiveMessage(async (received: unknown) => {
    if (parseViewMessage(received)?.type === 'subscribe')
      await panel.webview.postMessage({ type: 'run-gone', message } satisfies HostToView);
  });
  loadPanel(panel, extension);
}
