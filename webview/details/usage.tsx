import type { CallDetails, TranscriptEntry } from '../../extension/protocol/call-details.ts';
import type { Usage } from '../../extension/protocol/run-events.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { usedWords } from '../../extension/protocol/usage-words.ts';
import { cost, count, duration, elapsedOf, line, plural } from '../format.ts';
import { useNow } from '../store.ts';
import { earlierTries } from './attempts.ts';
import { Rows, Section } from './parts.tsx';

type Row = [name: string, value: string, title?: string];
type Retry = Extract<TranscriptEntry, { type: 'retry' }>;

/** What an agent used, how often it had to be asked, and when. */
export function UsageSection({ call, details }: { call: CallNode; details: CallDetails }) {
  const now = useNow();
  const retries = details.transcript.filter((entry): entry is Retry => entry.type === 'retry');
  return (
    <>
      <Section title="Usage">
        <Rows rows={usageRows(call, now)} />
      </Section>
      <Section title="Attempts">
        <Rows rows={attemptRows(call, details, retries)} />
        {retries.length > 0 && (
          <ul className="plain quiet retries">
            {retries.map(({ reason, delayMs, at }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an entry is its place.
              <li key={index} title={clock(at)}>
                {line(reason, 300)}; again after {duration(delayMs)}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Timing">
        <Rows rows={timingRows(call, now)} />
      </Section>
    </>
  );
}

function usageRows(call: CallNode, now: number): Row[] {
  const { usage } = call;
  const rows: Row[] = [
    ['In', tokens(usage, usage.inputTokens)],
    ['Out', tokens(usage, usage.outputTokens) + pace(usage.outputTokens, elapsedOf(call, now))],
    ['Read from cache', tokens(usage, usage.cacheReadTokens)],
    ['Written to cache', tokens(usage, usage.cacheWriteTokens)],
  ];
  const used = rows.filter(([, value]) => value !== '');
  if (used.length === 0 && usage.costUsd === 0) return [['Tokens', 'none']];
  const price =
    usage.costUsd === null ? 'unknown: its model is not in the price table' : usedWords(usage, cost(usage.costUsd));
  return [...used, ['Cost', price]];
}

function tokens(usage: Usage, value: number): string {
  return value > 0 ? usedWords(usage, `${count(value)} tokens`) : '';
}

function pace(output: number, elapsed: number | null): string {
  if (output === 0 || elapsed === null || elapsed < 1000) return '';
  return `, ${((output * 1000) / elapsed).toFixed(output * 1000 < elapsed * 10 ? 1 : 0)} a second`;
}

function attemptRows(call: CallNode, { transcript }: CallDetails, retries: Retry[]): Row[] {
  const { settled } = call;
  const { byPerson, cut } = earlierTries(transcript, call.startedAt);
  const rows: Row[] = [];
  if (settled?.reused) rows.push(['Answer', 'taken from the journal, not asked again']);
  if (settled) rows.push(['Requests', String(settled.requests)]);
  rows.push(['Retries', retries.length === 0 ? 'none' : plural(retries.length, 'request')]);
  if (byPerson > 0) rows.push(['Begun anew', `${plural(byPerson, 'time')}, by a person`]);
  if (cut > 0) rows.push(['Cut', 'an earlier try ended with the process that drove the run']);
  return rows;
}

function timingRows(call: CallNode, now: number): Row[] {
  const { issuedAt, startedAt, endedAt } = call;
  const rows: Row[] = [['Asked for', time(issuedAt), clock(issuedAt)]];
  if (startedAt === null) {
    if (endedAt === null) rows.push(['Waits', duration(now - issuedAt)]);
    return endedAt === null ? rows : [...rows, ['Ended', time(endedAt), clock(endedAt)]];
  }
  const worked = elapsedOf(call, now);
  rows.push(['Waited', duration(startedAt - issuedAt)], ['Started', time(startedAt), clock(startedAt)]);
  if (worked !== null) rows.push([endedAt === null ? 'At work' : 'Worked', duration(worked)]);
  return endedAt === null ? rows : [...rows, ['Ended', time(endedAt), clock(endedAt)]];
}

function time(at: number): string {
  return new Date(at).toLocaleTimeString('en', { hour12: false });
}

function clock(at: number): string {
  return new Date(at).toLocaleString('en', { hour12: false });
}
