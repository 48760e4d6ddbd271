import { emptyRunTree, foldRun, type RunTree } from '../protocol/run-tree.ts';
import type { RunService } from './run-service.ts';

/** A run that this window drives or shows, with the fold of its events. */
export interface LiveRun {
  id: string;
  runs: RunService;
  tree: RunTree;
}

/** The runs that concern this window, kept up to date while they do. */
export interface LiveRuns {
  /** Until it is disposed; however often a run is watched, its events are folded once. */
  watch(runs: RunService, runId: string): { dispose(): void };
  all(): LiveRun[];
  /** Hears of each run that came, went or changed. Listeners live as long as this does. */
  onChange(listener: (run: LiveRun) => void): void;
}

interface Watched extends LiveRun {
  watchers: number;
  stop(): void;
}

export function createLiveRuns(): LiveRuns {
  const watched = new Map<string, Watched>();
  const listeners: ((run: LiveRun) => void)[] = [];
  const tell = (run: LiveRun) => {
    for (const listener of listeners) listener(run);
  };
  const begin = (runs: RunService, id: string) => {
    const run: Watched = { id, runs, tree: emptyRunTree(), watchers: 0, stop: () => undefined };
    const hear: Parameters<RunService['subscribe']>[1] = (events) => {
      foldRun(events, run.tree);
      // Progress is of no concern here, and there is much of it.
      if (events.some(({ type }) => type !== 'call.progress')) tell(run);
    };
    // Before the backlog is read, so that nothing falls between the two; the fold passes over what it has.
    run.stop = runs.subscribe(id, hear);
    watched.set(id, run);
    hear(runs.events(id, 0));
    return run;
  };
  return {
    watch(runs, runId) {
      const run = watched.get(runId) ?? begin(runs, runId);
      run.watchers += 1;
      let ended = false;
      return {
        dispose() {
          if (ended) return;
          ended = true;
          run.watchers -= 1;
          if (run.watchers > 0) return;
          run.stop();
          watched.delete(runId);
          tell(run);
        },
      };
    },
    all: () => [...watched.values()],
    onChange: (listener) => void listeners.push(listener),
  };
}
