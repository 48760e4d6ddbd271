import { foldRun, openCheckpoints, type RunTree } from '../protocol/run-tree.ts';
import type { LiveRun, LiveRuns } from './live-runs.ts';
import { type OpenPermission, permissionsIn } from './open-permissions.ts';
import type { OpenQuestion } from './open-questions.ts';
import type { RunService } from './run-service.ts';

/** How often runs are looked at that this window neither drives nor shows: while their questions are seen, and else. */
const LOOK_MS = 1_000;
const IDLE_LOOK_MS = 10_000;
/** What a run tells within this time is looked at once. */
const SETTLE_MS = 20;
/** So many runs are read before others get a turn. */
const RUNS_A_TURN = 5;

export interface RunFolder {
  path: string;
  runs: RunService;
}

export interface QuestionBoardOptions {
  /** The runs that concern this window: their questions come and go at once. */
  live: LiveRuns;
  /** Every open folder that has runs; those that have none are left as they are. */
  all(): Promise<RunFolder[]>;
  /** Those whose runs somebody has opened already. */
  opened(): Promise<RunFolder[]>;
  /** Told once, until a look succeeds again. */
  onFailure(error: unknown): void;
}

/** What a run asks a person. */
interface Asks {
  questions: OpenQuestion[];
  permissions: OpenPermission[];
}

/** What is known of one run. The fold is only kept while somebody drives the run: what was cut does not grow. */
interface AskingRun extends Asks {
  lastSeq: number;
  tree: RunTree | null;
}

/**
 * All open questions of all runs of the open folders, whoever drives them: the one place that tree, lenses, comments,
 * badge and status bar ask. Runs of this window are heard, all others are looked at: often while somebody attends, now and
 * then while the window only counts them.
 */
export class QuestionBoard {
  #options: QuestionBoardOptions;
  #runs = new Map<string, AskingRun>();
  #folders: RunFolder[] = [];
  #listeners = new Set<() => void>();
  #watchers = 0;
  #stirred = new Set<string>();
  #settle: NodeJS.Timeout | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #failed = false;
  #closed = false;

