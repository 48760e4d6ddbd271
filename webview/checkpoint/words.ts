import type { CheckpointInfo } from '../../extension/protocol/run-events.ts';
import type { CallNode } from '../../extension/protocol/run-tree.ts';
import { duration, line } from '../format.ts';
import { LOOKS } from '../states.ts';

/** `waits 3 m 10 s`, from milliseconds since the epoch. */
export function waitsWords({ askedAt }: CheckpointInfo, now: number): string {
  return `waits ${duration(now - askedAt)}`;
}

/** When the default takes over; empty where it never does: silence is no consent. */
export function defaultWords({ timeoutAt }: CheckpointInfo, now: number): string {
  if (timeoutAt === null) return '';
  const left = timeoutAt - now;
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
