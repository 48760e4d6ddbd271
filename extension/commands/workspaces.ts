import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { RunService, RunSummary } from '../runs/run-service.ts';

/** A folder whose runs can be looked at. */
export interface OpenWorkspace {
  folder: vscode.WorkspaceFolder;
  runs: RunService;
}

/** Proof that the person trusts what is open. */
export interface Trust {
  readonly trusted: true;
}

/** Where a run can be started, resumed or stopped, and not only looked at. */
export type TrustedWorkspace = OpenWorkspace & Trust;

export interface Workspaces {
  /** Opens a folder's runs on first need. @throws UserError where its journal cannot be used. */
  open(folder: vscode.WorkspaceFolder): Promise<OpenWorkspace>;
  /** The folder a command is about: the only one, the active editor's, or the one picked. Undefined where the person turned away. @param asks What is asked. @throws UserError where none is open. */
  choose(asks?: string): Promise<vscode.WorkspaceFolder | undefined>;
  /** Every folder that has runs. */
  withRuns(): Promise<OpenWorkspace[]>;
  /** @throws UserError where no open folder has the run. */
  find(runId: string): Promise<{ workspace: OpenWorkspace; summary: RunSummary }>;
  /** Those opened so far. */
  opened(): Promise<OpenWorkspace[]>;
  /** Hears of each folder whose runs are opened, before anybody else has them. */
  onOpened(listener: (workspace: OpenWorkspace) => void): vscode.Disposable;
  close(): Promise<void>;
}

/** @param openRuns Opens the run service of a folder; with `leaveNoTrace` one that writes nothing into it. */
export function createWorkspaces(
  openRuns: (folder: vscode.WorkspaceFolder, leaveNoTrace: boolean) => Promise<RunService>,
): Workspaces {
  const services = new Map<string, Promise<OpenWorkspace>>();
  const listeners = new Set<(workspace: OpenWorkspace) => void>();
  const open = (folder: vscode.WorkspaceFolder): Promise<OpenWorkspace> => {
    // What nobody trusts stays as it is. Once it is trusted, or another process has made a journal, the folder is opened anew.
    const leaveNoTrace = !vscode.workspace.isTrusted && !hasJournal(folder);
    const key = `${leaveNoTrace ? 'looked at' : 'open'} ${folder.uri}`;
    const known = services.get(key);
    if (known) return known;
    const opening = openRuns(folder, leaveNoTrace).then((runs) => {
      const workspace = { folder, runs };
      for (const listener of listeners) listener(workspace);
      return workspace;
    });
    services.set(key, opening);
    // A journal that could not be opened may be mended, so the next command tries again.
    opening.catch(() => services.delete(key));
    return opening;
  };
  const opened = async () => {
    const settled = await Promise.allSettled(services.values());
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  };
  const withRuns = () => Promise.all(folders().filter(hasJournal).map(open));
  return {
    open,
    choose: chooseFolder,
    withRuns,
    async find(runId) {
      for (const workspace of await withRuns()) {
        const summary = workspace.runs.summary(runId);
        if (summary) return { workspace, summary };
      }
      throw new UserError('run-not-found', 'There is no such run in the open folders.');
    },
    opened,
    onOpened(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    async close() {
      await Promise.allSettled((await opened()).map(({ runs }) => runs.close()));
      services.clear();
    },
  };
}

/** @throws UserError in Restricted Mode, which looks but never runs. */
export function requireTrust(): Trust {
  if (vscode.workspace.isTrusted) return { trusted: true };
  throw new UserError(
    'not-trusted',
    'Workflows do not run in Restricted Mode: their agents read this folder and act on what it says. Trust the folder first. Looking at earlier runs works.',
  );
}

/** The folders on disk; others have no process and no journal. */
function folders(): vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
}

/** Asked first so that looking for runs leaves no trace in a folder that has none. */
export function hasJournal(folder: vscode.WorkspaceFolder): boolean {
  return existsSync(join(folder.uri.fsPath, '.counterpoint', 'runs.sqlite'));
}

async function chooseFolder(
  asks = 'Which folder should the workflow run on?',
): Promise<vscode.WorkspaceFolder | undefined> {
  const all = folders();
  const [only] = all;
  if (!only) throw new UserError('workspace-unusable', 'Open a folder first: a workflow runs on the files of one.');
  if (all.length === 1) return only;
  const active = vscode.window.activeTextEditor?.document.uri;
  const ofEditor = active && vscode.workspace.getWorkspaceFolder(active);
  if (ofEditor && all.includes(ofEditor)) return ofEditor;
  return vscode.window.showWorkspaceFolderPick({ placeHolder: asks });
}
