import {
  ancestors,
  type GroupNode,
  type NodeRef,
  type PhaseNode,
  type RunTree,
} from '../../extension/protocol/run-tree.ts';
import { type CellState, isOpenQuestion, standingOf } from '../states.ts';
import { type Gathered, gather, ownStages, phaseOf, pipelineRows, sizeOf } from './cells.ts';
import { type Candidate, pickStable } from './pick.ts';

/** What stands in a phase's column, from top to bottom. Ids are those of groups and calls. */
export type Section =
  | WaffleSection
  | { kind: 'matrix'; group: number; round: number | null; rows: number; stages: number }
  | { kind: 'converge'; group: number; rounds: number }
  | FoldableSection
  | { kind: 'cards'; key: string; shown: number[]; working: number; failed: number }
  /** A script that was called: a frame around what it does in this phase. */
  | { kind: 'frame'; group: number; sections: Section[] };

/** A square an agent; or a card, of the first of them, once a person has unfolded it. */
export interface WaffleSection {
  kind: 'waffle';
  group: number;
  round: number | null;
  count: number;
  unit: number;
  tiled: boolean;
  /** Names the fold. */
  key: string;
  cards: OpenWaffle | null;
}

export interface OpenWaffle {
  shown: number[];
  rest: number[];
  /** Unfolds the next of them. */
  restKey: string;
}

/** Some of many things as cards, `rest` as squares. `key` names the fold, and what was shown before. */
export interface FoldableSection {
  kind: 'claims' | 'agents' | 'questions' | 'tools' | 'judges' | 'workflows';
  key: string;
  shown: number[];
  rest: number[];
}

/** Cards shown the last time, by place and kind, so that a card keeps its place while it deserves one. */
export type Memory = Map<string, number[]>;

export const MATRIX_ROWS = 24;
const FEW_CLAIMS = 12;
const CLAIM_CARDS = 9;
const FEW_AGENTS = 10;
const FEW_IN_GROUP = 6;
const MOST_TILES = 18;
const CARDS = 8;
const FAILED_CARDS = 4;
const WORKING_CARDS = 5;
const WORKING_CLAIMS = 4;
const UNDECIDED_CLAIMS = 2;
const MOST_QUESTIONS = 5;
const MOST_TOOLS = 6;
const MOST_JUDGES = 3;
const MOST_FRAMES = 4;
/** A group that is unfolded shows so many cards, and as many more each time that its rest is unfolded. */
const CARDS_AT_ONCE = 60;

/** A part of the run that is drawn by itself: a phase, or what a called script does in one. */
interface Part {
  tree: RunTree;
  phase: string;
  /** Distinguishes it from all others in `memory` and among the folds. */
  scope: string;
  memory: Memory;
  unfolded: ReadonlySet<string>;
}

export function sectionsOf(tree: RunTree, phase: PhaseNode, memory: Memory, unfolded: ReadonlySet<string>): Section[] {
  const part: Part = { tree, phase: phase.title, scope: phase.title, memory, unfolded };
  const own: NodeRef[] = [];
  const called = new Map<number, NodeRef[]>();
  for (const ref of phase.roots) {
    const caller = callingWorkflow(tree, ref);
    if (caller === null) own.push(ref);
    else called.set(caller, [...(called.get(caller) ?? []), ref]);
  }
  return sectionsIn(part, own, called);
}

/** The called script that something belongs to, though its phase is another one than that of the call. */
function callingWorkflow(tree: RunTree, ref: NodeRef): number | null {
  const parent = ref.type === 'call' ? tree.calls.get(ref.id)?.info.group : tree.groups.get(ref.id)?.info.parent;
  let outermost: number | null = null;
  for (const { info } of ancestors(tree, parent ?? null)) if (info.kind === 'workflow') outermost = info.id;
  return outermost;
}

function sectionsIn(part: Part, refs: NodeRef[], called = new Map<number, NodeRef[]>()): Section[] {
  const { tree, phase } = part;
  const loose: number[] = [];
  const panels: Section[] = [];
  for (const ref of refs) {
    if (ref.type === 'group') panels.push(...panelsOf(part, ref.id));
    else if (isAgentOf(tree, ref.id, phase)) loose.push(ref.id);
  }
  const gathered = gather(tree, refs, phase);
  return [
    ...agentSection(part, loose),
    ...panels,
    ...questionSection(part, gathered),
    ...pickedSection(part, 'judges', idsOf(gathered.judges), MOST_JUDGES),
    ...claimSection(part, gathered.claims),
    ...toolSection(part, gathered),
    ...cardSection(part, panels),
    ...frameSections(part, gathered, called),
  ];
}

