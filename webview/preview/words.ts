import type { Advice, Preview, Range, ToolNeed } from '../../extension/protocol/preview.ts';
import { cost, count, plural } from '../format.ts';

/** Writes one number of a range. */
type Write = (value: number) => string;

/** `about 124`; without the word where the range has one value. */
export function likely({ low, likely: value, high }: Range, write: Write): string {
  return write(low) === write(high) ? write(value) : `about ${write(value)}`;
}

/** `40 to 300`; empty where the range has one value. */
export function bounds({ low, high }: Range, write: Write): string {
  const [least, most] = [write(low), write(high)];
  return least === most ? '' : `${least} to ${most}`;
}

/** `about 124 agents, 40 to 300`. */
export function rangeWords(range: Range, write: Write, unit = ''): string {
  return [`${likely(range, write)}${unit && ` ${unit}`}`, bounds(range, write)].filter(Boolean).join(', ');
}

/** An estimated time, no finer than an estimate is: `45 s`, `6 m`, `2.5 h`, `3 d`; from milliseconds. */
export function roughTime(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} m`;
  const hours = seconds / 3600;
  return hours < 48 ? `${Number(hours.toFixed(1))} h` : `${Math.round(hours / 24)} d`;
}

export const agentWord = (range: Range): string => (range.low === 1 && range.high === 1 ? 'agent' : 'agents');
export const whole: Write = (value) => Math.round(value).toLocaleString('en');

/** Tokens in and out together. */
export function tokensOf({ inputTokens, outputTokens }: Preview): Range {
  return {
    low: inputTokens.low + outputTokens.low,
    likely: inputTokens.likely + outputTokens.likely,
    high: inputTokens.high + outputTokens.high,
  };
}

/** `about $2.31`, `nothing` where the provider costs nothing, `unknown` where a model has no price. */
export function costWords({ costUsd }: Preview): string {
  if (costUsd === null) return 'unknown';
  return costUsd.high === 0 ? 'nothing' : likely(costUsd, cost);
}

export const CAPS: Record<NonNullable<Preview['capped']>, string> = {
  maxAgents: 'of agents',
  budget: 'of output tokens',
  maxCostUsd: 'of cost',
};

interface Look {
  icon: string;
  words: string;
}

export const ACCESSES: Record<ToolNeed['access'], Look> = {
  execute: { icon: 'terminal', words: 'runs programs' },
  network: { icon: 'globe', words: 'reaches the network' },
  write: { icon: 'edit', words: 'changes files' },
  read: { icon: 'eye', words: 'reads' },
};
/** The gravest first. */
const GRAVITY: ToolNeed['access'][] = ['execute', 'network', 'write', 'read'];

export function byGravity(tools: ToolNeed[]): ToolNeed[] {
  return [...tools].sort((a, b) => GRAVITY.indexOf(a.access) - GRAVITY.indexOf(b.access));
}

/** `It runs programs and changes files.` */
export function accessWords(tools: ToolNeed[]): string {
  const kinds = GRAVITY.filter((access) => tools.some((tool) => tool.access === access));
  if (kinds.length === 0) return 'It uses no tools.';
  const grave = kinds.filter((access) => access !== 'read');
  if (grave.length === 0) return 'It only reads.';
  const words = grave.map((access) => ACCESSES[access].words);
  return `It ${[words.slice(0, -1).join(', '), words.at(-1)].filter(Boolean).join(' and ')}.`;
}

const ADVICE: Record<Advice['kind'], Look> = {
  'null-not-filtered': { icon: 'warning', words: 'Takes an answer for granted' },
  'unbounded-loop': { icon: 'sync', words: 'A loop that only a cap ends' },
  unchallenged: { icon: 'unverified', words: 'Findings nobody challenges' },
  barrier: { icon: 'watch', words: 'Waits for all' },
  'shared-writes': { icon: 'git-merge', words: 'Writes into one tree of files' },
  'out-of-sight': { icon: 'eye-closed', words: 'Code out of sight' },
  script: { icon: 'lightbulb', words: 'Of the script' },
};

/** A newer host may know kinds of advice that have no words here. */
export function adviceLook(kind: string): Look {
  return Object.hasOwn(ADVICE, kind) ? ADVICE[kind as Advice['kind']] : ADVICE.script;
}

/** All of it in a few sentences, for those who hear it. */
export function summaryWords(preview: Preview): string {
  const { agents, phases, checkpoints, advice, error, tools } = preview;
  const sentences = [
    error && `it would fail: ${error.message}`,
    `${rangeWords(agents, whole, agentWord(agents))}${phases.length > 1 ? `, in ${phases.length} phases` : ''}`,
    `cost: ${preview.costUsd && preview.costUsd.high > 0 ? rangeWords(preview.costUsd, cost) : costWords(preview)}`,
    `tokens: ${rangeWords(tokensOf(preview), count)}`,
    `time: ${rangeWords(preview.durationMs, roughTime)}`,
    accessWords(tools).slice(0, -1),
    checkpoints > 0 && `it asks a person ${plural(checkpoints, 'question')}`,
    advice.length > 0 && `${plural(advice.length, 'piece')} of advice`,
  ];
  return sentences.flatMap((words) => (words ? `${words[0]!.toUpperCase()}${words.slice(1)}.` : [])).join(' ');
}
