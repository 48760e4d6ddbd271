import { realpath } from 'node:fs/promises';
import type * as vscode from 'vscode';
import { errorInfo } from '../../protocol/errors.ts';
import { readText } from '../read-file.ts';
import { type ToolContext, ToolError } from '../tool.ts';
import { isInside, resolveInWorkspace, toRelative, type WorkspacePath } from '../workspace-path.ts';
import { LANGUAGE_WAITS, type LanguageApi, type LanguageWaits, oneLine, pause, within } from './language-api.ts';
import type { Problem } from './problem.ts';
import { typescriptProblems } from './typescript-server.ts';
import { refuseOwnPrograms } from './worktree-programs.ts';

/** A file that VS Code has opened, for the language servers to know of it. */
export interface OpenFile {
  place: WorkspacePath;
  document: vscode.TextDocument;
  lines: string[];
  /** Something in VS Code is there for its language. */
  supported: boolean;
}

/** How often something is looked for that no event tells of. */
const AGAIN_MS = 200;
/** How long is waited for the texts of other files than the one that is asked about. */
const OTHERS_MS = 2_000;

/** The language servers of a window, as the tools ask them. */
export class LanguageServers {
  readonly editor: LanguageApi;
  readonly waits: LanguageWaits;
  /** Languages that somebody has spoken for, or that were waited for in vain. */
  readonly #awake = new Set<string>();

  constructor(editor: LanguageApi, waits: Partial<LanguageWaits> = {}) {
    this.editor = editor;
    this.waits = { ...LANGUAGE_WAITS, ...waits };
  }

  /**
   * Opens a file in VS Code, in no tab, and waits until something there speaks for its language.
   * @throws ToolError for a path as `resolveInWorkspace`, as `refuseOwnPrograms`, for what is no text file, and where VS Code has another text of it.
   */
  async open(path: string, context: ToolContext): Promise<OpenFile> {
    const { signal } = context;
    const place = await resolveInWorkspace(context, path);
    await refuseOwnPrograms(context, place);
    const text = await readText(path, place, signal);
    const opening = this.editor.workspace.openTextDocument(await this.#uriOf(place.absolute));
    const document = await this.#within(opening, signal, `VS Code did not open ${path}`);
    if (!(await this.#catchUp(document, text, this.waits.word, signal)))
      throw new ToolError(`VS Code still has another text of ${path} than the disk; try again in a moment.`);
    await this.#catchUpOthers(document, context);
    const supported = await this.#wake(document, signal);
    const lines = Array.from({ length: document.lineCount }, (_, at) => document.lineAt(at).text);
    return { place, document, lines, supported };
  }

  /** As `typescriptProblems`. */
  async typescript({ document }: OpenFile, signal: AbortSignal): Promise<Problem[] | null> {
    return await typescriptProblems(this.editor, document, signal, this.waits);
  }

  /** Asks what there is for it in VS Code. @throws ToolError where nothing answers in time, or a server refuses. */
  async ask<T>(command: string, args: unknown[], signal: AbortSignal): Promise<T | undefined> {
    const asked = this.editor.commands.executeCommand<T | undefined>(command, ...args);
    return await this.#within(asked, signal, 'The language server did not answer');
  }

  /** Paths of files that have unsaved changes in an editor, every link in them resolved. */
  async unsaved(): Promise<Map<string, vscode.TextDocument>> {
    const changed = this.editor.workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && uri.scheme === 'file');
    const found = await Promise.all(changed.map(async (document) => [await real(document.uri), document] as const));
    return new Map(found);
  }

  /** A file by the way on which VS Code has it open: its folder may be a link. */
  async #uriOf(absolute: string): Promise<vscode.Uri> {
    const { Uri, workspace } = this.editor;
    for (const { uri } of workspace.workspaceFolders ?? []) {
      const root = uri.scheme === 'file' ? await real(uri) : null;
      if (root !== null && isInside(root, absolute)) return Uri.joinPath(uri, toRelative(root, absolute));
    }
    return Uri.file(absolute);
  }

  /** What an agent has just written reaches VS Code a little later. @returns whether it has, in time. */
  async #catchUp(document: vscode.TextDocument, onDisk: string, ms: number, signal: AbortSignal): Promise<boolean> {
    const until = Date.now() + ms;
    while (isOld(document, onDisk)) {
      if (Date.now() > until) return false;
      await this.#changed(document, signal);
    }
    return true;
  }

