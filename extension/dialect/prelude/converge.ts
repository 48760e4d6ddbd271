import { canonicalJson, type Json } from '../../protocol/json.ts';
import type { Estimate } from '../../protocol/sandbox-wire.ts';
import { warnOfUnknown } from './agent.ts';
import { exhaustedCalls, isExhaustion } from './calls.ts';
import { estimateTotal } from './chao.ts';
import { type Caller, caller } from './errors.ts';
import { changeGroup, openGroup } from './groups.ts';
import { nameOfType } from './json-copy.ts';
import { enterScope, inScope } from './scope.ts';

type RoundFunction = (state: { round: number; seen: unknown[]; fresh: unknown[] }) => unknown;
type StopReason = 'dry' | 'maxRounds' | 'budget';

export interface Convergence {
  items: unknown[];
  rounds: number;
  stopped: StopReason;
  estimate: Estimate;
}

/** What all rounds together have found: every item once, by its key, with the number of rounds it turned up in. */
class Sightings {
  readonly items: unknown[] = [];
  private readonly rounds = new Map<string, number>();
  private readonly key: (item: unknown) => string;
  constructor(key: (item: unknown) => string) {
    this.key = key;
  }

  /** Takes in one round's items and returns those never seen before. An item of null is a failed agent, and no item. */
  add(found: unknown[]): unknown[] {
    const fresh: unknown[] = [];
    const inRound = new Set<string>();
    for (const item of found) {
      if (item === null || item === undefined) continue;
      const key = this.key(item);
      if (inRound.has(key)) continue;
      inRound.add(key);
      const before = this.rounds.get(key) ?? 0;
      if (before === 0) fresh.push(item);
      this.rounds.set(key, before + 1);
    }
    this.items.push(...fresh);
    return fresh;
  }

  estimate(): Estimate {
    return estimateTotal([...this.rounds.values()]);
  }
}

/**
 * The global `converge()`: repeats a round until some in a row bring nothing that was not seen before, or the rounds
 * or the run's budget are used up. What was seen counts, not what was confirmed later, or it would never end.
 * @throws TypeError, RangeError for arguments that can never work; whatever a round throws, but for a spent budget.
 */
export async function converge(round: unknown, options: unknown = {}): Promise<Convergence> {
  if (typeof round !== 'function')
    throw new TypeError(`converge() expects a function first, not ${nameOfType(round)}.`);
  const from = caller();
  const { key, dryRounds, maxRounds } = readOptions(options, from);
  const sightings = new Sightings(key);
  const group = openGroup({ kind: 'converge', size: 0 }, from.scope);
  try {
    const run = (number: number, fresh: unknown[]) => runRound(round as RoundFunction, group, number, sightings, fresh);
    const { rounds, stopped } = await repeat(run, group, sightings, dryRounds, maxRounds);
    const estimate = sightings.estimate();
    changeGroup(group, { total: sightings.items.length, stopped, estimate, closed: true });
    return { items: sightings.items, rounds, stopped, estimate };
  } catch (error) {
    changeGroup(group, { closed: true });
    throw error;
  } finally {
    enterScope(from.scope);
  }
}

async function repeat(
  run: (number: number, fresh: unknown[]) => Promise<unknown[] | null>,
  group: number,
  sightings: Sightings,
  dryRounds: number,
  maxRounds: number,
): Promise<{ rounds: number; stopped: StopReason }> {
  let fresh: unknown[] = [];
  let dry = 0;
  for (let number = 1; number <= maxRounds; number += 1) {
    const refusedBefore = exhaustedCalls();
    const found = await run(number, fresh);
    if (found === null) return { rounds: number, stopped: 'budget' };
    fresh = found;
    changeGroup(group, { fresh: fresh.length, total: sightings.items.length });
    // A spent budget never comes back; a round that swallowed the refusals only looks dry.
    if (exhaustedCalls() > refusedBefore) return { rounds: number, stopped: 'budget' };
    dry = fresh.length === 0 ? dry + 1 : 0;
    if (dry >= dryRounds) return { rounds: number, stopped: 'dry' };
  }
  return { rounds: maxRounds, stopped: 'maxRounds' };
}

/** The items that were new; null where the run's budget ended the round. */
async function runRound(
  round: RoundFunction,
  parent: number,
  number: number,
  sightings: Sightings,
  fresh: unknown[],
): Promise<unknown[] | null> {
  const group = openGroup({ kind: 'round', size: 0, label: `round ${number}` }, { group: parent, slot: [number - 1] });
  try {
    const state = { round: number, seen: [...sightings.items], fresh: [...fresh] };
    const found = await inScope({ group, slot: [] }, () => round(state));
    if (!Array.isArray(found)) {
      throw new TypeError(
        `converge() expects each round to return an array of items; round ${number} gave ${nameOfType(found)}.`,
      );
    }
    const added = sightings.add(found);
    changeGroup(group, { fresh: added.length, closed: true });
    return added;
  } catch (error) {
    changeGroup(group, { closed: true });
    if (error instanceof Error && isExhaustion(error.name)) return null;
    throw error;
  }
}

function readOptions(
  given: unknown,
  from: Caller,
): { key: (item: unknown) => string; dryRounds: number; maxRounds: number } {
  const options = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  warnOfUnknown('converge', options, ['key', 'dryRounds', 'maxRounds'], from.at);
  const { key } = options;
  if (key !== undefined && typeof key !== 'function') {
    throw new TypeError(`converge() expects opts.key as a function, not ${nameOfType(key)}.`);
  }
  return {
    key: key ? (item) => String(key(item)) : (item) => canonicalJson(item as Json),
    dryRounds: wholeNumber(options.dryRounds, 'dryRounds', 2),
    maxRounds: wholeNumber(options.maxRounds, 'maxRounds', 10),
  };
}

function wholeNumber(value: unknown, name: string, standard: number): number {
  if (value === undefined || value === null) return standard;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`converge() expects opts.${name} as a whole number from 1.`);
}
