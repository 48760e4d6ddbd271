import type { Profile } from '../extension/protocol/permissions.ts';
import type { RunStatus } from '../extension/protocol/run-events.ts';
import type { CallNode, CallState, GroupNode, RunTree } from '../extension/protocol/run-tree.ts';
import { line, plural } from './format.ts';

/** What a square or a card shows: the state of an agent, where a claim stands, a question to a person. `none`: there is nothing yet. */
export type CellState = CallState | 'refuted' | 'unverified' | 'asks' | 'none';

/** How many of each there are. */
export type CellCounts = Partial<Record<CellState, number>>;

interface Look {
  /** Name of a codicon. */
  icon: string;
  word: string;
  /** What an agent does in it, where that says more. */
  doing?: string;
}

/** Never colour alone: each state has its icon and its word. The class of a state is `is-` and its name. */
export const LOOKS: Record<CellState, Look> = {
  waiting: { icon: 'circle-large-outline', word: 'waiting', doing: 'waits for a free place' },
  working: { icon: 'color-mode', word: 'at work' },
  succeeded: { icon: 'check', word: 'done' },
  reused: { icon: 'history', word: 'reused' },
  failed: { icon: 'close', word: 'failed' },
  skipped: { icon: 'debug-step-over', word: 'skipped' },
  stopped: { icon: 'debug-stop', word: 'stopped' },
  refuted: { icon: 'circle-slash', word: 'refuted' },
  unverified: { icon: 'question', word: 'unverified' },
  asks: { icon: 'debug-breakpoint-log', word: 'asks' },
  none: { icon: 'dash', word: 'nothing yet' },
};

/** From here on nothing waits its turn or is about to start: a panel shows either a run or a preview, for as long as it lives. */
export function speakOfPlans(): void {
  LOOKS.waiting = { icon: 'circle-large-outline', word: 'planned' };
  STATUS_WORDS.created = { icon: 'open-preview', word: 'preview', tone: 'waiting' };
}

export interface StatusWord {
  icon: string;
  word: string;
  tone: CellState | 'paused';
}

export const STATUS_WORDS: Record<RunStatus, StatusWord> = {
  created: { icon: 'circle-large-outline', word: 'starting', tone: 'waiting' },
  running: { icon: 'color-mode', word: 'running', tone: 'working' },
  interrupted: { icon: 'debug-disconnect', word: 'interrupted', tone: 'unverified' },
  completed: { icon: 'check', word: 'completed', tone: 'succeeded' },
  completed_with_failures: { icon: 'warning', word: 'completed with failures', tone: 'unverified' },
  failed: { icon: 'close', word: 'failed', tone: 'failed' },
  stopped: { icon: 'debug-stop', word: 'stopped', tone: 'stopped' },
};

export const PAUSED: StatusWord = { icon: 'debug-pause', word: 'paused', tone: 'paused' };

/** What a run's agents may do, as its profile says it. */
export const PROFILE_LOOKS: Record<Profile, { icon: string; word: string; hint: string }> = {
  'read-only': { icon: 'eye', word: 'read-only', hint: 'Its agents may look at the workspace, and nothing else' },
  'edit-in-worktrees': {
    icon: 'repo-forked',
    word: 'edits in worktrees',
    hint: 'Its agents may change files and run programs, each in a worktree of its own; the workspace stays as it is until a person applies their changes',
  },
  trusted: {
    icon: 'unlock',
    word: 'edits the workspace',
    hint: 'Its agents are trusted: they may change files and run programs in the workspace itself',
  },
};

/** A checkpoint that a person can answer, be it that nobody drives the run now. */
export function isOpenQuestion(tree: RunTree, { info, state, settled }: CallNode): boolean {
  if (info.kind !== 'checkpoint' || !info.checkpoint || settled !== null || state === 'waiting') return false;
  return !tree.status.startsWith('completed');
}

export function stateOfCall(tree: RunTree, call: CallNode): CellState {
  const planned = call.info.kind === 'checkpoint' && tree.run?.preview === true;
  return planned || isOpenQuestion(tree, call) || call.asks.length > 0 ? 'asks' : call.state;
}

