import { createContext, useContext, useSyncExternalStore } from 'react';
import type { NodeRef } from '../../extension/protocol/run-tree.ts';
import type { FindStore } from './find-store.ts';

const FindContext = createContext<FindStore | null>(null);
export const FindProvider = FindContext.Provider;

export function useFind(): FindStore {
  const store = useContext(FindContext);
  if (!store) throw new Error('There is no search around this component.');
  return store;
}

/** What the filter and the search leave bright, also of groups with something of it in them; null: nothing is filtered or looked for. The same function until that changes. */
export function useFound(): ((ref: NodeRef) => boolean) | null {
  const store = useFind();
  return useSyncExternalStore(store.subscribe, () => store.found);
}
