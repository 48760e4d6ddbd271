/** Events of a run that asks a person: what it asked before, tool calls, a judgement, and a script that it called. */
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type {
  CallInfo,
  CallSettled,
  CheckpointInfo,
  GroupInfo,
  RunEvent,
  RunEventBody,
  RunLimits,
} from '../../extension/protocol/run-events.ts';
import { SAMPLE_START, usageOf } from './sweep-player.ts';

export interface QuestionOptions {
  /** What the open checkpoint asks; by default whether to fix or to report. */
  asks?: Partial<CheckpointInfo>;
  limits?: Partial<RunLimits>;
  /** `answered`: the open checkpoint too, by its default. */
  answered?: boolean;
}

/** Ids of what the sample has, for tests that look for them. */
export const SAMPLE_CALLS = {
  question: 3,
  answered: 2,
  tool: 4,
  failedTool: 5,
  judge: 6,
  scan: 9,
  failed: 10,
  timedOut: 12,
};

export const SAMPLE_FORM = {
  type: 'object',
  required: ['branch', 'limit', 'mode'],
  properties: {
    branch: { type: 'string', title: 'Branch', description: 'Where the fixes go', minLength: 3 },
    limit: { type: 'integer', title: 'At most', minimum: 1, maximum: 50, default: 10 },
    share: { type: 'number', title: 'Share' },
    mode: { enum: ['worktree', 'in place'], title: 'How' },
    tests: { type: 'boolean', title: 'Run the tests after each fix', default: true },
    paths: { type: 'array', title: 'Paths', items: { type: 'string' } },
  },
};

const MINUTE = 60_000;

/** The time of the last event is `now`. */
export function questionRun(options: QuestionOptions = {}): { events: RunEvent[]; now: number } {
  const events = bodiesOf(options).map(
    (body, index): RunEvent => ({ ...body, seq: index + 1, at: SAMPLE_START + index * 2000 }),
  );
  return { events, now: events.at(-1)!.at };
}

function bodiesOf({ asks = {}, limits = {}, answered = false }: QuestionOptions): RunEventBody[] {
  const question = ask('19 confirmed so far. Fix them in worktrees, or only report?', {
    detail: 'Each fix is tried on a worktree of its own.',
    choices: ['Fix', 'Report only'],
    ...asks,
  });
  const before = ask('Search the tests, too?', { choices: ['Yes', 'No'] });
  const judged = { kind: 'judge', phase: 'Decide', label: 'Which plan is the safest?' } as const;
  return [
    created(limits),
    { type: 'run.started', attempt: 1, engine: 'isolated-vm' },
    { type: 'phase.began', title: 'Scout' },
    ...done(1, { label: 'list source files', phase: 'Scout' }),
    ...done(
      2,
      { phase: 'Scout', ...before },
      { answer: { choice: 'No', comment: 'They are slow.' }, answeredBy: 'person' },
    ),
    ...done(4, { kind: 'tool', label: 'grep', phase: 'Scout' }),
    ...done(
      5,
      { kind: 'tool', label: 'read_file', phase: 'Scout' },
      failed('tool', 'There is no file src/missing.ts.'),
    ),
    { type: 'phase.began', title: 'Decide' },
    opened({ id: 1, ...judged, size: 3, labels: ['small steps', 'one large change', 'only report'] }),
    ...done(6, { label: 'judge 1', phase: 'Decide', group: 1, slot: [0], role: 'judge' }),
    ...done(7, { label: 'judge 2', phase: 'Decide', group: 1, slot: [1], role: 'judge' }),
    ...done(
      8,
      { label: 'judge 3', phase: 'Decide', group: 1, slot: [2], role: 'judge' },
      failed('schema', 'No scores.'),
    ),
    { type: 'group.changed', id: 1, change: { winner: 0, scores: [8.5, 3.25, 6], closed: true } },
    opened({ id: 2, kind: 'workflow', phase: 'Decide', label: 'deep-scan' }),
    opened({ id: 3, kind: 'parallel', phase: 'Decide', parent: 2, size: 3 }),
    ...started(9, { label: 'scan · api', phase: 'Decide', group: 3, slot: [0] }),
    ...done(
      10,
      { label: 'scan · cli', phase: 'Decide', group: 3, slot: [1] },
      failed('retries-exhausted', '529 overloaded, 6 tries'),
    ),
    { type: 'call.issued', call: call(11, { label: 'scan · db', phase: 'Decide', group: 3, slot: [2] }) },
    opened({
      id: 4,
      kind: 'judge',
      phase: 'Decide',
      parent: 2,
      label: 'Which area next?',
      size: 2,
      labels: ['api', 'cli'],
    }),
    ...done(
      12,
      { phase: 'Decide', group: 2, ...ask('Go on without the network?', { choices: ['Yes', 'No'] }) },
      {
        answer: { choice: 'Yes' },
        answeredBy: 'timeout',
      },
    ),
    ...(answered
      ? done(3, { phase: 'Decide', ...question }, { answer: { choice: 'Report only' }, answeredBy: 'timeout' })
      : started(3, { phase: 'Decide', ...question })),
  ];
}

