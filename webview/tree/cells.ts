import {
  type CallNode,
  type GroupNode,
  type NodeRef,
  type RunTree,
  UNNAMED_PHASE,
} from '../../extension/protocol/run-tree.ts';
import { type CellState, judgingOf, loudest, standingOf, stateOfCall } from '../states.ts';

/** One square: what it stands for and how it is. */
export interface Cell {
  state: CellState;
  /** What a click opens; null where there is nothing yet. */
  ref: NodeRef | null;
}

/** What a group holds for one phase, however deep: agents and the like, and as wholes what has a picture of its own. */
export interface Gathered {
  /** Agents alone. */
  calls: CallNode[];
  checkpoints: CallNode[];
  tools: CallNode[];
  claims: GroupNode[];
  judges: GroupNode[];
  /** Scripts that were called, with all that is in them. */
  workflows: GroupNode[];
}

const NOTHING: Cell = { state: 'none', ref: null };

export function phaseOf(info: { phase: string | null }): string {
  return info.phase ?? UNNAMED_PHASE;
}

export function gather(tree: RunTree, refs: NodeRef[], phase: string, into: Gathered = nothingYet()): Gathered {
  for (const ref of refs) {
    if (ref.type === 'call') {
      const call = tree.calls.get(ref.id);
      if (call && phaseOf(call.info) === phase) listFor(call, into).push(call);
      continue;
    }
    const group = tree.groups.get(ref.id);
    if (!group) continue;
    const own = phaseOf(group.info) === phase;
    if (group.info.kind === 'challenge') own && into.claims.push(group);
    else if (group.info.kind === 'judge') own && into.judges.push(group);
    else if (group.info.kind !== 'workflow') gather(tree, group.children, phase, into);
    else if (own || holdsAny(gather(tree, group.children, phase))) into.workflows.push(group);
  }
  return into;
}

function nothingYet(): Gathered {
  return { calls: [], checkpoints: [], tools: [], claims: [], judges: [], workflows: [] };
}

function listFor(call: CallNode, into: Gathered): CallNode[] {
  if (call.info.kind === 'checkpoint') return into.checkpoints;
  return call.info.kind === 'tool' ? into.tools : into.calls;
}

function holdsAny(gathered: Gathered): boolean {
  return Object.values(gathered).some((list) => list.length > 0);
}

/** Squares in order of issue; those a `parallel` has announced and not issued yet are empty. */
export function waffleCells(tree: RunTree, group: GroupNode, phase: string): Cell[] {
  const cells = gather(tree, group.children, phase).calls.map(cellOfCall);
  while (cells.length < sizeOf(group, cells.length)) cells.push(NOTHING);
  return cells;
}

/** How many squares a group has: what it announced, until it has closed and we know better. */
export function sizeOf(group: GroupNode, issued: number): number {
  return group.closedAt !== null || group.info.kind !== 'parallel' ? issued : Math.max(group.info.size, issued);
}

export function cellOfCall(call: CallNode): Cell {
  return { state: call.asks.length > 0 ? 'asks' : call.state, ref: { type: 'call', id: call.info.id } };
}

export function cellsOf(tree: RunTree, refs: NodeRef[]): Cell[] {
  return refs.map((ref) => ({ state: stateOfRef(tree, ref), ref }));
}

/** Item by item, its stages side by side. A stage that is itself a group of agents shows the loudest of them. */
export function pipelineCells(tree: RunTree, group: GroupNode, stages: number[]): Cell[] {
  const rows = pipelineRows(group);
  const cells: Cell[] = Array.from({ length: rows * stages.length }, () => NOTHING);
  const column = new Map(stages.map((stage, index) => [stage, index]));
  for (const ref of group.children) {
    const [item = 0, stage = 0] = slotOf(tree, ref);
    const place = column.get(stage);
    if (place === undefined || item >= rows) continue;
    const index = item * stages.length + place;
    const before = cells[index] ?? NOTHING;
    const state = stateOfRef(tree, ref);
    cells[index] = { state: loudest([before.state, state]), ref: before.ref ?? deepest(tree, ref) };
  }
  return cells;
}

export function pipelineRows(group: GroupNode): number {
  return Math.max(1, group.info.size);
}

/** The stages in which agents of this phase work directly. */
export function ownStages(tree: RunTree, group: GroupNode, phase: string): number[] {
  const stages = new Set<number>();
  for (const ref of group.children) {
    if (gather(tree, [ref], phase).calls.length > 0) stages.add(slotOf(tree, ref)[1] ?? 0);
    if (stages.size === group.info.stages) break;
  }
  return [...stages].sort((a, b) => a - b);
}

export function slotOf(tree: RunTree, ref: NodeRef): number[] {
  return (ref.type === 'call' ? tree.calls.get(ref.id)?.info.slot : tree.groups.get(ref.id)?.info.slot) ?? [];
}

export function stateOfRef(tree: RunTree, ref: NodeRef): CellState {
  if (ref.type === 'call') {
    const call = tree.calls.get(ref.id);
    return call ? stateOfCall(tree, call) : 'none';
  }
  const group = tree.groups.get(ref.id);
  if (!group) return 'none';
  if (group.info.kind === 'challenge') return standingOf(tree, group).state;
  if (group.info.kind === 'judge') return judgingOf(tree, group).state;
  return loudest(group.children.map((child) => stateOfRef(tree, child)));
}

/** A group that only wraps one thing gives way to that thing. */
function deepest(tree: RunTree, ref: NodeRef): NodeRef {
  if (ref.type === 'call') return ref;
  const group = tree.groups.get(ref.id);
  const whole = group?.info.kind === 'challenge' || group?.info.kind === 'judge' || group?.info.kind === 'workflow';
  const only = group?.children.length === 1 && !whole ? group.children[0] : undefined;
  return only ? deepest(tree, only) : ref;
}
