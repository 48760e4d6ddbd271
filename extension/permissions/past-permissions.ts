import type { RunEvent } from '../protocol/run-events.ts';
import type { PastPermissions } from './permissions.ts';

/** Reads from a run's events what a person allowed for the rest of it, and how many questions there were. */
export function pastPermissions(events: Iterable<RunEvent>): PastPermissions {
  const past = { grants: [] as PastPermissions['grants'][number][], lastQuestion: 0 };
  for (const event of events) {
    if (event.type === 'permission.asked') past.lastQuestion = Math.max(past.lastQuestion, event.question.id);
    if (event.type !== 'permission.decided') continue;
    const { allowed, by, grants } = event.decision;
    if (allowed && by === 'person' && grants) past.grants.push(...grants);
  }
  return past;
}
