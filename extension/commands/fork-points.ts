import type { RunEvent } from '../protocol/run-events.ts';
import { plain } from './plain-text.ts';

/** An event that a person may want to begin from. */
export interface ForkPoint {
  seq: number;
  label: string;
  description: string;
}

/**
 * Phases that began, agents that ended and scripts that were replaced, the newest first. What an earlier attempt of the same
 * script had already is not named again.
 */
export function forkPoints(events: readonly RunEvent[]): ForkPoint[] {
  const points: ForkPoint[] = [];
  const labels = new Map<number, string>();
  const phases = new Set<string>();
  for (const event of events) {
    if (event.type === 'run.started') labels.clear();
    if (event.type === 'call.issued' && (event.call.kind === 'agent' || event.call.kind === 'checkpoint'))
      labels.set(event.call.id, plain(event.call.label, 100));
    const at = { seq: event.seq, description: `event ${event.seq} · ${new Date(event.at).toLocaleTimeString()}` };
    if (event.type === 'run.changed' && event.change.digest !== undefined) {
      phases.clear();
      points.push({ ...at, label: `$(replace) Script replaced by ${plain(event.change.script ?? 'another', 80)}` });
    }
    if (event.type === 'phase.began' && !phases.has(event.title)) {
      phases.add(event.title);
      points.push({ ...at, label: `$(list-tree) Phase ${plain(event.title, 80)} began` });
    }
    if (event.type !== 'call.settled' || event.settled.reused) continue;
    const label = labels.get(event.id);
    if (label === undefined) continue;
    const { answer, outcome } = event.settled;
    const icon = outcome === 'succeeded' ? (answer ? 'comment' : 'check') : 'warning';
    points.push({ ...at, label: `$(${icon}) ${label} ${answer ? 'was answered' : outcome}` });
  }
  const last = events.at(-1)?.seq ?? 0;
  const newest = { seq: last, label: '$(git-commit) Everything so far', description: `event ${last}` };
  return [newest, ...points.reverse()];
}
