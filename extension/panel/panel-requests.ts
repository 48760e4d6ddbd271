import * as vscode from 'vscode';
import type {
  AgentAction,
  PanelAnswers,
  PanelMethod,
  PanelRequest,
  RequestMessage,
  ResponseMessage,
  RunAction,
} from '../protocol/panel-messages.ts';
import { MOST_FILES } from '../protocol/panel-messages.ts';
import type { PermissionAnswer } from '../protocol/permissions.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import { openWorkspaceFile, type RunDocuments, type ViewedRun } from './documents.ts';

/** What a panel asks of the rest of the extension. */
export interface PanelActions {
  documents: RunDocuments;
  /** Asks the person for what the action needs (a yes, a number, a script), then does it; done too where the person thinks better of it. */
  act(run: ViewedRun, action: RunAction): Promise<void>;
  /** As `act`, on one agent: a value to skip with, or a message, is asked for. */
  actOnAgent(run: ViewedRun, action: AgentAction, on: CallRef): Promise<void>;
  /** Applies what an agent changed in its worktree, once the person has agreed. */
  applyChanges(run: ViewedRun, on: CallRef): Promise<void>;
  /** Shows that as a diff. */
  showChanges(run: ViewedRun, on: CallRef): Promise<void>;
  /** Answers a checkpoint. */
  answer(run: ViewedRun, on: CallRef, answer: CheckpointAnswer): Promise<void>;
  /** Answers what a tool call waits for. Each of these throws with what the person should read. */
  permit(run: ViewedRun, on: CallRef, permission: number, answer: PermissionAnswer): Promise<void>;
}

/** Answers one request of the view of a run; what fails becomes the answer's error. */
export function answerRequest(
  message: RequestMessage,
  run: ViewedRun,
  actions: PanelActions,
): Promise<ResponseMessage> {
  return responseTo(message, (request) => perform(request, run, actions));
}

/** The response to a request that `perform` does; what it throws is told in it. */
export async function responseTo(
  { id, request }: RequestMessage,
  perform: (request: PanelRequest) => Promise<PanelAnswers[PanelMethod]>,
): Promise<ResponseMessage> {
  try {
    return { type: 'response', id, ok: true, answer: await perform(request) };
  } catch (error) {
    return { type: 'response', id, ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

async function perform(
  request: PanelRequest,
  run: ViewedRun,
  actions: PanelActions,
): Promise<PanelAnswers[PanelMethod]> {
  switch (request.method) {
    case 'details':
      return run.runs.details(run.id, request.call, request.after);
    case 'search':
      return run.runs.search(run.id, request.text);
    case 'report':
      return run.runs.report(run.id);
    case 'open-report':
      await actions.documents.openReport(run);
      return null;
    case 'open-script':
      await actions.documents.openScript(run, request);
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
    case 'act':
      await actions.act(run, request.action);
      return null;
    case 'act-on-agent':
      await actions.actOnAgent(run, request.action, request.on);
      return null;
    case 'changes':
      return await changesOf(run, request.call);
    case 'apply-changes':
      await actions.applyChanges(run, request.on);
      return null;
    case 'show-changes':
      await actions.showChanges(run, request.on);
      return null;
    case 'answer':
      await actions.answer(run, request.on, request.answer);
      return null;
    case 'permit':
      await actions.permit(run, request.on, request.permission, request.answer);
      return null;
    case 'decide':
      throw new Error('This panel shows a run that was started; there is nothing left to decide.');
  }
}

/** What an agent left, as far as a view shows it. */
async function changesOf({ id, runs }: ViewedRun, call: number): Promise<PanelAnswers['changes']> {
  const left = await runs.changes(id, call);
  if (!left) return null;
  const { files, applied, conflicts } = left;
  return { count: files.length, files: files.slice(0, MOST_FILES), applied, conflicts: conflicts.slice(0, MOST_FILES) };
}
