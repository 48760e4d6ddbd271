import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { RunService } from '../runs/run-service.ts';

/**
 * Read-only documents of a run: `counterpoint:/report/RUN/NAME.md`, `counterpoint:/script/RUN/NAME.js`, of a script that
 * it called with the title as the query, `counterpoint:/text/N/TITLE.EXT`.
 */
export const DOCUMENT_SCHEME = 'counterpoint';

const EXTENSIONS = { markdown: '.md', json: '.json', plaintext: '.txt', diff: '.diff' };

/** A run with what is needed to look at it. */
export interface ViewedRun {
  id: string;
  runs: RunService;
  /** Real path of the workspace. */
  workspace: string;
}

/** Line and column count from 1; `script` names a script that was called, absent: the run's own. */
export interface ScriptPlace {
  line: number;
  column: number;
  script?: string;
}

export interface RunDocuments extends vscode.Disposable {
  openReport(run: ViewedRun): Promise<void>;
  /** Opens the script at a place: the file itself while it is what ran, else the text as it ran, read-only. */
  openScript(run: ViewedRun, place: ScriptPlace): Promise<void>;
  /** @param beside In the group beside the active editor, which keeps the focus and stays seen. */
  openText(title: string, text: string, language: keyof typeof EXTENSIONS, beside?: boolean): Promise<void>;
}

/** @param find Opens the run of an id; used when VS Code restores a document. */
export function createRunDocuments(find: (runId: string) => Promise<ViewedRun>): RunDocuments {
  const texts = new Map<string, string>();
  let next = 1;
  const provider = vscode.workspace.registerTextDocumentContentProvider(DOCUMENT_SCHEME, {
    async provideTextDocumentContent(uri) {
      const [, kind, id = ''] = uri.path.split('/');
      if (kind === 'text')
        return texts.get(uri.path) ?? 'This text was kept only while the window was open. Open it again from the run.';
      const { runs } = await find(id);
      return kind === 'script'
        ? runs.script(id, uri.query || undefined)
        : (runs.report(id) ?? 'This run has no report.');
    },
  });
  const forget = vscode.workspace.onDidCloseTextDocument((document) => {
    if (document.uri.scheme === DOCUMENT_SCHEME) texts.delete(document.uri.path);
  });
  return {
    openReport: (run) => openReport(run),
    openScript: (run, place) => openScript(run, place),
    async openText(title, text, language, beside) {
      const uri = documentUri('text', String(next++), `${title}${EXTENSIONS[language]}`);
      texts.set(uri.path, text);
      await showText(uri, 1, 1, beside);
    },
    dispose: () => vscode.Disposable.from(provider, forget).dispose(),
  };
}

function documentUri(kind: 'report' | 'script' | 'text', id: string, name: string, query = ''): vscode.Uri {
  // A slash in a title would look like a folder.
  return vscode.Uri.from({ scheme: DOCUMENT_SCHEME, path: `/${kind}/${id}/${name.replace(/[/\\]/g, '∕')}`, query });
}

async function openReport(run: ViewedRun): Promise<void> {
  const info = infoOf(run);
  if (run.runs.report(run.id) === null) throw new UserError('bad-arguments', `“${info.name}” has no report.`);
  const uri = documentUri('report', run.id, `${info.name} report.md`);
  try {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  } catch {
    // The built-in Markdown extension can be disabled; its text is the report all the same.
    await showText(uri, 1, 1);
  }
}

async function openScript(run: ViewedRun, { line, column, script }: ScriptPlace): Promise<void> {
  const info = infoOf(run);
  // The title of a called script is its path in the workspace too, where it lies there.
  const path = script ?? info.script;
  const digest = script === undefined ? info.digest : digestOf(run.runs.script(run.id, script));
  const file = join(run.workspace, path);
  const name = path.split(/[\\/]/).at(-1) ?? path;
  const asItRan = documentUri('script', run.id, name.endsWith('.js') ? name : `${name}.js`, script);
  await showText((await digestOfFile(file)) === digest ? vscode.Uri.file(file) : asItRan, line, column);
}

function infoOf(run: ViewedRun) {
  const summary = run.runs.summary(run.id);
  if (!summary) throw new UserError('run-not-found', 'This run no longer exists.');
  return summary.run;
}

function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

async function digestOfFile(file: string): Promise<string | null> {
  try {
    return digestOf(await readFile(file));
  } catch {
    // It is gone, or it was a bundled script and never lay in the workspace.
    return null;
  }
}

/**
 * Opens a file that an agent named. The name is the model's, so it may point anywhere: only what really lies in the workspace is opened.
 * @throws UserError where it is not there or not inside.
 */
export async function openWorkspaceFile(workspace: string, path: string, line: number): Promise<void> {
  const missing = new UserError('bad-arguments', `${path} is not a file of this workspace.`);
  const root = await realpath(workspace);
  const file = await realpath(isAbsolute(path) ? path : join(root, path)).catch(() => {
    throw missing;
  });
  const inside = relative(root, file);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) throw missing;
  await showText(vscode.Uri.file(file), line, 1);
}

/** Opens a text at a place counted from 1: in the active group, or beside it, where what is there keeps the focus. */
export async function showText(uri: vscode.Uri, line: number, column: number, beside = false): Promise<void> {
  const place = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, {
    preview: true,
    selection: new vscode.Range(place, place),
    ...(beside && { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }),
  });
}
