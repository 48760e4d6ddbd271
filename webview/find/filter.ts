import type { CallNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { type CellState, LOOKS, stateOfCall } from '../states.ts';
import { phaseOf } from '../tree/cells.ts';

/** What a person wants to see; an empty list wants all. */
export interface Filter {
  /** Of calls; `refuted` and `unverified` are the challengers of such claims. */
  states: CellState[];
  /** Titles. */
  phases: string[];
  models: string[];
}

export const EMPTY_FILTER: Filter = { states: [], phases: [], models: [] };

export function isFiltering({ states, phases, models }: Filter): boolean {
  return states.length + phases.length + models.length > 0;
}

export function passes(tree: RunTree, call: CallNode, { states, phases, models }: Filter): boolean {
  if (states.length > 0 && !isOneOf(tree, call, states)) return false;
  if (phases.length > 0 && !phases.includes(phaseOf(call.info))) return false;
  return models.length === 0 || models.includes(modelOf(tree, call));
}

function isOneOf(tree: RunTree, call: CallNode, states: CellState[]): boolean {
  if (states.includes(stateOfCall(tree, call))) return true;
  const claim = call.info.role === 'challenger' && call.info.group !== null ? call.info.group : null;
  const verdict = claim === null ? undefined : tree.groups.get(claim)?.change.verdict?.verdict;
  return verdict !== undefined && verdict !== 'upheld' && states.includes(verdict);
}

/** The model that an agent was asked for, else that of the run; empty where no model is asked. */
export function modelOf(tree: RunTree, { info }: CallNode): string {
  return info.kind === 'agent' ? info.model || tree.run?.model || '' : '';
}

/** A filter that was saved before, as far as it can be made out: what a reload brings may be of another version. */
export function asFilter(saved: unknown): Filter {
  const from = typeof saved === 'object' && saved !== null ? (saved as Record<string, unknown>) : {};
  return {
    states: textsOf(from.states).filter((state): state is CellState => Object.hasOwn(LOOKS, state)),
    phases: textsOf(from.phases),
    models: textsOf(from.models),
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** With the choice, or without it where it was there. */
export function toggled<K extends keyof Filter>(filter: Filter, kind: K, choice: Filter[K][number]): Filter {
  const chosen = filter[kind] as string[];
  const next = chosen.includes(choice) ? chosen.filter((other) => other !== choice) : [...chosen, choice];
  return { ...filter, [kind]: next };
}
