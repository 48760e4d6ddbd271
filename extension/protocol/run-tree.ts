import type { ErrorInfo } from './errors.ts';
import type { PermissionDecision, PermissionQuestion } from './permissions.ts';
import {
  ADDED_PHASE,
  addUsage,
  type CallInfo,
  type CallSettled,
  type GovernorState,
  type GroupInfo,
  NO_USAGE,
  type ProgressEvent,
  type RunEvent,
  type RunInfo,
  type RunStatus,
  type Usage,
} from './run-events.ts';
import type { EngineName, GroupChange, LogLevel } from './sandbox-wire.ts';

/** What a person sees of a call. `waiting`: issued, and not yet sent out. */
export type CallState = 'waiting' | 'working' | 'succeeded' | 'reused' | 'failed' | 'skipped' | 'stopped';

export const CALL_STATES: readonly CallState[] = [
  'waiting',
  'working',
  'succeeded',
  'reused',
  'failed',
  'skipped',
  'stopped',
];

export type StateCounts = Record<CallState, number>;

export interface CallNode {
  info: CallInfo;
  state: CallState;
  issuedAt: number;
  startedAt: number | null;
  endedAt: number | null;
  doing: string;
  /** When it last told what it does, milliseconds since the epoch; absent: it has not. */
  movedAt?: number;
  usage: Usage;
  settled: CallSettled | null;
  /** Tool calls of it that wait for a person's yes or no, in the order they came. */
  asks: readonly PermissionQuestion[];
  /** Tool calls of it that were not allowed. */
  denied: readonly PermissionDecision[];
}

export interface GroupNode {
  info: GroupInfo;
  openedAt: number;
  closedAt: number | null;
  change: GroupChange;
  /** What lies directly inside it, in order of issue, whatever the phase. It grows in place: ten thousand would be copied ten thousand times. */
  children: NodeRef[];
  /** Agents anywhere below, whatever the phase. */
  counts: StateCounts;
  usage: Usage;
}

export interface PhaseNode {
  title: string;
  detail: string;
  /** Null until the script, or an agent, has entered it. */
  beganAt: number | null;
  /** When the last of its agents ended; null while one is at work. */
  endedAt: number | null;
  /** Groups and calls of this phase that have no group of the same phase around them. It grows in place. */
  roots: NodeRef[];
  counts: StateCounts;
  usage: Usage;
}

export type NodeRef = { type: 'group'; id: number } | { type: 'call'; id: number };

export interface LogLine {
  at: number;
  level: LogLevel;
  message: string;
}

/** Milliseconds since the epoch; `to` is null while it lasts. */
export interface Pause {
  from: number;
  to: number | null;
}

/** The fold of a run's events: the one state that CLI, panel, views and HTML show. */
export interface RunTree {
  run: RunInfo | null;
  status: RunStatus;
  /** A person holds it back. */
  paused: boolean;
  /** When a person held this attempt back; the last is open while they do. It grows in place. */
  pauses: Pause[];
  /** What the provider holds back, as last told; null: nothing. */
  governor: GovernorState | null;
  attempt: number;
  engine: EngineName | null;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  error: ErrorInfo | null;
  /** In the order they began; then those only announced in `meta.phases`, and that of agents that a person added. */
  phases: PhaseNode[];
  groups: Map<number, GroupNode>;
  calls: Map<number, CallNode>;
  logs: LogLine[];
  counts: StateCounts;
  /** Of all attempts: what was really spent. */
  usage: Usage;
  /** Items that a `parallel` or `pipeline` turned into null because something threw. */
  dropped: number;
  /** Tool calls that were not allowed in earlier attempts, by the key of their call: whoever goes on, or gave an answer, did so with them. */
  deniedBefore: Map<string, readonly PermissionDecision[]>;
  lastSeq: number;
}

/** Title under which agents appear that no phase was named for. */
export const UNNAMED_PHASE = '';

export function emptyCounts(): StateCounts {
  return { waiting: 0, working: 0, succeeded: 0, reused: 0, failed: 0, skipped: 0, stopped: 0 };
}

