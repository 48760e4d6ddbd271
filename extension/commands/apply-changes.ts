import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { CallNode } from '../protocol/run-tree.ts';
import type { AppliedChanges, LeftChanges } from '../runs/worktrees.ts';
import { appliedWords, filesText, NAMED } from './apply-words.ts';
import { agrees } from './control-run.ts';
import { type Pointed, pointedAt } from './pick-agent.ts';
import { type FoundRun, findRun, treeOf } from './pick-run.ts';
import { plain } from './plain-text.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust } from './workspaces.ts';

const NOTHING_LEFT = 'This agent has left no changes, or is not done with them.';

/** An agent that has ended, and what it left. */
interface Left {
  found: FoundRun;
  node: CallNode;
  changes: LeftChanges;
}

/**
 * Applies to the workspace what an agent changed in its worktree, once the person has seen the diff and agreed. Without a place
 * they pick a run and an agent. Undefined where they turned away.
 * @throws UserError where there is nothing to apply, or it cannot be.
 */
export async function applyChanges(bench: Workbench, at: Pointed = {}): Promise<AppliedChanges | undefined> {
  requireTrust();
  const left = await findLeft(bench, at);
  if (!left) return undefined;
  const { found, node, changes } = left;
  if (changes.applied) throw new UserError('not-possible', 'The changes of this agent are in the workspace already.');
  await showDiff(bench, left);
  const named = changes.files.slice(0, NAMED).map((file) => plain(file, 120));
  const more = changes.files.length - named.length;
  const detail = [
    [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    'The diff is open behind this question: cancel to read it, and ask again. Counterpoint cannot take it back once it is applied.',
  ].join('\n\n');
  const question = `Apply what “${plain(node.info.label, 60)}” changed to the workspace, in ${filesText(changes.files.length)}?`;
  if (!(await agrees(question, detail, 'Apply'))) return undefined;
  return await found.workspace.runs.applyChanges(found.summary.run.id, node.info.id);
}

/** The same from where nobody looks at the panel: what came of it is told in a message. */
export async function applyAndTell(bench: Workbench, at: Pointed): Promise<AppliedChanges | undefined> {
  const applied = await applyChanges(bench, at);
  if (!applied) return undefined;
  const words = appliedWords(applied);
  if (applied.conflicts.length === 0) void vscode.window.showInformationMessage(words);
  else void vscode.window.showWarningMessage(words, 'OK');
  return applied;
}

/** Applies what the agent of this number left, and asks nobody. @throws UserError as `applyChanges`. */
export async function applyNamed(bench: Workbench, runId: string, call: CallRef): Promise<AppliedChanges> {
  requireTrust();
  const found = await bench.workspaces.find(runId);
  return await found.workspace.runs.applyChanges(runId, pointedAt(agentsOf(found), call).info.id);
}

function agentsOf(found: FoundRun): CallNode[] {
  return [...treeOf(found).calls.values()].filter(({ info }) => info.kind === 'agent');
}

/** Opens what an agent changed, as the diff that would be applied. @throws UserError where there is none. */
export async function showChanges(bench: Workbench, at: Pointed): Promise<void> {
  const left = await findLeft(bench, at);
  if (left) await showDiff(bench, left);
}

/** Beside the panel that it was asked for in: one that is hidden is gone, and hears of no answer. */
async function showDiff({ documents, panels }: Workbench, { node, changes }: Left): Promise<void> {
  const beside = panels.active() !== undefined;
  await documents.openText(
    `Changes of ${plain(node.info.label, 80)}`,
    await readFile(changes.diff, 'utf8'),
    'diff',
    beside,
  );
}

async function findLeft(bench: Workbench, { runId, call }: Pointed): Promise<Left | undefined> {
  const found = await findRun(bench, { placeHolder: 'Changes of which run?', none: 'No run has begun yet.' }, runId);
  if (!found) return undefined;
  const agents = agentsOf(found);
  if (!call) return await pickLeft(found, agents);
  const node = pointedAt(agents, call);
  const changes = await found.workspace.runs.changes(found.summary.run.id, node.info.id);
  if (!changes) throw new UserError('not-possible', NOTHING_LEFT);
  return { found, node, changes };
}

async function pickLeft(found: FoundRun, agents: CallNode[]): Promise<Left | undefined> {
  const ended = agents.filter(({ endedAt }) => endedAt !== null);
  const asked = ended.map(async (node): Promise<Left[]> => {
    const changes = await found.workspace.runs.changes(found.summary.run.id, node.info.id);
    return changes && !changes.applied ? [{ found, node, changes }] : [];
  });
  const left = (await Promise.all(asked)).flat();
  if (left.length === 0)
    throw new UserError('not-possible', 'No agent of this run has left changes that are not in the workspace yet.');
  const items = left.map((one) => ({
    label: plain(one.node.info.label, 120),
    description: [filesText(one.changes.files.length), one.node.info.phase].filter(Boolean).join(' · '),
    detail: plain(one.changes.files.slice(0, NAMED).join(', '), 200),
    iconPath: new vscode.ThemeIcon('diff-multiple'),
    one,
  }));
  const options = { placeHolder: 'Apply the changes of which agent?', matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.one;
}