/** A challenger's mark: what it says of the claim rather than that it is done. */
export function markOf(call: CallNode | undefined): { state: CellState; icon: string; word: string } {
  if (!call) return { state: 'none', icon: 'dash', word: 'not asked yet' };
  if (call.state === 'succeeded' || call.state === 'reused') {
    if (call.settled?.vote === 'against') return { state: 'refuted', icon: 'close', word: 'refuted it' };
    if (call.settled?.vote === 'for') return { state: 'succeeded', icon: 'check', word: 'upheld it' };
  }
  if (call.state === 'failed') return { state: 'failed', icon: 'warning', word: 'failed, no vote' };
  if (call.asks.length > 0) return { state: 'asks', icon: LOOKS.asks.icon, word: 'asks for a permission' };
  if (call.state === 'working') return { state: 'working', icon: 'ellipsis', word: 'at work' };
  return { state: call.state, ...LOOKS[call.state] };
}

export interface Standing {
  state: CellState;
  /** `upheld 3–0`, `1–0, 2 at work`, `unverified`. */
  words: string;
}

/** Where a claim stands: its verdict, or the votes so far. A claim nobody could decide is neither upheld nor refuted. */
export function standingOf(tree: RunTree, group: GroupNode): Standing {
  const { verdict } = group.change;
  if (verdict)
    return { state: verdict.verdict === 'upheld' ? 'succeeded' : verdict.verdict, words: verdictWords(verdict) };
  const calls = challengersOf(tree, group);
  const votes = { for: 0, against: 0 };
  let working = 0;
  for (const call of calls) {
    if (call.settled?.vote) votes[call.settled.vote] += 1;
    if (call.state === 'working') working += 1;
  }
  const cast = votes.for + votes.against > 0 ? `${votes.for}–${votes.against}` : '';
  if (working > 0) return { state: 'working', words: [cast, `${working} at work`].filter(Boolean).join(', ') };
  if (calls.some((call) => call.state === 'stopped')) return { state: 'stopped', words: 'stopped' };
  return { state: 'waiting', words: cast || (tree.run?.preview ? '' : 'waiting') };
}

function verdictWords(verdict: NonNullable<GroupNode['change']['verdict']>): string {
  const votes = `${verdict.for}–${verdict.against}`;
  if (verdict.verdict !== 'unverified') return `${verdict.verdict} ${votes}`;
  return verdict.for + verdict.against > 0 ? `unverified ${votes}` : 'unverified';
}

export function challengersOf(tree: RunTree, group: GroupNode): CallNode[] {
  return group.children.flatMap((ref) => {
    const call = ref.type === 'call' ? tree.calls.get(ref.id) : undefined;
    return call?.info.kind === 'agent' ? call : [];
  });
}

/** Where a `judge` stands: the winner's place, or how far its judges are. */
export function judgingOf(tree: RunTree, group: GroupNode): Standing {
  const { winner } = group.change;
  if (winner !== undefined) return { state: 'succeeded', words: `${candidateName(group, winner)} wins` };
  const calls = challengersOf(tree, group);
  const done = calls.filter((call) => call.settled !== null).length;
  const judges = Math.max(group.info.size, calls.length);
  const words = tree.run?.preview ? plural(judges, 'judge') : `${done} of ${judges} judged`;
  if (group.closedAt !== null) return { state: 'failed', words: 'no winner' };
  return { state: loudest(['waiting', ...calls.map((call) => call.state)]), words };
}

export function candidateName(group: GroupNode, index: number): string {
  return line(group.info.labels[index] ?? '', 60) || `candidate ${index + 1}`;
}

/** How much a state asks to be seen; the loudest of several is what a shared square shows. */
const LOUDNESS: CellState[] = [
  'none',
  'skipped',
  'reused',
  'succeeded',
  'refuted',
  'stopped',
  'unverified',
  'waiting',
  'working',
  'failed',
  'asks',
];

export function loudest(states: Iterable<CellState>): CellState {
  let loud = 0;
  for (const state of states) loud = Math.max(loud, LOUDNESS.indexOf(state));
  return LOUDNESS[loud]!;
}

/** A challenger's label with the claim it judges, a judge's with its criteria. */
export function fullLabel(tree: RunTree, call: CallNode): string {
  const claim = call.info.role !== 'agent' && call.info.group !== null ? tree.groups.get(call.info.group) : undefined;
  return line(claim ? `${call.info.label} — ${claim.info.label}` : call.info.label, 160);
}
