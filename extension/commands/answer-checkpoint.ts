import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import { askedWords } from '../protocol/wait-words.ts';
import { type Fate, fateOf, type Question, questionOf, settledFateOf } from '../runs/open-questions.ts';
import type { QuestionBoard } from '../runs/question-board.ts';
import { type Check, fieldAskers, loadCheck } from './ask-field.ts';
import { showFailure } from './failure.ts';
import type { Pointed } from './pick-agent.ts';
import { viewed } from './pick-run.ts';
import { plain } from './plain-text.ts';
import { type Field, fieldsOf, valuesOf } from './schema-fields.ts';
import { type Asker, askInSteps, pickStep, type Step, type StepPlace, textStep } from './steps.ts';
import type { Workbench } from './workbench.ts';
import { requireTrust } from './workspaces.ts';

const TITLE = 'Answer Checkpoint';

/** What a person has said so far. */
interface Draft {
  question: Question | undefined;
  choice: string | undefined;
  fields: Field[];
  given: Map<string, Json | undefined>;
  comment: string;
}

/** Asks for an answer to the question that was pointed at, else to one that the person picks: of the run that was pointed at, else of all. @throws UserError where none is open. */
export async function answerCheckpoint(bench: Workbench, { runId, call }: Pointed = {}): Promise<void> {
  requireTrust();
  const { questions, panels, workspaces } = bench;
  if (runId !== undefined && call?.key !== undefined) {
    const pointed = await findQuestion(bench, runId, call.key);
    return answerOne({ questions, pointed });
  }
  await questions.look(true);
  const open = questions.open().filter((question) => runId === undefined || question.runId === runId);
  if (open.length > 0) return answerOne({ questions, open });
  // A tool call that waits is decided where all that it would do can be read.
  const wanted = questions.permissions().find((each) => runId === undefined || each.runId === runId);
  if (wanted) return panels.show(viewed(await workspaces.find(wanted.runId)), { name: 'reveal', on: wanted.on });
  throw new UserError('not-possible', runId === undefined ? 'No question is open.' : 'This run asks nothing.');
}

/** The question that somebody pointed at, be it open still or not. @throws UserError where the run does not ask it any more. */
export async function findQuestion(
  { questions, workspaces }: Pick<Workbench, 'questions' | 'workspaces'>,
  runId: string,
  key: string,
): Promise<Question> {
  const open = questions.find(runId, key);
  if (open) return open;
  const { workspace } = await workspaces.find(runId);
  const question = questionOf(workspace.runs, runId, key);
  if (question) return question;
  throw new UserError('not-possible', 'This question is not asked any more: its run has gone another way.');
}

export interface AnswerRequest {
  questions: QuestionBoard;
  /** Of which the person picks; absent where one was pointed at. */
  open?: Question[];
  pointed?: Question;
  /** What the person has written already. */
  comment?: string;
}

/** Asks for an answer, and hands it in. The question goes from the screen as soon as it is answered elsewhere, and that is said. */
export async function answerOne({ questions, open = [], pointed, comment = '' }: AnswerRequest): Promise<void> {
  requireTrust();
  if (pointed && isLate(pointed)) return tellLate(pointed);
  const check = await loadCheck();
  const draft: Draft = { question: undefined, choice: undefined, fields: [], given: new Map(), comment };
  if (pointed) takeUp(pointed, draft);
  const first: Asker[] = pointed ? [] : [(place) => askQuestion(open, draft, place)];
  const { through, late } = await untilAnswered(questions, draft, () =>
    askInSteps(TITLE, () => [...first, ...answerSteps(draft, check)]),
  );
  if (late) return tellLate(late);
  const { question, choice, fields, given } = draft;
  if (!through || !question || choice === undefined) return;
  await giveAnswer(question, {
    choice,
    ...(draft.comment && { comment: draft.comment }),
    ...(question.asks.schema && { values: valuesOf(fields, given) }),
  });
}

/** Asks, and takes its steps from the screen where somebody else answers meanwhile. `late`: the question that this happened to. */
async function untilAnswered(
  questions: QuestionBoard,
  draft: Draft,
  ask: () => Promise<boolean>,
): Promise<{ through: boolean; late?: Question }> {
  let late: Question | undefined;
  const attention = questions.attend();
  const hearing = questions.onChange(() => {
    const { question } = draft;
    if (late || !question || questions.find(question.runId, question.key) || !isLate(question)) return;
    late = question;
    void vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  });
  try {
    const through = await ask();
    return { through, ...(late && { late }) };
  } finally {
    hearing.dispose();
    attention.dispose();
  }
}

/** What was said to another question counts no more. */
function takeUp(question: Question, draft: Draft): void {
  const { choices, schema } = question.asks;
  // One choice is none.
  const choice = choices.length === 1 ? choices[0] : undefined;
  const comment = draft.question ? '' : draft.comment;
  Object.assign(draft, { question, choice, fields: schema ? fieldsOf(schema) : [], given: new Map(), comment });
}

async function askQuestion(open: Question[], draft: Draft, place: StepPlace): Promise<Step<unknown>> {
  const picked = await pickStep({
    ...place,
    placeholder: 'Which question?',
    items: open.map((question) => ({
      label: plain(question.asks.question, 120),
      description: whence(question),
      detail: plain(question.asks.detail),
      question,
    })),
    active: ({ question }) => question.key === draft.question?.key,
  });
  if (picked.type === 'next' && picked.value.question !== draft.question) takeUp(picked.value.question, draft);
  return picked;
}

