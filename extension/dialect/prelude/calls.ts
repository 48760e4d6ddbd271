import type { ErrorInfo } from '../../protocol/errors.ts';
import type { Json } from '../../protocol/json.ts';
import { CALL_ERRORS, type CallRequest, type SettleMessage } from '../../protocol/sandbox-wire.ts';
import type { Caller } from './errors.ts';
import { emit } from './outbox.ts';
import { enterScope, type Scope } from './scope.ts';

type Outcome = { ok: true; value: Json } | { ok: false; error: ErrorInfo };

/** A script that came with an outcome: its text, and what the engine made of it. */
export interface LoadedScript {
  source: string;
  compiled: unknown;
}

type Settle = (outcome: Outcome, loaded: LoadedScript | null) => void;

interface PendingCall {
  scope: Scope;
  settle: Settle;
}

const pending: Record<number, PendingCall> = Object.create(null);
let issued = 0;
let refusals = 0;

/** Asks the host for something; `settle` hears the outcome in a later activation, in the caller's scope. Returns the call's number. */
export function issueCall(request: CallRequest, phase: string | null, { at, scope }: Caller, settle: Settle): number {
  const call = issued + 1;
  emit({ type: 'call', call, request, phase, group: scope.group, slot: scope.slot as number[], at });
  issued = call;
  pending[call] = { scope, settle };
  return call;
}

export function settleCall(message: SettleMessage, compiled?: unknown): void {
  const call = pending[message.call];
  if (!call) throw new Error(`Call ${message.call} was never issued, or has settled before.`);
  delete pending[message.call];
  if (!message.outcome.ok && isExhaustion(message.outcome.error.name)) refusals += 1;
  enterScope(call.scope);
  const { outcome, source } = message;
  call.settle(outcome, source === undefined ? null : { source, compiled });
}

/** How many calls the host has refused so far because the run's budget or its cap on agents is spent. */
export function exhaustedCalls(): number {
  return refusals;
}

export function isExhaustion(errorName: unknown): boolean {
  return errorName === CALL_ERRORS.budget || errorName === CALL_ERRORS.agentLimit;
}
