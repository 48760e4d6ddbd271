import type { RunOverview, RunService, RunSummary } from '../runs/run-service.ts';
import { groupRuns, type RunGroup } from './run-groups.ts';
import { type DescribedRun, descriptionOf } from './run-words.ts';

/** A folder whose runs are listed. */
export interface ListedFolder {
  name: string;
  runs: RunService;
}

/** One run of the list. The same object as long as the run is listed, for a tree knows what it shows by identity. */
export interface RunNode extends DescribedRun {
  type: 'run';
  /** What tells a command that it comes from this view. */
  view: 'counterpoint.runs';
  runId: string;
  runs: RunService;
  questions: number;
  createdAt: number;
}

export interface GroupNode extends RunGroup<RunNode> {
  type: 'group';
}

/** What a look has found: groups that hold other runs than before, or runs that stand where they were and have changed. */
export interface Change {
  groups: boolean;
  runs: RunNode[];
}

/** The event loop is let go after so long, milliseconds. */
const SLICE_MS = 8;

/**
 * The runs of all open folders in their groups. A look costs little, however many there are: runs that are over are asked for
 * more than their summary only when somebody sees them, and once.
 */
export class RunList {
  #folders: () => Promise<ListedFolder[]>;
  #nodes = new Map<string, RunNode>();
  #groups: GroupNode[] = [];
  /** What was last told of each run. */
  #told = new Map<string, string>();
  #filling: Promise<void> = Promise.resolve();
  #wanted = new Set<RunNode>();

  /** @param folders Every open folder that has runs; those that have none are left as they are. */
  constructor(folders: () => Promise<ListedFolder[]>) {
    this.#folders = folders;
  }

  get groups(): readonly GroupNode[] {
    return this.#groups;
  }

  find(runId: string): RunNode | undefined {
    return this.#nodes.get(runId);
  }

  groupOf(node: RunNode): GroupNode | undefined {
    return this.#groups.find(({ runs }) => runs.includes(node));
  }

  /** Reads what is there now. @throws UserError where a journal cannot be used. */
  async look(now: number): Promise<Change> {
    const folders = await this.#folders();
    const nodes = new Map<string, RunNode>();
    for (const { name, runs } of folders) {
      const folder = folders.length > 1 ? name : null;
      for (const summary of runs.runs()) nodes.set(summary.run.id, this.#update(summary, runs, folder));
    }
    this.#nodes = nodes;
    return this.#regroup(now);
  }

  /** Reads what is missing of these runs, in turns that let others work. @param told Called with those read so far. */
  fill(nodes: readonly RunNode[], told: (filled: RunNode[]) => void): Promise<void> {
    for (const node of nodes) if (!node.overview) this.#wanted.add(node);
    // One after the other: whoever is asked later has perhaps nothing left to do.
    this.#filling = this.#filling.then(() => this.#fillWanted(told));
    return this.#filling;
  }

  /** Nobody looks any more. */
  forget(): void {
    this.#wanted.clear();
  }

  async #fillWanted(told: (filled: RunNode[]) => void): Promise<void> {
    let filled: RunNode[] = [];
    let since = performance.now();
    for (const node of this.#wanted) {
      this.#wanted.delete(node);
      if (!node.overview && this.#nodes.get(node.runId) === node) {
        node.overview = node.runs.overview(node.runId);
        filled.push(node);
      }
      if (performance.now() - since < SLICE_MS) continue;
      told(filled);
      filled = [];
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    }
    if (filled.length > 0) told(filled);
  }

  #update(summary: RunSummary, runs: RunService, folder: string | null): RunNode {
    const runId = summary.run.id;
    const known = this.#nodes.get(runId);
    const overview = this.#overviewOf(summary, runs, known);
    const change = {
      summary,
      folder,
      overview,
      standing: summary.status === 'running' && overview?.paused ? ('paused' as const) : summary.status,
      questions: overview?.questions ?? 0,
      createdAt: summary.createdAt,
    };
    return known ? Object.assign(known, change) : { type: 'run', view: 'counterpoint.runs', runId, runs, ...change };
  }

  /** Of a run at work what is new, of one that was read before what was read; null for all others. */
  #overviewOf({ run, status, endedAt }: RunSummary, runs: RunService, known?: RunNode): RunOverview | null {
    if (status === 'running') return runs.overview(run.id);
    const stands = known?.summary.status === status && known.summary.endedAt === endedAt;
    if (!stands || !known.overview) return null;
    // A question of a run that was cut can be answered all the same.
    return status === 'interrupted' ? runs.overview(run.id) : known.overview;
  }

  #regroup(now: number): Change {
    const placesBefore = placesOf(this.#groups);
    const before = new Map(this.#groups.map((group) => [group.id, group]));
    const nodes = [...this.#nodes.values()].sort((a, b) => b.createdAt - a.createdAt);
    this.#groups = groupRuns(nodes, now).map((group): GroupNode => {
      const known = before.get(group.id);
      return known ? Object.assign(known, group) : { type: 'group', ...group };
    });
    const told = new Map(nodes.map((node) => [node.runId, shownOf(node, now)]));
    const changed = nodes.filter(({ runId }) => this.#told.get(runId) !== told.get(runId));
    this.#told = told;
    return { groups: placesOf(this.#groups) !== placesBefore, runs: changed };
  }
}

/** Which run stands where. */
function placesOf(groups: readonly GroupNode[]): string {
  return JSON.stringify(groups.map(({ id, runs }) => [id, runs.map(({ runId }) => runId)]));
}

/** What a row shows of a run. */
function shownOf(node: RunNode, now: number): string {
  return JSON.stringify([node.standing, node.questions, node.summary.run.name, descriptionOf(node, now)]);
}
