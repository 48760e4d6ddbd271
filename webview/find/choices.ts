import type { RunTree } from '../../extension/protocol/run-tree.ts';
import { line } from '../format.ts';
import { type CellState, LOOKS, stateOfCall } from '../states.ts';
import { phaseOf } from '../tree/cells.ts';
import { isShown } from './bright.ts';
import { type Filter, modelOf } from './filter.ts';
import { phaseName } from './words.ts';

/** One thing to filter by. */
export interface Choice<K extends keyof Filter = keyof Filter> {
  kind: K;
  value: Filter[K][number];
  word: string;
  icon: string;
  /** How many there are of it. */
  count: number;
  chosen: boolean;
}

export const KIND_WORDS: Record<keyof Filter, string> = { states: 'State', phases: 'Phase', models: 'Model' };

/** What a run can be filtered by, kind by kind: what is there in it, and what is chosen. What all share is no choice. */
export function choicesOf(tree: RunTree, filter: Filter): Choice[] {
  const { states, phases, models } = census(tree);
  for (const state of filter.states) count(states, state, 0);
  for (const title of filter.phases) count(phases, title, 0);
  for (const model of filter.models) count(models, model, 0);
  const inOrder = (Object.keys(LOOKS) as CellState[]).filter((state) => states.has(state));
  return [
    ...inOrder.map((state) => stateChoice(state, states.get(state) ?? 0, filter)),
    ...several(phases, filter.phases).map(([title, many]) => named('phases', title, many, phaseName(title), filter)),
    ...several(models, filter.models).map(([model, many]) =>
      named('models', model, many, line(model, 80) || 'no model', filter),
    ),
  ];
}

/** Those that are chosen, of whatever kind. */
export function chosenOf(filter: Filter): Choice[] {
  return [
    ...filter.states.map((state) => stateChoice(state, 0, filter)),
    ...filter.phases.map((title) => named('phases', title, 0, phaseName(title), filter)),
    ...filter.models.map((model) => named('models', model, 0, line(model, 80) || 'no model', filter)),
  ];
}

function stateChoice(state: CellState, many: number, { states }: Filter): Choice {
  const { icon, word } = LOOKS[state];
  const ofClaim = state === 'refuted' || state === 'unverified';
  return {
    kind: 'states',
    value: state,
    word: ofClaim ? `${word} claim` : word,
    icon,
    count: many,
    chosen: states.includes(state),
  };
}

function named(kind: 'phases' | 'models', value: string, many: number, word: string, filter: Filter): Choice {
  const icon = kind === 'phases' ? 'layers' : 'chip';
  return { kind, value, word, icon, count: many, chosen: filter[kind].includes(value) };
}

/** One of a kind is no choice, unless it was chosen when there were more. */
function several(counts: Map<string, number>, chosen: string[]): [string, number][] {
  return counts.size > 1 || chosen.length > 0 ? [...counts] : [];
}

/** How many calls there are of each; of claims, how many claims. */
function census(tree: RunTree) {
  const states = new Map<CellState, number>();
  const phases = new Map<string, number>();
  const models = new Map<string, number>();
  for (const { title } of tree.phases) count(phases, title, 0);
  for (const call of tree.calls.values()) {
    if (!isShown(call)) continue;
    count(states, stateOfCall(tree, call));
    count(phases, phaseOf(call.info));
    const model = modelOf(tree, call);
    if (model) count(models, model);
  }
  for (const { change } of tree.groups.values()) {
    const verdict = change.verdict?.verdict;
    if (verdict === 'refuted' || verdict === 'unverified') count(states, verdict);
  }
  return { states, phases, models };
}

function count<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
