import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../protocol/errors.ts';
import { askWords } from '../protocol/permission-words.ts';
import { escapedMarkdown, plain } from '../protocol/plain-text.ts';
import { momentWords } from '../protocol/wait-words.ts';
import type { LiveRuns } from '../runs/live-runs.ts';
import type { OpenPermission } from '../runs/open-permissions.ts';
import type { OpenQuestion } from '../runs/open-questions.ts';
import type { QuestionBoard } from '../runs/question-board.ts';
import { giveAnswer } from './answer-checkpoint.ts';
import { MessageQueue } from './message-queue.ts';
import { givePermit } from './permission-answer.ts';
import { type PermissionAct, permissionMessage } from './permission-message.ts';
import { type Act, offersOf, questionMessage } from './question-message.ts';

/** Where the links of messages lead, with a number each. It is no command of the palette: without a number it means nothing. */
const LINK = 'counterpoint.checkpoint.link';
/** So many links are known at a time: those of the message that is shown, and of some before it that may be clicked late. */
const MOST_LINKS = 100;

export interface QuestionWatchOptions {
  board: QuestionBoard;
  /** The runs that concern this window: only their questions are told. */
  live: LiveRuns;
  answer(question: OpenQuestion): Promise<void>;
  show(question: OpenQuestion | OpenPermission): Promise<void>;
  onFailure(error: unknown): void;
}

/**
 * Tells of each question that a run of this window puts, or tool call that waits for a yes in it, and counts those that somebody waits for in the status bar.
 *
 * Whichever place a question is answered in, its message goes. VS Code lets nobody take a message back but one that shows
 * progress, so that is what a question comes as: with its choices as links, a bar that stands still, and one button that puts it
 * aside. It stays until then, and comes once more where its run has gone on without it and asks again.
 */
export function createQuestionWatch(options: QuestionWatchOptions): vscode.Disposable {
  const { board, live, onFailure } = options;
  const told = new Set<string>();
  const aside = new Set<string>();
  const item = createCount();
  const links = new Links();
  const queue = new MessageQueue<Waiting>({
    show: async ([question], gone) => {
      if (question && (await tell(question, gone, links, options))) aside.add(nameOf(question));
    },
    // Before a run goes on, nobody waits for an answer.
    matters: (question) => isOpen(board, question),
    together: 1,
    onFailure,
  });
  let heard = '';
  const look = () => {
    const ours = new Set(live.all().map(({ id }) => id));
    heard = idsOf(live);
    const waiting = [...board.permissions(), ...board.open()].filter(({ driven }) => driven);
    showCount(item, waiting);
    // Looking but not touching is all that an untrusted folder gets.
    if (!vscode.workspace.isTrusted) return;
    const names = new Set(waiting.map(nameOf));
    for (const name of told) if (!names.has(name)) told.delete(name);
    const isFresh = (name: string) => !told.has(name) && !aside.has(name);
    const fresh = waiting.filter((question) => ours.has(question.runId) && isFresh(nameOf(question)));
    for (const question of fresh) told.add(nameOf(question));
    queue.add(...fresh);
  };
  const hearing = board.onChange(look);
  // What a run asks that comes to be of this window is known already.
  live.onChange(() => {
    if (heard !== idsOf(live)) look();
  });
  const command = vscode.commands.registerCommand(LINK, (number: unknown) => links.follow(number).catch(onFailure));
  return vscode.Disposable.from(item, hearing, command);
}

function idsOf(live: LiveRuns): string {
  const ids = live.all().map(({ id }) => id);
  return ids.join();
}

function createCount(): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem('counterpoint.questions', vscode.StatusBarAlignment.Left);
  item.name = 'Counterpoint Questions';
  item.command = 'counterpoint.answerCheckpoint';
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  return item;
}

function showCount(item: vscode.StatusBarItem, waiting: Waiting[]): void {
  item.text = `$(question) ${waiting.length} ${waiting.length === 1 ? 'question' : 'questions'}`;
  item.tooltip = new vscode.MarkdownString(
    waiting.map((question) => `- ${escapedMarkdown(plain(wordsOf(question), 120))}${sinceOf(question)}`).join('\n'),
  );
  if (waiting.length > 0) item.show();
  else item.hide();
}