export function emptyRunTree(): RunTree {
  return {
    run: null,
    status: 'created',
    paused: false,
    pauses: [],
    governor: null,
    attempt: 0,
    engine: null,
    createdAt: 0,
    startedAt: null,
    endedAt: null,
    error: null,
    phases: [],
    groups: new Map(),
    calls: new Map(),
    logs: [],
    counts: emptyCounts(),
    usage: NO_USAGE,
    dropped: 0,
    deniedBefore: new Map(),
    lastSeq: 0,
  };
}

/**
 * Folds events into a tree and returns it. It takes `tree` over: the tree and its maps change in place, for a
 * thousand agents fold in milliseconds so, while each node that changed is a new object, so that a view can tell
 * by identity. The same events always give the same tree. Events already folded (by `seq`) are passed over.
 */
export function foldRun(events: Iterable<RunEvent | ProgressEvent>, tree: RunTree = emptyRunTree()): RunTree {
  for (const event of events) foldEvent(tree, event);
  return tree;
}

function foldEvent(tree: RunTree, event: RunEvent | ProgressEvent): void {
  if (event.type === 'call.progress') return foldProgress(tree, event);
  if (event.seq <= tree.lastSeq) return;
  tree.lastSeq = event.seq;
  switch (event.type) {
    case 'run.created':
      tree.run = event.run;
      tree.createdAt = event.at;
      tree.usage = event.run.forkedFrom?.usage ?? tree.usage;
      announcePhases(tree);
      return;
    case 'run.started':
      return beginAttempt(tree, event.attempt, event.engine, event.at);
    case 'run.paused':
      if (!tree.paused) tree.pauses.push({ from: event.at, to: null });
      tree.paused = true;
      return;
    case 'run.unpaused':
      return endPause(tree, event.at);
    case 'run.governed':
      tree.governor = event.governor.why === '' ? null : event.governor;
      return;
    case 'run.changed':
      if (tree.run) tree.run = { ...tree.run, ...event.change };
      return;
    case 'phase.began':
      enterPhase(tree, event.title, event.at);
      return;
    case 'log':
      tree.logs.push({ at: event.at, level: event.level, message: event.message });
      return;
    case 'group.opened':
      return openGroup(tree, event.group, event.at);
    case 'group.changed':
      return changeGroup(tree, event.id, event.change, event.at);
    case 'call.issued':
      return issueCall(tree, event.call, event.at);
    case 'call.started':
      return moveCall(tree, event.id, { state: 'working', startedAt: event.at }, event.at);
    case 'call.settled':
      return settleCall(tree, event.id, event.settled, event.at);
    case 'permission.asked':
      return ask(tree, event.id, event.question);
    case 'permission.decided':
      return decide(tree, event.id, event.decision);
    case 'run.ended':
      tree.status = event.status;
      endPause(tree, event.at);
      tree.governor = null;
      tree.endedAt = event.at;
      tree.error = event.error ?? null;
      return endCalls(tree, event.at, () => true);
  }
}

/**
 * Tells of a run that nobody drives any more what its log cannot: it is interrupted, and what was waiting or at work
 * has stopped, but for its questions, which a person may still answer. Changes `tree` in place, as the fold does; a later attempt starts the tree over. `at`: when it was cut.
 */
export function cutOff(tree: RunTree, at: number): void {
  if (tree.status !== 'running' && tree.status !== 'created') return;
  tree.status = 'interrupted';
  endPause(tree, at);
  tree.governor = null;
  endCalls(tree, at, ({ info }) => info.kind !== 'checkpoint');
}

function endPause(tree: RunTree, at: number): void {
  const last = tree.pauses.at(-1);
  if (tree.paused && last) last.to = at;
  tree.paused = false;
}

/** What is waiting or at work has stopped, where it is one of these. */
function endCalls(tree: RunTree, at: number, isOver: (call: CallNode) => boolean): void {
  for (const call of tree.calls.values()) {
    if ((call.state === 'waiting' || call.state === 'working') && isOver(call))
      moveCall(tree, call.info.id, { state: 'stopped', endedAt: at, doing: '' }, at);
  }
}

