import type { CallNode, RunTree } from '../../extension/protocol/run-tree.ts';
import { totalTokens } from '../format.ts';
import { phaseOf } from '../tree/cells.ts';
import { Moments } from './moments.ts';

/** What a lane holds: questions to a person take no place of the concurrency, and tool calls take hardly any time. */
export type LaneKind = 'asks' | 'agents' | 'tools';
export const LANE_KINDS: readonly LaneKind[] = ['asks', 'agents', 'tools'];

/** A call over its time; milliseconds since the epoch, `to` is null while it lasts. */
export interface Bar {
  call: CallNode;
  from: number;
  to: number | null;
  lane: Lane;
  /** Its place in the lane. */
  index: number;
}

/** What was done in one place, one after the other. */
export interface Lane {
  kind: LaneKind;
  bars: Bar[];
}

/** A phase: its lanes, and what is issued and has no place yet. */
export interface Band {
  title: string;
  lanes: Record<LaneKind, Lane[]>;
  waiting: Set<number>;
}

/**
 * The calls of a run packed into lanes. A call keeps the lane it began in, so each update packs only what has begun
 * since, in the order in which it began: the result is the same as if all of it were packed at once.
 */
export class Packing {
  /** Counts the updates that changed anything that can be seen; what an agent does just now is not. */
  version = 0;
  bands = new Map<string, Band>();
  bars = new Map<number, Bar>();
  /** Of agents, each end with its output tokens and dollars. */
  starts = new Moments();
  ends = new Moments();
  costs = new Moments();
  /** Of agents and tool calls: while none of them goes on the run is idle. */
  busyFrom = new Moments();
  busyTo = new Moments();
  private seen = new Map<number, CallNode>();
  private calls: RunTree['calls'] | null = null;

  update(tree: RunTree): void {
    if (tree.calls !== this.calls) this.startOver(tree);
    const fresh: Bar[] = [];
    const ended: Bar[] = [];
    for (const call of tree.calls.values()) {
      if (this.seen.get(call.info.id) !== call) this.take(call, fresh, ended);
    }
    fresh.sort((a, b) => a.from - b.from || a.call.info.id - b.call.info.id);
    for (const bar of fresh) this.place(bar);
    for (const bar of ended.sort((a, b) => a.to! - b.to!)) this.end(bar);
  }

  private startOver(tree: RunTree): void {
    this.calls = tree.calls;
    this.version += 1;
    this.seen = new Map();
    this.bands = new Map();
    this.bars = new Map();
    this.starts = new Moments();
    this.ends = new Moments();
    this.costs = new Moments();
    this.busyFrom = new Moments();
    this.busyTo = new Moments();
  }

  private take(call: CallNode, fresh: Bar[], ended: Bar[]): void {
    const { id } = call.info;
    const before = this.seen.get(id);
    this.seen.set(id, call);
    if (kindOf(call) === null) return;
    const known = this.bars.get(id);
    if (before === undefined || before.state !== call.state || known?.to !== call.endedAt) this.version += 1;
    if (known) {
      known.call = call;
      if (known.to === null && call.endedAt !== null) {
        known.to = Math.max(known.from, call.endedAt);
        ended.push(known);
      }
      return;
    }
    const from = beginOf(call);
    if (from === null) {
      this.band(call).waiting.add(id);
      return;
    }
    const to = call.endedAt === null ? null : Math.max(from, call.endedAt);
    const bar: Bar = { call, from, to, lane: NO_LANE, index: 0 };
    fresh.push(bar);
    if (to !== null) ended.push(bar);
  }

  private place(bar: Bar): void {
    const { info } = bar.call;
    const band = this.band(bar.call);
    band.waiting.delete(info.id);
    const kind = kindOf(bar.call)!;
    bar.lane = freeLane(band.lanes[kind], kind, bar.from);
    bar.index = bar.lane.bars.push(bar) - 1;
    this.bars.set(info.id, bar);
    if (kind === 'agents') this.starts.add(bar.from);
    if (kind !== 'asks') this.busyFrom.add(bar.from);
  }

  private end({ call, to, lane }: Bar): void {
    const usage = call.settled?.reused ? undefined : call.settled?.usage;
    if (lane.kind === 'agents') {
      this.ends.add(to!, usage ? totalTokens(usage) : 0);
      this.costs.add(to!, usage?.costUsd ?? 0);
    }
    if (lane.kind !== 'asks') this.busyTo.add(to!);
  }

  private band(call: CallNode): Band {
    const title = phaseOf(call.info);
    const known = this.bands.get(title);
    if (known) return known;
    const band: Band = { title, lanes: { asks: [], agents: [], tools: [] }, waiting: new Set() };
    this.bands.set(title, band);
    return band;
  }
}

const NO_LANE: Lane = { kind: 'agents', bars: [] };

export function kindOf({ info }: CallNode): LaneKind | null {
  if (info.kind === 'agent') return 'agents';
  if (info.kind === 'checkpoint') return 'asks';
  return info.kind === 'tool' ? 'tools' : null;
}

/** When a call took its place, null while it waits; what took none, such as an answer out of the journal, is a moment. */
function beginOf(call: CallNode): number | null {
  return call.startedAt ?? call.endedAt;
}

/** The lowest lane that is free by then; a new one where none is. */
function freeLane(lanes: Lane[], kind: LaneKind, from: number): Lane {
  const free = lanes.find(({ bars }) => {
    const last = bars.at(-1);
    return last === undefined || (last.to !== null && last.to <= from);
  });
  if (free) return free;
  const lane: Lane = { kind, bars: [] };
  lanes.push(lane);
  return lane;
}

/** The bar of a lane at a time, or the nearest within `reach` milliseconds; null where there is none. */
export function barAt({ bars }: Lane, at: number, reach: number, now: number): Bar | null {
  const index = firstAfter(bars, at);
  const candidates = [bars[index - 1], bars[index]].filter((bar) => bar !== undefined);
  let best: Bar | null = null;
  let distance = reach;
  for (const bar of candidates) {
    const away = Math.max(bar.from - at, at - (bar.to ?? now), 0);
    if (away <= distance) [best, distance] = [bar, away];
  }
  return best;
}

/** Place of the first bar of a lane that begins after a time. */
export function firstAfter(bars: readonly Bar[], at: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle]!.from <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
