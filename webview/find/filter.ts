import type { CallNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { type CellState, stateOfCall } from '../states.ts';
import { phaseOf } from '../tree/cells.ts';

/** What a person wants to see; an empty list wants all. */
export interface Filter {
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
  if (states.length > 0 && !states.includes(stateOfCall(tree, call))) return false;
  if (phases.length > 0 && !phases.includes(phaseOf(call.info))) return false;
  return models.length === 0 || models.includes(call.info.model || tree.run?.model || '');
}