/** A resumed run issues its calls anew (finished ones come back as reused), so the tree starts over; what was spent stays. */
function beginAttempt(tree: RunTree, attempt: number, engine: EngineName, at: number): void {
  tree.attempt = attempt;
  tree.engine = engine;
  tree.status = 'running';
  tree.paused = false;
  tree.pauses = [];
  tree.governor = null;
  tree.startedAt = at;
  tree.endedAt = null;
  tree.error = null;
  tree.phases = [];
  tree.groups = new Map();
  for (const { info, denied } of tree.calls.values()) if (denied.length > 0) tree.deniedBefore.set(info.key, denied);
  tree.calls = new Map();
  tree.logs = [];
  tree.dropped = 0;
  tree.counts = emptyCounts();
  announcePhases(tree);
}

function announcePhases(tree: RunTree): void {
  tree.phases = (tree.run?.phases ?? []).map((phase) => newPhase(phase.title, phase.detail ?? ''));
}

function newPhase(title: string, detail: string): PhaseNode {
  return { title, detail, beganAt: null, endedAt: null, roots: [], counts: emptyCounts(), usage: NO_USAGE };
}

function enterPhase(tree: RunTree, title: string, at: number): PhaseNode {
  const index = tree.phases.findIndex((phase) => phase.title === title);
  const known = tree.phases[index];
  if (known && known.beganAt !== null) return known;
  const entered = { ...(known ?? newPhase(title, '')), beganAt: at };
  if (known) tree.phases.splice(index, 1);
  // What a person added is issued first in a later attempt, and stands last in every one.
  const last =
    title === ADDED_PHASE
      ? -1
      : tree.phases.findIndex(({ title, beganAt }) => beganAt === null || title === ADDED_PHASE);
  tree.phases.splice(last < 0 ? tree.phases.length : last, 0, entered);
  return entered;
}

function changePhase(tree: RunTree, title: string, change: (phase: PhaseNode) => Partial<PhaseNode>): void {
  const index = tree.phases.findIndex((phase) => phase.title === title);
  const phase = tree.phases[index];
  if (phase) tree.phases[index] = { ...phase, ...change(phase) };
}

function openGroup(tree: RunTree, opened: GroupInfo, at: number): void {
  // Groups are opened inside of older ones; a journal that says otherwise must not send us round for ever.
  const info = opened.parent !== null && opened.parent >= opened.id ? { ...opened, parent: null } : opened;
  const node: GroupNode = {
    info,
    openedAt: at,
    closedAt: null,
    change: {},
    children: [],
    counts: emptyCounts(),
    usage: NO_USAGE,
  };
  tree.groups.set(info.id, node);
  attach(tree, { type: 'group', id: info.id }, info.parent, info.phase, at);
}

function changeGroup(tree: RunTree, id: number, change: GroupChange, at: number): void {
  const group = tree.groups.get(id);
  if (!group) return;
  if (change.dropped !== undefined) tree.dropped += change.dropped - (group.change.dropped ?? 0);
  tree.groups.set(id, {
    ...group,
    change: { ...group.change, ...change },
    closedAt: change.closed ? at : group.closedAt,
  });
}

/** What a person sees; timers and loading a script are the script's own affair. */
const SHOWN: ReadonlySet<CallInfo['kind']> = new Set(['agent', 'checkpoint', 'tool']);

function issueCall(tree: RunTree, info: CallInfo, at: number): void {
  const known = tree.calls.get(info.id);
  const node: CallNode = {
    info,
    state: 'waiting',
    issuedAt: at,
    startedAt: null,
    endedAt: null,
    doing: '',
    usage: NO_USAGE,
    settled: null,
    asks: [],
    denied: known?.denied ?? tree.deniedBefore.get(info.key) ?? [],
  };
  // It has failed and is asked again, where it stands: only agents that a person added are, within an attempt.
  if (known) return moveCall(tree, info.id, node, at);
  tree.calls.set(info.id, node);
  if (!SHOWN.has(info.kind)) return;
  attach(tree, { type: 'call', id: info.id }, info.group, info.phase, at);
  if (info.kind === 'agent') recount(tree, node, null, 'waiting', NO_USAGE, at);
}

