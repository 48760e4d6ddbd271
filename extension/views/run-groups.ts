import type { Standing } from '../runs/run-standing.ts';

/** What decides where a run stands in the list. */
export interface Grouped {
  standing: Standing;
  /** Open questions to a person. */
  questions: number;
  createdAt: number;
}

export interface RunGroup<T> {
  /** Stable: what a person folded stays folded. */
  id: string;
  label: string;
  /** Whether it is unfolded until a person says otherwise. */
  open: boolean;
  runs: T[];
}

type Place = Omit<RunGroup<never>, 'runs'>;

const ASKS: Place = { id: 'asks', label: 'Waiting for You', open: true };
const RUNNING: Place = { id: 'running', label: 'Running', open: true };
const PAUSED: Place = { id: 'paused', label: 'Paused', open: true };
const INTERRUPTED: Place = { id: 'interrupted', label: 'Interrupted', open: true };
const TODAY: Place = { id: 'today', label: 'Today', open: true };
const YESTERDAY: Place = { id: 'yesterday', label: 'Yesterday', open: true };
const THIS_WEEK: Place = { id: 'week', label: 'Earlier This Week', open: false };
const STATES = [ASKS, RUNNING, PAUSED, INTERRUPTED];

/**
 * Runs that are not over by what they need of a person, those that are by the day they began: both in the order of the list,
 * groups of days the newest first. @param runs The newest first. @param now Milliseconds since the epoch.
 */
export function groupRuns<T extends Grouped>(runs: readonly T[], now: number): RunGroup<T>[] {
  const groups = new Map<string, RunGroup<T>>();
  for (const run of runs) {
    const place = stateOf(run) ?? dayOf(run.createdAt, now);
    const group = groups.get(place.id) ?? { ...place, runs: [] };
    group.runs.push(run);
    groups.set(place.id, group);
  }
  const states = STATES.flatMap(({ id }) => groups.get(id) ?? []);
  return [...states, ...[...groups.values()].filter((group) => !states.includes(group))];
}

function stateOf({ standing, questions }: Grouped): Place | null {
  switch (standing) {
    case 'created':
    case 'running':
      return questions > 0 ? ASKS : RUNNING;
    case 'paused':
      return questions > 0 ? ASKS : PAUSED;
    case 'interrupted':
      return INTERRUPTED;
    default:
      return null;
  }
}

const MONTH = new Intl.DateTimeFormat('en', { month: 'long' });
const MONTH_AND_YEAR = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' });

/** The calendar of this machine counts, not spans of 24 hours. A week begins on Monday. */
function dayOf(at: number, now: number): Place {
  const day = new Date(at);
  const today = new Date(now);
  const midnight = (daysAgo: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - daysAgo).getTime();
  if (at >= midnight(0)) return TODAY;
  if (at >= midnight(1)) return YESTERDAY;
  if (at >= midnight((today.getDay() + 6) % 7)) return THIS_WEEK;
  const id = `${day.getFullYear()}-${day.getMonth() + 1}`;
  if (day.getFullYear() !== today.getFullYear()) return { id, label: MONTH_AND_YEAR.format(day), open: false };
  const label = day.getMonth() === today.getMonth() ? 'Earlier This Month' : MONTH.format(day);
  return { id, label, open: false };
}
