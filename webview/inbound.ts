import { PROFILES } from '../extension/protocol/permissions.ts';
import type { ProgressEvent, RunEvent } from '../extension/protocol/run-events.ts';

type AnyEvent = RunEvent | ProgressEvent;
type Check = (value: unknown) => boolean;
type Shape = Record<string, Check>;

/**
 * The events as they are where all of them are sound, which they are but for a journal that was tampered with. One that
 * is not counts in the sequence, or all after it would be asked for again and again, and says nothing.
 */
export function soundEvents(events: unknown[]): AnyEvent[] {
  if (events.every(isSound)) return events as AnyEvent[];
  console.warn('Counterpoint: an event that is not understood was passed over.');
  return events.flatMap((event) => (isSound(event) ? (event as AnyEvent) : placeOf(event)));
}

function placeOf(event: unknown): AnyEvent[] {
  if (!isRecord(event) || !isNumber(event.seq) || !isNumber(event.at)) return [];
  return [{ type: 'not-understood', seq: event.seq, at: event.at } as unknown as AnyEvent];
}

/** Whether it has what the fold and the views read without asking. More may be in it, or another type, from a newer host. */
function isSound(event: unknown): boolean {
  if (!isRecord(event) || typeof event.type !== 'string' || !isNumber(event.at)) return false;
  if (event.type !== 'call.progress' && !isNumber(event.seq)) return false;
  return !Object.hasOwn(EVENTS, event.type) || has(event, EVENTS[event.type as AnyEvent['type']]);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it has what the screen of a preview reads without asking. Another kind of advice, from a newer host, is advice too. */
export function isPreviewMessage(message: Record<string, unknown>): boolean {
  return has(message, PREVIEW_MESSAGE);
}

/** Of the commands from outside those that this view knows. */
export function isPanelCommand(command: unknown): boolean {
  if (!isRecord(command)) return false;
  if (command.name === 'show') return oneOf('tree', 'timeline', 'list', 'report')(command.view);
  if (command.name === 'reveal') return isRecord(command.on) && isNumber(command.on.call);
  return command.name === 'find';
}

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === 'boolean';

function has(record: Record<string, unknown>, shape: Shape): boolean {
  for (const name in shape) if (!shape[name]!(record[name])) return false;
  return true;
}

const shaped =
  (shape: Shape): Check =>
  (value) =>
    isRecord(value) && has(value, shape);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);

const isUsage = shaped({
  inputTokens: isNumber,
  outputTokens: isNumber,
  cacheReadTokens: isNumber,
  cacheWriteTokens: isNumber,
  costUsd: orNull(isNumber),
});
const LIMITS: Shape = {
  concurrency: isNumber,
  maxAgents: isNumber,
  budget: orNull(isNumber),
  maxCostUsd: orNull(isNumber),
  agentTurns: maybe(orNull(isNumber)),
  agentTokens: maybe(orNull(isNumber)),
};
const isProfile = oneOf(...PROFILES);
const isModels = shaped({ agent: maybe(isText), challenger: maybe(isText), judge: maybe(isText) });
const isPhases = listOf(shaped({ title: isText, detail: maybe(isText) }));
const isRules = shaped({ allow: listOf(isText), ask: listOf(isText), deny: listOf(isText) });
const isError = shaped({
  name: isText,
  message: isText,
  line: maybe(isNumber),
  column: maybe(isNumber),
  script: maybe(isText),
});
const isAnswer = shaped({ choice: isText, comment: maybe(isText), values: maybe(isRecord) });
const isEstimate = shaped({ found: isNumber, total: isNumber, low: isNumber, high: isNumber });

