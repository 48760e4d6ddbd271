import { realpathSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { showText } from '../panel/documents.ts';
import { ScriptRefusedError } from '../protocol/errors.ts';
import type { WorkflowEntry, WorkflowSource } from '../runs/run-service.ts';
import type { PointedWorkflow } from './pick-agent.ts';
import { age } from './pick-run.ts';
import { activeScript, makeReadOnly } from './script-editor.ts';
import { pickStep, type Step, type StepPlace } from './steps.ts';
import type { OpenWorkspace } from './workspaces.ts';

/** The script that was chosen: what `StartRequest.script` takes, and what helps to fill its `args`. */
export interface ChosenScript {
  path: string;
  name: string;
  whenToUse: string;
}

/** What the script is wanted for. */
export interface ScriptQuestion {
  placeholder: string;
  /** On the button of the dialog that browses. */
  openLabel: string;
  /** Offered before all others, and not again among them. */
  first?: vscode.QuickPickItem & { does: { choose: ChosenScript } };
}

const TO_RUN: ScriptQuestion = { placeholder: 'Which workflow should run?', openLabel: 'Run' };

type Item = vscode.QuickPickItem & { does?: 'browse' | { choose: ChosenScript } | { mend: WorkflowEntry } };

const OPEN_BUTTON: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('go-to-file'), tooltip: 'Open Script' };

/** Lets the person choose among the bundled scripts, the folder's own, the active editor's and any file. A script that cannot run opens at its error. */
export async function pickScript(
  workspace: OpenWorkspace,
  place: StepPlace,
  question: ScriptQuestion = TO_RUN,
): Promise<Step<ChosenScript>> {
  const { placeholder, first } = question;
  const [entries, drafts] = await Promise.all([workspace.runs.workflows(), draftItems(workspace)]);
  const others = listItems(entries, drafts).filter((item) => !first || pathOf(item) !== first.does.choose.path);
  const picked = await pickStep<Item>({
    ...place,
    placeholder,
    items: first ? [first, ...others] : others,
    onButton: (item) => {
      const path = pathOf(item);
      if (path) void showText(vscode.Uri.file(path), 1, 1);
    },
  });
  if (picked.type !== 'next') return picked;
  const does = picked.value.does;
  if (does === 'browse') return browse(workspace, place.title, question.openLabel);
  if (does && 'choose' in does) return { type: 'next', value: does.choose };
  if (does) await showProblem(does.mend);
  return { type: 'cancel' };
}

function pathOf(item: Item): string | undefined {
  if (typeof item.does !== 'object') return undefined;
  return 'choose' in item.does ? item.does.choose.path : item.does.mend.path;
}

function listItems(entries: WorkflowEntry[], drafts: Item[]): Item[] {
  const section = (label: string, items: Item[]): Item[] =>
    items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
  const from = (...sources: WorkflowSource[]) =>
    entries.filter(({ source }) => sources.includes(source)).map(entryItem);
  const active = editorItems(entries);
  const shown = new Set(active.map(pathOf));
  return [
    ...section('active editor', active),
    ...section('this folder', from('project', 'project-claude')),
    ...section(
      'drafts',
      drafts.filter((item) => !shown.has(pathOf(item))),
    ),
    ...section('yours', from('user', 'user-claude')),
    ...section('bundled', from('bundled')),
    ...section('elsewhere', [{ label: '$(folder-opened) Browse…', does: 'browse', alwaysShow: true }]),
  ];
}

function entryItem(entry: WorkflowEntry): Item {
  if (entry.error) {
    const place = entry.error.line === undefined ? '' : `line ${entry.error.line}: `;
    return {
      label: `$(error) ${entry.name}`,
      description: 'cannot run · choose to open it',
      detail: `${place}${entry.error.message}`,
      buttons: [OPEN_BUTTON],
      does: { mend: entry },
    };
  }
  const { name, path, whenToUse } = entry;
  return {
    // As it is called elsewhere, so that it is found by typing that.
    label: `$(type-hierarchy) /${name}`,
    detail: entry.description,
    buttons: [OPEN_BUTTON],
    does: { choose: { path, name, whenToUse } },
  };
}

/** The active editor's file where it is a workflow that the lists do not have yet. */
function editorItems(entries: WorkflowEntry[]): Item[] {
  const document = activeScript();
  if (document?.uri.scheme !== 'file') return [];
  const path = document.uri.fsPath;
  const known = new Set(entries.map((entry) => realpathSync(entry.path)));
  if (known.has(realpathSync(path))) return [];
  const name = vscode.workspace.asRelativePath(document.uri);
  return [
    {
      label: `$(file-code) ${name}`,
      description: document.isDirty ? 'is saved first' : '',
      does: { choose: { path, name, whenToUse: '' } },
    },
  ];
}

/** So many of the newest are offered; the others are found by browsing. */
const MOST_DRAFTS = 5;

/** What was planned and is no command yet, newest first. */
async function draftItems({ runs }: OpenWorkspace): Promise<Item[]> {
  const folder = join(runs.workspace, '.counterpoint', 'drafts');
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.js'));
  const drafts = await Promise.all(
    files.map(async (name) => {
      const path = join(folder, name);
      return { path, name, at: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const newest = drafts.sort((a, b) => b.at - a.at).slice(0, MOST_DRAFTS);
  return newest.map(({ path, name, at }) => ({
    label: `$(edit) ${name}`,
    description: age(Date.now() - at),
    does: { choose: { path, name, whenToUse: '' } },
  }));
}

async function browse(workspace: OpenWorkspace, title: string, openLabel: string): Promise<Step<ChosenScript>> {
  const files = await vscode.window.showOpenDialog({
    defaultUri: workspace.folder.uri,
    canSelectMany: false,
    filters: { 'Workflow scripts': ['js'] },
    openLabel,
    title,
  });
  const file = files?.[0];
  if (!file) return { type: 'back' };
  return { type: 'next', value: { path: file.fsPath, name: vscode.workspace.asRelativePath(file), whenToUse: '' } };
}

async function showProblem({ path, name, error }: WorkflowEntry): Promise<void> {
  await showText(vscode.Uri.file(path), error?.line ?? 1, error?.column ?? 1);
  void vscode.window.showErrorMessage(`“${name}” cannot run: ${error?.message}`);
}

/** Whoever chose a script by hand can mend it by hand: one that is refused opens at its error. @throws what `use` throws. */
export async function orOpenAtError<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof ScriptRefusedError) await showText(vscode.Uri.file(path), error.line, error.column);
    throw error;
  }
}

/** What runs is the file on disk, so unsaved changes go there first. */
export async function saveScript(path: string): Promise<void> {
  const open = vscode.workspace.textDocuments.find((document) => document.isDirty && document.uri.fsPath === path);
  await open?.save();
}

/** Opens a script to be edited, or only read where it is not the person's own; one that cannot run at its error. */
export async function openScript(script: PointedWorkflow): Promise<void> {
  await showText(vscode.Uri.file(script.path), script.line ?? 1, script.column ?? 1);
  if (script.bundled) await makeReadOnly();
}
