import type { CallNode, RunTree } from './run-tree.ts';

/** Who waits for weeks wants to know since when: how long ago something was asked, in the words of all screens. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Up to here days are counted: `13 days` says more than `1 week`. */
const LONGEST_IN_DAYS = 14 * DAY;

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DATE_AND_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** `3 min`, `5 h`, `3 days`, `6 weeks`: the largest unit that fits, from milliseconds. Under a minute it is `under a minute`. */
export function spanWords(ms: number): string {
  if (ms < MINUTE) return 'under a minute';
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  if (ms < LONGEST_IN_DAYS) return counted(Math.floor(ms / DAY), 'day');
  return counted(Math.floor(ms / (7 * DAY)), 'week');
}

/** `waits 3 min`, at first `was just asked`; from a day on with the date: `waits 6 weeks, since 2 Nov`. From milliseconds since the epoch. */
export function waitsSinceWords(askedAt: number, now: number): string {
  if (now - askedAt < MINUTE) return 'was just asked';
  const since = now - askedAt < DAY ? '' : `, since ${dayWords(askedAt, now)}`;
  return `waits ${spanWords(now - askedAt)}${since}`;
}

/** A step of an agent seldom takes longer. */
const QUIET = 2 * MINUTE;

/**
 * `5 min without news`, of an agent at work that has told nothing for so long; empty while that is no wonder. From
 * milliseconds since the epoch: when it last told what it does.
 */
export function quietWords(movedAt: number | null | undefined, now: number): string {
  if (movedAt == null || now - movedAt < QUIET) return '';
  return `${spanWords(now - movedAt)} without news`;
}

/**
 * The same of an agent of a run, as far as the silence is its own: while a person or the provider holds the run back, or it
 * waits for a yes, it has nothing to tell. What has never told anything is not known to be silent: another process may hear it.
 */
export function quietOf(
  { paused, pauses, governor }: RunTree,
  { state, asks, movedAt }: CallNode,
  now: number,
): string {
  if (state !== 'working' || asks.length > 0 || movedAt === undefined) return '';
  if (paused || (governor?.parkedUntil ?? 0) > now) return '';
  return quietWords(Math.max(movedAt, pauses.at(-1)?.to ?? 0), now);
}

/** `asked just now`, `asked 3 min ago`, `asked 6 weeks ago, on 2 Nov`. */
export function askedWords(askedAt: number, now: number): string {
  const waited = now - askedAt;
  if (waited < MINUTE) return 'asked just now';
  return `asked ${spanWords(waited)} ago${waited < DAY ? '' : `, on ${dayWords(askedAt, now)}`}`;
}

/** `2 Nov`, with its year where that is not the present one. */
export function dayWords(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? DATE : DATE_AND_YEAR).format(at);
}

/** `Mon, 2 Nov 2026, 14:05`, in the time zone of this machine. */
export function momentWords(at: number): string {
  return MOMENT.format(at);
}

function counted(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}