  /** The other files that VS Code has open: to its servers their text is that, and not what is on disk. */
  async #catchUpOthers(first: vscode.TextDocument, { workspace, signal }: ToolContext): Promise<void> {
    const others = this.editor.workspace.textDocuments.filter((one) => one !== first && one.uri.scheme === 'file');
    await Promise.all(
      others.map(async (document) => {
        const absolute = await real(document.uri);
        if (!isInside(workspace, absolute)) return;
        const relative = toRelative(workspace, absolute);
        // What is gone, or cannot be read, is no text to wait for; nor is one that never comes a reason to do nothing.
        const text = await readText(relative, { absolute, relative }, signal).catch(() => null);
        if (text !== null) await this.#catchUp(document, text, OTHERS_MS, signal);
      }),
    );
    signal.throwIfAborted();
  }

  async #changed(document: vscode.TextDocument, signal: AbortSignal): Promise<void> {
    const happened = Promise.withResolvers<void>();
    const watching = this.editor.workspace.onDidChangeTextDocument((change) => {
      if (change.document === document) happened.resolve();
    });
    try {
      await pause(AGAIN_MS, signal, happened.promise);
    } finally {
      watching.dispose();
    }
  }

  /**
   * Waits until something speaks for a language: an extension begins when a file of its language is opened, and registers what it can do
   * some time after, of which no event tells. Whoever has told an outline is there.
   */
  async #wake(document: vscode.TextDocument, signal: AbortSignal): Promise<boolean> {
    const { languageId } = document;
    if (this.#awake.has(languageId)) return true;
    const until = Date.now() + this.waits.word;
    const begun = await this.#begin(languageId, signal);
    for (;;) {
      const outline = await this.ask<unknown[]>('vscode.executeDocumentSymbolProvider', [document.uri], signal);
      if (outline?.length) break;
      if (!begun) return false;
      // There may be nothing to tell of this file.
      if (Date.now() > until) break;
      await pause(AGAIN_MS, signal);
    }
    this.#awake.add(languageId);
    return true;
  }

  /** Waits for the extensions that VS Code itself begins for a language. @returns whether there is any. */
  async #begin(languageId: string, signal: AbortSignal): Promise<boolean> {
    const theirs = this.editor.extensions.all.filter(({ packageJSON }) => beginsFor(packageJSON, languageId));
    const begun = Promise.allSettled(theirs.map((extension) => extension.activate()));
    await this.#within(begun, signal, `The extension for ${oneLine(languageId, 40)} did not begin`);
    return theirs.length > 0;
  }

  async #within<T>(work: Thenable<T>, signal: AbortSignal, problem: string): Promise<T> {
    const { answer } = this.waits;
    const tooLate = `${problem} within ${answer / 1_000} s; go on with grep and read_file.`;
    try {
      return await within(work, signal, { ms: answer, tooLate });
    } catch (error) {
      if (signal.aborted || error instanceof ToolError) throw error;
      throw new ToolError(`VS Code refuses: ${oneLine(errorInfo(error).message, 300)}`, { cause: error });
    }
  }
}

/** Where a file lies, every link resolved; what is not there (any more) lies where it is said to. */
async function real({ fsPath }: vscode.Uri): Promise<string> {
  return await realpath(fsPath).catch(() => fsPath);
}

/** What a person has not saved stands as it is; what is no UTF-8 VS Code may read in another way than we do. */
function isOld(document: vscode.TextDocument, onDisk: string): boolean {
  if (document.isDirty || document.isClosed || onDisk.includes('\ufffd')) return false;
  return withLf(document.getText()) !== withLf(onDisk);
}

function withLf(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** Whether an extension begins when a file of a language is opened: it says so, or it brings that language and has code. */
function beginsFor(manifest: unknown, languageId: string): boolean {
  const { activationEvents, main, browser, contributes } = manifest as {
    activationEvents?: string[];
    main?: string;
    browser?: string;
    contributes?: { languages?: { id?: string }[] };
  };
  if (activationEvents?.includes(`onLanguage:${languageId}`)) return true;
  return Boolean(main ?? browser) && (contributes?.languages?.some(({ id }) => id === languageId) ?? false);
}
