import * as vscode from 'vscode';
import { plain } from '../protocol/plain-text.ts';
import type { OpenQuestion } from '../runs/open-questions.ts';
import type { QuestionBoard } from '../runs/question-board.ts';
import { isAnsweredByChoice, questionMarkdown, silenceWords, whenceWords } from '../runs/question-words.ts';
import { answersUnder, type PermissionRow, permissionItem } from './permission-rows.ts';

const VIEW = 'counterpoint.checkpoints';
/** With more choices than this a question is folded, so that the list stays one of questions. */
const MOST_UNFOLDED = 4;
/** How long a question waits is told in minutes. */
const MINUTE_MS = 60_000;

/** A row of the view, as its menus hand it to a command. */
export interface CheckpointRow {
  view: typeof VIEW;
  runId: string;
  callId: number;
  callKey: string;
  question: OpenQuestion;
  /** What a click on this row answers: a choice, or `ask` where the person has to say more. Absent on the question's own row. */
  answers?: { choice: string } | 'ask';
}

type Row = CheckpointRow | PermissionRow;

/** Lists every question and tool call that waits for a person, with its answers as rows that give them; the activity bar tells how many. */
export function createCheckpointsView(board: QuestionBoard): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  const view = vscode.window.createTreeView<Row>(VIEW, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: itemOf,
      getChildren: (row) => (row ? rowsUnder(row) : rowsOf(board)),
    },
  });
  const refresh = () => {
    const { length } = rowsOf(board);
    const tooltip = `${length} ${length === 1 ? 'question waits' : 'questions wait'} for an answer`;
    view.badge = length === 0 ? undefined : { value: length, tooltip };
    changed.fire(undefined);
  };
  const hearing = board.onChange(refresh);
  let attention = view.visible ? board.attend() : undefined;
  const seen = view.onDidChangeVisibility(({ visible }) => {
    attention?.dispose();
    attention = visible ? board.attend() : undefined;
    if (visible) refresh();
  });
  const clock = setInterval(() => {
    if (view.visible && rowsOf(board).length > 0) changed.fire(undefined);
  }, MINUTE_MS);
  refresh();
  return vscode.Disposable.from(view, changed, hearing, seen, {
    dispose() {
      clearInterval(clock);
      attention?.dispose();
    },
  });
}

function rowOf(question: OpenQuestion, answers?: CheckpointRow['answers']): CheckpointRow {
  const { runId, on, key } = question;
  return { view: VIEW, runId, callId: on.call, callKey: key, question, ...(answers !== undefined && { answers }) };
}

/** What an agent waits for comes first: it is at work, and holds its place. */
function rowsOf(board: QuestionBoard): Row[] {
  const permissions = board.permissions().map((permission): Row => ({ permission }));
  return [...permissions, ...board.open().map((question): Row => rowOf(question))];
}

function rowsUnder(row: Row): Row[] {
  if ('permission' in row) return row.does === undefined ? answersUnder(row.permission) : [];
  const { question, answers } = row;
  if (answers !== undefined) return [];
  const choices = isAnsweredByChoice(question.asks) ? question.asks.choices.map((choice) => ({ choice })) : [];
  return [...choices, 'ask' as const].map((way) => rowOf(question, way));
}

function itemOf(row: Row): vscode.TreeItem {
  if ('permission' in row) return permissionItem(row);
  if (row.answers === 'ask') return askItem(row);
  return row.answers === undefined ? questionItem(row) : choiceItem(row, row.answers.choice);
}

function questionItem(row: CheckpointRow): vscode.TreeItem {
  const { asks, driven } = row.question;
  const now = Date.now();
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const label = plain(asks.question, 120);
  const item = new vscode.TreeItem(label, asks.choices.length <= MOST_UNFOLDED ? Expanded : Collapsed);
  item.id = nameOf(row);
  item.description = whenceWords(row.question, now);
  item.tooltip = new vscode.MarkdownString(questionMarkdown(row.question, now));
  item.iconPath = driven
    ? new vscode.ThemeIcon('question', new vscode.ThemeColor('charts.yellow'))
    : new vscode.ThemeIcon('debug-disconnect', new vscode.ThemeColor('charts.yellow'));
  item.contextValue = driven ? 'checkpoint' : 'checkpointKept';
  item.command = { title: 'Show in Run', command: 'counterpoint.showCheckpoint', arguments: [pointer(row)] };
  const said = [label, item.description, silenceWords(asks, now)].filter(Boolean).join('. ');
  item.accessibilityInformation = { label: said };
  return item;
}

function choiceItem(row: CheckpointRow, choice: string): vscode.TreeItem {
  const { asks } = row.question;
  const item = new vscode.TreeItem(`Answer: ${plain(choice, 80)}`);
  item.id = `${nameOf(row)} ${asks.choices.indexOf(choice)}`;
  if (asks.timeoutAt !== null && choice === asks.fallback) item.description = 'the default';
  item.tooltip = `Answers “${plain(asks.question, 120)}” with “${plain(choice)}”, at once and for good.`;
  item.iconPath = new vscode.ThemeIcon('reply');
  item.contextValue = 'choice';
  item.command = {
    title: 'Answer',
    command: 'counterpoint.checkpoint.answer',
    arguments: [{ ...pointer(row), choice }],
  };
  return item;
}

function askItem(row: CheckpointRow): vscode.TreeItem {
  const item = new vscode.TreeItem(isAnsweredByChoice(row.question.asks) ? 'Answer with a Comment…' : 'Answer…');
  item.id = `${nameOf(row)} ask`;
  item.iconPath = new vscode.ThemeIcon('comment');
  item.contextValue = 'choice';
  item.command = { title: 'Answer', command: 'counterpoint.answerCheckpoint', arguments: [row] };
  return item;
}

function pointer({ runId, callId, callKey }: CheckpointRow) {
  return { runId, callId, callKey };
}

function nameOf({ runId, callKey }: CheckpointRow): string {
  return `${runId} ${callKey}`;
}
