import type { RunStatus } from '../protocol/run-events.ts';
import { foldRun } from '../protocol/run-tree.ts';
import type { RunService, RunSummary } from './run-service.ts';

/** How a run stands for a person: its status, and whether one of them holds it back. */
export type Standing = RunStatus | 'paused';

/** A run's standing as people read it. */
export const STANDING_WORDS: Record<Standing, string> = {
  created: 'not started',
  running: 'running',
  paused: 'paused',
  interrupted: 'interrupted',
  completed: 'completed',
  completed_with_failures: 'completed with failures',
  failed: 'failed',
  stopped: 'stopped',
};

/** Names of a codicon and of a colour of the theme. */
export const STANDING_ICONS: Record<Standing, [icon: string, color?: string]> = {
  created: ['circle-outline'],
  running: ['sync', 'charts.blue'],
  paused: ['debug-pause', 'charts.yellow'],
  interrupted: ['debug-disconnect', 'charts.yellow'],
  completed: ['pass', 'charts.green'],
  completed_with_failures: ['warning', 'charts.yellow'],
  failed: ['error', 'charts.red'],
  stopped: ['debug-stop'],
};

/** Reads the events of a run that is at work, for only they tell whether it is held back. */
export function standingOf(runs: Pick<RunService, 'events'>, { run, status }: RunSummary): Standing {
  return status === 'running' && foldRun(runs.events(run.id, 0)).paused ? 'paused' : status;
}
