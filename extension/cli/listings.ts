import { callNumberWords } from '../protocol/call-number.ts';
import type { FailureCause, RunEvent } from '../protocol/run-events.ts';
import { type CallNode, type CallState, type RunTree, UNNAMED_PHASE } from '../protocol/run-tree.ts';
import { quietOf } from '../protocol/wait-words.ts';
import { printable, shortened } from './printable.ts';

/** One agent, as `show --agents --json` lists it. */
export interface AgentRow {
  number: number;
  state: CallState;
  /** A person added it to the run. */
  added?: true;
  label: string;
  phase: string | null;
  role: string;
  model: string;
  cause?: FailureCause;
  /** Of one at work, when it last did something that the journal has; ISO 8601. */
  lastNewsAt?: string;
  /** The same in words, once that is long ago. */
  silent?: string;
}

/** @param lastStepAt When an agent last did something; milliseconds since the epoch, null: it has not yet. */
export function agentRows(tree: RunTree, lastStepAt: (call: CallNode) => number | null): AgentRow[] {
  const agents = [...tree.calls.values()].filter(({ info }) => info.kind === 'agent');
  return agents.map((call) => {
    if (call.state !== 'working') return agentRow(call);
    const movedAt = Math.max(call.startedAt ?? 0, lastStepAt(call) ?? 0);
    const silent = quietOf(tree, { ...call, movedAt }, Date.now());
    return { ...agentRow(call), lastNewsAt: new Date(movedAt).toISOString(), ...(silent && { silent }) };
  });
}

function agentRow({ info, state, settled }: CallNode): AgentRow {
  return {
    number: info.id,
    ...(info.added && { added: true }),
    state,
    label: info.label,
    phase: info.phase === UNNAMED_PHASE ? null : info.phase,
    role: info.role,
    model: info.model,
    ...(settled?.cause && { cause: settled.cause }),
  };
}

/** A line each: number, state, label, phase, how long it has been silent, cause. */
export function agentLines(rows: AgentRow[]): string[] {
  const digits = Math.max(0, ...rows.map(({ number }) => callNumberWords(number).length));
  return rows.map(({ number, state, label, phase, cause, silent }) => {
    const parts = [printable(label)];
    if (phase !== null) parts.push(`in ${printable(phase)}`);
    if (silent) parts.push(silent);
    if (cause) parts.push(`${cause.kind}: ${printable(cause.message)}`);
    return `${callNumberWords(number).padStart(digits)}  ${state.padEnd(9)}  ${parts.join(' · ')}`;
  });
}

/** One event, as `show --events --json` lists it: `at` in ISO 8601, `words` for people, and the whole of it. */
export type EventRow = Omit<RunEvent, 'at'> & { at: string; words: string };

export function eventRows(events: RunEvent[]): EventRow[] {
  const labels = new Map<number, string>();
  return events.map((event) => {
    if (event.type === 'run.started') labels.clear();
    if (event.type === 'call.issued')
      labels.set(event.call.id, `${event.call.kind} ${callNumberWords(event.call.id)} ${event.call.label}`);
    const words = wordsOf(event, (id) => labels.get(id) ?? 'one that an earlier attempt asked for');
    return { ...event, at: new Date(event.at).toISOString(), words };
  });
}

/** A line each: number, time, type, a few words. */
export function eventLines(rows: EventRow[]): string[] {
  const digits = String(rows.length).length;
  return rows.map(
    ({ seq, at, type, words }) =>
      `${String(seq).padStart(digits)}  ${at}  ${type.padEnd(13)}  ${shortened(words, 120)}`,
  );
}

function wordsOf(event: RunEvent, callOf: (id: number) => string): string {
  switch (event.type) {
    case 'run.created':
      return event.run.forkedFrom ? `forked from ${event.run.forkedFrom.run}` : event.run.description;
    case 'run.started':
      return `attempt ${event.attempt} on ${event.engine}`;
    case 'run.changed':
      return Object.keys(event.change).join(', ');
    case 'phase.began':
      return event.title;
    case 'log':
      return event.level === 'info' ? event.message : `${event.level}: ${event.message}`;
    case 'group.opened':
      return `${event.group.kind} ${event.group.label}`;
    case 'group.changed':
      return Object.keys(event.change).join(', ');
    case 'call.issued':
    case 'call.started':
      return callOf(event.type === 'call.issued' ? event.call.id : event.id);
    case 'call.settled': {
      const { outcome, reused, cause } = event.settled;
      return `${callOf(event.id)}: ${reused ? 'reused' : outcome}${cause ? `, ${cause.message}` : ''}`;
    }
    case 'run.ended':
      return event.error ? `${event.status}: ${event.error.message}` : event.status;
    default:
      return '';
  }
}
