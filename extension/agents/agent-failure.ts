import { ModelError } from '../models/provider.ts';
import { errorInfo } from '../protocol/errors.ts';
import type { FailureCause } from '../protocol/run-events.ts';
import { BadSchemaError } from './answer-schema.ts';

/** Ends a conversation without a result. */
export class AgentFailure extends Error {
  readonly why: FailureCause;
  constructor(why: FailureCause) {
    super(why.message);
    this.why = why;
  }
}

/** Why an agent has no answer, by what was thrown. */
export function failureCause(error: unknown, signal: AbortSignal): FailureCause {
  if (signal.aborted) return { kind: 'stopped', message: 'The agent was stopped.' };
  if (error instanceof AgentFailure) return error.why;
  if (error instanceof BadSchemaError) return { kind: 'bad-request', message: error.message };
  if (error instanceof ModelError) {
    const kind = error.retryable ? 'retries-exhausted' : 'refused';
    return error.status === undefined
      ? { kind, message: error.message }
      : { kind, message: error.message, status: error.status };
  }
  return { kind: 'internal', message: errorInfo(error).message };
}
