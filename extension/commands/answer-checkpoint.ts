import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { Json } from '../protocol/json.ts';
import type { CallRef } from '../protocol/run-control.ts';
import type { CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import { fateOf, type Question, questionsOf } from '../runs/open-questions.ts';
import { askField, type Check, loadCheck } from './ask-field.ts';
import { showFailure } from './failure.ts';
import type { Pointed } from './pick-agent.ts';
import { age, allRuns, type FoundRun, treeOf } from './pick-run.ts';
import { plain } from './plain-text.ts';
import { type Field, fieldsOf, inOneLine, valuesOf } from './schema-fields.ts';
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

/** Asks for an answer to the question that was pointed at, else to one that the person picks. @throws UserError where none is open. */
export async function answerCheckpoint(bench: Workbench, { runId, call }: Pointed = {}): Promise<void> {
  requireTrust();
  const open = await openQuestions(bench);
  if (open.length === 0) throw new UserError('not-possible', 'No question is open.');
  const pointed = call && open.find((question) => question.runId === runId && question.key === call.key);
  if (call && !pointed) throw new UserError('not-possible', 'This question is not open any more.');
  await answerOne(open, pointed);
}

/** Asks for an answer, and hands it in. @param pointed The question it is about; without one the person picks of those that are open. */
export async function answerOne(open: Question[], pointed?: Question): Promise<void> {
  requireTrust();
  if (pointed && isLate(pointed)) return tellLate(pointed);
  const check = await loadCheck();
  const draft: Draft = { question: undefined, choice: undefined, fields: [], given: new Map(), comment: '' };
  if (pointed) takeUp(pointed, draft);
  const first: Asker[] = pointed ? [] : [(place) => askQuestion(open, draft, place)];
  const through = await askInSteps(TITLE, () => [...first, ...answerSteps(draft, check)]);
  const { question, choice, fields, given, comment } = draft;
  if (!through || !question || choice === undefined) return;
  await giveAnswer(question, {
    choice,
    ...(comment && { comment }),
    ...(question.asks.schema && { values: valuesOf(fields, given) }),
  });
}

/** Of all runs that are at work or were cut. */
async function openQuestions({ workspaces }: Workbench): Promise<Question[]> {
  const runs = await allRuns(workspaces, ({ status }) => status === 'running' || status === 'interrupted');
  return runs.flatMap((found: FoundRun) =>
    questionsOf({ id: found.summary.run.id, runs: found.workspace.runs, tree: treeOf(found) }),
  );
}

/** What was said to another question counts no more. */
function takeUp(question: Question, draft: Draft): void {
  const { choices, schema } = question.asks;
  // One choice is none.
  const choice = choices.length === 1 ? choices[0] : undefined;
  Object.assign(draft, { question, choice, fields: schema ? fieldsOf(schema) : [], given: new Map(), comment: '' });
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
  const words = [summary?.run.name ?? runId, `asked ${age(Date.now() - asks.askedAt)}`];
  if (summary?.status === 'interrupted') words.push('interrupted');
  return words.join(' · ');
}

/** The steps after the question: its choice, where there is one to make, its values one by one, and a comment. */
function answerSteps(draft: Draft, check: Check): Asker[] {
  const { question, fields } = draft;
  const choice: Asker[] = question?.asks.choices.length === 1 ? [] : [(place) => askChoice(draft, place)];
  const values = fields.map(
    (field): Asker =>
      (place) =>
        askValue(draft, field, check, place),
  );
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

async function askValue(draft: Draft, field: Field, check: Check, place: StepPlace): Promise<Step<unknown>> {
  const { question, fields, given } = draft;
  const answered = await askField(field, given.get(field.name), check, place);
  if (answered.type !== 'next') return answered;
  given.set(field.name, answered.value);
  const schema = question?.asks.schema;
  const problems = schema && field === fields.at(-1) ? check(schema, valuesOf(fields, given)) : null;
  if (problems === null) return answered;
  // Each is right by itself, and they do not go together; the person can go back from here.
  void vscode.window.showWarningMessage(`These values do not go together: ${plain(inOneLine(problems))}`);
  return askValue(draft, field, check, place);
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
  const fate = fateOf(question);
  if (fate.state === 'answered' || fate.state === 'over') return tellLate(question);
  try {
    await sendAnswer(question, fate.on, answer);
  } catch (error) {
    // Somebody was faster.
    if (!(error instanceof UserError) || error.code !== 'not-possible') throw error;
    tellLate(question);
  }
}

/** @throws UserError where the question cannot be answered so, or not any more. */
export async function sendAnswer(
  { runs, runId }: Pick<Question, 'runs' | 'runId'>,
  on: CallRef,
  answer: CheckpointAnswer,
): Promise<void> {
  requireTrust();
  await runs.control(runId, { action: 'answer', ...on, answer });
  const summary = runs.summary(runId);
  if (!summary || summary.status === 'running' || summary.status.startsWith('completed')) return;
  const message = `The answer is kept. “${plain(summary.run.name, 60)}” goes on with it when it is resumed.`;
  void vscode.window.showInformationMessage(message, 'Resume').then((chosen) => {
    if (chosen) void vscode.commands.executeCommand('counterpoint.resumeRun', runId).then(undefined, showFailure);
  });
}

/** A message stays on the screen when its question is answered elsewhere. */
function isLate(question: Question): boolean {
  const { state } = fateOf(question);
  return state === 'answered' || state === 'over';
}

function tellLate(question: Question): void {
  const fate = fateOf(question);
  const asked = quoted(question.asks.question);
  // One choice is none, and says nothing.
  const how = fate.state === 'answered' && question.asks.choices.length > 1 ? `: ${quoted(fate.choice)}` : '';
  void vscode.window.showInformationMessage(
    fate.state === 'answered'
      ? `${asked} is answered already${how}.`
      : `${asked} is not asked any more: its run has ended or has gone another way.`,
  );
}

function quoted(text: string): string {
  return `“${plain(text, 120)}”`;
}