function attach(tree: RunTree, ref: NodeRef, parent: number | null, phase: string | null, at: number): void {
  const group = parent === null ? undefined : tree.groups.get(parent);
  if (group) {
    group.children.push(ref);
    tree.groups.set(group.info.id, { ...group });
  }
  const title = phase ?? UNNAMED_PHASE;
  enterPhase(tree, title, at);
  if (insideSamePhase(tree, parent, title)) return;
  changePhase(tree, title, (known) => {
    known.roots.push(ref);
    return {};
  });
}

function insideSamePhase(tree: RunTree, group: number | null, title: string): boolean {
  for (const ancestor of ancestors(tree, group)) if ((ancestor.info.phase ?? UNNAMED_PHASE) === title) return true;
  return false;
}

/** The groups around something, innermost first. */
export function* ancestors(tree: RunTree, group: number | null): Generator<GroupNode> {
  let node = group === null ? undefined : tree.groups.get(group);
  while (node) {
    yield node;
    node = node.info.parent === null ? undefined : tree.groups.get(node.info.parent);
  }
}

function foldProgress(tree: RunTree, event: ProgressEvent): void {
  const call = tree.calls.get(event.id);
  if (call?.state !== 'working') return;
  tree.calls.set(event.id, { ...call, doing: event.doing, movedAt: event.at, usage: event.usage });
}

function settleCall(tree: RunTree, id: number, settled: CallSettled, at: number): void {
  const state: CallState = settled.outcome === 'succeeded' && settled.reused ? 'reused' : settled.outcome;
  if (!settled.reused) tree.usage = addUsage(tree.usage, settled.usage);
  moveCall(tree, id, { state, endedAt: at, settled, usage: settled.usage, doing: '' }, at);
}

function ask(tree: RunTree, id: number, question: PermissionQuestion): void {
  const call = tree.calls.get(id);
  if (call?.state === 'working') tree.calls.set(id, { ...call, asks: [...call.asks, question] });
}

function decide(tree: RunTree, id: number, decision: PermissionDecision): void {
  const call = tree.calls.get(id);
  if (!call) return;
  const asks = call.asks.filter((question) => question.id !== decision.question);
  tree.calls.set(id, { ...call, asks, denied: decision.allowed ? call.denied : [...call.denied, decision] });
}

function moveCall(tree: RunTree, id: number, change: Partial<CallNode> & { state: CallState }, at: number): void {
  const call = tree.calls.get(id);
  if (!call) return;
  // Whoever has ended asks nothing any more.
  const moved = { ...call, ...change, ...(change.state !== 'working' && { asks: [] }) };
  tree.calls.set(id, moved);
  if (call.info.kind !== 'agent') return;
  const spent = change.settled && !change.settled.reused ? change.settled.usage : NO_USAGE;
  recount(tree, moved, call.state, change.state, spent, at);
}

/** Moves one agent from one state to another in the run, its phase and every group around it. */
function recount(tree: RunTree, call: CallNode, from: CallState | null, to: CallState, spent: Usage, at: number): void {
  tree.counts = moveCount(tree.counts, from, to);
  changePhase(tree, call.info.phase ?? UNNAMED_PHASE, (phase) => {
    const counts = moveCount(phase.counts, from, to);
    return { counts, usage: addUsage(phase.usage, spent), endedAt: counts.waiting + counts.working === 0 ? at : null };
  });
  for (const group of ancestors(tree, call.info.group)) {
    const counts = moveCount(group.counts, from, to);
    tree.groups.set(group.info.id, { ...group, counts, usage: addUsage(group.usage, spent) });
  }
}

function moveCount(counts: StateCounts, from: CallState | null, to: CallState): StateCounts {
  const moved = { ...counts };
  if (from) moved[from] -= 1;
  moved[to] += 1;
  return moved;
}

export function totalOf(counts: StateCounts): number {
  return CALL_STATES.reduce((sum, state) => sum + counts[state], 0);
}

/** Checkpoints that wait for a person, in order of issue, be the run driven or interrupted. */
export function openCheckpoints(tree: RunTree): CallNode[] {
  return [...tree.calls.values()].filter(({ info, state }) => info.kind === 'checkpoint' && state === 'working');
}
