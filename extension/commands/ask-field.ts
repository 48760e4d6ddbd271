import * as vscode from 'vscode';
import type { Json, JsonObject } from '../protocol/json.ts';
import { plain } from './plain-text.ts';
import { type Field, inOneLine, readValue, typedValue, valuesOf } from './schema-fields.ts';
import { type Asker, pickStep, type Step, type StepPlace, textStep } from './steps.ts';

/** What is wrong with a value by a schema; null where nothing is. */
export type Check = (schema: JsonObject, value: Json) => string | null;

/** The check that agents' answers go through too. It is loaded here, when somebody fills something in. */
export async function loadCheck(): Promise<Check> {
  const { answerSchema } = await import('../agents/answer-schema.ts');
  return (schema, value) => answerSchema(schema).problems(value);
}

/** Values that somebody fills in, one by one. */
export interface Form {
  fields: readonly Field[];
  /** What was said so far; each answer goes there. */
  given: Map<string, Json | undefined>;
  /** What the values together must satisfy. */
  schema: JsonObject;
}

/** One question a value; after the last one the values together are checked. */
export function fieldAskers(form: Form, check: Check): Asker[] {
  return form.fields.map((field) => (place) => askOf(form, field, check, place));
}

async function askOf(form: Form, field: Field, check: Check, place: StepPlace): Promise<Step<unknown>> {
  const { fields, given, schema } = form;
  const answered = await askField(field, given.get(field.name), check, place);
  if (answered.type !== 'next') return answered;
  given.set(field.name, answered.value);
  // The only value of all was checked as it was typed.
  const problems = field === fields.at(-1) && field.name !== '' ? check(schema, valuesOf(fields, given)) : null;
  if (problems === null) return answered;
  // Each is right by itself, and they do not go together; the person can go back from here.
  void vscode.window.showWarningMessage(`These values do not go together: ${plain(inOneLine(problems))}`);
  return askOf(form, field, check, place);
}

/** Asks for one value of an answer. Undefined as a value: it is left out. */
export function askField(
  field: Field,
  previous: Json | undefined,
  check: Check,
  place: StepPlace,
): Promise<Step<Json | undefined>> {
  const titled = { ...place, title: field.name ? `${place.title}: ${plain(field.title, 60)}` : place.title };
  return field.choices ? pickValue(field, field.choices, previous, titled) : typeValue(field, previous, check, titled);
}

async function pickValue(
  field: Field,
  choices: Json[],
  previous: Json | undefined,
  place: StepPlace,
): Promise<Step<Json | undefined>> {
  const items: (vscode.QuickPickItem & { value?: Json })[] = choices.map((value) => ({ label: labelOf(value), value }));
  if (!field.required) items.push({ label: '$(dash) Leave it out' });
  const picked = await pickStep({
    ...place,
    placeholder: plain(field.description) || `Which ${field.title}?`,
    items,
    active: ({ value }) => value === (previous ?? field.preset),
  });
  return picked.type === 'next' ? { type: 'next', value: picked.value.value } : picked;
}

function labelOf(value: Json): string {
  if (value === true) return 'Yes';
  if (value === false) return 'No';
  return plain(typeof value === 'string' ? value : JSON.stringify(value));
}

async function typeValue(
  field: Field,
  previous: Json | undefined,
  check: Check,
  place: StepPlace,
): Promise<Step<Json | undefined>> {
  const hint = { text: 'Text', number: 'A number', json: 'JSON' }[field.reads];
  const typed = await textStep({
    ...place,
    prompt: plain(field.description) || plain(field.title) || 'The values of the answer',
    placeholder: field.required ? hint : `${hint}; empty to leave it out`,
    value: typedValue(field, previous ?? field.preset),
    validate: (text) => {
      const problem = problemWith(field, text, check);
      return problem === null ? undefined : { message: problem, severity: vscode.InputBoxValidationSeverity.Error };
    },
  });
  if (typed.type !== 'next') return typed;
  const read = readValue(field, typed.value);
  return { type: 'next', value: read.ok ? read.value : undefined };
}

function problemWith(field: Field, text: string, check: Check): string | null {
  const read = readValue(field, text);
  if (!read.ok) return read.problem;
  if (read.value === undefined) return null;
  const problems = check(field.schema, field.name ? { [field.name]: read.value } : read.value);
  return problems === null ? null : plain(inOneLine(problems, field.name));
}
