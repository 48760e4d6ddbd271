import * as vscode from 'vscode';
import { STATUS_WORDS, statusIcon } from '../panel/status-icon.ts';
import type { RunSummary } from '../runs/run-service.ts';
import type { OpenWorkspace, Workspaces } from './workspaces.ts';

/** A run and the folder it belongs to. */
export interface FoundRun {
  workspace: OpenWorkspace;
  summary: RunSummary;
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
    const { run, status, createdAt } = found.summary;
    const words = [
      STATUS_WORDS[status],
      age(now - createdAt),
      ...(severalFolders ? [found.workspace.folder.name] : []),
    ];
    return {
      label: run.name,
      description: words.join(' · '),
      detail: `${run.providerTitle} · ${run.script}`,
      iconPath: statusIcon(status),
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
