import type { AgentOutcome } from '../agents/run-agent.ts';
import type { Json } from '../protocol/json.ts';
import type { CallInfo, CallSettled, FailureCause } from '../protocol/run-events.ts';
import { NO_USAGE } from '../protocol/run-events.ts';
import type { AgentOptions, CallCommand, CallRequest, CheckpointAnswer } from '../protocol/sandbox-wire.ts';
import { checkpointInfo } from './checkpoints.ts';
import { voteOf } from './outcomes.ts';

/** What the events tell of a call. @param askedAt when it was first asked, in whatever attempt. */
export function callInfo(command: CallCommand, key: string, model: string, askedAt: number): CallInfo {
  const { request, phase, group, slot, at, call } = command;
  return {
    id: call,
    key,
    kind: request.kind,
    role: request.kind === 'agent' ? request.role : 'agent',
    label: labelOf(request),
    phase,
    group,
    slot,
    model,
    at,
    ...(request.kind === 'checkpoint' && { checkpoint: checkpointInfo(request, askedAt) }),
  };
}

const LABEL_LENGTH = 80;

function labelOf(request: CallRequest): string {
  switch (request.kind) {
    case 'agent':
      return agentLabel(request.prompt, request.options);
    case 'checkpoint':
      return short(request.question);
    case 'tool':
      return request.name;
    case 'workflow':
      return short('name' in request.ref ? request.ref.name : request.ref.scriptPath);
    case 'timer':
      return 'timer';
  }
}

function agentLabel(prompt: string, options: AgentOptions): string {
  return short(options.label || prompt);
}

function short(text: string): string {
  const label = text.trim().replace(/\s+/g, ' ');
  return label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH - 1)}…` : label;
}

/** How a call ended, beside what came out of it. */
export interface EndDetails {
  durationMs: number;
  /** Output tokens of the run with this call. */
  spent: number;
  /** A person ended it so. */
  outcome?: 'skipped' | 'stopped';
  changedFiles?: number;
  answer?: { given: CheckpointAnswer; by: 'person' | 'timeout' };
}

export function settledOf(call: CallInfo, outcome: AgentOutcome, details: EndDetails): CallSettled {
  const vote = outcome.ok && call.role === 'challenger' ? voteOf(outcome.value) : undefined;
  return {
    outcome: details.outcome ?? (outcome.ok ? 'succeeded' : 'failed'),
    reused: false,
    ...(!outcome.ok && { cause: outcome.cause }),
    usage: outcome.usage,
    requests: outcome.requests,
    durationMs: details.durationMs,
    spent: details.spent,
    ...(vote && { vote }),
    ...(details.changedFiles && { changedFiles: details.changedFiles }),
    ...(details.answer && { answer: details.answer.given, answeredBy: details.answer.by }),
  };
}

/** The end of a call that nothing was spent on. */
export function refusal(kind: FailureCause['kind'], message: string): AgentOutcome {
  return { ok: false, cause: { kind, message }, usage: NO_USAGE, requests: 0 };
}

/** The answer to a call that nothing was spent on. */
export function answered(value: Json): AgentOutcome {
  return { ok: true, value, usage: NO_USAGE, requests: 0 };
}

/** What was asked, in words. */
export function promptOf(request: CallRequest): string {
  switch (request.kind) {
    case 'agent':
      return request.prompt;
    case 'checkpoint':
      return [request.question, request.detail].filter(Boolean).join('\n\n');
    case 'tool':
      return `${request.name} ${JSON.stringify(request.input, null, 2)}`;
    default:
      return '';
  }
}
