import { UserError } from '../protocol/errors.ts';
import type { CheckpointInfo } from '../protocol/run-events.ts';
import type { CallNode, RunTree } from '../protocol/run-tree.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { printable, shellWord } from './printable.ts';

/** A call that asks a person something. */
export interface Question extends CallNode {
  info: CallNode['info'] & { checkpoint: CheckpointInfo };
}

/** What waits for a person, in order of issue; also where the run was cut or stopped meanwhile, and `resume` will ask again. */
export function openQuestions(tree: RunTree): Question[] {
  if (tree.status === 'completed') return [];
  const questions = [...tree.calls.values()].filter(isQuestion);
  // One that was answered earlier is not at work even for the moment in which it is found again.
  return questions.filter(({ state, settled }) => (tree.status === 'running' ? state === 'working' : settled === null));
}

export function isQuestion(call: CallNode): call is Question {
  return call.info.checkpoint !== undefined;
}

/** A question in lines: what is asked, what may be answered, and what becomes of silence. */
export function questionLines({ info }: Question): string[] {
  const { question, detail, choices, schema, askedAt } = info.checkpoint;
  const lines = [`question ${info.id}: ${printable(question)}`];
  if (detail !== '') lines.push(...detail.split('\n').map((line) => `  ${printable(line)}`));
  lines.push(`  choices: ${choices.map((choice, i) => `${i + 1} ${printable(choice)}`).join(' · ')}`);
  if (schema) lines.push(`  values: an object that satisfies ${printable(JSON.stringify(schema))}`);
  lines.push(`  asked ${new Date(askedAt).toISOString()}; ${silence(info.checkpoint)}`);
  return lines;
}

function silence({ fallback, timeoutAt }: CheckpointInfo): string {
  if (timeoutAt === null) return 'waits until somebody answers';
  return `${printable(fallback ?? '')} holds where nobody answers until ${new Date(timeoutAt).toISOString()}`;
}

/** The command that answers it with its first choice, to be pasted into a shell. */
export function answerCommand(runId: string, { info }: Question, workspace: string): string {
  const { choices, schema } = info.checkpoint;
  const words = ['counterpoint', 'answer', runId, String(info.id)];
  if (workspace !== process.cwd()) words.push('--workspace', shellWord(workspace));
  words.push('--choice', shellWord(printable(choices[0] ?? '')));
  if (schema) words.push('--values', 'JSON');
  return words.join(' ');
}

/** The choice that a person means: as it is, as it is shown, whatever its case, or by its number. What is none is left as it is. */
export function pickChoice(choices: readonly string[], given: string): string {
  const wanted = given.trim().toLowerCase();
  return (
    choices.find((choice) => choice === given) ??
    choices.find((choice) => printable(choice) === given.trim()) ??
    choices.find((choice) => printable(choice).toLowerCase() === wanted) ??
    (/^\d+$/.test(wanted) ? choices[Number(wanted) - 1] : undefined) ??
    given
  );
}

/**
 * The question of this number; without one, the only open one.
 * @throws UserError where there is none, or more than one.
 */
export function findQuestion(manager: RunManager, runId: string, number: number | null): Question {
  const tree = manager.tree(runId);
  const open = openQuestions(tree);
  const list = `\`counterpoint answer ${runId}\` lists those that are open.`;
  if (number !== null) {
    const call = tree.calls.get(number);
    if (call && isQuestion(call) && tree.status !== 'completed') return call;
    throw new UserError('bad-arguments', `Run ${runId} has no question number ${number} to answer. ${list}`);
  }
  const [first, second] = open;
  if (!first)
    throw new UserError('not-possible', `Run ${runId} asks nothing now. \`counterpoint watch ${runId}\` follows it.`);
  if (second) throw new UserError('bad-arguments', `Run ${runId} asks ${open.length} questions; say which. ${list}`);
  return first;
}
