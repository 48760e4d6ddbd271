import * as vscode from 'vscode';
import { escapedMarkdown, plain } from '../protocol/plain-text.ts';
import type { LiveRuns } from '../runs/live-runs.ts';
import type { OpenQuestion } from '../runs/open-questions.ts';
import type { QuestionBoard } from '../runs/question-board.ts';
import { giveAnswer } from './answer-checkpoint.ts';
import { MessageQueue } from './message-queue.ts';

/** A message has room for so many choices, as buttons of so many characters. */
const MOST_BUTTONS = 3;
const LONGEST_BUTTON = 40;

export interface QuestionWatchOptions {
  board: QuestionBoard;
  /** The runs that concern this window: only their questions are told. */
  live: LiveRuns;
  answer(question: OpenQuestion): Promise<void>;
  show(question: OpenQuestion): Promise<void>;
  onFailure(error: unknown): void;
}

/**
 * Tells of each question that a run of this window puts, once in a window, and counts those that somebody waits for in the status bar.
 *
 * VS Code lets nobody take a message back but one that shows progress. That kind has no buttons and never stops moving,
 * for hours perhaps, so questions come as what they are, a message with their answers: where one is answered elsewhere its
 * message stays, makes way for the next, and a click on it says what the answer is by now.
 */
export function createQuestionWatch({ board, live, ...options }: QuestionWatchOptions): vscode.Disposable {
  const told = new Set<string>();
  const item = vscode.window.createStatusBarItem('counterpoint.questions', vscode.StatusBarAlignment.Left);
  item.name = 'Counterpoint Questions';
  item.command = 'counterpoint.answerCheckpoint';
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  const queue = new MessageQueue<OpenQuestion>({
    show: ([question]) => (question ? ask(question, options) : Promise.resolve()),
    matters: ({ runId, key }) => board.find(runId, key) !== undefined,
    together: 1,
    onFailure: options.onFailure,
  });
  const hearing = board.onChange(() => {
    // Before a run goes on, nobody waits for an answer.
    const waiting = board.open().filter(({ driven }) => driven);
    showCount(item, waiting);
    // Looking but not touching is all that an untrusted folder gets.
    if (!vscode.workspace.isTrusted) return;
    const ours = new Set(live.all().map(({ id }) => id));
    const fresh = waiting.filter((question) => ours.has(question.runId) && !told.has(nameOf(question)));
    for (const question of fresh) told.add(nameOf(question));
    if (fresh.length > 0) queue.add(...fresh);
    else queue.look();
  });
  return vscode.Disposable.from(item, hearing);
}

function showCount(item: vscode.StatusBarItem, waiting: OpenQuestion[]): void {
  item.text = `$(question) ${waiting.length} ${waiting.length === 1 ? 'question' : 'questions'}`;
  item.tooltip = new vscode.MarkdownString(
    waiting.map(({ asks }) => `- ${escapedMarkdown(plain(asks.question, 120))}`).join('\n'),
  );
  if (waiting.length > 0) item.show();
  else item.hide();
}

function nameOf({ runId, key }: OpenQuestion): string {
  return `${runId} ${key}`;
}

type Button = vscode.MessageItem & { choice?: string };
const ANSWER: Button = { title: 'Answer…' };
const SHOW: Button = { title: 'Show Run' };

async function ask(
  question: OpenQuestion,
  { answer, show }: Pick<QuestionWatchOptions, 'answer' | 'show'>,
): Promise<void> {
  const { run, asks } = question;
  const buttons = [...choiceButtons(question), SHOW];
  const message = `“${plain(run.name, 60)}” asks: ${plain(asks.question)}`;
  const chosen = await vscode.window.showInformationMessage(message, ...buttons);
  if (chosen === SHOW) await show(question);
  else if (chosen?.choice !== undefined) await giveAnswer(question, { choice: chosen.choice });
  else if (chosen) await answer(question);
}

function choiceButtons({ asks: { choices, schema } }: OpenQuestion): Button[] {
  const fits = choices.length <= MOST_BUTTONS && choices.every((choice) => choice.length <= LONGEST_BUTTON);
  return schema || !fits ? [ANSWER] : choices.map((choice) => ({ title: plain(choice, LONGEST_BUTTON), choice }));
}