function created(limits: Partial<RunLimits>): RunEventBody {
  return {
    type: 'run.created',
    run: {
      id: 'ask-1',
      name: 'bug-sweep',
      description: 'Finds, judges, and asks before it changes anything.',
      script: 'bug-sweep.js',
      digest: 'a'.repeat(64),
      provider: 'anthropic',
      providerTitle: 'Anthropic',
      model: 'claude-opus-5-5',
      phases: [{ title: 'Scout' }, { title: 'Decide' }, { title: 'Report' }],
      limits: {
        concurrency: 16,
        maxAgents: 1000,
        budget: 50_000,
        maxCostUsd: 5,
        agentTimeoutMs: null,
        runTimeoutMs: null,
        ...limits,
      },
    },
  };
}

function ask(question: string, asks: Partial<CheckpointInfo>): Partial<CallInfo> {
  const checkpoint = {
    question,
    detail: '',
    choices: [],
    schema: null,
    askedAt: SAMPLE_START - MINUTE,
    timeoutAt: null,
  };
  return { kind: 'checkpoint', label: question.slice(0, 80), checkpoint: { ...checkpoint, ...asks } };
}

function call(id: number, info: Partial<CallInfo>): CallInfo {
  const base = { kind: 'agent', role: 'agent', label: '', phase: null, group: null, slot: [], model: '' } as const;
  return { ...base, slot: [], at: { line: 20 + id, column: 3 }, ...info, id, key: `k${id}` };
}

function started(id: number, info: Partial<CallInfo>): RunEventBody[] {
  return [
    { type: 'call.issued', call: call(id, info) },
    { type: 'call.started', id },
  ];
}

function done(id: number, info: Partial<CallInfo>, change: Partial<CallSettled> = {}): RunEventBody[] {
  const usage = info.kind ? usageOf(0, 0) : usageOf(3000, 400);
  const settled: CallSettled = {
    outcome: 'succeeded',
    reused: false,
    usage,
    requests: 1,
    durationMs: 4000,
    spent: 0,
    ...change,
  };
  return [...started(id, info), { type: 'call.settled', id, settled }];
}

function failed(kind: NonNullable<CallSettled['cause']>['kind'], message: string): Partial<CallSettled> {
  return { outcome: 'failed', cause: { kind, message } };
}

function opened(group: Partial<GroupInfo> & Pick<GroupInfo, 'id' | 'kind'>): RunEventBody {
  const base = { phase: null, parent: null, slot: [], label: '', detail: '', size: 0, stages: 0, labels: [] };
  return { type: 'group.opened', group: { ...base, ...group } };
}

/** What the host tells of each call when it is looked at. */
export function questionDetails(events: RunEvent[]): Record<string, CallDetails> {
  const details: Record<string, CallDetails> = {};
  for (const event of events) {
    if (event.type !== 'call.issued') continue;
    const { id, kind, label } = event.call;
    const tool = kind === 'tool' ? { answer: 'src/a.ts:3: TODO' } : {};
    const prompt = kind === 'tool' ? `${label} {\n  "pattern": "TODO"\n}` : `task: ${label}`;
    details[id] = { id, prompt, options: {}, transcript: [], ...tool };
  }
  return details;
}
