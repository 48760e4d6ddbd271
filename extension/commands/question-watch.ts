import * as vscode from 'vscode';
import type { LiveRun, LiveRuns } from '../runs/live-runs.ts';
import { fateOf, type Question, questionsOf } from '../runs/open-questions.ts';
import { giveAnswer } from './answer-checkpoint.ts';
import { MessageQueue } from './message-queue.ts';
import { plain } from './plain-text.ts';

/** A message has room for so many choices, as buttons of so many characters. */
const MOST_BUTTONS = 3;
const LONGEST_BUTTON = 40;

export interface QuestionWatchOptions {
  live: LiveRuns;
  answer(question: Question): Promise<void>;
  show(runId: string): Promise<void>;
  onFailure(error: unknown): void;
}

/** Tells of each question that a run of this window puts, once in a window, and counts those that are open in the status bar. */
export function createQuestionWatch({ live, ...options }: QuestionWatchOptions): vscode.Disposable {
  const told = new Set<string>();
  const item = vscode.window.createStatusBarItem('counterpoint.questions', vscode.StatusBarAlignment.Left);
  item.name = 'Counterpoint Questions';
  item.command = 'counterpoint.answerCheckpoint';
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  const queue = new MessageQueue<Question>({
    show: ([question]) => (question ? ask(question, options) : Promise.resolve()),
    matters: (question) => isOpen(live, question),
    together: 1,
    onFailure: options.onFailure,
  });
  live.onChange((run) => {
    const open = live.all().flatMap(openOf);
    item.text = `$(question) ${open.length} ${open.length === 1 ? 'question' : 'questions'}`;
    item.tooltip = new vscode.MarkdownString(open.map(({ asks }) => `- ${escaped(asks.question)}`).join('\n'));
    if (open.length > 0) item.show();
    else item.hide();
    // Looking but not touching is all that an untrusted folder gets.
    if (!vscode.workspace.isTrusted) return;
    const fresh = openOf(run).filter((question) => !told.has(nameOf(question)));
    for (const question of fresh) told.add(nameOf(question));
    if (fresh.length > 0) queue.add(...fresh);
    else queue.look();
  });
  return item;
}

function nameOf({ runId, key }: Question): string {
  return `${runId} ${key}`;
}

/** Of a run that somebody drives: before it goes on, nobody waits for an answer. */
function openOf(run: LiveRun): Question[] {
  const open = run.tree.status === 'running' ? questionsOf(run) : [];
  return open.length > 0 && run.runs.summary(run.id)?.status === 'running' ? open : [];
}

function isOpen(live: LiveRuns, question: Question): boolean {
  const run = live.all().find(({ id }) => id === question.runId);
  // One that the window no longer follows has to be read.
  return run ? openOf(run).some(({ key }) => key === question.key) : fateOf(question).state === 'open';
}

type Button = vscode.MessageItem & { choice?: string };
const ANSWER: Button = { title: 'Answer…' };
const SHOW: Button = { title: 'Show Run' };

async function ask(question: Question, { answer, show }: Omit<QuestionWatchOptions, 'live'>): Promise<void> {
  const { runs, runId, asks } = question;
  const name = plain(runs.summary(runId)?.run.name ?? runId, 60);
  const buttons = [...choiceButtons(question), SHOW];
  const chosen = await vscode.window.showInformationMessage(`“${name}” asks: ${plain(asks.question)}`, ...buttons);
  if (chosen === SHOW) await show(runId);
  else if (chosen?.choice !== undefined) await giveAnswer(question, { choice: chosen.choice });
  else if (chosen) await answer(question);
}

function choiceButtons({ asks: { choices, schema } }: Question): Button[] {
  const fits = choices.length <= MOST_BUTTONS && choices.every((choice) => choice.length <= LONGEST_BUTTON);
  return schema || !fits ? [ANSWER] : choices.map((choice) => ({ title: plain(choice, LONGEST_BUTTON), choice }));
}

function escaped(text: string): string {
  return plain(text, 120).replace(/[\\`*_{}[\]()#+\-.!<>|$]/g, '\\$&');
}
