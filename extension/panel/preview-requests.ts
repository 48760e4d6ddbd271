import * as vscode from 'vscode';
import {
  MOST_HITS,
  type PanelAnswers,
  type PanelMethod,
  type PanelRequest,
  type SearchHit,
} from '../protocol/panel-messages.ts';
import { finderOf, hitsIn } from '../protocol/text-search.ts';
import { openWorkspaceFile, type RunDocuments } from './documents.ts';
import type { PreviewSession } from './preview-panel.ts';

/**
 * Does what the view of a preview asks for.
 * @throws Error with what the person should read.
 */
export async function performForPreview(
  request: PanelRequest,
  session: PreviewSession,
  documents: RunDocuments,
): Promise<PanelAnswers[PanelMethod]> {
  switch (request.method) {
    case 'details': {
      const { run } = session.current();
      if (!run) throw new Error('There is no preview of this script at the moment.');
      return run.details(request.call);
    }
    case 'search':
      return searchPreview(session, request.text);
    case 'open-script':
      await session.openScript(request);
      return null;
    case 'open-document':
      await documents.openText(request.title, request.text, request.language);
      return null;
    case 'open-file': {
      const folder = vscode.workspace.getWorkspaceFolder(session.script);
      if (!folder) throw new Error(`${request.path} is not a file of this workspace.`);
      await openWorkspaceFile(folder.uri.fsPath, request.path, request.line);
      return null;
    }
    case 'copy':
      await vscode.env.clipboard.writeText(request.text);
      return null;
    case 'decide':
      await session.decide(request.decision, request.digest);
      return null;
    case 'report':
      return null;
    case 'open-report':
    case 'act':
    case 'act-on-agent':
    case 'changes':
    case 'apply-changes':
    case 'show-changes':
    case 'answer':
    case 'permit':
      throw new Error('This is a preview of a script; it does not run yet.');
  }
}

/** Where a text stands in the prompts of a preview, in order of their calls. */
function searchPreview(session: PreviewSession, text: string): SearchHit[] {
  const { run } = session.current();
  const find = finderOf(text);
  if (!run || !find) return [];
  const hits: SearchHit[] = [];
  for (const event of run.events) {
    if (event.type !== 'call.issued' || event.call.kind === 'timer' || event.call.kind === 'workflow') continue;
    hits.push(...hitsIn(run.details(event.call.id), find));
    if (hits.length >= MOST_HITS) break;
  }
  return hits.slice(0, MOST_HITS);
}