const isRun = shaped({
  id: isText,
  name: isText,
  description: isText,
  script: isText,
  provider: isText,
  providerTitle: isText,
  model: isText,
  phases: isPhases,
  limits: shaped(LIMITS),
  models: maybe(isModels),
  profile: maybe(isProfile),
  permissions: maybe(isRules),
  preview: maybe(isFlag),
  forkedFrom: maybe(shaped({ run: isText, seq: isNumber, usage: isUsage })),
});
const isRunChange = shaped({
  script: maybe(isText),
  model: maybe(isText),
  phases: maybe(isPhases),
  limits: maybe(shaped(LIMITS)),
  models: maybe(isModels),
  profile: maybe(isProfile),
  permissions: maybe(isRules),
});
const isGroup = shaped({
  id: isNumber,
  kind: oneOf('parallel', 'pipeline', 'challenge', 'converge', 'round', 'judge', 'workflow'),
  phase: orNull(isText),
  parent: orNull(isNumber),
  slot: listOf(isNumber),
  label: isText,
  detail: isText,
  size: isNumber,
  stages: isNumber,
  labels: listOf(isText),
});
const isGroupChange = shaped({
  closed: maybe(isFlag),
  verdict: maybe(
    shaped({
      verdict: oneOf('upheld', 'refuted', 'unverified'),
      for: isNumber,
      against: isNumber,
      failed: isNumber,
      reasons: listOf(isText),
    }),
  ),
  dropped: maybe(isNumber),
  fresh: maybe(isNumber),
  total: maybe(isNumber),
  stopped: maybe(isText),
  estimate: maybe(isEstimate),
  winner: maybe(isNumber),
  scores: maybe(listOf(isNumber)),
});
const isCall = shaped({
  id: isNumber,
  key: isText,
  kind: oneOf('agent', 'timer', 'checkpoint', 'tool', 'workflow'),
  role: oneOf('agent', 'challenger', 'judge'),
  label: isText,
  phase: orNull(isText),
  group: orNull(isNumber),
  slot: listOf(isNumber),
  model: isText,
  at: orNull(shaped({ line: isNumber, column: isNumber, script: maybe(isText) })),
  checkpoint: maybe(
    shaped({
      question: isText,
      detail: isText,
      choices: listOf(isText),
      schema: orNull(isRecord),
      askedAt: isNumber,
      timeoutAt: orNull(isNumber),
      fallback: maybe(isText),
    }),
  ),
});
const isSettled = shaped({
  outcome: oneOf('succeeded', 'failed', 'skipped', 'stopped'),
  reused: isFlag,
  cause: maybe(shaped({ kind: isText, message: isText, status: maybe(isNumber) })),
  usage: isUsage,
  requests: isNumber,
  durationMs: isNumber,
  vote: maybe(oneOf('for', 'against')),
  changedFiles: maybe(isNumber),
  answer: maybe(isAnswer),
  answeredBy: maybe(isText),
});

const isRange = shaped({ low: isNumber, likely: isNumber, high: isNumber });
const isPreview = shaped({
  script: shaped({ title: isText, name: isText, description: isText, digest: isText }),
  agents: isRange,
  inputTokens: isRange,
  outputTokens: isRange,
  costUsd: orNull(isRange),
  durationMs: isRange,
  phases: listOf(shaped({ title: isText, agents: isRange })),
  models: listOf(shaped({ model: isText, agents: isRange })),
  basis: isText,
  capped: orNull(oneOf('maxAgents', 'budget', 'maxCostUsd')),
  tools: listOf(
    shaped({ name: isText, by: oneOf('agents', 'script'), access: oneOf('read', 'write', 'execute', 'network') }),
  ),
  checkpoints: isNumber,
  advice: listOf(shaped({ kind: isText, message: isText, line: orNull(isNumber) })),
  error: orNull(isError),
});
const PREVIEW_MESSAGE: Shape = {
  preview: orNull(isPreview),
  problem: orNull(isError),
  stale: isFlag,
  approval: orNull(shaped({ reasons: listOf(isText), restricted: isFlag })),
};

const isTarget: Check = (value) => isRecord(value) && isText(value.kind);
const isQuestion = shaped({
  id: isNumber,
  tool: isText,
  what: isText,
  targets: listOf(isTarget),
  why: isText,
  askedAt: maybe(isNumber),
  timeoutAt: orNull(isNumber),
});
const isDecision = shaped({
  question: orNull(isNumber),
  tool: isText,
  what: isText,
  allowed: isFlag,
  by: isText,
  why: isText,
});

const EVENTS: Record<AnyEvent['type'], Shape> = {
  'run.created': { run: isRun },
  'run.started': { attempt: isNumber },
  'run.paused': {},
  'run.unpaused': {},
  'run.governed': { governor: shaped({ parkedUntil: orNull(isNumber), why: isText, requests: orNull(isNumber) }) },
  'run.changed': { change: isRunChange },
  'phase.began': { title: isText },
  log: { level: oneOf('info', 'warning', 'error'), message: isText },
  'group.opened': { group: isGroup },
  'group.changed': { id: isNumber, change: isGroupChange },
  'call.issued': { call: isCall },
  'call.started': { id: isNumber },
  'call.settled': { id: isNumber, settled: isSettled },
  'permission.asked': { id: isNumber, question: isQuestion },
  'permission.decided': { id: isNumber, decision: isDecision },
  'call.progress': { id: isNumber, doing: isText, usage: isUsage },
  'run.ended': { status: oneOf('completed', 'completed_with_failures', 'failed', 'stopped'), error: maybe(isError) },
};
