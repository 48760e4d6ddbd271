import * as vscode from 'vscode';
import { escapedMarkdown, plain } from '../protocol/plain-text.ts';
import type { OpenQuestion } from '../runs/open-questions.ts';
import type { QuestionBoard } from '../runs/question-board.ts';
import { isAnsweredByChoice, silenceWords } from '../runs/question-words.ts';
import { SCRIPTS } from './checkpoint-lenses.ts';
import { pointer } from './lens-words.ts';
import { placesIn } from './script-places.ts';

const CONTROLLER = 'counterpoint.checkpoints';
/** What is typed into a script is looked at when it pauses. */
const TYPING_MS = 300;

/** A comment at the line of a script that asks, for each question that waits there, in each document that is open. */
export interface CheckpointComments extends vscode.Disposable {
  /** The question that a comment thread is about. */
  questionOf(thread: vscode.CommentThread): OpenQuestion | undefined;
  /** Unfolds the comment of a question, in whatever document it stands; also one that has yet to be opened. */
  unfold(question: Pick<OpenQuestion, 'runId' | 'key'>): void;
}

interface Shown {
  thread: vscode.CommentThread;
  question: OpenQuestion;
}

/**
 * The comments come folded, for nobody wants lines to move while he reads or types, and unfold when they are asked for.
 * VS Code would open its Comments panel with the first comment of a session; the default that `package.json` gives to
 * `comments.openView` leaves that to comments that are marked as unresolved, which ours are not.
 */
export function createCheckpointComments(board: QuestionBoard): CheckpointComments {
  const shown = new Map<string, Shown>();
  let controller: vscode.CommentController | undefined;
  let unfolded: string | undefined;
  const begin = (uri: vscode.Uri, line: number, question: OpenQuestion): Shown => {
    controller ??= createController();
    const { text } = lineOf(uri, line);
    const range = new vscode.Range(line, 0, line, text.length);
    const thread = controller.createCommentThread(uri, range, commentsOf(question));
    dress(thread, question);
    return { thread, question };
  };
  const refresh = () => {
    const now = new Map(vscode.workspace.textDocuments.flatMap((document) => wantedIn(document, board)));
    for (const [name, { thread }] of shown) {
      if (now.has(name)) continue;
      thread.dispose();
      shown.delete(name);
    }
    for (const [name, { uri, line, question }] of now) {
      if (shown.has(name)) continue;
      const next = begin(uri, line, question);
      if (unfolded === nameOf(question)) unfold(next.thread);
      shown.set(name, next);
    }
  };
  let typing: NodeJS.Timeout | undefined;
  const parts = vscode.Disposable.from(
    board.onChange(refresh),
    attendWhileSeen(board),
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (isScript(document)) refresh();
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      if (isScript(document)) refresh();
    }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (!isScript(document)) return;
      clearTimeout(typing);
      typing = setTimeout(refresh, TYPING_MS);
    }),
  );
  refresh();
  return {
    questionOf: (thread) => [...shown.values()].find((known) => known.thread === thread)?.question,
    unfold({ runId, key }) {
      unfolded = `${runId} ${key}`;
      for (const { thread, question } of shown.values()) if (nameOf(question) === unfolded) unfold(thread);
    },
    dispose() {
      clearTimeout(typing);
      parts.dispose();
      controller?.dispose();
    },
  };
}

function createController(): vscode.CommentController {
  const controller = vscode.comments.createCommentController(CONTROLLER, 'Counterpoint Checkpoints');
  controller.options = {
    prompt: 'Answer with a comment…',
    placeHolder: 'A comment that goes to the script with the answer (optional)',
  };
  return controller;
}

function isScript(document: vscode.TextDocument): boolean {
  return vscode.languages.match(SCRIPTS, document) > 0;
}

interface Wanted {
  uri: vscode.Uri;
  line: number;
  question: OpenQuestion;
}

/** The comments that belong into a document, each under a name that changes with all that it shows. */
function wantedIn(document: vscode.TextDocument, board: QuestionBoard): [name: string, wanted: Wanted][] {
  if (document.isClosed || !isScript(document)) return [];
  const { uri } = document;
  return placesIn(document, board.open()).flatMap(({ line, questions }) =>
    questions.map((question): [string, Wanted] => [
      [uri.toString(), line, nameOf(question), question.driven].join(' '),
      { uri, line, question },
    ]),
  );
}

function nameOf({ runId, key }: Pick<OpenQuestion, 'runId' | 'key'>): string {
  return `${runId} ${key}`;
}

function lineOf(uri: vscode.Uri, line: number): { text: string } {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  return document?.lineAt(line) ?? { text: '' };
}

/** Questions of other processes are looked for while a script is on the screen. */
function attendWhileSeen(board: QuestionBoard): vscode.Disposable {
  let attention: { dispose(): void } | undefined;
  const look = () => {
    const seen = vscode.window.visibleTextEditors.some(({ document }) => isScript(document));
    if (seen) attention ??= board.attend();
    else {
      attention?.dispose();
      attention = undefined;
    }
  };
  look();
  return vscode.Disposable.from(vscode.window.onDidChangeVisibleTextEditors(look), {
    dispose: () => attention?.dispose(),
  });
}

function unfold(thread: vscode.CommentThread): void {
  thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
}

function dress(thread: vscode.CommentThread, question: OpenQuestion): void {
  thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
  thread.label = question.driven ? 'A checkpoint waits for an answer' : 'A checkpoint of a run that nobody drives';
  thread.canReply = { name: 'You' };
  thread.contextValue = contextOf(question);
}

/** Buttons of a reply are fixed in `package.json`: these choices have some of their own, all others are picked from. */
function contextOf({ asks }: OpenQuestion): string {
  const yesNo = asks.choices.length === 2 && asks.choices[0] === 'Yes' && asks.choices[1] === 'No';
  return yesNo && isAnsweredByChoice(asks) ? 'yesNo' : 'choices';
}

function commentsOf(question: OpenQuestion): vscode.Comment[] {
  const { asks, run, driven } = question;
  const author = { name: plain(run.name, 60) };
  const now = Date.now();
  const said = [
    `**${escapedMarkdown(plain(asks.question, 500))}**`,
    escapedMarkdown(asks.detail),
    escapedMarkdown(silenceWords(asks, now)),
    driven ? '' : 'Nobody drives this run: the answer is kept until it is resumed.',
  ];
  const body = new vscode.MarkdownString(said.filter(Boolean).join('\n\n'));
  const mode = vscode.CommentMode.Preview;
  const asked: vscode.Comment = { author, body, mode, label: 'asks', timestamp: new Date(asks.askedAt) };
  return [asked, { author: { name: 'Answer' }, body: answerLinks(question), mode }];
}

/** Nothing in it is of the script but the words of its choices, and it can call nothing but the answer. */
function answerLinks(question: OpenQuestion): vscode.MarkdownString {
  const { asks } = question;
  const at = pointer(question);
  const give = isAnsweredByChoice(asks)
    ? asks.choices.map((choice) => linkTo(plain(choice, 80), 'counterpoint.checkpoint.answer', { ...at, choice }))
    : [linkTo('Answer…', 'counterpoint.checkpoint.answer', at)];
  const body = new vscode.MarkdownString(give.join(' &nbsp;·&nbsp; '));
  body.isTrusted = { enabledCommands: ['counterpoint.checkpoint.answer'] };
  return body;
}

function linkTo(text: string, command: string, argument: object): string {
  const query = encodeURIComponent(JSON.stringify([argument])).replace(
    /[()']/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `[${escapedMarkdown(text)}](command:${command}?${query})`;
}
