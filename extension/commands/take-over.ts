import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { MessageQueue } from './message-queue.ts';
import { age, allRuns, type FoundRun, treeOf } from './pick-run.ts';
import { plain } from './plain-text.ts';
import { resumePolicy } from './settings.ts';
import type { OpenWorkspace, Workspaces } from './workspaces.ts';

const OFFERED = 'offeredForResume';
/** As many as a workspace could have; older ones were told long ago. */
const REMEMBERED = 500;

export interface TakeOverOptions {
  workspaces: Workspaces;
  memory: vscode.Memento;
  /** Drives the run from here on. @throws UserError `run-busy` where another was faster. */
  goOn(found: FoundRun): Promise<void>;
  /** Without an id the person picks. */
  show(runId?: string): Promise<void>;
  onFailure(error: unknown): void;
}

/**
 * Goes on with runs that were cut, or offers to: those found when the window opens, and those whose driver (another window, a
 * command line) dies while it is open. Each is told of once for each time it was cut, and only where the folder is trusted.
 */
export function createTakeOver(options: TakeOverOptions): vscode.Disposable {
  const { workspaces, memory, onFailure } = options;
  const queue = new MessageQueue<FoundRun>({
    show: (cut) => offer(cut, options),
    matters: isCut,
    together: Number.POSITIVE_INFINITY,
    onFailure,
  });
  const take = async (cut: FoundRun[]): Promise<void> => {
    const known = memory.get<string[]>(OFFERED, []);
    const fresh = cut.filter((found) => !known.includes(cutOf(found)));
    if (fresh.length === 0 || !vscode.workspace.isTrusted) return;
    await memory.update(OFFERED, [...known, ...fresh.map(cutOf)].slice(-REMEMBERED));
    const policy = (found: FoundRun) => resumePolicy(found.workspace.folder);
    for (const found of fresh) if (policy(found) === 'always') goOnByItself(found, options).catch(onFailure);
    queue.add(...fresh.filter((found) => policy(found) === 'ask'));
  };
  const hear = ({ runs, folder }: OpenWorkspace) =>
    runs.onInterrupted((runId) => {
      const summary = runs.summary(runId);
      if (summary) take([{ workspace: { runs, folder }, summary }]).catch(onFailure);
    });
  const watched = workspaces.onOpened(hear);
  const look = async () => take(await allRuns(workspaces, ({ status }) => status === 'interrupted'));
  const begin = () => void look().catch(onFailure);
  if (vscode.workspace.isTrusted) begin();
  return vscode.Disposable.from(watched, vscode.workspace.onDidGrantWorkspaceTrust(begin));
}

/** Names one time that a run was cut: it may be resumed, and cut again. */
function cutOf(found: FoundRun): string {
  return `${found.summary.run.id} ${treeOf(found).attempt}`;
}

function isCut({ workspace, summary }: FoundRun): boolean {
  return workspace.runs.summary(summary.run.id)?.status === 'interrupted';
}

async function goOnByItself(found: FoundRun, { goOn, show }: TakeOverOptions): Promise<void> {
  const { id, name } = found.summary.run;
  try {
    await goOn(found);
  } catch (error) {
    if (isBusy(error)) return;
    throw error;
  }
  const message = `“${plain(name, 60)}” was cut before its end, and goes on in this window.`;
  if (await vscode.window.showInformationMessage(message, 'Show Run')) await show(id);
}

async function offer(cut: FoundRun[], { goOn, show }: TakeOverOptions): Promise<void> {
  const [first] = cut;
  if (!first) return;
  if (cut.length > 1) {
    const message = `${cut.length} runs were cut before their end.`;
    if (await vscode.window.showInformationMessage(message, 'Show Runs…')) await show();
    return;
  }
  const { run, createdAt } = first.summary;
  const message = `“${plain(run.name, 60)}”, started ${age(Date.now() - createdAt)}, was cut before its end. Its finished agents are kept.`;
  const chosen = await vscode.window.showInformationMessage(message, 'Resume', 'Show Run');
  if (!chosen) return;
  // Where another window goes on with it by now, there is nothing left but to look.
  if (chosen === 'Resume' && isCut(first)) {
    await goOn(first).catch((error: unknown) => {
      if (!isBusy(error)) throw error;
    });
  }
  await show(run.id);
}

function isBusy(error: unknown): boolean {
  return error instanceof UserError && error.code === 'run-busy';
}
