import { UserError } from '../protocol/errors.ts';
import { PERMISSION_ANSWERS, type PermissionAnswer, type PermissionQuestion } from '../protocol/permissions.ts';
import type { CallNode, RunTree } from '../protocol/run-tree.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { printable, shellWord, shortened } from './printable.ts';

/** A question about a tool call, with the call that shows it. */
export interface AskedPermission {
  call: CallNode;
  question: PermissionQuestion;
}

/** What waits for a person's yes or no, in the order it was asked. */
export function openPermissions(tree: RunTree): AskedPermission[] {
  if (tree.status !== 'running') return [];
  return [...tree.calls.values()]
    .flatMap((call) => call.asks.map((question) => ({ call, question })))
    .sort((a, b) => a.question.id - b.question.id);
}

/** A question in lines: who would do what, why it is asked, and what becomes of silence. */
export function permissionLines({ call, question }: AskedPermission): string[] {
  const { id, what, targets, why, timeoutAt } = question;
  const who = `${call.info.kind === 'agent' ? 'agent' : 'the script’s call'} ${call.info.id}`;
  const lines = [`permission ${id}: ${who} (${shortened(call.info.label, 60)}) wants to do this: ${printable(what)}`];
  // One target is what the line above says already.
  if (targets.length > 1)
    for (const target of targets) lines.push(`  ${printable(shown(target)) || 'nothing that can be shown'}`);
  lines.push(`  asked because ${printable(why)}`);
  lines.push(
    timeoutAt === null
      ? '  waits until somebody answers'
      : `  denied where nobody answers until ${new Date(timeoutAt).toISOString()}`,
  );
  return lines;
}

function shown(target: PermissionQuestion['targets'][number]): string {
  switch (target.kind) {
    case 'path':
      return `${target.access} ${target.path}`;
    case 'command':
      return target.text;
    case 'unclear':
      return `${target.text} (${target.why})`;
    case 'address':
      return target.url;
    case 'server':
      return `${target.server}:${target.tool}`;
  }
}

/** The command that allows it this once, to be pasted into a shell. */
export function permitCommand(runId: string, { call }: AskedPermission, workspace: string): string {
  const words = ['counterpoint', 'permit', runId, String(call.info.id), '--answer', 'once'];
  if (workspace !== process.cwd()) words.push('--workspace', shellWord(workspace));
  return words.join(' ');
}

/** What each answer means, as a person picks it. */
export const ANSWER_WORDS: Readonly<Record<PermissionAnswer, string>> = {
  once: 'this once',
  run: 'for the rest of the run',
  always: 'for 30 days, for this script as it is and in this folder',
  deny: 'no',
};

/** The answer that a person means: by its word, its first letter, or its number; null for anything else. */
export function pickAnswer(given: string): PermissionAnswer | null {
  const wanted = given.trim().toLowerCase();
  if (wanted === '') return null;
  const byNumber = PERMISSION_ANSWERS[Number(wanted) - 1];
  return byNumber ?? PERMISSION_ANSWERS.find((answer) => answer === wanted || answer[0] === wanted) ?? null;
}

/**
 * What the agent of this number is asked about; without a number, the only open question.
 * @throws UserError where there is none, or more than one.
 */
export function findPermission(manager: RunManager, runId: string, agent: number | null): AskedPermission {
  const open = openPermissions(manager.tree(runId)).filter(({ call }) => agent === null || call.info.id === agent);
  const [first, second] = open;
  const list = `\`counterpoint permit ${runId}\` lists what is asked.`;
  if (!first) {
    const whose = agent === null ? `Run ${runId}` : `Number ${agent} of run ${runId}`;
    throw new UserError('not-possible', `${whose} waits for no permission now. ${list}`);
  }
  // Those of one agent are answered one after the other, in the order they were asked.
  if (second && agent === null)
    throw new UserError('bad-arguments', `Run ${runId} waits for ${open.length} permissions; say whose. ${list}`);
  return first;
}
