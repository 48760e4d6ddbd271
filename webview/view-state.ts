import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Host } from './host.ts';

export type Selection =
  | { type: 'run' }
  | { type: 'call'; id: number }
  | { type: 'group'; id: number }
  | { type: 'phase'; title: string };
export type ViewName = 'tree' | 'list' | 'report';

/** An answer that is not given yet. */
export interface Draft {
  /** Null: nobody has asked for a comment. */
  comment: string | null;
  /** What was typed, by the name of the field. */
  fields: Record<string, string>;
  /** The choice of the answer that was sent, until the run tells of it. */
  sent: string | null;
}

/** What the person has chosen to look at; survives a reload of the panel. */
export interface ViewState {
  /** The serializer of the host finds the run by it. */
  runId: string;
  view: ViewName;
  selected: Selection | null;
  /** Keys of the folds that were opened. */
  unfolded: string[];
  logOpen: boolean;
  viewport: { x: number; y: number; zoom: number } | null;
  /** By the key of the checkpoint: a panel that is hidden ends, and what was typed should not. */
  drafts: Record<string, Draft>;
}

const INITIAL: ViewState = {
  runId: '',
  view: 'tree',
  selected: null,
  unfolded: [],
  logOpen: false,
  viewport: null,
  drafts: {},
};
const NO_DRAFT: Draft = { comment: null, fields: {}, sent: null };

/** Holds the view's state and saves each change with the host. */
export class ViewStore {
  state: ViewState;
  /** The call that the tree should bring into view, as soon as it is there. */
  wanted: number | null = null;
  private readonly host: Host;
  private readonly listeners = new Set<() => void>();

  constructor(host: Host) {
    this.host = host;
    const saved = host.loadState();
    this.state = typeof saved === 'object' && saved !== null ? { ...INITIAL, ...saved } : INITIAL;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(change: Partial<ViewState>): void {
    this.state = { ...this.state, ...change };
    this.host.saveState(this.state);
    for (const listener of this.listeners) listener();
  }

  /** Another run starts with a clean view. */
  showRun(runId: string): void {
    if (this.state.runId === runId) return;
    this.change(this.state.runId === '' ? { runId } : { ...INITIAL, runId });
  }

  select = (selected: Selection | null): void => this.change({ selected });

  bringIntoView = (call: number): void => {
    this.wanted = call;
    this.change({ view: 'tree' });
  };

  broughtIntoView(): void {
    this.wanted = null;
  }

  draftOf(key: string): Draft {
    return Object.hasOwn(this.state.drafts, key) ? (this.state.drafts[key] ?? NO_DRAFT) : NO_DRAFT;
  }

  changeDraft(key: string, change: Partial<Draft>): void {
    this.change({ drafts: { ...this.state.drafts, [key]: { ...this.draftOf(key), ...change } } });
  }

  toggleFold = (key: string): void => {
    const { unfolded } = this.state;
    this.change({ unfolded: unfolded.includes(key) ? unfolded.filter((other) => other !== key) : [...unfolded, key] });
  };
}

const ViewContext = createContext<ViewStore | null>(null);
export const ViewProvider = ViewContext.Provider;

export function useView(): ViewStore {
  const store = useContext(ViewContext);
  if (!store) throw new Error('There is no view around this component.');
  return store;
}

export function useViewState<T>(select: (state: ViewState) => T): T {
  const store = useView();
  return useSyncExternalStore(store.subscribe, () => select(store.state));
}

export function useDraft(key: string): Draft {
  const store = useView();
  return useSyncExternalStore(store.subscribe, () => store.draftOf(key));
}
