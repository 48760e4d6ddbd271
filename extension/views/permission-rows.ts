import * as vscode from 'vscode';
import { exactLine } from '../protocol/exact-text.ts';
import { ANSWER_LABELS, aboutOf, askWords, isSaidInALine, verbOf } from '../protocol/permission-words.ts';
import { PERMISSION_ANSWERS, type PermissionAnswer } from '../protocol/permissions.ts';
import { escapedMarkdown, plain } from '../protocol/plain-text.ts';
import { askedWords, momentWords } from '../protocol/wait-words.ts';
import type { OpenPermission } from '../runs/open-permissions.ts';

/** So many characters of what a tool call would do are to be seen in a view of the usual width; a longer one is not allowed from here. */
const ROW_LENGTH = 40;

/** A row of the view of questions about a tool call that waits, or one of its answers. */
export interface PermissionRow {
  permission: OpenPermission;
  /** What a click answers, or that it shows the question in the panel. Absent on the question's own row. */
  does?: PermissionAnswer | 'look';
}

/** The answers to a question; where a row does not say all that it would do a no, and the way to where that can be read. */
export function answersUnder(permission: OpenPermission): PermissionRow[] {
  const ways = isSaidInALine(permission.question, ROW_LENGTH) ? PERMISSION_ANSWERS : (['look', 'deny'] as const);
  return ways.map((does) => ({ permission, does }));
}

export function permissionItem({ permission, does }: PermissionRow, now = Date.now()): vscode.TreeItem {
  const { runId, on, question, run, asker } = permission;
  const pointer = { runId, callId: on.call, callKey: on.key, permission: question.id };
  const id = `${runId} permission ${question.id}`;
  const show = { title: 'Show in Run', command: 'counterpoint.permission.show', arguments: [pointer] };
  if (does !== undefined) return answerItem(`${id} ${does}`, does, pointer, show);
  // What it would do comes first, where a narrow view does not cut it off.
  const label = plain(askWords(question, 120), 200);
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = id;
  const asked = question.askedAt === undefined ? [] : [askedWords(question.askedAt, now)];
  item.description = [plain(asker, 60), plain(run.name, 60), ...asked].join(' · ');
  item.tooltip = new vscode.MarkdownString(permissionMarkdown(permission));
  item.iconPath = new vscode.ThemeIcon('shield', new vscode.ThemeColor('charts.yellow'));
  item.contextValue = 'permission';
  item.command = show;
  item.accessibilityInformation = { label: `Permission. ${label}. ${item.description}` };
  return item;
}

function answerItem(
  id: string,
  does: PermissionAnswer | 'look',
  pointer: object,
  show: vscode.Command,
): vscode.TreeItem {
  const item = new vscode.TreeItem(does === 'look' ? 'See All of It and Decide' : ANSWER_LABELS[does]);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon(does === 'look' ? 'eye' : does === 'deny' ? 'circle-slash' : 'check');
  item.contextValue = 'permissionAnswer';
  const answer = {
    title: 'Answer',
    command: 'counterpoint.permission.answer',
    arguments: [{ ...pointer, answer: does }],
  };
  item.command = does === 'look' ? show : answer;
  return item;
}

/** All that there is to know of it, as Markdown in which nothing of what is asked is markup, and nothing is unseen. */
function permissionMarkdown({ question, run, asker }: OpenPermission): string {
  const { targets, what, why, askedAt, timeoutAt } = question;
  const exact = (text: string) => escapedMarkdown(exactLine(text, 1000));
  const lines = targets.map((target) => {
    const unclear = target.kind === 'unclear' ? ` \\(${exact(target.why)}\\)` : '';
    return `- ${verbOf(target)} ${exact(aboutOf(target))}${unclear}`;
  });
  return [
    `**${escapedMarkdown(plain(asker, 120))}** of ${escapedMarkdown(plain(run.name, 60))} waits for your permission\\.`,
    lines.length > 0 ? lines.join('\n') : `- ${exact(what)}`,
    `Asked, for ${exact(why)}`,
    askedAt === undefined ? '' : `It waits since ${escapedMarkdown(momentWords(askedAt))}\\.`,
    timeoutAt === null ? '' : `It is denied by itself on ${escapedMarkdown(momentWords(timeoutAt))}\\.`,
  ]
    .filter(Boolean)
    .join('\n\n');
}
