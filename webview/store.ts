import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { EventsMessage, HostToView } from '../extension/protocol/panel-messages.ts';
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
import { isOpenQuestion } from './states.ts';

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
  /** Whether the backlog has arrived. */
  loaded = false;
  /** Why there is no run to show, if there is none. */
  gone: string | null = null;
  /** Time of the latest event or progress. */
  lastAt = 0;
  private telling = false;
  private lastTold = 0;
  private lastCost = 0;
  private asked = -1;
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

  status(): RunStatus {
    return this.tree.status;
  }

  private receive(message: HostToView): void {
    if (message.type === 'run-gone') {
      this.gone = message.message;
      return this.tell();
    }
    if (message.type === 'events') this.fold(message);
  }

  private fold(message: EventsMessage): void {
    if (message.runId !== this.runId) this.begin(message.runId);
    this.gone = null;
    // Driven again without a new attempt: what was shown as stopped is not, so it is folded anew.
    if (this.tree.status === 'interrupted' && !message.interrupted && !isAttempt(message)) return this.startOver();
    const first = message.events.find((event) => event.type !== 'call.progress');
    if (first && 'seq' in first && first.seq > this.tree.lastSeq + 1) return this.askAgain();
    foldRun(message.events, this.tree);
    for (const event of message.events) this.lastAt = Math.max(this.lastAt, event.at);
    if (message.more) return;
    this.loaded = true;
    if (message.interrupted) cutOff(this.tree, this.lastAt);
    this.tell();
  }

  private startOver(): void {
    this.begin(this.runId);
    this.host.subscribe(0);
  }

  private begin(runId: string): void {
    this.runId = runId;
    this.tree = emptyRunTree();
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

/** The questions that a person can answer now, in order of issue. */
export function useQuestions(): CallNode[] {
  const tree = useTree();
  const { version } = useStore();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tree changes in place, with a version each time.
  return useMemo(() => [...tree.calls.values()].filter((call) => isOpenQuestion(tree, call)), [tree, version]);
}

/** The time to count to, in milliseconds since the epoch: ticks each second while the run goes and can be seen. */
export function useNow(): number {
  const store = useStore();
  const status = useRun((current) => current.status());
  const live = status === 'running' && store.host.generatedAt === null;
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!live) return;
    setNow(Date.now());
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now());
    }, 1000);
    return () => clearInterval(timer);
  }, [live]);
  return live ? Math.max(now, store.lastAt) : store.lastAt;
}
