import { plain, plainLabel } from '../protocol/plain-text.ts';
import { waitsSinceWords } from '../protocol/wait-words.ts';
import type { OpenQuestion } from '../runs/open-questions.ts';
import { isAnsweredByChoice } from '../runs/question-words.ts';
import type { AskedPlace } from './script-places.ts';

/** With more choices than this, or longer ones, a lens asks which. */
const MOST_CHOICES = 4;
const LONGEST_CHOICE = 40;

export interface Lens {
  title: string;
  tooltip: string;
  command: string;
  arguments: unknown[];
}

/** The lenses above a line at which one question waits, or several: what is asked, each answer, and where it is shown. */
export function lensesAt({ questions }: AskedPlace, now: number): Lens[] {
  const [first] = questions;
  if (!first) return [];
  return questions.length === 1 ? lensesOf(first, now) : lensesOfSeveral(questions, first, now);
}

function lensesOf(question: OpenQuestion, now: number): Lens[] {
  const { asks } = question;
  const at = pointer(question);
  const head: Lens = {
    title: `◆ ${plainLabel(asks.question, 80)} ${standing(question, now)}`,
    tooltip: `${plain(asks.question)}${asks.detail && `: ${plain(asks.detail)}`}`,
    command: 'counterpoint.answerCheckpoint',
    arguments: [pointed(question)],
  };
  const direct = isAnsweredByChoice(asks) && asks.choices.length <= MOST_CHOICES;
  const choices = direct && asks.choices.every((choice) => choice.length <= LONGEST_CHOICE) ? asks.choices : [];
  const answers: Lens[] = choices.map((choice) => ({
    title: plainLabel(choice, LONGEST_CHOICE),
    tooltip: `Answers “${plain(asks.question, 120)}” with “${plain(choice)}”, at once and for good.`,
    command: 'counterpoint.checkpoint.answer',
    arguments: [{ ...at, choice }],
  }));
  const ask: Lens = { ...head, title: 'Answer…', tooltip: 'Asks for the answer step by step' };
  const comment: Lens = {
    title: 'Comment…',
    tooltip: 'Opens the question below this line, where a comment can go with the answer',
    command: 'counterpoint.checkpoint.comment',
    arguments: [at],
  };
  return [head, ...(answers.length > 0 ? answers : [ask]), comment, showLens(question)];
}

/** A loop asks at one line again and again, and nobody could tell the answers of one question from those of another. */
function lensesOfSeveral(questions: OpenQuestion[], first: OpenQuestion, now: number): Lens[] {
  const pick: Lens = {
    title: `◆ ${questions.length} questions wait here, the first ${standing(first, now)}`,
    tooltip: questions.map(({ asks }) => plain(asks.question, 120)).join('\n'),
    command: 'counterpoint.checkpoint.pick',
    arguments: [questions.map(pointer)],
  };
  return [pick, { ...pick, title: 'Answer…', tooltip: 'Asks which question, and for the answer' }, showLens(first)];
}

function showLens(question: OpenQuestion): Lens {
  return {
    title: 'Show in Run',
    tooltip: `Shows the question in the panel of “${plain(question.run.name, 60)}”`,
    command: 'counterpoint.showCheckpoint',
    arguments: [pointer(question)],
  };
}

function standing({ asks, driven }: OpenQuestion, now: number): string {
  return driven
    ? waitsSinceWords(asks.askedAt, now)
    : `${waitsSinceWords(asks.askedAt, now)}, and nobody drives its run`;
}

/** Names a question for a command that is called with it. */
export function pointer({ runId, on, key }: OpenQuestion): { runId: string; callId: number; callKey: string } {
  return { runId, callId: on.call, callKey: key };
}

/** The same for a command of the palette, which then asks for the rest. */
function pointed(question: OpenQuestion) {
  return { view: 'counterpoint.checkpoints', ...pointer(question) };
}
