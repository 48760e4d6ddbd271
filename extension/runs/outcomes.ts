import type { AgentOutcome } from '../agents/run-agent.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';
import type { FailureCause } from '../protocol/run-events.ts';
import { CALL_ERRORS } from '../protocol/sandbox-wire.ts';
import type { Settlement } from './settlements.ts';

/**
 * What the script gets of an agent's end: its answer; `null` where the provider or a person ended it;
 * an error where the script itself asked for something impossible, or ran into a cap.
 */
export function guestOutcomeFor(outcome: AgentOutcome): Settlement['outcome'] {
  if (outcome.ok) return { ok: true, value: outcome.value };
  const name = ERROR_NAMES[outcome.cause.kind];
  return name ? { ok: false, error: { name, message: outcome.cause.message } } : { ok: true, value: null };
}

const ERROR_NAMES: Partial<Record<FailureCause['kind'], string>> = {
  schema: CALL_ERRORS.schema,
  'bad-request': CALL_ERRORS.type,
  cap: CALL_ERRORS.agentLimit,
  budget: CALL_ERRORS.budget,
};

/** A challenger's answer as a vote on the claim; undefined where it could not tell. */
export function voteOf(answer: Json): 'for' | 'against' | undefined {
  if (!isJsonObject(answer)) return undefined;
  if (answer.verdict === 'upheld') return 'for';
  return answer.verdict === 'refuted' ? 'against' : undefined;
}
