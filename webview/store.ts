import { createContext, useContext, useRef, useSyncExternalStore } from 'react';
import type { EventsMessage, HostToView, PreviewMessage } from '../extension/protocol/panel-messages.ts';
import type { Preview } from '../extension/protocol/preview.ts';
import type { RunStatus } from '../extension/protocol/run-events.ts';
import {
  type CallNode,
  cutOff,
  emptyRunTree,
  foldRun,
  type GroupNode,
  type PhaseNode,
  type RunTree,
} from '../extension/protocol/run-tree.ts';
import type { Host } from './host.ts';
import { isOpenQuestion, speakOfPlans } from './states.ts';
import { PhaseChanges } from './tree/changes.ts';

/**
 * The run as the view has it: folds events as they come and tells its readers at most once a frame.
 * The tree changes in place; a node that changed is a new object, so each reader compares its own node alone.
 */
export class RunStore {
  readonly host: Host;
  tree: RunTree = emptyRunTree();
  runId = '';
  /** Counts the frames in which something changed. */
  version = 0;
  /** What changed of the picture, phase by phase. */
  readonly changes = new PhaseChanges();
  readonly clock = new Clock();
  /** Whether the backlog has arrived. */
  loaded = false;
  /** The folder is not trusted: nothing may be done to its runs. */
  restricted = false;
  /** Why there is no run to show, if there is none. */
  gone: string | null = null;
  /** How the preview stands that is shown; null where a run is. */
  preview: PreviewMessage | null = null;
  /** The latest preview that there was, which the tree is of, also while the script has none. */
  previewed: Preview | null = null;
  /** The tree before this one, of the preview before this one. */
  before: RunTree = emptyRunTree();
  /** Parts of another preview, until all of it is here: what is on the screen stays whole. */
  private coming: EventsMessage | null = null;
  /** Time of the latest event or progress. */
  lastAt = 0;
  private telling = false;
  private lastTold = 0;
  private lastCost = 0;
  private asked = -1;
  private asking: Asking = { questions: [], permissions: [] };
  private askingAt = -1;
  private readonly listeners = new Set<() => void>();

  constructor(host: Host) {
    this.host = host;
    host.listen((message) => this.receive(message));
    host.subscribe(0);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** For what counts the time: it may stop with any event. */
  subscribeClock = (listener: () => void): (() => void) => {
    const unsubscribe = this.subscribe(listener);
    const stop = this.clock.subscribe(listener);
    return () => {
      unsubscribe();
      stop();
    };
  };

  status(): RunStatus {
    return this.tree.status;
  }

  /** The time to count to, in milliseconds since the epoch: that of the clock while the run goes, else of its last event. */
  now(): number {
    const live = this.tree.status === 'running' && this.host.generatedAt === null;
    return live ? Math.max(this.clock.now, this.lastAt) : this.lastAt;
  }

  /** The questions that a person can answer now, in order of issue; the same array while they are the same. */
  questions(): CallNode[] {
    return this.askingNow().questions;
  }

  /** The calls that wait for a person's yes or no to a tool call, in the same way. */
  permissions(): CallNode[] {
    return this.askingNow().permissions;
  }

  private askingNow(): Asking {
    if (this.askingAt === this.changes.count) return this.asking;
    this.askingAt = this.changes.count;
    const calls = [...this.tree.calls.values()];
    const questions = calls.filter((call) => isOpenQuestion(this.tree, call));
    const permissions = calls.filter(({ asks }) => asks.length > 0);
    const before = this.asking;
    this.asking = {
      questions: sameItems(questions, before.questions) ? before.questions : questions,
      permissions: sameItems(permissions, before.permissions) ? before.permissions : permissions,
    };
    return this.asking;
  }

  private receive(message: HostToView): void {
    if (message.type === 'run-gone') {
      this.gone = message.message;
      return this.tell();
    }
    if (message.type === 'preview') return this.takePreview(message);
    if (message.type !== 'events') return;
    const whole = this.preview && message.runId !== this.runId ? this.gather(message) : message;
    if (whole) this.fold(whole);
  }

  private takePreview(message: PreviewMessage): void {
    if (!this.preview) speakOfPlans();
    this.preview = message;
    this.previewed = message.preview ?? this.previewed;
    this.tell();
  }

  private gather(part: EventsMessage): EventsMessage | null {
    const before = this.coming?.runId === part.runId ? this.coming.events : [];
    const whole = { ...part, events: [...before, ...part.events] };
    this.coming = part.more ? whole : null;
    return part.more ? null : whole;
  }

  private fold(message: EventsMessage): void {
    if (message.runId !== this.runId) this.begin(message.runId);
    this.gone = null;
    this.restricted = message.restricted === true;
    // Driven again without a new attempt: what was shown as stopped is not, so it is folded anew.
    if (this.tree.status === 'interrupted' && !message.interrupted && !isAttempt(message)) return this.startOver();
    const first = message.events.find((event) => event.type !== 'call.progress');
    if (first && 'seq' in first && first.seq > this.tree.lastSeq + 1) return this.askAgain();
    foldRun(message.events, this.tree);
    for (const event of message.events) {
      this.lastAt = Math.max(this.lastAt, event.at);
      this.changes.note(this.tree, event);
    }
    if (message.more) return;
    this.loaded = true;
    if (message.interrupted && this.tree.status !== 'interrupted') {
      cutOff(this.tree, this.lastAt);
      this.changes.touchAll();
    }
    this.tell();
  }

  private startOver(): void {
    this.begin(this.runId);
    this.host.subscribe(0);
  }

  private begin(runId: string): void {
    this.runId = runId;
    this.before = this.tree;
    this.tree = emptyRunTree();
    this.changes.touchAll();
    this.asked = -1;
    this.lastAt = 0;
  }

  /** Asks once for each gap: what was under way when it was noticed must not ask again. */
  private askAgain(): void {
    if (this.asked === this.tree.lastSeq) return;
    this.asked = this.tree.lastSeq;
    this.host.subscribe(this.tree.lastSeq);
  }

  /** At the next frame; after a costly one only when twice its time has passed, so that the panel stays usable. */
  private tell(): void {
    if (this.telling) return;
    this.telling = true;
    const wait = this.lastTold + 2 * this.lastCost - performance.now();
    const paint = () => requestAnimationFrame(() => this.tellNow());
    if (wait > FRAME_MS) setTimeout(paint, wait);
    else paint();
  }

  private tellNow(): void {
    this.telling = false;
    this.version += 1;
    const before = performance.now();
    for (const listener of this.listeners) listener();
    // React draws after this has returned, before the next task.
    setTimeout(() => {
      this.lastTold = performance.now();
      this.lastCost = this.lastTold - before;
    }, 0);
  }
}

/** The calls that wait for a person. */
interface Asking {
  questions: CallNode[];
  permissions: CallNode[];
}

/** A frame at 60 a second, in milliseconds. */
const FRAME_MS = 16;

/** A new attempt starts the tree over by itself. */
function isAttempt(message: EventsMessage): boolean {
  return message.events.some((event) => event.type === 'run.started');
}

const StoreContext = createContext<RunStore | null>(null);
export const StoreProvider = StoreContext.Provider;

export function useStore(): RunStore {
  const store = useContext(StoreContext);
  if (!store) throw new Error('There is no store around this component.');
  return store;
}

/** Reads something that changes identity when it changes. */
export function useRun<T>(select: (store: RunStore) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => select(store));
}

