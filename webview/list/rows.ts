import type { CallNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { quietOf } from '../../extension/protocol/wait-words.ts';
import { endWords, waitsWords } from '../checkpoint/words.ts';
import { type Filter, isFiltering, modelOf, passes } from '../find/filter.ts';
import { elapsedOf, line, totalTokens } from '../format.ts';
import { type CellState, fullLabel, isOpenQuestion, markOf, stateOfCall } from '../states.ts';
import { doingOf } from '../tree/agent-box.tsx';
import { phaseOf } from '../tree/cells.ts';

export type ColumnName = 'state' | 'name' | 'phase' | 'now' | 'model' | 'elapsed' | 'tokens' | 'cost';

/** By which column, and whether the largest comes first; null: in the order of issue. */
export type Sorting = { by: ColumnName; down: boolean } | null;

/** What has a row; timers and the like are the script's own affair. */
const KINDS: ReadonlySet<CallNode['info']['kind']> = new Set(['agent', 'checkpoint', 'tool']);

/** Ids of the calls that the filter lets through, sorted; what is equal stays in the order of issue. `now`: milliseconds since the epoch. */
export function rowsOf(tree: RunTree, filter: Filter, sorting: Sorting, now: number): number[] {
  const filters = isFiltering(filter);
  const rows: CallNode[] = [];
  for (const call of tree.calls.values()) {
    if (KINDS.has(call.info.kind) && (!filters || passes(tree, call, filter))) rows.push(call);
  }
  return (sorting ? sorted(tree, rows, sorting, now) : rows).map(({ info }) => info.id);
}

export interface Counts {
  /** How many rows there would be of each state, whatever states are asked for. */
  byState: Map<CellState, number>;
  /** Of all rows that there are. */
  total: number;
}

export function countStates(tree: RunTree, { phases, models }: Filter): Counts {
  const rest: Filter = { states: [], phases, models };
  const filters = isFiltering(rest);
  const counts: Counts = { byState: new Map(), total: 0 };
  for (const call of tree.calls.values()) {
    if (!KINDS.has(call.info.kind)) continue;
    counts.total += 1;
    if (filters && !passes(tree, call, rest)) continue;
    const state = stateOfCall(tree, call);
    counts.byState.set(state, (counts.byState.get(state) ?? 0) + 1);
  }
  return counts;
}

/**
 * What the order of the rows depends on beside the filter and the sorting: while it stays the same, so do they. What
 * changes with each word of an agent is looked at once a second.
 */
export function stampOf(tree: RunTree, filter: Filter, sorting: Sorting, now: number): string {
  const live = sorting?.by === 'elapsed' || sorting?.by === 'tokens' || sorting?.by === 'cost' || sorting?.by === 'now';
  const changing = live || sorting?.by === 'state' || filter.states.length > 0;
  return `${tree.attempt} ${tree.status} ${tree.calls.size} ${changing ? tree.lastSeq : 0} ${live ? now : 0}`;
}

const NUMBERS: ReadonlySet<ColumnName> = new Set(['elapsed', 'tokens', 'cost', 'state']);
const collator = new Intl.Collator(undefined, { numeric: true });

function sorted(tree: RunTree, rows: CallNode[], { by, down }: NonNullable<Sorting>, now: number): CallNode[] {
  const turn = down ? -1 : 1;
  if (NUMBERS.has(by)) {
    const keyed = rows.map((call) => ({ call, key: numberOf(tree, call, by, now) }));
    // What has no number comes last, whichever way it is sorted.
    keyed.sort((a, b) => (a.key === null ? 1 : 0) - (b.key === null ? 1 : 0) || turn * ((a.key ?? 0) - (b.key ?? 0)));
    return keyed.map(({ call }) => call);
  }
  const keyed = rows.map((call) => ({ call, key: textOf(tree, call, by, now) }));
  keyed.sort((a, b) => (a.key === '' ? 1 : 0) - (b.key === '' ? 1 : 0) || turn * collator.compare(a.key, b.key));
  return keyed.map(({ call }) => call);
}

/** What a person looks for first comes first. */
export const STATE_ORDER: CellState[] = [
  'asks',
  'failed',
  'working',
  'waiting',
  'stopped',
  'skipped',
  'succeeded',
  'reused',
];

function numberOf(tree: RunTree, call: CallNode, by: ColumnName, now: number): number | null {
  if (by === 'state') return STATE_ORDER.indexOf(stateOfCall(tree, call));
  if (by === 'elapsed') return elapsedIn(call, now);
  if (by === 'cost') return call.usage.costUsd || null;
  return totalTokens(call.usage) || null;
}

function textOf(tree: RunTree, call: CallNode, by: ColumnName, now: number): string {
  if (by === 'phase') return phaseOf(call.info);
  if (by === 'model') return modelOf(tree, call);
  return by === 'now' ? nowOf(tree, call, now) : nameOf(tree, call);
}

/** A question by what it asks, all else by its label. */
export function nameOf(tree: RunTree, call: CallNode): string {
  const { checkpoint } = call.info;
  return checkpoint ? line(checkpoint.question, 160) : fullLabel(tree, call);
}

/** A question counts from when it was asked, in whatever attempt. */
export function elapsedIn(call: CallNode, now: number): number | null {
  const { checkpoint } = call.info;
  if (!checkpoint) return elapsedOf(call, now);
  return call.state === 'waiting' ? null : Math.max(0, (call.endedAt ?? now) - checkpoint.askedAt);
}

/** What it does now, what became of it, or since when it waits. */
export function nowOf(tree: RunTree, call: CallNode, now: number): string {
  const { checkpoint } = call.info;
  if (checkpoint) {
    if (isOpenQuestion(tree, call)) return waitsWords(checkpoint, now);
    const choice = call.settled?.answer?.choice;
    return [choice && `“${line(choice, 80)}”`, endWords(call)].filter(Boolean).join(' · ');
  }
  if (call.settled?.vote) return markOf(call).word;
  if (call.state === 'succeeded') return '';
  // What comes first is seen in a narrow column, too.
  const askedAt = call.asks[0]?.askedAt;
  const waits = askedAt === undefined ? '' : waitsWords({ askedAt }, now);
  return [quietOf(tree, call, now), doingOf(call), waits].filter(Boolean).join(' · ');
}
