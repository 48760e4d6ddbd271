import { callNumberWords } from '../protocol/call-number.ts';
import { UserError } from '../protocol/errors.ts';
import { exactLine } from '../protocol/exact-text.ts';
import { isWhollySaid } from '../protocol/permission-words.ts';
import {
  PERMISSION_ANSWERS,
  type PermissionAnswer,
  type PermissionQuestion,
  type WholeCall,
} from '../protocol/permissions.ts';
import type { CallNode, RunTree } from '../protocol/run-tree.ts';
import { waitsSinceWords } from '../protocol/wait-words.ts';
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

/** All that a call would do which is asked about; null where only its beginning is known, as in runs of earlier versions. */
export function wholeCall(manager: RunManager, runId: string, { call, question }: AskedPermission): WholeCall | null {
  const { wanted = [] } = manager.details(runId, call.info.id, Number.MAX_SAFE_INTEGER);
  return wanted.find((each) => each.question === question.id)?.call ?? null;
}

/** So much of a call is printed; whoever wants the rest of a longer one has it as JSON. */
const MOST_PRINTED = 20_000;

/** A question in lines: who would do what, why it is asked, how long it waits, and what becomes of silence. */
export function permissionLines(
  { call, question }: AskedPermission,
  whole: WholeCall | null,
  now = Date.now(),
): string[] {
  const { id, what, why, timeoutAt, askedAt } = question;
  const targets = whole?.targets ?? question.targets;
  const who = `${call.info.kind === 'agent' ? 'agent' : 'the script’s call'} ${callNumberWords(call.info.id)}`;
  const lines = [`permission ${id}: ${who} (${shortened(call.info.label, 60)}) wants to do this: ${printable(what)}`];
  // One target is what the line above says already.
  if (targets.length > 1)
    for (const target of targets) lines.push(`  ${printable(shown(target)) || 'nothing that can be shown'}`);
  if (whole && !isWhollySaid(question, whole)) lines.push(`  all of it: ${inputText(whole)}`);
  lines.push(`  asked because ${printable(why)}`);
  const waits = askedAt === undefined ? '' : `${waitsSinceWords(askedAt, now)}; `;
  lines.push(
    timeoutAt === null
      ? `  ${waits}waits until somebody answers`
      : `  ${waits}denied where nobody answers until ${new Date(timeoutAt).toISOString()}`,
  );
  return lines;
}

/** In one line, in which nothing is unseen. */
function inputText({ input }: WholeCall): string {
  const text = exactLine(JSON.stringify(input), Number.MAX_SAFE_INTEGER);
  if (text.length <= MOST_PRINTED) return text;
  return `${text.slice(0, MOST_PRINTED)}… (${text.length - MOST_PRINTED} characters more; \`--json\` has them)`;
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
  const words = ['counterpoint', 'permit', runId, callNumberWords(call.info.id), '--answer', 'once'];
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
    const whose = agent === null ? `Run ${runId}` : `Number ${callNumberWords(agent)} of run ${runId}`;
    throw new UserError('not-possible', `${whose} waits for no permission now. ${list}`);
  }
  // Those of one agent are answered one after the other, in the order they were asked.
  if (second && agent === null)
    throw new UserError('bad-arguments', `Run ${runId} waits for ${open.length} permissions; say whose. ${list}`);
  return first;
}
