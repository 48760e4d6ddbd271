import { censusLines, type RunCensus } from '../protocol/run-census.ts';
import type { RunOutcome } from '../runs/run-service.ts';
import { plain } from './plain-text.ts';

/** Lines of the census that a message has room for, and characters of each. */
const MOST_LINES = 3;
const LONGEST_LINE = 140;

/** How a run ended, and what of it nobody should overlook, in few words. */
export function endMessage(name: string, { status, error }: RunOutcome, census: RunCensus): string {
  const run = `“${plain(name, 60)}”`;
  if (status === 'failed') return `${run} failed: ${plain(error?.message ?? 'no reason was given')}`;
  const all = [...skippedLine(census), ...censusLines(census)];
  const lines = all.slice(0, MOST_LINES).map((line) => plain(line, LONGEST_LINE));
  if (all.length > MOST_LINES) lines.push(`and ${all.length - MOST_LINES} more`);
  if (status === 'completed') return [`${run} completed.`, lines.join('; ')].filter(Boolean).join(' ');
  return `${run} completed with failures: ${lines.join('; ') || 'some of its agents have no answer'}.`;
}

function skippedLine({ skipped }: RunCensus): string[] {
  return skipped === 0 ? [] : [`${skipped} ${skipped === 1 ? 'agent' : 'agents'} skipped or stopped`];
}
