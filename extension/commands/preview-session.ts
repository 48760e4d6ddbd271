import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { ScriptPlace } from '../panel/documents.ts';
import type { PreviewStanding } from '../panel/preview-line.ts';
import type { PreviewSession } from '../panel/preview-panel.ts';
import type { PreviewedRun } from '../planner/preview-request.ts';
import { errorInfo, UserError } from '../protocol/errors.ts';
import type { Approval, Decision } from '../protocol/preview.ts';
import type { StartRequest } from '../runs/run-service.ts';
import { makePreview } from './planning.ts';
import { showBeside } from './script-editor.ts';
import { type OpenWorkspace, requireTrust } from './workspaces.ts';

/** Several keys are often typed together. */
const SETTLE_MS = 300;

/** What is previewed. */
export interface PreviewSubject {
  script: vscode.Uri;
  title: string;
  workspace: OpenWorkspace;
  /** As it would be run. */
  run: Pick<StartRequest, 'args' | 'provider' | 'model' | 'models'>;
  /** A preview of it that was made already. */
  first?: PreviewedRun;
}

/** What a preview is for. */
export interface PreviewPurpose {
  /** Whether and why the person is asked; null: nobody is. Called for each preview that was made; null while there is none. */
  approval(run: PreviewedRun | null): Promise<Approval | null>;
  /** Does what was decided on this very text. @throws what the person should read. */
  decide(decision: Exclude<Decision, 'cancel'>, run: PreviewedRun): Promise<void>;
  /** Nobody looks at it any more. */
  closed(): void;
}

/**
 * The preview of one script, kept in step with it while it is edited, saved or not: of several changes that follow each other
 * only the newest is previewed. What is decided counts only for the text that was seen.
 */
export class ScriptPreview implements PreviewSession {
  readonly script: vscode.Uri;
  readonly title: string;
  readonly #subject: PreviewSubject;
  readonly #purpose: PreviewPurpose;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #listening: vscode.Disposable;
  #run: PreviewedRun | null;
  #standing: Omit<PreviewStanding, 'run'> = { problem: null, stale: true, approval: null };
  #timer: NodeJS.Timeout | undefined;
  #making = new AbortController();
  #deciding = false;
  #disposed = false;

  private constructor(subject: PreviewSubject, purpose: PreviewPurpose) {
    this.script = subject.script;
    this.title = subject.title;
    this.#subject = subject;
    this.#purpose = purpose;
    this.#run = subject.first ?? null;
    this.#listening = this.#listen();
  }

  /** A preview that knows already whether somebody is asked. */
  static async open(subject: PreviewSubject, purpose: PreviewPurpose): Promise<ScriptPreview> {
    const approval = await purpose.approval(subject.first ?? null);
    const preview = new ScriptPreview(subject, purpose);
    preview.#standing = { problem: null, stale: subject.first === undefined, approval };
    if (!subject.first) preview.renew(0);
    return preview;
  }

  current(): PreviewStanding {
    return { run: this.#run, ...this.#standing };
  }

  /** Previews the script as it will be in a moment. */
  renew(afterMs = SETTLE_MS): void {
    if (this.#disposed) return;
    clearTimeout(this.#timer);
    this.#making.abort();
    this.#making = new AbortController();
    const { signal } = this.#making;
    this.#timer = setTimeout(() => void this.#make(signal), afterMs);
    if (!this.#standing.stale) this.#become(this.#run, { ...this.#standing, stale: true });
  }

  async decide(decision: Decision, digest: string): Promise<void> {
    if (decision === 'cancel') return;
    requireTrust();
    if (!this.#standing.approval) throw new Error('This is a preview; nothing is asked.');
    // Two clicks are one decision.
    if (this.#deciding) throw new Error('It is being started already.');
    const run = this.#run;
    if (!run || this.#standing.stale || run.preview.script.digest !== digest)
      throw new UserError('script-changed', CHANGED_WORDS);
    if (run.preview.error && decision !== 'once')
      throw new UserError('not-possible', 'It would fail even with good answers. Where you know better, run it once.');
    this.#deciding = true;
    try {
      await this.#purpose.decide(decision, run);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'script-changed') throw error;
      this.renew(0);
      throw new UserError('script-changed', CHANGED_WORDS, { cause: error });
    } finally {
      this.#deciding = false;
    }
  }

  async openScript({ line, column, script }: ScriptPlace): Promise<void> {
    const uri = script === undefined ? this.script : await this.#called(script);
    await showBeside(uri, { line, column });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#making.abort();
    this.#listening.dispose();
    this.#changed.dispose();
    this.#purpose.closed();
  }

  /** What may change the preview: the text, in an editor or on disk, the person's trust, and the settings that limit a run. */
  #listen(): vscode.Disposable {
    const own = this.script.toString();
    const folder = vscode.Uri.file(dirname(this.script.fsPath));
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
    const onDisk = (uri: vscode.Uri) => {
      if (uri.toString() === own) void this.#lookOnDisk();
    };
    return vscode.Disposable.from(
      watcher,
      watcher.onDidChange(onDisk),
      watcher.onDidCreate(onDisk),
      watcher.onDidDelete(onDisk),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document.uri.toString() === own && contentChanges.length > 0) this.renew();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#anew()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('counterpoint')) this.#anew();
      }),
    );
  }

  /** A file that was only touched, or saved as it was previewed, is the same script. */
  async #lookOnDisk(): Promise<void> {
    const text = await textOf(this.script).catch(() => null);
    if (text === null || text !== this.#run?.text) this.renew();
  }

  /** As `renew`, though the text is the same. */
  #anew(): void {
    this.#become(null, { ...this.#standing, stale: true });
    this.renew();
  }

  async #make(signal: AbortSignal): Promise<void> {
    const { workspace, run: wanted } = this.#subject;
    try {
      const text = await textOf(this.script);
      const known = this.#run?.text === text ? this.#run : null;
      const run = known ?? (await makePreview(workspace, { script: this.script.fsPath, text, ...wanted, signal }));
      const approval = await this.#purpose.approval(run);
      if (!signal.aborted) this.#become(run, { problem: null, stale: false, approval });
    } catch (error) {
      // What was given up for something newer says nothing of the script.
      if (!signal.aborted) this.#become(null, { ...this.#standing, problem: errorInfo(error), stale: false });
    }
  }

  #become(run: PreviewedRun | null, standing: Omit<PreviewStanding, 'run'>): void {
    this.#run = run;
    this.#standing = standing;
    this.#changed.fire();
  }

  /** A script that this one calls, by the title that places in it have. */
  async #called(title: string): Promise<vscode.Uri> {
    const { runs, folder } = this.#subject.workspace;
    const inside = vscode.Uri.joinPath(folder.uri, title);
    const listed = (await runs.workflows()).find(({ path }) => path.split(/[\\/]/).at(-1) === title);
    return listed ? vscode.Uri.file(listed.path) : inside;
  }
}

const CHANGED_WORDS =
  'The script has changed since you looked at it, so it was not run. Look at the preview of what it is now, and decide again.';

/** The text as it will be run: unsaved edits go before what lies on disk, and that is taken byte for byte, as a run takes it. */
export async function textOf(script: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === script.toString());
  if (open?.isDirty) return open.getText();
  try {
    const bytes = await vscode.workspace.fs.readFile(script);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UserError('script-not-found', `The script ${script.fsPath} cannot be read.`, { cause: error });
  }
}
