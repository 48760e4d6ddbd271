import { plain } from '../protocol/plain-text.ts';
import type { RunLimits, Usage } from '../protocol/run-events.ts';
import { CALL_STATES, type CallState, type RunTree, type StateCounts, totalOf } from '../protocol/run-tree.ts';
import { usedWords } from '../protocol/usage-words.ts';
import { momentWords } from '../protocol/wait-words.ts';
import type { RunOverview, RunSummary } from '../runs/run-service.ts';
import { STANDING_WORDS, type Standing } from '../runs/run-standing.ts';

/** A run with what is known of it so far. */
export interface DescribedRun {
  summary: RunSummary;
  standing: Standing;
  /** Null until it was read. */
  overview: RunOverview | null;
  /** The folder it belongs to, where several are open. */
  folder: string | null;
}

/** Such as `62 of 350 · $1.20 · 4 min`; what went wrong, or waits for a person, comes first. */
export function descriptionOf({ standing, overview, folder }: DescribedRun, now: number): string {
  const parts: string[] = [];
  if (standing === 'stopped' || standing === 'failed' || standing === 'paused') parts.push(STANDING_WORDS[standing]);
  if (overview) parts.push(...progressOf(overview, standing, now));
  if (folder !== null) parts.push(plain(folder, 40));
  return parts.join(' · ');
}

