import * as vscode from 'vscode';
import type {
  PanelAnswers,
  PanelMethod,
  PanelRequest,
  RequestMessage,
  ResponseMessage,
} from '../protocol/panel-messages.ts';
import { openWorkspaceFile, type RunDocuments, type ViewedRun } from './documents.ts';

/** What a panel asks of the rest of the extension. */
export interface PanelActions {
  documents: RunDocuments;
  /** Asks the person, then stops. */
  stop(run: ViewedRun): Promise<void>;
  resume(run: ViewedRun): Promise<void>;
}

/** Answers one request of a view; what fails becomes the answer's error. */
export async function answerRequest(
  message: RequestMessage,
  run: ViewedRun,
  actions: PanelActions,
): Promise<ResponseMessage> {
  try {
    return { type: 'response', id: message.id, ok: true, answer: await perform(message.request, run, actions) };
  } catch (error) {
    return {
      type: 'response',
      id: message.id,
      ok: false,
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

async function perform(
  request: PanelRequest,
  run: ViewedRun,
  actions: PanelActions,
): Promise<PanelAnswers[PanelMethod]> {
  switch (request.method) {
    case 'details':
      return run.runs.details(run.id, request.call);
    case 'report':
      return run.runs.report(run.id);
    case 'open-report':
      await actions.documents.openReport(run);
      return null;
    case 'open-script':
      await actions.documents.openScript(run, request.line, request.column);
      return null;
    case 'open-document':
      await actions.documents.openText(request.title, request.text, request.language);
      return null;
    case 'open-file':
      await openWorkspaceFile(run.workspace, request.path, request.line);
      return null;
    case 'copy':
      await vscode.env.clipboard.writeText(request.text);
      return null;
    case 'stop':
      await actions.stop(run);
      return null;
    case 'resume':
      await actions.resume(run);
      return null;
  }
}