  constructor(options: QuestionBoardOptions) {
    this.#options = options;
    options.live.onChange((run) => this.#hear(run));
    this.#plan();
  }

  /** Those that are open, the longest waiting first. */
  open(): OpenQuestion[] {
    const all = [...this.#runs.values()].flatMap(({ questions }) => questions);
    return all.sort((a, b) => a.asks.askedAt - b.asks.askedAt);
  }

  /** The questions about tool calls, run by run in the order they were asked; all of them are of runs that somebody drives. */
  permissions(): OpenPermission[] {
    return [...this.#runs.values()].flatMap(({ permissions }) => permissions);
  }

  findPermission(runId: string, permission: number): OpenPermission | undefined {
    return this.#runs.get(runId)?.permissions.find(({ question }) => question.id === permission);
  }

  find(runId: string, key: string): OpenQuestion | undefined {
    return this.#runs.get(runId)?.questions.find((question) => question.key === key);
  }

  /** Looks often, also into folders that nobody has opened yet, until it is disposed. */
  attend(): { dispose(): void } {
    let attends = true;
    this.#watchers += 1;
    if (this.#watchers === 1) void this.look();
    return {
      dispose: () => {
        if (attends) this.#watchers -= 1;
        attends = false;
      },
    };
  }

  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Looks at all runs now; never rejects. @param everywhere Also into folders that nobody has opened yet. */
  look(everywhere = this.#watchers > 0): Promise<void> {
    // One that is under way may have passed over what is asked for.
    const before = this.#looking ?? Promise.resolve();
    const looking = before
      .then(() => this.#lookAtAll(everywhere))
      .then(
        () => {
          this.#failed = false;
        },
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        if (this.#looking !== looking) return;
        this.#looking = null;
        this.#plan();
      });
    this.#looking = looking;
    return looking;
  }

  dispose(): void {
    this.#closed = true;
    this.#listeners.clear();
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#settle) clearTimeout(this.#settle);
  }

  #plan(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.look(), this.#watchers > 0 ? LOOK_MS : IDLE_LOOK_MS);
    this.#timer.unref();
  }

  #fail(error: unknown): void {
    if (!this.#failed && !this.#closed) this.#options.onFailure(error);
    this.#failed = true;
  }

  #hear({ id }: LiveRun): void {
    if (this.#closed) return;
    this.#stirred.add(id);
    this.#settle ??= setTimeout(() => this.#lookAtStirred(), SETTLE_MS);
  }

  #lookAtStirred(): void {
    this.#settle = null;
    const live = new Map(this.#options.live.all().map((run) => [run.id, run]));
    let strange = false;
    let changed = false;
    for (const id of this.#stirred) {
      const run = live.get(id);
      const folder = run && this.#folders.find(({ runs }) => runs === run.runs);
      if (folder && run) changed = this.#take(folder, id, run.tree) || changed;
      else strange = true;
    }
    this.#stirred.clear();
    if (changed) this.#tell();
    // Of a folder that was opened since, or not followed any more.
    if (strange) void this.look();
  }

  async #lookAtAll(everywhere: boolean): Promise<void> {
    if (this.#closed) return;
    this.#folders = await (everywhere ? this.#options.all() : this.#options.opened());
    const seen = new Set<string>();
    let changed = false;
    for (const folder of this.#folders) {
      for (const [index, id] of folder.runs.unfinished().entries()) {
        if (index % RUNS_A_TURN === RUNS_A_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
        if (this.#closed) return;
        seen.add(id);
        changed = this.#lookAt(folder, id) || changed;
      }
    }
    for (const id of [...this.#runs.keys()]) {
      if (seen.has(id)) continue;
      changed = describe(this.#runs.get(id)) !== describe(undefined) || changed;
      this.#runs.delete(id);
    }
    if (changed) this.#tell();
  }

  /** Reads what is new of a run. Returns whether its questions have changed. */
  #lookAt(folder: RunFolder, id: string): boolean {
    const live = this.#options.live.all().find((run) => run.id === id);
    if (live) return this.#take(folder, id, live.tree);
    const known = this.#runs.get(id);
    const events = folder.runs.events(id, known?.lastSeq ?? 0);
    if (known && events.length === 0) return this.#recheck(folder, id, known);
    const tree = known && !known.tree ? foldRun(folder.runs.events(id, 0)) : foldRun(events, known?.tree ?? undefined);
    return this.#take(folder, id, tree, isDriven(folder.runs, id));
  }

  /** Nothing was written, and yet its driver may have died, or another may be about to go on with it. */
  #recheck({ runs }: RunFolder, id: string, known: AskingRun): boolean {
    const [first] = [...known.questions, ...known.permissions];
    if (!first) return false;
    const driven = isDriven(runs, id);
    if (driven === first.driven) return false;
    if (!driven) known.tree = null;
    // What waited for a yes has died with its driver; whoever goes on asks anew.
    if (!driven) known.permissions = [];
    known.questions = known.questions.map((question) => ({ ...question, driven }));
    return true;
  }

  /** Takes over what the fold of a run says, and keeps it where it will be folded on. Returns whether its questions have changed. */
  #take(folder: RunFolder, id: string, tree: RunTree, keep = false): boolean {
    const before = describe(this.#runs.get(id));
    const asks = { questions: openIn(folder, id, tree), permissions: permissionsIn(folder, id, tree) };
    this.#runs.set(id, { lastSeq: tree.lastSeq, tree: keep ? tree : null, ...asks });
    return before !== describe(asks);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function openIn({ path, runs }: RunFolder, id: string, tree: RunTree): OpenQuestion[] {
  const { run } = tree;
  const open = openCheckpoints(tree);
  if (!run || open.length === 0) return [];
  const driven = isDriven(runs, id);
  return open.flatMap(({ info: { id: call, key, at, checkpoint: asks } }) =>
    asks ? [{ runId: id, runs, key, asks, on: { call, key }, at, run, folder: path, driven }] : [],
  );
}

function isDriven(runs: RunService, id: string): boolean {
  return runs.summary(id)?.status === 'running';
}

/** What of questions can change while their keys stay. */
function describe({ questions, permissions }: Asks = { questions: [], permissions: [] }): string {
  const asked = questions.map(({ key, on, driven, at, run }) => [key, on.call, driven, at, run.digest]);
  return JSON.stringify([asked, permissions.map(({ question, on }) => [question.id, on.call])]);
}