export function useCall(id: number): CallNode | undefined {
  return useRun((store) => store.tree.calls.get(id));
}

export function useGroup(id: number): GroupNode | undefined {
  return useRun((store) => store.tree.groups.get(id));
}

export function usePhase(title: string): PhaseNode | undefined {
  return useRun((store) => store.tree.phases.find((phase) => phase.title === title));
}

/** The whole tree, for what looks at all of it; renders in every frame in which anything changed. */
export function useTree(): RunTree {
  const store = useStore();
  useSyncExternalStore(store.subscribe, () => store.version);
  return store.tree;
}

/** The whole tree, for what shows states and what there is, not what is said; renders when some of that changed. */
export function usePicture(): RunTree {
  const store = useStore();
  useSyncExternalStore(store.subscribe, () => store.changes.count);
  return store.tree;
}

/** Reads a list; the same array as long as each of its items is the same. */
export function useItems<T>(select: (store: RunStore) => readonly T[]): readonly T[] {
  const kept = useRef<readonly T[]>([]);
  return useRun((store) => {
    const items = select(store);
    if (!sameItems(items, kept.current)) kept.current = items;
    return kept.current;
  });
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Whether it is a preview: nothing of it was begun, and nothing waits. */
export function usePlanned(): boolean {
  return useRun(({ tree }) => tree.run?.preview === true);
}

/** The questions that a person can answer now, in order of issue. */
export function useQuestions(): CallNode[] {
  return useRun((store) => store.questions());
}

/** The calls that wait for a person's yes or no to a tool call, in order of issue. */
export function usePermissions(): CallNode[] {
  return useRun((store) => store.permissions());
}

/** The time to count to, in milliseconds since the epoch: ticks each second while the run goes and can be seen. */
export function useNow(): number {
  const store = useStore();
  useSyncExternalStore(store.subscribeClock, () => (store.status() === 'running' ? store.clock.now : store.lastAt));
  return store.now();
}

/** Reads something that the time changes; renders only when that came out differently. */
export function useClock<T extends string | number | null>(select: (now: number) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribeClock, () => select(store.now()));
}

/** One tick a second for all that count, and none where nobody does. */
class Clock {
  now = Date.now();
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    if (this.listeners.size === 0) this.now = Date.now();
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.tick(), 1000);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  private tick(): void {
    if (document.visibilityState !== 'visible') return;
    this.now = Date.now();
    for (const listener of this.listeners) listener();
  }
}
