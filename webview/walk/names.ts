import { askWords } from '../../extension/protocol/permission-words.ts';
import {
  type CallNode,
  type GroupNode,
  type RunTree,
  type StateCounts,
  totalOf,
} from '../../extension/protocol/run-tree.ts';
import { quietOf } from '../../extension/protocol/wait-words.ts';
import { endWords } from '../checkpoint/words.ts';
import { line, plural } from '../format.ts';
import {
  type CellState,
  candidateName,
  isOpenQuestion,
  judgingOf,
  LOOKS,
  loudest,
  markOf,
  PAUSED,
  STATUS_WORDS,
  standingOf,
  stateOfCall,
} from '../states.ts';
import { slotOf, stateOfRef } from '../tree/cells.ts';
import { callerOf, type WalkItem, type WalkTree } from './items.ts';

const GROUP_WORDS: Record<GroupNode['info']['kind'], string> = {
  parallel: 'parallel',
  pipeline: 'pipeline',
  challenge: 'claim',
  converge: 'converge',
  round: 'round',
  judge: 'judgement',
  workflow: 'called workflow',
};

/** What it is called, in a few words. */
export function labelOf(walk: WalkTree, item: WalkItem): string {
  const { tree } = walk;
  switch (item.type) {
    case 'run':
      return line(tree.run?.name ?? '', 80) || 'run';
    case 'phase':
      return line(item.title, 80) || 'no phase';
    case 'slot': {
      const name = line(tree.groups.get(item.group)?.info.labels[item.slot] ?? '', 80);
      return name || `item ${item.slot + 1}`;
    }
    case 'group': {
      const info = tree.groups.get(item.id)?.info;
      if (!info) return '';
      const own = line(info.label, 120);
      return own || (info.kind === 'round' ? `round ${(info.slot[0] ?? 0) + 1}` : GROUP_WORDS[info.kind]);
    }
    case 'call': {
      const call = tree.calls.get(item.id);
      return call ? callLabel(tree, call) : '';
    }
  }
}

function callLabel(tree: RunTree, call: CallNode): string {
  if (call.info.kind === 'checkpoint') return line(call.info.checkpoint?.question ?? call.info.label, 160);
  const lens = lensOf(tree, call);
  return line(lens || call.info.label, 120) || call.info.kind;
}

function lensOf(tree: RunTree, { info }: CallNode): string {
  if (info.role !== 'challenger' || info.group === null) return '';
  return tree.groups.get(info.group)?.info.labels[info.slot[0] ?? 0] ?? '';
}

/** How it stands, in words. `now` is left out where it would change with every second. */
export function stateWordsOf(walk: WalkTree, item: WalkItem): string {
  const { tree } = walk;
  switch (item.type) {
    case 'run':
      return (tree.paused ? PAUSED : STATUS_WORDS[tree.status]).word;
    case 'phase': {
      const phase = tree.phases.find(({ title }) => title === item.title);
      return phase?.beganAt === null ? 'not begun' : phase ? countWords(tree, phase.counts) : '';
    }
    case 'slot':
      return LOOKS[stateOf(walk, item)].word;
    case 'group': {
      const group = tree.groups.get(item.id);
      return group ? groupWords(tree, group) : '';
    }
    case 'call': {
      const call = tree.calls.get(item.id);
      return call ? callWords(tree, call) : '';
    }
  }
}

/** The state that its icon shows. */
export function stateOf(walk: WalkTree, item: WalkItem): CellState {
  const { tree } = walk;
  if (item.type === 'call' || item.type === 'group') {
    const call = item.type === 'call' ? tree.calls.get(item.id) : undefined;
    return call?.settled?.vote ? markOf(call).state : stateOfRef(tree, item);
  }
  if (item.type === 'slot') return loudest(walk.childrenOf(item).map((child) => stateOf(walk, child)));
  const counts = item.type === 'run' ? tree.counts : tree.phases.find(({ title }) => title === item.title)?.counts;
  if (!counts) return 'none';
  const loud: CellState[] = (['failed', 'working', 'waiting'] as const).filter((state) => counts[state] > 0);
  return loud[0] ?? (totalOf(counts) > 0 ? 'succeeded' : 'none');
}

function groupWords(tree: RunTree, group: GroupNode): string {
  if (group.info.kind === 'challenge') return standingOf(tree, group).words;
  if (group.info.kind === 'judge') return judgingOf(tree, group).words;
  return countWords(tree, group.counts);
}

function callWords(tree: RunTree, call: CallNode): string {
  if (call.asks.length > 0) return 'waits for your permission';
  if (call.info.role === 'challenger') return markOf(call).word;
  if (isOpenQuestion(tree, call)) return 'waits for you';
  return call.settled?.answer
    ? `answered ${line(call.settled.answer.choice, 60)}`
    : LOOKS[stateOfCall(tree, call)].word;
}

