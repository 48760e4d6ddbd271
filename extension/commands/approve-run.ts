import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import * as vscode from 'vscode';
import type { PreviewedRun } from '../planner/preview-request.ts';
import type { Approval } from '../protocol/preview.ts';
import type { StartRequest } from '../runs/run-service.ts';
import { reasonsToAsk } from './approval.ts';
import { plain } from './plain-text.ts';
import { makePreview } from './planning.ts';
import { ScriptPreview, textOf } from './preview-session.ts';
import { startRun } from './run-workflow.ts';
import { makeReadOnly, showBeside } from './script-editor.ts';
import { askAbove } from './settings.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust, type TrustedWorkspace } from './workspaces.ts';

/** What is to be started; the script as a path. */
export type RunToApprove = Pick<StartRequest, 'script' | 'args' | 'provider' | 'model' | 'models'>;

/** What becomes of a script that may run. */
export interface Use<T> {
  /** Does it with the text of this digest, or not at all. @throws UserError `script-changed`. */
  begin(digest: string): Promise<T>;
  /** What the person should know before all else, such as who wrote the script. */
  notes?: string[];
}

/**
 * Previews what is to run, asks where that has to be asked, and starts exactly the text that was previewed.
 * @returns The run's id; undefined where the person turned away.
 * @throws ScriptRefusedError, UserError.
 */
export function runOrAsk(
  bench: Workbench,
  workspace: TrustedWorkspace,
  wanted: RunToApprove,
): Promise<string | undefined> {
  return doOrAsk(bench, workspace, wanted, {
    begin: (digest) => begin(bench, workspace, { ...wanted, digest }),
  });
}

/**
 * Has a script used as it was previewed, whatever it is wanted for; where that has to be asked, once the person has seen it.
 * @param unasked Where nothing has to be asked of the script: whether it is wanted all the same.
 * @returns Undefined where the person turned away.
 * @throws ScriptRefusedError, UserError.
 */
export async function doOrAsk<T>(
  bench: Workbench,
  workspace: TrustedWorkspace,
  wanted: RunToApprove,
  use: Use<T> & { unasked?: () => Promise<boolean> },
): Promise<T | undefined> {
  const first = await previewFirst(workspace, wanted);
  if (!first) return undefined;
  const { reasons } = await approvalOf(bench, workspace, wanted.script, first);
  if (reasons.length > 0) return askToUse(bench, workspace, wanted, first, use);
  return (await use.unasked?.()) === false ? undefined : use.begin(first.preview.script.digest);
}

export interface AskOptions {
  first: PreviewedRun;
  notes?: string[];
}

/** Shows the script and its preview side by side, and starts it once the person decides so. Resolves when they have decided, or turned away. */
export function askToRun(
  bench: Workbench,
  workspace: TrustedWorkspace,
  wanted: RunToApprove,
  { first, notes = [] }: AskOptions,
): Promise<string | undefined> {
  return askToUse(bench, workspace, wanted, first, {
    begin: (digest) => begin(bench, workspace, { ...wanted, digest }),
    notes,
  });
}

async function askToUse<T>(
  bench: Workbench,
  workspace: TrustedWorkspace,
  wanted: RunToApprove,
  first: PreviewedRun,
  { begin, notes = [] }: Use<T>,
): Promise<T | undefined> {
  const script = vscode.Uri.file(wanted.script);
  await showBeside(script);
  if (await isBundled(bench, wanted.script)) await makeReadOnly();
  let used: T | undefined;
  const closed = Promise.withResolvers<void>();
  const session = await ScriptPreview.open(
    { script, title: titleOf(script), workspace, run: runOf(wanted), first },
    {
      approval: async (run) => {
        const asked = run ? await approvalOf(bench, workspace, wanted.script, run) : { reasons: [], restricted: false };
        return { ...asked, reasons: [...notes, ...asked.reasons] };
      },
      async decide(decision, { preview }) {
        const { digest, name } = preview.script;
        await bench.approvals.keep(decision, { workspace: workspace.runs.workspace, digest }, name);
        used = await begin(digest);
      },
      closed: closed.resolve,
    },
  );
  bench.asked.add(session);
  bench.previews.show(session);
  await closed.promise;
  bench.asked.remove(session);
  return used;
}

/** Starts a run, follows it and shows its panel. @throws ScriptRefusedError, UserError `script-changed`. */
export async function begin(bench: Workbench, workspace: TrustedWorkspace, request: StartRequest): Promise<string> {
  const runId = await startRun(workspace, request);
  bench.watch.follow(workspace, runId);
  bench.panels.show({ id: runId, runs: workspace.runs, workspace: workspace.folder.uri.fsPath });
  return runId;
}

/** Whether a person is asked before this version of a script runs, and why. */
async function approvalOf(
  bench: Pick<Workbench, 'approvals' | 'bundled'>,
  { runs }: TrustedWorkspace,
  script: string,
  { preview }: PreviewedRun,
): Promise<Approval> {
  const { digest } = preview.script;
  const reasons = reasonsToAsk({
    bundled: await isBundled(bench, script),
    approved: await bench.approvals.has({ workspace: runs.workspace, digest }),
    preview,
    askAbove: askAbove(),
  });
  return { reasons, restricted: false };
}

/** Whether a script lies where Counterpoint's own are. */
export async function isBundled({ bundled }: Pick<Workbench, 'bundled'>, script: string): Promise<boolean> {
  const [folder, file] = await Promise.all([bundled, script].map((path) => realpath(path).catch(() => path)));
  return file?.startsWith(`${folder}${sep}`) ?? false;
}

/** Most previews are there before anybody could read that they are made. */
const QUICK_MS = 1_000;

async function previewFirst(workspace: TrustedWorkspace, wanted: RunToApprove): Promise<PreviewedRun | undefined> {
  requireTrust();
  const script = vscode.Uri.file(wanted.script);
  const text = await textOf(script);
  const given = new AbortController();
  const making = makePreview(workspace, { ...wanted, text, signal: given.signal });
  const quick = await Promise.race([making, new Promise<null>((resolve) => setTimeout(resolve, QUICK_MS, null))]);
  if (quick) return quick;
  const title = `Previewing “${plain(titleOf(script), 60)}”`;
  const place = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    return await vscode.window.withProgress(place, (_progress, cancelled) => {
      cancelled.onCancellationRequested(() => given.abort());
      return making;
    });
  } catch (error) {
    if (given.signal.aborted) return undefined;
    throw error;
  }
}

export function titleOf(script: vscode.Uri): string {
  return script.path.split('/').at(-1) ?? script.path;
}

function runOf({ script: _script, ...run }: RunToApprove): Omit<RunToApprove, 'script'> {
  return run;
}
