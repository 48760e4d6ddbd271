import type { Plan } from '../planner/plan-request.ts';
import { isJsonObject } from '../protocol/json.ts';
import { escapedMarkdown } from '../protocol/plain-text.ts';
import type { Preview, Range } from '../protocol/preview.ts';
import { rangeWords, roughTimeWords } from '../protocol/preview-words.ts';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';
import type { WorkflowEntry } from '../runs/run-service.ts';
import { dollars } from './approval.ts';

/** A plan as the chat tells it. What a model wrote stays text: no link, no picture, no command. */
export function planMarkdown({ bundled, by, name, why, preview }: Plan): string {
  const whence =
    bundled === undefined ? `Written by ${line(by, 80)}.` : `A bundled workflow, picked by ${line(by, 80)}.`;
  return [`**${line(name, 60)}** · ${whence}`, line(why, 1_000), previewMarkdown(preview.preview)].join('\n\n');
}

/** What a script would do, in a few lines. */
export function previewMarkdown({ agents, costUsd, durationMs, phases, advice, error, basis }: Preview): string {
  const rows = [
    `- Agents: ${rangeWords(agents, (count) => String(Math.round(count)))}`,
    `- Cost: ${costUsd === null ? 'not known, for the model has no price in the table' : costWords(costUsd)}`,
    `- Time: ${rangeWords(durationMs, roughTimeWords)}`,
    ...(phases.length > 0 ? [`- Phases: ${phases.map(({ title }) => line(title, 40)).join(' → ')}`] : []),
    ...(basis ? [`- Estimated by: ${line(basis, 200)}`] : []),
    ...(error ? [`- **It would fail**: ${line(error.message, 300)}`] : []),
    ...advice.slice(0, 3).map(({ message }) => `- Mind: ${line(message, 300)}`),
  ];
  return rows.join('\n');
}

/** A line for each, and one for what it takes: names alone, for the list is read in a narrow view. */
export function workflowsMarkdown(entries: readonly WorkflowEntry[]): string {
  const rows = entries
    .filter(({ error }) => !error)
    .map(({ name, description, args }) => {
      // Two blanks before the end of a line keep what follows in a line of its own.
      const takes = args ? `  \n  Takes ${takesWords(args)}` : '';
      return `- **/${line(name, 64)}** · ${line(description, 200)}${takes}`;
    });
  return rows.length === 0 ? 'There are no workflows in this folder yet.' : rows.join('\n');
}

function takesWords(args: WorkflowArgs): string {
  if ('line' in args) return line(args.line, 200);
  const { properties, required } = args.schema;
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  const words = names.map((name) => (isRequired(name) ? `**${line(name, 40)}**` : line(name, 40)));
  return words.length === 0 ? 'nothing' : words.join(', ');
}

/** The first word, and what follows it. */
export function nameAndRest(prompt: string): { name: string; rest: string } {
  const [, name = '', rest = ''] = /^\s*\/?(\S*)\s*([\s\S]*)$/.exec(prompt) ?? [];
  return { name, rest: rest.trim() };
}

function costWords(cost: Range): string {
  return cost.high === 0 ? 'none' : rangeWords(cost, dollars);
}

function line(text: string, length: number): string {
  return escapedMarkdown(text.replace(/\s+/g, ' '), length);
}