function countWords({ run }: RunTree, counts: StateCounts): string {
  const total = totalOf(counts);
  if (total === 0) return 'no agents';
  if (run?.preview) return plural(total, 'agent');
  const over = total - counts.waiting - counts.working;
  const words = [
    `${over} of ${plural(total, 'agent')} over`,
    counts.working > 0 && `${counts.working} at work`,
    counts.failed > 0 && `${counts.failed} failed`,
  ];
  return words.filter(Boolean).join(', ');
}

/** All that a screen reader says of it: what it is, how it stands and why, what it does now. */
export function nameOf(walk: WalkTree, item: WalkItem): string {
  const caller = callerOf(walk.tree, item);
  const words = [
    labelOf(walk, item),
    kindOf(walk.tree, item),
    caller !== null && `in the called workflow ${line(caller, 60)}`,
    stateWordsOf(walk, item),
    ...moreOf(walk, item),
  ];
  return words.filter(Boolean).join(', ');
}

function kindOf(tree: RunTree, item: WalkItem): string {
  if (item.type === 'run' || item.type === 'phase') return item.type;
  if (item.type === 'slot') return 'item';
  if (item.type === 'group') {
    const info = tree.groups.get(item.id)?.info;
    // Without a label of its own its kind is its name.
    return info?.label ? GROUP_WORDS[info.kind] : '';
  }
  const info = tree.calls.get(item.id)?.info;
  if (!info) return '';
  const around = info.group === null ? undefined : tree.groups.get(info.group)?.info;
  const stage = around?.kind === 'pipeline' && around.stages > 1 ? ` of stage ${(slotOf(tree, item)[1] ?? 0) + 1}` : '';
  return `${info.kind === 'agent' ? info.role : info.kind === 'tool' ? 'tool call' : info.kind}${stage}`;
}

function moreOf({ tree, now }: WalkTree, item: WalkItem): string[] {
  if (item.type === 'group') {
    const group = tree.groups.get(item.id);
    return group ? moreOfGroup(group) : [];
  }
  const call = item.type === 'call' ? tree.calls.get(item.id) : undefined;
  return call ? moreOfCall(tree, call, now) : [];
}

function moreOfGroup(group: GroupNode): string[] {
  const { info, change } = group;
  const words: string[] = [];
  if (info.kind === 'challenge' && info.detail) words.push(line(info.detail, 120));
  if (change.fresh !== undefined && info.kind === 'round')
    words.push(change.fresh === 0 ? 'nothing new' : `${change.fresh} new`);
  if (change.total !== undefined) words.push(`${change.total} found`);
  if (change.estimate)
    words.push(
      `probably ${Math.round(change.estimate.total)} in all, ${Math.round(change.estimate.low)} to ${Math.round(change.estimate.high)}`,
    );
  if (change.dropped) words.push(`${plural(change.dropped, 'item')} dropped`);
  if (info.kind === 'judge')
    words.push(
      ...(change.scores ?? []).map((score, index) => `${candidateName(group, index)} ${score.toFixed(1)} of 10`),
    );
  return words;
}

function moreOfCall(tree: RunTree, call: CallNode, now: number): string[] {
  const { info, state, settled, asks } = call;
  if (asks.length > 0) return [...asks.map((question) => askWords(question, 160)), ...sinceOf(asks[0]?.askedAt)];
  if (info.checkpoint && isOpenQuestion(tree, call)) return sinceOf(info.checkpoint.askedAt);
  if (info.kind === 'checkpoint' && settled?.answer) return [endWords(call)];
  if (settled?.cause) return [line(settled.cause.message, 300)];
  if (state === 'working' && call.doing) return [line(call.doing, 160), quietOf(tree, call, now)];
  return info.role === 'challenger' ? reasonOf(tree, call) : [];
}

function sinceOf(askedAt: number | undefined): string[] {
  return askedAt === undefined ? [] : [`since ${timeWords(askedAt)}`];
}

function reasonOf(tree: RunTree, { info }: CallNode): string[] {
  const verdict = info.group === null ? undefined : tree.groups.get(info.group)?.change.verdict;
  const reason = verdict?.reasons[info.slot[0] ?? 0];
  return reason ? [line(reason, 300)] : [];
}

/** `14:05`, with its day where that is not today; from milliseconds since the epoch. */
function timeWords(at: number, now = Date.now()): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', hour12: false });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.toLocaleDateString('en', { day: 'numeric', month: 'long', year: 'numeric' })}, ${time}`;
}