function progressOf({ counts, usage, questions, ...times }: RunOverview, standing: Standing, now: number): string[] {
  const total = totalOf(counts);
  const done = counts.succeeded + counts.reused;
  const parts: string[] = [];
  if (questions > 0) parts.push(plural(questions, 'question'));
  if (total > 0) parts.push(standing === 'completed' ? plural(total, 'agent') : `${done} of ${total}`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (usage.costUsd !== null && usage.costUsd > 0) parts.push(usedWords(usage, costText(usage.costUsd)));
  if (times.startedAt !== null) parts.push(spanText((times.endedAt ?? now) - times.startedAt));
  return parts;
}

/** What a screen reader says of a run: its icon and its colour in words, too. */
export function spokenOf(run: DescribedRun, now: number): string {
  const { standing, summary } = run;
  const description = descriptionOf(run, now);
  const words = description.startsWith(STANDING_WORDS[standing]) ? [] : [STANDING_WORDS[standing]];
  return [plain(summary.run.name, 80), ...words, ...(description ? [description] : [])].join(', ');
}

/** All that is known of a run at a glance, as Markdown in which nothing of the run's own is markup. */
export function tooltipOf(run: DescribedRun, now: number): string {
  const { summary, standing, overview, folder } = run;
  const { run: info, createdAt, endedAt, here } = summary;
  const rows: [name: string, value: string][] = [];
  if (overview) {
    if (overview.phase) rows.push(['Phase', overview.phase]);
    if (totalOf(overview.counts) > 0) rows.push(['Agents', countsText(overview.counts)]);
    if (overview.questions > 0) rows.push(['Waits for you', plural(overview.questions, 'question')]);
    const used = usedText(overview.usage, info.limits);
    if (used) rows.push(['Used', used]);
    if (overview.failure !== null) rows.push(['Why', overview.failure]);
  }
  // A provider that is no model has none with a name of its own.
  rows.push(['Model', info.model === info.provider ? info.providerTitle : `${info.model} · ${info.providerTitle}`]);
  rows.push(['Script', info.script]);
  rows.push(['Started', momentText(createdAt, now)]);
  if (overview?.startedAt && overview.startedAt - createdAt > 60_000)
    rows.push(['Went on', momentText(overview.startedAt, now)]);
  if (endedAt !== null) rows.push(['Ended', momentText(endedAt, now)]);
  if (standing === 'interrupted' && overview?.endedAt) rows.push(['Cut', momentText(overview.endedAt, now)]);
  if (summary.status === 'running' && !here) rows.push(['Driven', 'by another window or a command line']);
  if (folder !== null) rows.push(['Folder', folder]);
  const head = `**${escaped(info.name, 80)}** · ${STANDING_WORDS[standing]}`;
  const said = info.description ? [escaped(info.description, 300)] : [];
  const list = rows.map(([name, value]) => `- ${name}: ${escaped(value, 300)}`).join('\n');
  return [head, ...said, list].join('\n\n');
}

/** What the status bar counts. */
type CountedRun = { tree: Pick<RunTree, 'run' | 'paused' | 'counts' | 'usage' | 'startedAt'> };

/** Such as `$(sync~spin) 2 runs, 1 paused · $1.20`. */
export function runningText(runs: readonly CountedRun[]): string {
  const paused = runs.filter(({ tree }) => tree.paused).length;
  const counted = plural(runs.length, 'run');
  const some = paused > 0 ? `, ${paused} paused` : '';
  const state = paused === runs.length ? `$(debug-pause) ${counted} paused` : `$(sync~spin) ${counted}${some}`;
  const cost = runs.reduce((sum, { tree }) => sum + (tree.usage.costUsd ?? 0), 0);
  const estimated = runs.some(({ tree }) => tree.usage.estimated);
  return cost > 0 ? `${state} · ${usedWords({ ...(estimated && { estimated }) }, costText(cost))}` : state;
}

/** A line a run, as Markdown in which nothing of theirs is markup. */
export function runningTooltip(runs: readonly CountedRun[], now: number): string {
  const lines = runs.map(({ tree: { run, paused, counts, usage, startedAt } }) => {
    const overview = { counts, usage, paused, phase: null, questions: 0, startedAt, endedAt: null, failure: null };
    const words = [...(paused ? ['paused'] : []), ...progressOf(overview, 'running', now)];
    return `- **${escaped(run?.name ?? 'run', 60)}** · ${words.join(' · ')}`;
  });
  return lines.join('\n');
}

const STATE_WORDS: Record<CallState, string> = {
  waiting: 'waiting',
  working: 'at work',
  succeeded: 'done',
  reused: 'reused',
  failed: 'failed',
  skipped: 'skipped',
  stopped: 'stopped',
};

/** Such as `62 done, 8 at work, 2 failed`. */
function countsText(counts: StateCounts): string {
  const some = CALL_STATES.filter((state) => counts[state] > 0);
  return some.map((state) => `${counts[state]} ${STATE_WORDS[state]}`).join(', ');
}

/** Such as `1,840,210 tokens, $2.31 of $5.00`; empty where nothing was used. */
function usedText(usage: Usage, limits: RunLimits): string {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = usage;
  const tokens = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
  if (tokens === 0) return '';
  const cap = limits.maxCostUsd === null ? '' : ` of ${costText(limits.maxCostUsd)}`;
  const cost = costUsd === null ? 'at an unknown price' : `${costText(costUsd)}${cap}`;
  return usedWords(usage, `${tokens.toLocaleString('en')} tokens, ${cost}`);
}

/** Dollars; below a cent with the digit that matters. */
export function costText(usd: number): string {
  return usd > 0 && usd < 0.01 ? `$${usd.toPrecision(1)}` : `$${usd.toFixed(2)}`;
}

/** `42 s`, `4 min`, `3 h 05 min`, `2 days 4 h`; from milliseconds. Over a minute it changes once a minute: a list is no stopwatch. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${plural(Math.floor(hours / 24), 'day')} ${hours % 24} h`;
}

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

function momentText(at: number, now: number): string {
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  return today ? `today, ${TIME.format(at)}` : momentWords(at);
}

export function plural(value: number, one: string): string {
  return `${value} ${one}${value === 1 ? '' : 's'}`;
}

/** One line of a text of unknown origin, for Markdown: every mark of punctuation is only itself there. */
export function escaped(text: string, length: number): string {
  return plain(text, length).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