function isAgentOf(tree: RunTree, id: number, phase: string): boolean {
  const info = tree.calls.get(id)?.info;
  return info?.kind === 'agent' && phaseOf(info) === phase;
}

function idsOf(nodes: { info: { id: number } }[]): number[] {
  return nodes.map(({ info }) => info.id);
}

/** Open questions come first; those answered stay while there is room. */
function questionSection(part: Part, { checkpoints }: Gathered): Section[] {
  const rank = (id: number) => {
    const call = part.tree.calls.get(id);
    return call && isOpenQuestion(part.tree, call) ? 1 : 0;
  };
  return pickedSection(part, 'questions', idsOf(checkpoints), MOST_QUESTIONS, rank);
}

function toolSection(part: Part, { tools }: Gathered): Section[] {
  const rank = (id: number) => {
    const call = part.tree.calls.get(id);
    return call && call.asks.length > 0 ? 2 : call?.state === 'failed' ? 1 : 0;
  };
  return pickedSection(part, 'tools', idsOf(tools), MOST_TOOLS, rank);
}

function pickedSection(
  { scope, memory, unfolded }: Part,
  kind: FoldableSection['kind'],
  ids: number[],
  most: number,
  rank = (_id: number) => 0,
): FoldableSection[] {
  if (ids.length === 0) return [];
  const key = `${kind}:${scope}`;
  if (ids.length <= most || unfolded.has(key)) return [{ kind, key, shown: ids, rest: [] }];
  const shown = pickStable(
    memory,
    key,
    ids.map((id) => ({ id, rank: rank(id) })),
    most,
  );
  return [{ kind, key, shown, rest: without(ids, shown) }];
}

function frameSections(part: Part, gathered: Gathered, called: Map<number, NodeRef[]>): Section[] {
  const ids = [...new Set([...called.keys(), ...idsOf(gathered.workflows)])];
  const [picked] = pickedSection(part, 'workflows', ids, MOST_FRAMES);
  if (!picked) return [];
  const frames = picked.shown.map((group): Section => {
    const inside = called.get(group) ?? part.tree.groups.get(group)?.children ?? [];
    return { kind: 'frame', group, sections: sectionsIn({ ...part, scope: `${part.scope}/${group}` }, inside) };
  });
  const folded = picked.rest.length > 0 || part.unfolded.has(picked.key);
  return folded ? [...frames, { ...picked, shown: [] }] : frames;
}

/** The panels of a group. One that only wraps another phase's work is not drawn: it would say what that column says. */
function panelsOf(part: Part, id: number): Section[] {
  const group = part.tree.groups.get(id);
  if (!group || ['challenge', 'judge', 'workflow'].includes(group.info.kind)) return [];
  if (group.info.kind === 'converge') return convergePanels(part, group);
  return ownPanels(part, group, null);
}

function convergePanels(part: Part, group: GroupNode): Section[] {
  const { tree, phase } = part;
  const rounds = groupsIn(tree, group.children).filter((child) => child.info.kind === 'round');
  const panels = rounds.flatMap((round) => {
    const inner = groupsIn(tree, round.children).filter(
      (child) => gather(tree, child.children, phase).calls.length > 0,
    );
    const direct = round.children.some((ref) => ref.type === 'call');
    const only = inner.length === 1 && !direct ? inner[0] : undefined;
    return ownPanels(part, only ?? round, round.info.id);
  });
  return [...panels, { kind: 'converge', group: group.info.id, rounds: rounds.length }];
}

function ownPanels(part: Part, group: GroupNode, round: number | null): Section[] {
  const { tree, phase } = part;
  const calls = idsOf(gather(tree, group.children, phase).calls);
  if (calls.length === 0) return [];
  const base = { group: group.info.id, round };
  const key = `waffle:${group.info.id}`;
  const cards = part.unfolded.has(key) ? openWaffle(part, key, calls) : null;
  const waffle = { kind: 'waffle', ...base, key, cards } as const;
  if (group.info.kind !== 'pipeline')
    return [{ ...waffle, count: sizeOf(group, calls.length), unit: 1, tiled: isTiled(group) }];
  const rows = pipelineRows(group);
  if (rows <= MATRIX_ROWS) return [{ kind: 'matrix', ...base, rows, stages: Math.max(1, group.info.stages) }];
  const unit = Math.max(1, ownStages(tree, group, phase).length);
  return [{ ...waffle, count: rows * unit, unit, tiled: false }];
}

