import { UserError } from '../protocol/errors.ts';
import type { CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import { settledFateOf } from '../runs/open-questions.ts';
import type { RunManager } from '../runs/run-manager.ts';
import { shortened } from './printable.ts';
import { answerCommand, findQuestion, openQuestions, pickChoice, type Question, questionLines } from './questions.ts';
import { questionDocument } from './run-document.ts';
import { printDone } from './steer.ts';
import type { CommandLine } from './usage.ts';

/** Lists the open questions of a run, or answers one, whether the run is driven or not. Returns the exit code. */
export async function answer(line: CommandLine, manager: RunManager, runId: string): Promise<number> {
  if (line.choice === null && line.comment === null && line.values === undefined) return list(line, manager, runId);
  const question = findQuestion(manager, runId, line.call);
  const { id: call, key, checkpoint } = question.info;
  const given = answerOf(line, question);
  try {
    await manager.control(runId, { action: 'answer', call, key, answer: given });
  } catch (error) {
    if (!(error instanceof UserError) || error.code === 'bad-arguments') throw error;
    const fate = await settledFateOf({ runs: manager, runId, key, asks: checkpoint });
    // Another window, or another command line, was faster.
    if (fate.state === 'answered') throw answeredAlready(call, runId, fate.choice);
    throw error;
  }
  const driven = manager.summary(runId)?.status === 'running';
  const next = driven ? '' : `; nobody drives the run, \`counterpoint resume ${runId}\` goes on`;
  const told = `question ${call} (${shortened(checkpoint.question, 80)}) is answered: ${shortened(given.choice, 80)}${next}`;
  return printDone(line, runId, { done: 'answered', ...{ question: call, choice: given.choice, driven } }, told);
}

function answeredAlready(call: number, runId: string, choice: string): UserError {
  return new UserError(
    'not-possible',
    `Question ${call} of run ${runId} is answered already: ${shortened(choice, 80)}.`,
  );
}

function answerOf({ choice, comment, values }: CommandLine, { info }: Question): CheckpointAnswer {
  const { choices } = info.checkpoint;
  const [only] = choices.length === 1 ? choices : [];
  const picked = choice === null ? only : pickChoice(choices, choice);
  if (picked === undefined)
    throw new UserError('bad-arguments', `Question ${info.id} has ${choices.length} choices; give one with --choice.`);
  return { choice: picked, ...(comment !== null && { comment }), ...(values !== undefined && { values }) };
}

function list(line: CommandLine, manager: RunManager, runId: string): number {
  const tree = manager.tree(runId);
  const open = openQuestions(tree).filter(({ info }) => line.call === null || info.id === line.call);
  // A number that is none, or of what is answered, is told like any other mistake.
  if (line.call !== null && open.length === 0) {
    const { info, settled } = findQuestion(manager, runId, line.call);
    throw answeredAlready(info.id, runId, settled?.answer?.choice ?? 'nothing');
  }
  if (line.json) {
    const document = { runId, status: tree.status, questions: open.map(questionDocument) };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return 0;
  }
  if (open.length === 0) console.log(`run ${runId}: asks nothing now`);
  for (const question of open) {
    for (const text of questionLines(question)) console.log(text);
    console.log(`  ${answerCommand(runId, question, line.workspace)}`);
  }
  if (open.length > 0 && tree.status !== 'running')
    console.log(`Nobody drives run ${runId}: once it is answered, \`counterpoint resume ${runId}\` goes on.`);
  return 0;
}
