import type { CheckpointInfo } from '../../extension/protocol/run-events.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { momentWords, waitsSinceWords } from '../../extension/protocol/wait-words.ts';
import { duration, line } from '../format.ts';
import { LOOKS } from '../states.ts';

const HOUR_MS = 3_600_000;

/** `waits 3 m 10 s`, and where it is long `waits 6 weeks, since 2 Nov`; from milliseconds since the epoch. */
export function waitsWords({ askedAt }: Pick<CheckpointInfo, 'askedAt'>, now: number): string {
  const waited = now - askedAt;
  return waited < 24 * HOUR_MS ? `waits ${duration(waited)}` : waitsSinceWords(askedAt, now);
}

/** When the default takes over; empty where it never does: silence is no consent. */
export function defaultWords({ timeoutAt }: CheckpointInfo, now: number): string {
  if (timeoutAt === null) return '';
  const left = timeoutAt - now;
  if (left > 48 * HOUR_MS) return `On ${momentWords(timeoutAt)} its default becomes the answer.`;
  return left > 0
    ? `In ${duration(left)} its default becomes the answer.`
    : 'Its time is up; its default is the answer.';
}

/** Who answered, or why nobody did. */
export function endWords({ settled, state }: CallNode): string {
  if (!settled) return LOOKS[state].word;
  if (!settled.answer) return settled.cause ? line(settled.cause.message, 300) : LOOKS[settled.outcome].word;
  const by = settled.answeredBy === 'timeout' ? 'its time ran out, so its default was taken' : 'answered by a person';
  return settled.reused ? `${by}, before this attempt` : by;
}
