import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Host } from './host.ts';

export type Selection = { type: 'call'; id: number } | { type: 'group'; id: number } | { type: 'phase'; title: string };
export type ViewName = 'tree' | 'list' | 'report';

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
}

const INITIAL: ViewState = { runId: '', view: 'tree', selected: null, unfolded: [], logOpen: false, viewport: null };

/** Holds the view's state and saves each change with the host. */
export class ViewStore {
  state: ViewState;
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

export function sameSelection(a: Selection | null, b: Selection | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.type === 'phase' || b.type === 'phase') return a.type === 'phase' && b.type === 'phase' && a.title === b.title;
  return a.type === b.type && a.id === b.id;
}
