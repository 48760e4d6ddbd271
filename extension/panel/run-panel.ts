import * as vscode from 'vscode';
import type { HostToView } from '../protocol/panel-messages.ts';
import type { ViewedRun } from './documents.ts';
import { streamEvents } from './event-feed.ts';
import { panelHtml, webviewRoot } from './panel-html.ts';
import { answerRequest, type PanelActions } from './panel-requests.ts';
import { statusIcon } from './status-icon.ts';
import { parseViewMessage, parseViewState } from './view-messages.ts';

const VIEW_TYPE = 'counterpoint.run';

/** One panel a run, in the editor area. */
export interface RunPanels extends vscode.Disposable {
  /** Shows the run's panel, opening it where there is none. */
  show(run: ViewedRun): void;
  /** The run whose panel is the active editor. */
  active(): string | undefined;
  isVisible(runId: string): boolean;
}

export interface RunPanelOptions {
  extension: vscode.Uri;
  actions: PanelActions;
  /** @throws UserError where there is no such run. */
  find(runId: string): Promise<ViewedRun>;
}

/** Also brings panels back after the window was reloaded. */
export function createRunPanels(options: RunPanelOptions): RunPanels {
  const panels = new Map<string, vscode.WebviewPanel>();
  const adopt = (panel: vscode.WebviewPanel, run: ViewedRun) => {
    panels.set(run.id, panel);
    panel.onDidDispose(() => {
      if (panels.get(run.id) === panel) panels.delete(run.id);
    });
    connect(panel, run, options);
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
    show(run) {
      const open = panels.get(run.id);
      if (open) return open.reveal();
      adopt(vscode.window.createWebviewPanel(VIEW_TYPE, 'Run', vscode.ViewColumn.Active), run);
    },
    active: () => [...panels].find(([, panel]) => panel.active)?.[0],
    isVisible: (runId) => panels.get(runId)?.visible ?? false,
    dispose() {
      serializer.dispose();
      for (const panel of panels.values()) panel.dispose();
    },
  };
}

/** Joins a panel and a run: events flow out, requests come in, the tab tells the status. */
function connect(panel: vscode.WebviewPanel, run: ViewedRun, { extension, actions }: RunPanelOptions): void {
  const post = (message: HostToView) => panel.webview.postMessage(message);
  let stopStream: (() => void) | undefined;
  const unsubscribe = run.runs.subscribe(run.id, (events) => {
    for (const event of events) {
      if (event.type === 'run.started') panel.iconPath = statusIcon('running');
      if (event.type === 'run.ended') panel.iconPath = statusIcon(event.status);
    }
  });
  panel.onDidDispose(() => {
    stopStream?.();
    unsubscribe();
  });
  // A hidden view does not exist; it subscribes again when it is shown.
  panel.onDidChangeViewState(() => {
    if (!panel.visible) stopStream?.();
  });
  panel.webview.onDidReceiveMessage(async (received: unknown) => {
    const message = parseViewMessage(received);
    if (message?.type === 'subscribe') {
      stopStream?.();
      try {
        stopStream = streamEvents(run.runs, run.id, message.after, post);
      } catch (error) {
        await post({ type: 'run-gone', message: error instanceof Error ? error.message : String(error) });
      }
    }
    if (message?.type === 'request') await post(await answerRequest(message, run, actions));
  });
  const summary = run.runs.summary(run.id);
  panel.title = summary?.run.name ?? 'Run';
  panel.iconPath = statusIcon(summary?.status ?? 'created');
  load(panel, extension);
}

/** A panel whose run cannot be found says so, and goes on saying so when it is hidden and shown. */
function showGone(panel: vscode.WebviewPanel, extension: vscode.Uri, message: string): void {
  panel.webview.onDidReceiveMessage(async (received: unknown) => {
    if (parseViewMessage(received)?.type === 'subscribe')
      await panel.webview.postMessage({ type: 'run-gone', message } satisfies HostToView);
  });
  load(panel, extension);
}

/** After a reload of the window the options of the old page count for nothing, so they are set here for both. */
function load(panel: vscode.WebviewPanel, extension: vscode.Uri): void {
  panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(extension)] };
  panel.webview.html = panelHtml(panel.webview, extension);
}
