import * as vscode from 'vscode';
import type { ViewedRun } from '../panel/documents.ts';
import { statusIcon } from '../panel/status-icon.ts';
import { UserError } from '../protocol/errors.ts';
import { plainLabel } from '../protocol/plain-text.ts';
import { foldRun, type RunTree } from '../protocol/run-tree.ts';
import type { RunSummary } from '../runs/run-service.ts';
import { STANDING_WORDS, type Standing, standingOf } from '../runs/run-standing.ts';
import type { Workbench } from './workbench.ts';
import type { OpenWorkspace, Workspaces } from './workspaces.ts';

/** A run and the folder it belongs to. */
export interface FoundRun {
  workspace: OpenWorkspace;
  summary: RunSummary;
}

export interface RunQuestion {
  placeHolder: string;
  wanted?: (standing: Standing) => boolean;
  /** Said where there is nothing to pick. */
  none: string;
}

export function viewed({ workspace, summary }: FoundRun): ViewedRun {
  return { id: summary.run.id, runs: workspace.runs, workspace: workspace.folder.uri.fsPath };
}

export function standing({ workspace, summary }: FoundRun): Standing {
  return standingOf(workspace.runs, summary);
}

/** The fold of the run's events, as they are on disk. */
export function treeOf({ workspace, summary }: FoundRun): RunTree {
  return foldRun(workspace.runs.events(summary.run.id, 0));
}

/**
 * The run that was named, else the one whose panel is active, else one that the person picks. Undefined where they turned away.
 * @throws UserError where there is none to pick.
 */
export async function findRun(
  { workspaces, panels }: Pick<Workbench, 'workspaces' | 'panels'>,
  question: RunQuestion,
  named?: string,
): Promise<FoundRun | undefined> {
  if (named !== undefined) return workspaces.find(named);
  const shown = panels.active();
  const active = shown === undefined ? undefined : await workspaces.find(shown);
  if (active && (question.wanted?.(standing(active)) ?? true)) return active;
  return pickAmong(workspaces, question);
}

/** One that the person picks of those that are wanted. @throws UserError where there is none. */
export async function pickAmong(workspaces: Workspaces, question: RunQuestion): Promise<FoundRun | undefined> {
  const { wanted = () => true } = question;
  const runs = (await allRuns(workspaces)).filter((found) => wanted(standing(found)));
  if (runs.length === 0) throw new UserError('run-not-found', question.none);
  return pickRun(runs, question.placeHolder);
}

/** Runs of every open folder, newest first. */
export async function allRuns(
  workspaces: Workspaces,
  wanted: (summary: RunSummary) => boolean = () => true,
): Promise<FoundRun[]> {
  const found = (await workspaces.withRuns()).flatMap((workspace) =>
    workspace.runs
      .runs()
      .filter(wanted)
      .map((summary) => ({ workspace, summary })),
  );
  return found.sort((a, b) => b.summary.createdAt - a.summary.createdAt);
}

/** Lets the person choose a run. Undefined where they turned away. */
export async function pickRun(runs: FoundRun[], placeHolder: string): Promise<FoundRun | undefined> {
  const severalFolders = new Set(runs.map(({ workspace }) => workspace.folder)).size > 1;
  const now = Date.now();
  const items = runs.map((found) => {
    const { run, createdAt } = found.summary;
    const state = standing(found);
    const words = [
      STANDING_WORDS[state],
      age(now - createdAt),
      ...(severalFolders ? [found.workspace.folder.name] : []),
    ];
    return {
      label: plainLabel(run.name, 80),
      description: words.join(' · '),
      detail: `${run.providerTitle} · ${run.script}`,
      iconPath: statusIcon(state),
      found,
    };
  });
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.found;
}

const UNITS: [name: string, milliseconds: number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How long ago, in the largest unit that fits: `3 hours ago`, `just now`. */
export function age(milliseconds: number): string {
  for (const [name, size] of UNITS) {
    const count = Math.floor(milliseconds / size);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
