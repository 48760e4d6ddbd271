import * as vscode from 'vscode';
import type { Decision } from '../protocol/preview.ts';
import type { RunDocuments, ScriptPlace } from './documents.ts';
import { loadPanel } from './panel-html.ts';
import { responseTo } from './panel-requests.ts';
import { PreviewLine, type PreviewStanding } from './preview-line.ts';
import { performForPreview } from './preview-requests.ts';
import { responseParts } from './response-parts.ts';
import { parseViewMessage } from './view-messages.ts';

export const PREVIEW_VIEW_TYPE = 'counterpoint.preview';

/** One panel a script, beside its editor, that shows what the script would do and asks whether it may. */
export interface PreviewPanels extends vscode.Disposable {
  /**
   * Shows a preview beside the editor of its script. Where there is a panel for that script it is brought to the front and
   * shows this session from then on; another session that it showed is disposed. It takes the focus where a person is
   * asked for a decision, else the focus stays where it is.
   */
  show(session: PreviewSession): void;
  /** The session whose panel is the active editor. */
  active(): PreviewSession | undefined;
  /** Fires when another is, or none. */
  onDidChangeActive: vscode.Event<void>;
  /** Closes the panel that shows this session, and so disposes it; nothing where there is none. */
  close(session: PreviewSession): void;
}

/** A preview that is kept in step with a script, by whoever makes the previews. */
export interface PreviewSession {
  script: vscode.Uri;
  /** What the tab says, such as the file's name. */
  title: string;
  current(): PreviewStanding;
  /** Fires when `current` has changed. */
  onDidChange: vscode.Event<void>;
  /**
   * Does what was decided; `digest` is that of the preview on the screen. Once it is done the panel is closed, and with it
   * the session.
   * @throws Error with the reason, which the panel shows; it stays open.
   */
  decide(decision: Decision, digest: string): Promise<void>;
  /** @throws Error with the reason. */
  openScript(place: ScriptPlace): Promise<void>;
  /** Called once the panel is closed or shows another session: where nothing was decided, that is a cancel. */
  dispose(): void;
}

export interface PreviewPanelOptions {
  extension: vscode.Uri;
  documents: RunDocuments;
}

/** Also tells, in panels that VS Code brings back after the window was reloaded, that their previews are gone. */
export function createPreviewPanels({ extension, documents }: PreviewPanelOptions): PreviewPanels {
  const panels = new Map<string, OpenPreview>();
  const changedActive = new vscode.EventEmitter<void>();
  const serializer = vscode.window.registerWebviewPanelSerializer(PREVIEW_VIEW_TYPE, {
    async deserializeWebviewPanel(panel) {
      showGone(panel, extension);
    },
  });
  const open = (session: PreviewSession, preserveFocus: boolean) => {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus };
    const panel = vscode.window.createWebviewPanel(PREVIEW_VIEW_TYPE, titleOf(session), column);
    const preview = new OpenPreview(panel, session, documents);
    panels.set(keyOf(session), preview);
    panel.onDidChangeViewState(() => changedActive.fire());
    panel.onDidDispose(() => {
      panels.delete(keyOf(session));
      changedActive.fire();
    });
    loadPanel(panel, extension);
  };
  return {
    show(session) {
      const preserveFocus = session.current().approval === null;
      const known = panels.get(keyOf(session));
      if (!known) return open(session, preserveFocus);
      known.show(session);
      known.panel.reveal(undefined, preserveFocus);
    },
    active: () => [...panels.values()].find(({ panel }) => panel.active)?.session,
    onDidChangeActive: changedActive.event,
    close(session) {
      const known = panels.get(keyOf(session));
      if (known?.session === session) known.panel.dispose();
    },
    dispose() {
      serializer.dispose();
      for (const { panel } of [...panels.values()]) panel.dispose();
      changedActive.dispose();
    },
  };
}

function keyOf({ script }: PreviewSession): string {
  return script.toString();
}

function titleOf({ title }: PreviewSession): string {
  return `Preview: ${title}`;
}

/** A panel and the session that it shows. */
class OpenPreview {
  readonly panel: vscode.WebviewPanel;
  session: PreviewSession;
  #documents: RunDocuments;
  #line: PreviewLine;
  #listening: vscode.Disposable;

  constructor(panel: vscode.WebviewPanel, session: PreviewSession, documents: RunDocuments) {
    this.panel = panel;
    this.session = session;
    this.#documents = documents;
    this.#line = new PreviewLine(
      () => this.session.current(),
      (message) => panel.webview.postMessage(message),
    );
    this.#listening = this.#listen();
    panel.iconPath = new vscode.ThemeIcon('open-preview');
    panel.webview.onDidReceiveMessage((received: unknown) => this.#receive(received));
    // A hidden view does not exist; it subscribes again when it is shown.
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#line.close();
    });
    panel.onDidDispose(() => {
      this.#line.close();
      this.#listening.dispose();
      this.session.dispose();
    });
  }

  /** Shows this session in place of the one before. */
  show(session: PreviewSession): void {
    const before = this.session;
    this.session = session;
    this.panel.title = titleOf(session);
    this.#listening.dispose();
    this.#listening = this.#listen();
    if (before !== session) before.dispose();
    void this.#line.renew();
  }

  #listen(): vscode.Disposable {
    return this.session.onDidChange(() => void this.#line.renew());
  }

  async #receive(received: unknown): Promise<void> {
    const message = parseViewMessage(received);
    if (message?.type === 'subscribe') await this.#line.subscribe();
    if (message?.type !== 'request') return;
    const { session } = this;
    const response = await responseTo(message, (request) => performForPreview(request, session, this.#documents));
    for (const part of responseParts(response)) await this.#line.post(part);
    // The session may have closed the panel itself, or be another one by now.
    if (message.request.method === 'decide' && response.ok && this.session === session) this.panel.dispose();
  }
}

/** A session lives no longer than its window: what was decided, and how the script is now, only a new one can know. */
function showGone(panel: vscode.WebviewPanel, extension: vscode.Uri): void {
  const message =
    'It ended when the window was loaded anew. Open the script and use “Counterpoint: Preview Workflow” to see it again.';
  const gone: PreviewStanding = { run: null, problem: { name: 'Error', message }, stale: false, approval: null };
  const line = new PreviewLine(
    () => gone,
    (told) => panel.webview.postMessage(told),
  );
  panel.webview.onDidReceiveMessage(async (received: unknown) => {
    if (parseViewMessage(received)?.type === 'subscribe') await line.subscribe();
  });
  loadPanel(panel, extension);
}
