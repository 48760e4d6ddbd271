import type { AgentOutcome } from '../agents/run-agent.ts';
import { readScript } from '../dialect/read-script.ts';
import { errorInfo, type UserError } from '../protocol/errors.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';
import type { FailureCause } from '../protocol/run-events.ts';
import { CALL_ERRORS, type CallKind } from '../protocol/sandbox-wire.ts';
import type { Settlement } from './settlements.ts';
import { argDefaults } from './workflow-args.ts';

/** A script that another one called, as it is kept: the run goes by this text from then on. */
export interface CalledScript {
  title: string;
  name: string;
  text: string;
}

/** What the script gets of a call that has its answer. */
export function guestAnswer(kind: CallKind, value: Json): Pick<Settlement, 'outcome' | 'source'> {
  if (kind !== 'workflow') return { outcome: { ok: true, value } };
  const { title, name, text } = value as unknown as CalledScript;
  const { meta, source } = readScript(text);
  return { outcome: { ok: true, value: { title, name, defaults: argDefaults(meta.args) } }, source };
}

/**
 * What the script gets of a call's end: its answer; `null` where the provider or a person ended it;
 * an error where the script itself asked for something impossible, or ran into a cap.
 */
export function guestOutcomeFor(kind: CallKind, outcome: AgentOutcome): Pick<Settlement, 'outcome' | 'source'> {
  if (outcome.ok) return guestAnswer(kind, outcome.value);
  const { cause } = outcome;
  const name = ERROR_NAMES[cause.kind];
  return { outcome: name ? { ok: false, error: { name, message: cause.message, cause } } : { ok: true, value: null } };
}

/** Why a script cannot be called, with the place in it where there is one. */
export function workflowProblem(error: UserError): string {
  const { message, line, column } = errorInfo(error);
  return line === undefined ? message : `${message} (line ${line}, column ${column})`;
}

const ERROR_NAMES: Partial<Record<FailureCause['kind'], string>> = {
  schema: CALL_ERRORS.schema,
  'bad-request': CALL_ERRORS.type,
  cap: CALL_ERRORS.agentLimit,
  budget: CALL_ERRORS.budget,
  tool: CALL_ERRORS.tool,
  workflow: CALL_ERRORS.workflow,
};

/** A challenger's answer as a vote on the claim; undefined where it could not tell. */
export function voteOf(answer: Json): 'for' | 'against' | undefined {
  if (!isJsonObject(answer)) return undefined;
  if (answer.verdict === 'upheld') return 'for';
  return answer.verdict === 'refuted' ? 'against' : undefined;
}
