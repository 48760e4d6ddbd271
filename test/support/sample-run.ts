/**
 * Events of a run shaped like a bug sweep, made by playing its schedule: a scout, finders in rounds of a pipeline,
 * three challengers a claim, a report. The same options always give the same events.
 */
import type {
  CallSettled,
  EndStatus,
  ProgressEvent,
  RunEvent,
  RunEventBody,
} from '../../extension/protocol/run-events.ts';
import { DOINGS } from './sample-texts.ts';
import { SweepPlayer, usageOf } from './sweep-player.ts';

export interface SampleOptions {
  /** Agents in all, 4 or more. */
  agents: number;
  state: 'running' | 'interrupted' | 'failed' | 'stopped' | 'finished';
  seed?: number;
  /** When the run began, milliseconds since the epoch. */
  startedAt?: number;
  /** Whether the provider counts tokens; the built-in analyst does not. Default true. */
  tokens?: boolean;
}

export interface SampleRun {
  events: RunEvent[];
  /** What the agents still at work are doing; empty where the run has ended. */
  progress: ProgressEvent[];
  /** True for `interrupted`. */
  interrupted: boolean;
  /** Time of the last event. */
  now: number;
}

const END_STATUS: Partial<Record<SampleOptions['state'], EndStatus>> = { failed: 'failed', stopped: 'stopped' };

/** Plays a run to its end, then cuts it off where the state asked for lies. */
export function sampleRun(options: SampleOptions): SampleRun {
  const events = new SweepPlayer(options).play();
  if (options.state === 'finished') return { events, progress: [], interrupted: false, now: events.at(-1)!.at };
  const cut = cutShort(events, options);
  const now = cut.at(-1)!.at + 900;
  return { events: cut, progress: progressOf(cut, options, now), interrupted: options.state === 'interrupted', now };
}

function cutShort(events: RunEvent[], options: SampleOptions): RunEvent[] {
  const settled = Math.floor(options.agents * 0.62);
  let seen = 0;
  const cut = events.slice(
    0,
    events.findIndex((event) => event.type === 'call.settled' && ++seen > settled),
  );
  const status = END_STATUS[options.state];
  if (!status) return cut;
  return [...cut, ...endingOf(cut, status)];
}

function endingOf(events: RunEvent[], status: EndStatus): RunEvent[] {
  const last = events.at(-1)!;
  const open = new Set<number>();
  for (const event of events) {
    if (event.type === 'call.issued') open.add(event.call.id);
    if (event.type === 'call.settled') open.delete(event.id);
  }
  const at = last.at + 40;
  const stopped: CallSettled = {
    outcome: 'stopped',
    reused: false,
    cause: { kind: 'stopped', message: 'The run ended.' },
    usage: usageOf(0, 0),
    requests: 1,
    durationMs: 900,
    spent: 0,
  };
  const bodies: RunEventBody[] = [...open].map((id) => ({ type: 'call.settled', id, settled: stopped }));
  const error =
    status === 'failed'
      ? {
          error: {
            name: 'TypeError',
            message: "Cannot read properties of null (reading 'findings')",
            line: 84,
            column: 21,
          },
        }
      : {};
  bodies.push({ type: 'run.ended', status, ...error });
  return bodies.map((body, index) => ({ ...body, seq: last.seq + 1 + index, at }));
}

function progressOf(events: RunEvent[], options: SampleOptions, at: number): ProgressEvent[] {
  if (options.state !== 'running' && options.state !== 'interrupted') return [];
  const working = new Set<number>();
  for (const event of events) {
    if (event.type === 'call.started') working.add(event.id);
    if (event.type === 'call.settled') working.delete(event.id);
  }
  return [...working].map((id) => ({
    type: 'call.progress',
    id,
    at,
    doing: DOINGS[id % DOINGS.length]!,
    usage: options.tokens === false ? usageOf(0, 0) : usageOf(1200 + ((id * 37) % 5000), 40 + ((id * 13) % 400)),
  }));
}