/** The first of a group in order of issue, so that it grows at its end, and those after them for which more was asked. */
function openWaffle({ unfolded }: Part, key: string, calls: number[]): OpenWaffle {
  let most = CARDS_AT_ONCE;
  while (unfolded.has(`${key}/${most}`)) most += CARDS_AT_ONCE;
  return { shown: calls.slice(0, most), rest: calls.slice(most), restKey: `${key}/${most}` };
}

/** Whether its squares are small cards with words on them; it is known from the beginning, so that they stay what they are. */
function isTiled({ info }: GroupNode): boolean {
  return info.kind === 'parallel' && info.size > FEW_IN_GROUP && info.size <= MOST_TILES;
}

export function groupsIn(tree: RunTree, refs: NodeRef[]): GroupNode[] {
  return refs.flatMap((ref) => (ref.type === 'group' ? (tree.groups.get(ref.id) ?? []) : []));
}

function agentSection(part: Part, ids: number[]): Section[] {
  const rank = (id: number) => {
    const { state, asks } = part.tree.calls.get(id) ?? {};
    if (asks && asks.length > 0) return 4;
    return state === 'working' ? 3 : state === 'failed' ? 2 : state === 'waiting' ? 0 : 1;
  };
  return pickedSection(part, 'agents', ids, FEW_AGENTS, rank);
}

function claimSection({ tree, scope, memory, unfolded }: Part, claims: GroupNode[]): Section[] {
  if (claims.length === 0) return [];
  const key = `claims:${scope}`;
  const ids = idsOf(claims);
  if (ids.length <= FEW_CLAIMS || unfolded.has(key)) return [{ kind: 'claims', key, shown: ids, rest: [] }];
  const shown = pickStable(memory, key, rankClaims(tree, claims, new Set(memory.get(key))), CLAIM_CARDS);
  return [{ kind: 'claims', key, shown, rest: without(ids, shown) }];
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

/** Squares that deserve a card too: waiting for a person, at work, failed, and all of a small group; but those that have one in their group. */
function cardSection({ tree, phase, scope, memory }: Part, panels: Section[]): Section[] {
  const asking: number[] = [];
  const working: number[] = [];
  const failed: number[] = [];
  const few: number[] = [];
  for (const panel of panels) {
    if (panel.kind !== 'waffle' && panel.kind !== 'matrix') continue;
    const group = tree.groups.get(panel.group);
    if (!group) continue;
    const { calls } = gather(tree, group.children, phase);
    const inGroup = new Set(panel.kind === 'waffle' ? panel.cards?.shown : []);
    // A matrix names its rows; squares say nothing of themselves.
    const all = panel.kind === 'waffle' && calls.length <= FEW_IN_GROUP;
    for (const call of calls) {
      if (inGroup.has(call.info.id)) continue;
      if (call.asks.length > 0) asking.push(call.info.id);
      else if (call.state === 'working') working.push(call.info.id);
      else if (call.state === 'failed') failed.push(call.info.id);
      else if (all) few.push(call.info.id);
    }
  }
  const key = `cards:${scope}`;
  const before = new Set(memory.get(key));
  const candidates = [
    ...asking.map((id) => ({ id, rank: 4 })),
    ...firstOf(failed, before, FAILED_CARDS).map((id) => ({ id, rank: 3 })),
    ...firstOf(working, before, WORKING_CARDS).map((id) => ({ id, rank: 2 })),
    ...few.map((id) => ({ id, rank: 1 })),
  ].sort((a, b) => a.id - b.id);
  const shown = pickStable(memory, key, candidates, CARDS);
  const rest = { working: without(working, shown).length, failed: without(failed, shown).length };
  return shown.length === 0 ? [] : [{ kind: 'cards', key, shown, ...rest }];
}

function firstOf(ids: number[], before: Set<number>, length: number): number[] {
  return [...ids].sort((a, b) => Number(before.has(b)) - Number(before.has(a)) || a - b).slice(0, length);
}

function without(ids: number[], taken: number[]): number[] {
  const set = new Set(taken);
  return ids.filter((id) => !set.has(id));
}

/** What a phase's header counts: its claims, also those of called scripts. */
export function headlineOf(tree: RunTree, phase: PhaseNode): { claims: number } {
  const count = (refs: NodeRef[]): number => {
    const { claims, workflows } = gather(tree, refs, phase.title);
    return workflows.reduce((sum, workflow) => sum + count(workflow.children), claims.length);
  };
  return { claims: count(phase.roots) };
}
