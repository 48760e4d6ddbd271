import * as vscode from 'vscode';
import { type ArgsDraft, canBeDefaults } from './args-draft.ts';
import { parseArgsText } from './args-text.ts';
import { type Check, fieldAskers } from './ask-field.ts';
import type { ChosenScript } from './pick-script.ts';
import { plain } from './plain-text.ts';
import { type Asker, pickStep, type Step, type StepPlace, textStep } from './steps.ts';

/**
 * The questions for the `args` of a script: one a property of its schema, after whether the defaults will do where there are
 * some for all; one line where it only says a line, or nothing.
 * @param check Of a schema; absent where there is none.
 */
export function argsAskers(draft: ArgsDraft, script: ChosenScript, title: string, check: Check | null): Asker[] {
  const titled =
    (ask: Asker): Asker =>
    (place) =>
      ask({ ...place, title: `${title}: ${plain(script.name, 60)}` });
  const { args, fields } = draft;
  if (!args || !('schema' in args) || !check) return [titled((place) => askLine(draft, script, place))];
  const fast = canBeDefaults(fields) ? [titled((place) => askDefaults(draft, place))] : [];
  const { schema } = args;
  const values = draft.filling ? fieldAskers({ fields, given: draft.given, schema }, check).map(titled) : [];
  return [...fast, ...values];
}

type DefaultsItem = vscode.QuickPickItem & { fill: boolean };

async function askDefaults(draft: ArgsDraft, place: StepPlace): Promise<Step<unknown>> {
  const picked = await pickStep<DefaultsItem>({
    ...place,
    placeholder: 'With which args?',
    items: [
      {
        label: '$(play) Run with the defaults',
        detail: plain(await wordsOf(draft), 200),
        fill: false,
      },
      { label: '$(edit) Fill in…', detail: plain(draft.fields.map(({ title }) => title).join(', '), 200), fill: true },
    ],
    active: ({ fill }) => fill === draft.filling,
  });
  if (picked.type === 'next') draft.filling = picked.value.fill;
  return picked;
}

/** The reader of schemas comes with it, which most windows never need. */
async function wordsOf({ args }: ArgsDraft): Promise<string> {
  const { argsWords } = await import('../runs/workflow-args.ts');
  return args ? argsWords(args) : '';
}

async function askLine(draft: ArgsDraft, script: ChosenScript, place: StepPlace): Promise<Step<unknown>> {
  const line = draft.args && 'line' in draft.args ? draft.args.line : script.whenToUse;
  const typed = await textStep({
    ...place,
    prompt: plain(line) || 'args for the script: JSON or plain text. Empty for none.',
    placeholder: '{"key": "value"}, or plain text; empty for none',
    value: draft.typed,
    validate: (text) => {
      const read = parseArgsText(text);
      if (!read.ok) return { message: read.problem, severity: vscode.InputBoxValidationSeverity.Error };
      return text.trim() ? { message: read.means, severity: vscode.InputBoxValidationSeverity.Info } : undefined;
    },
  });
  if (typed.type === 'next') draft.typed = typed.value;
  return typed;
}
