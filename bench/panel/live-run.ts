/** A run of many agents that are all at work at once, and what comes of it while somebody looks. */
import type { EventsMessage } from '../../extension/protocol/panel-messages.ts';
import type {
  CallSettled,
  GroupInfo,
  ProgressEvent,
  RunEvent,
  RunEventBody,
  Usage,
} from '../../extension/protocol/run-events.ts';
import { DOINGS } from '../../test/support/sample-texts.ts';
import { seededRandom } from '../../test/support/seeded-random.ts';

const START = Date.UTC(2026, 9, 12, 9, 0, 0);
/** What the host gathers before it posts, in milliseconds. */
export const GATHER_MS = 50;
/** Of so many updates one is the end of an agent, the others are progress. */
const SETTLE_EVERY = 12;
export const RUN_ID = 'run-live';

export interface LiveRun {
  /** What has happened when the measurement begins, in messages as the host cuts them. */
  backlog: EventsMessage[];
  /** One for each `GATHER_MS`. */
  updates: EventsMessage[];
}

/** `agents` of them at work in three phases, and `perSecond` updates for so many seconds. */
export function liveRun(agents: number, perSecond: number, seconds: number): LiveRun {
  const bodies = beginning(agents);
  const events = bodies.map((body, index): RunEvent => ({ ...body, seq: index + 1, at: START + index }));
  return { backlog: inParts(events), updates: updatesOf(events.length, agents, perSecond, seconds) };
}

function beginning(agents: number): RunEventBody[] {
  const run: RunEventBody = {
    type: 'run.created',
    run: {
      id: RUN_ID,
      name: 'live',
      description: 'All at work.',
      script: 'live.js',
      digest: 'a'.repeat(64),
      provider: 'anthropic',
      providerTitle: 'Anthropic',
      model: 'claude-opus-5-5',
      phases: ['Find', 'Refine', 'Challenge'].map((title) => ({ title })),
      limits: {
        concurrency: agents,
        maxAgents: agents,
        budget: null,
        maxCostUsd: null,
        agentTimeoutMs: null,
        runTimeoutMs: null,
      },
    },
  };
  const bodies: RunEventBody[] = [run, { type: 'run.started', attempt: 1, engine: 'isolated-vm' }];
  const found = Math.floor(agents * 0.5);
  const items = Math.floor((agents * 0.2) / 2);
  const claims = Math.floor((agents - found - 2 * items) / 3);
  let id = 0;
  const issue = (phase: string, group: number, slot: number[]) => {
    id += 1;
    const label = `${phase.toLowerCase()} · ${id}`;
    const role = phase === 'Challenge' ? 'challenger' : 'agent';
    const call = { id, key: `k${id}`, kind: 'agent', role, label, phase, group, slot, model: '', at: null } as const;
    bodies.push({ type: 'call.issued', call }, { type: 'call.started', id });
  };
  const open = (group: Pick<GroupInfo, 'id' | 'kind' | 'phase' | 'size' | 'label'> & Partial<GroupInfo>) =>
    bodies.push({
      type: 'group.opened',
      group: { parent: null, slot: [], detail: '', stages: 0, labels: [], ...group },
    });
  open({ id: 1, kind: 'parallel', phase: 'Find', size: found, label: 'finders' });
  for (let index = 0; index < found; index++) issue('Find', 1, [index]);
  open({ id: 2, kind: 'pipeline', phase: 'Refine', size: items, stages: 2, label: 'refine' });
  for (let index = 0; index < items * 2; index++) issue('Refine', 2, [index >> 1, index % 2]);
  for (let claim = 0; claim < claims; claim++) {
    open({ id: 3 + claim, kind: 'challenge', phase: 'Challenge', size: 3, label: `claim ${claim} holds` });
    for (let place = 0; place < 3; place++) issue('Challenge', 3 + claim, [place]);
  }
  return bodies;
}

function updatesOf(lastSeq: number, agents: number, perSecond: number, seconds: number): EventsMessage[] {
  const random = seededRandom(11);
  const working = Array.from({ length: agents }, (_, index) => index + 1);
  const each = Math.round((perSecond * GATHER_MS) / 1000);
  let seq = lastSeq;
  let told = 0;
  return Array.from({ length: Math.ceil((seconds * 1000) / GATHER_MS) }, (_, batch) => {
    const at = START + 60_000 + batch * GATHER_MS;
    const settled: RunEvent[] = [];
    const progress = new Map<number, ProgressEvent>();
    while (settled.length + progress.size < Math.min(each, working.length)) {
      const place = Math.floor(random() * working.length);
      const id = working[place] ?? 1;
      told += 1;
      if (told % SETTLE_EVERY === 0) {
        working.splice(place, 1);
        progress.delete(id);
        settled.push({ type: 'call.settled', id, settled: outcomeOf(id), seq: ++seq, at });
      } else {
        const doing = `${DOINGS[told % DOINGS.length]} ${told}`;
        progress.set(id, { type: 'call.progress', id, at, doing, usage: usageOf(told) });
      }
    }
    return message([...settled, ...progress.values()], false);
  });
}

function outcomeOf(id: number): CallSettled {
  const base = { reused: false, usage: usageOf(id), requests: 1, durationMs: 4000, spent: 0 };
  if (id % 40 === 0)
    return { ...base, outcome: 'failed', cause: { kind: 'retries-exhausted', message: '529 overloaded, 6 tries' } };
  return { ...base, outcome: 'succeeded', vote: id % 3 === 0 ? 'against' : 'for' };
}

function usageOf(n: number): Usage {
  return { inputTokens: 900 + n, outputTokens: 40 + (n % 400), cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.01 };
}

function inParts(events: RunEvent[]): EventsMessage[] {
  const parts: RunEvent[][] = [];
  for (let start = 0; start < events.length; start += 500) parts.push(events.slice(start, start + 500));
  return parts.map((part, index) => message(part, index < parts.length - 1));
}

function message(events: EventsMessage['events'], more: boolean): EventsMessage {
  return { type: 'events', runId: RUN_ID, events, more, interrupted: false };
}
