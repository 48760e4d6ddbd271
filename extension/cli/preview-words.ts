import type { Advice, Preview, Range, ToolNeed } from '../protocol/preview.ts';
import { rangeWords, roughTimeWords } from '../protocol/preview-words.ts';
import { printable, shortened } from './printable.ts';
import { errorText } from './show.ts';

const NAME_WIDTH = 24;
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** What a script would do, a fact a line, for a person to decide by. */
export function previewLines(preview: Preview): string[] {
  const { script, agents, phases, models, inputTokens, outputTokens, durationMs, basis } = preview;
  return [
    `preview of ${printable(script.name)} (${printable(script.title)}): ${shortened(script.description, 200)}`,
    `agents: ${rangeWords(agents, whole)}`,
    ...phases.map((phase) => share(phase.title || '(no phase)', phase.agents)),
    ...(models.length > 0 ? ['models:', ...models.map(({ model, agents: sent }) => share(model, sent))] : []),
    `tokens: ${rangeWords(inputTokens, tokens)} in, ${rangeWords(outputTokens, tokens)} out`,
    `cost: ${costWords(preview)}`,
    `time: ${rangeWords(durationMs, roughTimeWords)}${preview.checkpoints > 0 ? ', without the time that a person takes to answer' : ''}`,
    ...(basis ? [`estimated by: ${printable(basis)}`] : []),
    ...(preview.capped ? [`capped: the largest of the dry runs ran into ${CAPS[preview.capped]}`] : []),
    `tools: ${toolsText(preview.tools)}`,
    `questions to a person: ${preview.checkpoints}`,
    ...preview.advice.map(adviceLine),
    ...(preview.error ? [`it would fail: ${printable(errorText(preview.error))}`] : []),
  ];
}

function share(name: string, range: Range): string {
  return `  ${shortened(name, NAME_WIDTH).padEnd(NAME_WIDTH)} ${rangeWords(range, whole)}`;
}

function costWords({ costUsd }: Preview): string {
  if (costUsd === null) return 'not known: a model has no price in the table';
  return costUsd.high === 0 ? 'nothing' : rangeWords(costUsd, (amount) => `$${amount.toFixed(2)}`);
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const tokens = (value: number): string => COMPACT.format(value);

const CAPS: Record<NonNullable<Preview['capped']>, string> = {
  maxAgents: 'the cap on agents (--max-agents)',
  budget: 'the cap on output tokens (--budget)',
  maxCostUsd: 'the cap on cost (--max-cost)',
};

const ACCESS: Record<ToolNeed['access'], string> = {
  read: 'reads',
  write: 'changes files',
  execute: 'runs programs',
  network: 'reaches the network',
};

function toolsText(tools: ToolNeed[]): string {
  const alike = Map.groupBy(tools, ({ by, access }) => `${ACCESS[access]}, for the ${by}`);
  return (
    [...alike].map(([what, same]) => `${same.map(({ name }) => printable(name)).join(', ')} (${what})`).join('; ') ||
    'none'
  );
}

function adviceLine({ line, message }: Advice): string {
  return `mind${line === null ? '' : ` line ${line}`}: ${printable(message)}`;
}
