import type { GovernorState } from './run-events.ts';

/** What the provider holds back at a time (milliseconds since the epoch), in words; empty where that is nothing, or nothing any more. */
export function governorWords(governor: GovernorState | null, now: number): string {
  if (!governor) return '';
  const { parkedUntil, why, requests } = governor;
  if (parkedUntil !== null && parkedUntil > now)
    return `Waits until ${timeText(Math.min(parkedUntil, LAST_DATE), now)}: ${why}`;
  return requests === null ? '' : `${requests} model requests at a time: ${why}`;
}

/** The last moment that a date can say. */
const LAST_DATE = 8.64e15;

/** `14:05`, with its date where that is another day. */
function timeText(at: number, now: number): string {
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat('en', sameDay ? time : { ...time, day: 'numeric', month: 'short' }).format(at);
}
