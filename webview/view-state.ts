import { createContext, useContext, useSyncExternalStore } from 'react';
import type { NodeRef } from '../extension/protocol/run-tree.ts';
import { asFilter, EMPTY_FILTER, type Filter } from './find/filter.ts';
import type { Host } from './host.ts';
import { asTimelineState, type TimelineState } from './timeline/sight.ts';

export type Selection =
  | { type: 'run' }
  | { type: 'call'; id: number }
  | { type: 'group'; id: number }
  | { type: 'phase'; title: string };
export type ViewName = 'tree' | 'timeline' | 'list' | 'report';

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
  /** Where the timeline was left; null: it shows all of the run. */
  timeline: TimelineState | null;
  /** What is looked for; null where the search is closed. */
  search: string | null;
  filter: Filter;
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
  timeline: null,
  search: null,
  filter: EMPTY_FILTER,
  drafts: {},
};
const NO_DRAFT: Draft = { comment: null, fields: {}, sent: null };

/** What was saved before, also by another version. */
function restored(saved: unknown): ViewState {
  if (typeof saved !== 'object' || saved === null) return INITIAL;
  const state: ViewState = { ...INITIAL, ...saved };
  return {
    ...state,
    timeline: asTimelineState(state.timeline),
    search: typeof state.search === 'string' ? state.search : null,
    filter: asFilter(state.filter),
  };
}

/** Holds the view's state and saves each change with the host. */
export class ViewStore {
  state: ViewState;
  /** What the view that is shown should bring into sight, as soon as it is there. `focus`: and put the focus on what can be done in it. */
  wanted: { ref: NodeRef; focus: boolean } | null = null;
  /** Where the keys are in the tree; null until somebody has walked it with them. */
  cursor: Selection | null = null;
  /** Somebody asked for the search: it takes the focus as soon as it is there. */
  searchAsked = false;
  /** Somebody wants to decide about a tool call: its question takes the focus as soon as it is there. */
  decisionAsked = false;
  private lastSearch = '';
  private readonly host: Host;
  private readonly listeners = new Set<() => void>();

  constructor(host: Host) {
    this.host = host;
    this.state = restored(host.loadState());
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(change: Partial<ViewState>): void {
    this.state = { ...this.state, ...change };
    this.host.saveState(this.state);
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** Another run starts with a clean view; another preview of a script keeps it, but that `carry` says what is selected in it. */
  showRun(runId: string, carry?: (selected: Selection) => Selection | null): void {
    const { runId: before, selected } = this.state;
    if (before === runId) return;
    if (carry) this.change({ runId, selected: selected && carry(selected) });
    else this.change(before === '' ? { runId } : { ...INITIAL, runId });
  }

  select = (selected: Selection | null): void => this.change({ selected });

  /** Shows a call in the tree, with the focus on what can be done in it. */
  bringIntoView = (call: number): void => {
    this.wanted = { ref: { type: 'call', id: call }, focus: true };
    this.change({ view: 'tree' });
  };

  /** Selects a call or a group, and shows it in the view that is open. */
  reveal = (ref: NodeRef): void => {
    this.wanted = { ref, focus: false };
    this.change({ selected: { type: ref.type, id: ref.id } });
  };

  /** Opens the details of a call that waits for a permission, with the focus on what it asks. */
  decide = (call: number): void => {
    this.decisionAsked = true;
    this.reveal({ type: 'call', id: call });
  };

  /** Opens the search with what it had last, over a view that can show what it finds. */
  openSearch = (): void => {
    this.searchAsked = true;
    const { search, view } = this.state;
    this.change({ search: search ?? this.lastSearch, view: view === 'report' ? 'tree' : view });
  };

  closeSearch = (): void => {
    this.lastSearch = this.state.search ?? '';
    this.change({ search: null });
  };

  /** Moves the cursor of the keys; what it comes to is brought into sight, and not selected. */
  moveCursor = (cursor: Selection | null): void => {
    this.cursor = cursor;
    if (cursor?.type === 'call' || cursor?.type === 'group') this.wanted = { ref: cursor, focus: false };
    this.tell();
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

/** Where the keys are in the tree. */
export function useCursor<T>(select: (cursor: Selection | null) => T): T {
  const store = useView();
  return useSyncExternalStore(store.subscribe, () => select(store.cursor));
}

export function useDraft(key: string): Draft {
  const store = useView();
  return useSyncExternalStore(store.subscribe, () => store.draftOf(key));
}
