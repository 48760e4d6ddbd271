import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { escapedMarkdown, plain } from '../protocol/plain-text.ts';
import type { Finding } from '../runs/run-findings.ts';

/** The comments at the lines of files that runs have something to say about. They live as long as the window does. */
export interface FindingComments extends vscode.Disposable {
  /** Shows those of a run, in place of the ones it has shown before; resolves with how many found their file. */
  show(run: { id: string; name: string; folder: string }, findings: readonly Finding[]): Promise<number>;
  dismiss(thread: vscode.CommentThread): void;
  clear(): void;
}

const CONTROLLER = 'counterpoint.findings';

export function createFindingComments(): FindingComments {
  const shown = new Map<string, Set<vscode.CommentThread>>();
  let controller: vscode.CommentController | undefined;
  const forget = (runId: string) => {
    for (const thread of shown.get(runId) ?? []) thread.dispose();
    shown.delete(runId);
  };
  return {
    async show({ id, name, folder }, findings) {
      const uris = await filesIn(folder, findings);
      forget(id);
      controller ??= vscode.comments.createCommentController(CONTROLLER, 'Counterpoint Findings');
      const threads = new Set<vscode.CommentThread>();
      for (const finding of findings) {
        const uri = uris.get(finding.file);
        if (uri) threads.add(begin(controller, uri, finding, name));
      }
      shown.set(id, threads);
      return threads.size;
    },
    dismiss(thread) {
      for (const threads of shown.values()) threads.delete(thread);
      thread.dispose();
    },
    clear() {
      for (const runId of [...shown.keys()]) forget(runId);
    },
    dispose: () => controller?.dispose(),
  };
}

/** Marked as unresolved, so that VS Code opens its list of comments with the first of them. */
function begin(
  controller: vscode.CommentController,
  uri: vscode.Uri,
  finding: Finding,
  run: string,
): vscode.CommentThread {
  const thread = controller.createCommentThread(uri, new vscode.Range(finding.line - 1, 0, finding.line - 1, 0), [
    commentOf(finding, run),
  ]);
  thread.label = plain(finding.title, 120);
  thread.canReply = false;
  thread.state = vscode.CommentThreadState.Unresolved;
  thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
  return thread;
}

/** What a model says of a repository is foreign text twice over: none of it becomes markup. */
function commentOf({ title, body, severity }: Finding, run: string): vscode.Comment {
  const said = [title === '' ? '' : `**${escapedMarkdown(plain(title, 300))}**`, escapedMarkdown(body, 4_000)];
  return {
    author: { name: plain(run, 60) },
    body: new vscode.MarkdownString(said.filter(Boolean).join('\n\n')),
    mode: vscode.CommentMode.Preview,
    ...(severity !== '' && { label: plain(severity, 20) }),
  };
}

/** The files that are named, where they are: only what really lies in the folder is commented on. */
async function filesIn(folder: string, findings: readonly Finding[]): Promise<Map<string, vscode.Uri>> {
  const root = await realpath(folder);
  const names = [...new Set(findings.map(({ file }) => file))];
  const found = await Promise.all(names.map(async (name) => [name, await fileIn(root, name)] as const));
  return new Map(found.flatMap(([name, uri]) => (uri ? [[name, uri] as const] : [])));
}

async function fileIn(root: string, name: string): Promise<vscode.Uri | null> {
  try {
    const file = await realpath(isAbsolute(name) ? name : join(root, name));
    const inside = relative(root, file);
    return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? null : vscode.Uri.file(file);
  } catch {
    // Gone, or never there: a model named it.
    return null;
  }
}