function whence({ runs, runId, asks }: Question): string {
  const summary = runs.summary(runId);
  const words = [plain(summary?.run.name ?? runId, 60), askedWords(asks.askedAt, Date.now())];
  if (summary?.status === 'interrupted') words.push('interrupted');
  return words.join(' · ');
}

/** The steps after the question: its choice, where there is one to make, its values one by one, and a comment. */
function answerSteps(draft: Draft, check: Check): Asker[] {
  const { question, fields } = draft;
  const choice: Asker[] = question?.asks.choices.length === 1 ? [] : [(place) => askChoice(draft, place)];
  const schema = question?.asks.schema;
  const values = schema ? fieldAskers({ fields, given: draft.given, schema }, check) : [];
  return [...choice, ...values, (place) => askComment(draft, place)];
}

async function askChoice(draft: Draft, place: StepPlace): Promise<Step<unknown>> {
  const { question, choices, detail } = draft.question?.asks ?? { question: '', choices: [], detail: '' };
  const picked = await pickStep({
    ...place,
    prompt: plain(detail),
    placeholder: plain(question),
    items: choices.map((choice) => ({ label: plain(choice), choice })),
    active: ({ choice }) => choice === draft.choice,
  });
  if (picked.type === 'next') draft.choice = picked.value.choice;
  return picked;
}

async function askComment(draft: Draft, place: StepPlace): Promise<Step<unknown>> {
  const typed = await textStep({
    ...place,
    prompt: `A comment for the script, with ${quoted(draft.choice ?? '')}. Empty for none.`,
    placeholder: 'Comment (optional)',
    value: draft.comment,
  });
  if (typed.type === 'next') draft.comment = typed.value.trim();
  return typed;
}

/** Hands in an answer; where it comes too late, that is said. @throws UserError where the answer is not right. */
export async function giveAnswer(question: Question, answer: CheckpointAnswer): Promise<void> {
  requireTrust();
  const fate = fateOf(question);
  if (fate.state === 'answered' || fate.state === 'over') return tellLate(question);
  try {
    await handIn(question, fate.on, answer);
  } catch (error) {
    const words = await wordsOfFaster(question, error);
    if (words === null) throw error;
    void vscode.window.showInformationMessage(words);
  }
}

/** As `giveAnswer`, for a place that says itself what went wrong. @throws UserError where the question cannot be answered so, or not any more: then with the answer that it has. */
export async function sendAnswer(
  { runs, runId }: Pick<Question, 'runs' | 'runId'>,
  on: CallRef,
  answer: CheckpointAnswer,
): Promise<void> {
  requireTrust();
  try {
    await handIn({ runs, runId }, on, answer);
  } catch (error) {
    const question = on.key === undefined ? undefined : questionOf(runs, runId, on.key);
    const words = question ? await wordsOfFaster(question, error) : null;
    if (words === null) throw error;
    throw new UserError('not-possible', words, { cause: error });
  }
}

/**
 * What an answer that was refused has come too late for; null where nobody was faster. The run may have ended with the other's
 * answer by now, or somebody may be writing his into a run that nobody drives, and then it is refused for that.
 */
async function wordsOfFaster(question: Question, error: unknown): Promise<string | null> {
  if (!(error instanceof UserError) || error.code === 'bad-arguments') return null;
  const fate = await settledFateOf(question);
  return fate.state === 'answered' || fate.state === 'over' ? lateWords(question, fate) : null;
}

async function handIn(
  { runs, runId }: Pick<Question, 'runs' | 'runId'>,
  on: CallRef,
  answer: CheckpointAnswer,
): Promise<void> {
  await runs.control(runId, { action: 'answer', ...on, answer });
  const summary = runs.summary(runId);
  if (!summary || summary.status === 'running' || summary.status.startsWith('completed')) return;
  const message = `The answer is kept. “${plain(summary.run.name, 60)}” goes on with it when it is resumed.`;
  void vscode.window.showInformationMessage(message, 'Resume').then((chosen) => {
    if (chosen) void vscode.commands.executeCommand('counterpoint.resumeRun', runId).then(undefined, showFailure);
  });
}

/** What somebody clicked may still be on the screen for a moment when its question is answered elsewhere. */
function isLate(question: Question): boolean {
  const { state } = fateOf(question);
  return state === 'answered' || state === 'over';
}

async function tellLate(question: Question): Promise<void> {
  const fate = await settledFateOf(question);
  void vscode.window.showInformationMessage(lateWords(question, fate));
}

/** The polite refusal, the same in every place: who comes late reads what the answer is. */
function lateWords({ asks }: Question, fate: Fate): string {
  const asked = quoted(asks.question);
  if (fate.state === 'over') return `${asked} is not asked any more: its run has ended or has gone another way.`;
  // One choice is none, and says nothing.
  const how = fate.state === 'answered' && asks.choices.length > 1 ? `: ${quoted(fate.choice)}` : '';
  const byItself = fate.state === 'answered' && fate.byDefault ? ', its default, for its time ran out' : '';
  return `${asked} is answered already${how}${byItself}.`;
}

function quoted(text: string): string {
  return `“${plain(text, 120)}”`;
}
