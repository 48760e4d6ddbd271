import type { GroupNode, NodeRef, PhaseNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { type CellState, standingOf } from '../states.ts';
import { gather, ownStages, phaseOf, pipelineRows, sizeOf } from './cells.ts';
import { type Candidate, pickStable } from './pick.ts';

/** What stands in a phase's column, from top to bottom. Ids are those of groups and calls. */
export type Section =
  | { kind: 'waffle'; group: number; round: number | null; count: number; unit: number }
  | { kind: 'matrix'; group: number; round: number | null; rows: number; stages: number }
  | { kind: 'converge'; group: number; rounds: number }
  | { kind: 'claims'; shown: number[]; rest: number[] }
  | { kind: 'agents'; shown: number[]; rest: number[] }
  | { kind: 'cards'; shown: number[]; working: number; failed: number };

/** Cards shown the last time, by phase and kind, so that a card keeps its place while it deserves one. */
export type Memory = Map<string, number[]>;

export const MATRIX_ROWS = 24;
const FEW_CLAIMS = 12;
const CLAIM_CARDS = 9;
const FEW_AGENTS = 10;
const FEW_IN_GROUP = 6;
const CARDS = 8;
const FAILED_CARDS = 4;
const WORKING_CARDS = 5;
const WORKING_CLAIMS = 4;
const UNDECIDED_CLAIMS = 2;

export function sectionsOf(tree: RunTree, phase: PhaseNode, memory: Memory, unfolded: ReadonlySet<string>): Section[] {
  const panels: Section[] = [];
  const loose: number[] = [];
  for (const ref of phase.roots) {
    if (ref.type === 'call') loose.push(ref.id);
    else panels.push(...panelsOf(tree, ref.id, phase.title));
  }
  const claims = gather(tree, phase.roots, phase.title).claims;
  return [
    ...agentSection(tree, phase.title, loose, memory, unfolded),
    ...panels,
    ...claimSection(tree, phase.title, claims, memory, unfolded),
    ...cardSection(tree, phase, panels, memory),
  ];
}

/** The panels of a group. One that only wraps another phase's work is not drawn: it would say what that column says. */
function panelsOf(tree: RunTree, id: number, phase: string): Section[] {
  const group = tree.groups.get(id);
  if (!group || group.info.kind === 'challenge') return [];
  if (group.info.kind === 'converge') return convergePanels(tree, group, phase);
  return ownPanels(tree, group, null, phase);
}

function convergePanels(tree: RunTree, group: GroupNode, phase: string): Section[] {
  const rounds = groupsIn(tree, group.children).filter((child) => child.info.kind === 'round');
  const panels = rounds.flatMap((round) => {
    const inner = groupsIn(tree, round.children).filter(
      (child) => gather(tree, child.children, phase).calls.length > 0,
    );
    const direct = round.children.some((ref) => ref.type === 'call');
    const only = inner.length === 1 && !direct ? inner[0] : undefined;
    return ownPanels(tree, only ?? round, round.info.id, phase);
  });
  return [...panels, { kind: 'converge', group: group.info.id, rounds: rounds.length }];
}

function ownPanels(tree: RunTree, group: GroupNode, round: number | null, phase: string): Section[] {
  const calls = gather(tree, group.children, phase).calls;
  if (calls.length === 0) return [];
  const base = { group: group.info.id, round };
  if (group.info.kind !== 'pipeline') return [{ kind: 'waffle', ...base, count: sizeOf(group, calls.length), unit: 1 }];
  const rows = pipelineRows(group);
  if (rows <= MATRIX_ROWS) return [{ kind: 'matrix', ...base, rows, stages: Math.max(1, group.info.stages) }];
  const unit = Math.max(1, ownStages(tree, group, phase).length);
  return [{ kind: 'waffle', ...base, count: rows * unit, unit }];
}

export function groupsIn(tree: RunTree, refs: NodeRef[]): GroupNode[] {
  return refs.flatMap((ref) => (ref.type === 'group' ? (tree.groups.get(ref.id) ?? []) : []));
}

function agentSection(
  tree: RunTree,
  phase: string,
  ids: number[],
  memory: Memory,
  unfolded: ReadonlySet<string>,
): Section[] {
  if (ids.length === 0) return [];
  const open = ids.length <= FEW_AGENTS || unfolded.has(`agents:${phase}`);
  if (open) return [{ kind: 'agents', shown: ids, rest: [] }];
  const rank = (state: CellState | undefined) =>
    state === 'working' ? 3 : state === 'failed' ? 2 : state === 'waiting' ? 0 : 1;
  const shown = pickStable(
    memory,
    `agents:${phase}`,
    ids.map((id) => ({ id, rank: rank(tree.calls.get(id)?.state) })),
    FEW_AGENTS,
  );
  return [{ kind: 'agents', shown, rest: without(ids, shown) }];
}

function claimSection(
  tree: RunTree,
  phase: string,
  claims: GroupNode[],
  memory: Memory,
  unfolded: ReadonlySet<string>,
): Section[] {
  if (claims.length === 0) return [];
  const ids = claims.map((claim) => claim.info.id);
  if (ids.length <= FEW_CLAIMS || unfolded.has(`claims:${phase}`)) return [{ kind: 'claims', shown: ids, rest: [] }];
  const key = `claims:${phase}`;
  const shown = pickStable(memory, key, rankClaims(tree, claims, new Set(memory.get(key))), CLAIM_CARDS);
  return [{ kind: 'claims', shown, rest: without(ids, shown) }];
}

/** Claims at work and undecided ones come first, but only a few of each: the others stay long enough to be read. */
function rankClaims(tree: RunTree, claims: GroupNode[], shownBefore: Set<number>): Candidate[] {
  const rank: Partial<Record<CellState, number>> = { succeeded: 2, unverified: 1.5, refuted: 1 };
  const ranked = claims.map((claim) => ({ id: claim.info.id, state: standingOf(tree, claim).state }));
  const byShown = (a: { id: number }, b: { id: number }) =>
    Number(shownBefore.has(b.id)) - Number(shownBefore.has(a.id)) || a.id - b.id;
  const working = ranked.filter((claim) => claim.state === 'working').sort(byShown);
  const undecided = ranked.filter((claim) => claim.state === 'unverified').sort(byShown);
  const first = new Set(
    [...working.slice(0, WORKING_CLAIMS), ...undecided.slice(0, UNDECIDED_CLAIMS)].map(({ id }) => id),
  );
  const places: CellState[] = ['working', 'succeeded', 'unverified', 'refuted', 'waiting'];
  return ranked.map(({ id, state }) => {
    return { id, rank: first.has(id) ? 3 : (rank[state] ?? 0), place: places.indexOf(state) };
  });
}

/** Squares that deserve a card too: at work, failed, and all of a small group. */
function cardSection(tree: RunTree, phase: PhaseNode, panels: Section[], memory: Memory): Section[] {
  const working: number[] = [];
  const failed: number[] = [];
  const few: number[] = [];
  for (const panel of panels) {
    if (panel.kind !== 'waffle' && panel.kind !== 'matrix') continue;
    const group = tree.groups.get(panel.group);
    if (!group) continue;
    const { calls } = gather(tree, group.children, phase.title);
    // A matrix names its rows; squares say nothing of themselves.
    const all = panel.kind === 'waffle' && calls.length <= FEW_IN_GROUP;
    for (const call of calls) {
      if (call.state === 'working') working.push(call.info.id);
      else if (call.state === 'failed') failed.push(call.info.id);
      else if (all) few.push(call.info.id);
    }
  }
  const key = `cards:${phase.title}`;
  const before = new Set(memory.get(key));
  const candidates = [
    ...firstOf(failed, before, FAILED_CARDS).map((id) => ({ id, rank: 3 })),
    ...firstOf(working, before, WORKING_CARDS).map((id) => ({ id, rank: 2 })),
    ...few.map((id) => ({ id, rank: 1 })),
  ].sort((a, b) => a.id - b.id);
  const shown = pickStable(memory, key, candidates, CARDS);
  const rest = { working: without(working, shown).length, failed: without(failed, shown).length };
  return shown.length === 0 ? [] : [{ kind: 'cards', shown, ...rest }];
}

function firstOf(ids: number[], before: Set<number>, length: number): number[] {
  return [...ids].sort((a, b) => Number(before.has(b)) - Number(before.has(a)) || a - b).slice(0, length);
}

function without(ids: number[], taken: number[]): number[] {
  const set = new Set(taken);
  return ids.filter((id) => !set.has(id));
}

/** Agents of a phase that stand in no group of the phase, and those in its panels: what its header counts. */
export function headlineOf(tree: RunTree, phase: PhaseNode): { claims: number } {
  return {
    claims: gather(tree, phase.roots, phase.title).claims.filter((claim) => phaseOf(claim.info) === phase.title).length,
  };
}