/** What waits for a person: a checkpoint, or a tool call for a yes or no. */
type Waiting = OpenQuestion | OpenPermission;

function nameOf(waiting: Waiting): string {
  return 'key' in waiting ? `${waiting.runId} ${waiting.key}` : `${waiting.runId} permission ${waiting.question.id}`;
}

function wordsOf(waiting: Waiting): string {
  return 'key' in waiting ? waiting.asks.question : `${waiting.asker}: ${askWords(waiting.question, 120)}`;
}

/** Nothing draws it anew while time goes on, so it tells the time. */
function sinceOf(waiting: Waiting): string {
  const { askedAt } = 'key' in waiting ? waiting.asks : waiting.question;
  return askedAt === undefined ? '' : ` · since ${escapedMarkdown(momentWords(askedAt))}`;
}

function isOpen(board: QuestionBoard, waiting: Waiting): boolean {
  if ('key' in waiting) return board.find(waiting.runId, waiting.key)?.driven === true;
  return board.findPermission(waiting.runId, waiting.question.id) !== undefined;
}

/** What the links of messages do. A link says a number and nothing else, so no text of a script can lead anywhere. */
class Links {
  #known = new Map<number, () => Promise<void>>();
  #last = 0;

  add(act: () => Promise<void>): string {
    this.#last += 1;
    this.#known.set(this.#last, act);
    this.#known.delete(this.#last - MOST_LINKS);
    return `command:${LINK}?${this.#last}`;
  }

  async follow(number: unknown): Promise<void> {
    const act = this.#known.get(z.int().parse(number));
    if (!act) throw new UserError('not-possible', 'This question is not asked any more.');
    await act();
  }
}

/** Shows a question until it matters no longer. Returns whether the person put it aside. */
async function tell(
  waiting: Waiting,
  gone: AbortSignal,
  links: Links,
  options: QuestionWatchOptions,
): Promise<boolean> {
  let underWay = false;
  // A second click on a choice does not come late, it is one too many.
  const once = async (answers: boolean, act: () => Promise<void>): Promise<void> => {
    if (underWay) return;
    underWay = answers;
    await act().finally(() => {
      underWay = false;
    });
  };
  const message = messageOf(waiting, (answers, act) => links.add(() => once(answers, act)), options);
  const place = { location: vscode.ProgressLocation.Notification, cancellable: LATER };
  return vscode.window.withProgress(place, (progress, later) => {
    // A bar that moves would draw the eye for as long as nobody answers.
    progress.report({ message, increment: 0 });
    return new Promise((resolve) => {
      gone.addEventListener('abort', () => resolve(false));
      later.onCancellationRequested(() => resolve(true));
    });
  });
}

/** @param link Where something leads that answers the question, or does not. */
function messageOf(
  waiting: Waiting,
  link: (answers: boolean, act: () => Promise<void>) => string,
  options: QuestionWatchOptions,
): string {
  if ('key' in waiting) {
    const { run, asks } = waiting;
    return questionMessage({ run: run.name, question: asks.question }, offersOf(asks), ({ act }) =>
      link(act.name === 'choose', () => perform(act, waiting, options)),
    );
  }
  return permissionMessage(waiting, ({ act }) => link(act !== 'look', () => decide(act, waiting, options)));
}

/** VS Code puts a text on the button where it gets one, and "Cancel" where it takes this for yes. Only its types do not say so. */
const LATER = 'Later' as unknown as boolean;

function perform(act: Act, question: OpenQuestion, { answer, show }: QuestionWatchOptions): Promise<void> {
  if (act.name === 'show') return show(question);
  return act.name === 'choose' ? giveAnswer(question, { choice: act.choice }) : answer(question);
}

function decide(act: PermissionAct, permission: OpenPermission, { show }: QuestionWatchOptions): Promise<void> {
  if (act === 'look') return show(permission);
  return givePermit(permission, { on: permission.on, permission: permission.question.id }, act);
}
