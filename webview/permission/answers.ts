import { exactLine } from '../../extension/protocol/exact-text.ts';
import { ANSWER_LABELS } from '../../extension/protocol/permission-words.ts';
import type { PermissionAnswer, PermissionQuestion, Target } from '../../extension/protocol/permissions.ts';
import { duration } from '../format.ts';

/** `key`: what does the same while a button of the four has the focus. */
export const ANSWERS: Record<PermissionAnswer, { label: string; hint: string; key?: string; sent: string }> = {
  once: { label: ANSWER_LABELS.once, hint: 'This call, and no other', key: 'A', sent: 'Allowed once' },
  run: {
    label: ANSWER_LABELS.run,
    hint: 'This call, and calls like it until the run ends',
    sent: 'Allowed for this run',
  },
  always: {
    label: ANSWER_LABELS.always,
    hint: 'This call, and calls like it in every run of this version of the script in this folder, for 30 days',
    sent: 'Allowed for this version of the script',
  },
  deny: { label: ANSWER_LABELS.deny, hint: 'The agent is told no, and goes on without it', key: 'D', sent: 'Denied' },
};

/** What a yes for longer than once holds for. */
export function coverWords({ targets }: PermissionQuestion): string {
  const covered = [...new Set(targets.length === 0 ? ['exactly this call'] : targets.map(coveredBy))];
  return covered.join(', ');
}

function coveredBy(target: Target): string {
  switch (target.kind) {
    case 'path':
      return target.access === 'write' ? 'changing exactly this path' : 'reading exactly this path';
    case 'command':
      return 'exactly these words';
    case 'address':
      return `this host (${exactLine(hostOf(target.url), 80)})`;
    case 'server':
      return 'this tool of this server';
    // Nobody can tell what it does, so it is good for nothing else.
    case 'unclear':
      return 'exactly this call';
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** When silence becomes a no; empty where it never does. */
export function silenceWords({ timeoutAt }: PermissionQuestion, now: number): string {
  if (timeoutAt === null) return '';
  return timeoutAt > now ? `In ${duration(timeoutAt - now)} it is denied.` : 'Its time is up; it is denied.';
}
