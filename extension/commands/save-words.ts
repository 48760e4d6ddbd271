import type { WorkflowEntry, WorkflowSource } from '../runs/run-service.ts';

const WHOSE: Record<WorkflowSource, string> = {
  project: 'The project',
  'project-claude': 'The project, in .claude/workflows,',
  user: 'Your own folder',
  'user-claude': 'Your .claude/workflows',
  bundled: 'Counterpoint',
};

/** The folders in the order in which they win. */
const ORDER: WorkflowSource[] = ['project', 'project-claude', 'user', 'user-claude', 'bundled'];

/** What is to be said of a name that somebody thinks of: whether it is taken, and by whom. */
export function nameWords(name: string, entries: readonly WorkflowEntry[]): { message: string; taken: boolean } {
  const other = entries.find((entry) => entry.name === name);
  if (!other) return { message: `It is run as /${name}.`, taken: false };
  return { message: `${WHOSE[other.source]} has a workflow /${name} already.`, taken: true };
}

/** What becomes of a script of this name that is kept in a place, beside the one that is run by that name now. */
export function placeWords(name: string, to: 'project' | 'user', entries: readonly WorkflowEntry[]): string {
  const place =
    to === 'project' ? '.counterpoint/workflows, for all who work on it' : '~/.counterpoint/workflows, for all folders';
  const other = entries.find((entry) => entry.name === name);
  if (!other) return place;
  if (other.source === to) return `${place}. It takes the place of the one that is there.`;
  const wins = ORDER.indexOf(to) < ORDER.indexOf(other.source);
  return wins
    ? `${place}. It goes before the one that ${whoseWords(other.source)}.`
    : `${place}. In this folder, the one that ${whoseWords(other.source)} goes before it.`;
}

function whoseWords(source: WorkflowSource): string {
  if (source === 'bundled') return 'comes with Counterpoint';
  return source.startsWith('project') ? 'the project has' : 'you have';
}
