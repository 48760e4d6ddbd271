import * as vscode from 'vscode';
import type { PreviewPanels } from '../panel/preview-panel.ts';
import { UserError } from '../protocol/errors.ts';
import type { Decision } from '../protocol/preview.ts';
import type { Pointed } from './pick-agent.ts';
import type { ScriptPreview } from './preview-session.ts';

/** Whether anything is asked, of which scripts, and whether the active preview asks: for the menus and keys of the decisions. */
const ASKS_KEY = 'counterpoint.asks';
const SCRIPTS_KEY = 'counterpoint.askedScripts';
const PREVIEW_KEY = 'counterpoint.previewAsks';

/** The scripts that wait for a person's decision, each with its preview. */
export class AskedScripts {
  readonly #previews: PreviewPanels;
  readonly #asked = new Map<string, ScriptPreview>();
  readonly #listening: vscode.Disposable;

  constructor(previews: PreviewPanels) {
    this.#previews = previews;
    this.#listening = previews.onDidChangeActive(() => this.#tellMenus());
  }

  add(session: ScriptPreview): void {
    this.#asked.set(session.script.toString(), session);
    this.#tellMenus();
  }

  remove(session: ScriptPreview): void {
    // Another may ask about the same script by now.
    if (this.find(session.script) === session) this.#asked.delete(session.script.toString());
    this.#tellMenus();
  }

  find(script: vscode.Uri): ScriptPreview | undefined {
    return this.#asked.get(script.toString());
  }

  /**
   * Does what was decided by a command: of the script that was pointed at, that is active, or that alone asks.
   * @throws UserError where nothing is asked, or several scripts are.
   */
  async decide(decision: Decision, at: Pointed): Promise<void> {
    const session = this.#meant(at);
    const digest = session.current().run?.preview.script.digest;
    if (decision !== 'cancel') await session.decide(decision, digest ?? '');
    this.#previews.close(session);
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #meant({ uri }: Pointed): ScriptPreview {
    const active = this.#previews.active()?.script ?? vscode.window.activeTextEditor?.document.uri;
    const named = [uri, active].map((script) => script && this.find(script)).find((session) => session);
    const [only, ...others] = this.#asked.values();
    if (named) return named;
    if (!only) throw new UserError('not-possible', 'No script waits for your decision.');
    if (others.length > 0)
      throw new UserError('not-possible', 'Several scripts wait for your decision. Show the one that you mean first.');
    return only;
  }

  #tellMenus(): void {
    const active = this.#previews.active();
    const told = {
      [ASKS_KEY]: this.#asked.size > 0,
      [SCRIPTS_KEY]: [...this.#asked.values()].map(({ script }) => script.fsPath),
      [PREVIEW_KEY]: active !== undefined && this.find(active.script) === active,
    };
    for (const [key, value] of Object.entries(told)) void vscode.commands.executeCommand('setContext', key, value);
  }
}
