import { createHash } from 'node:crypto';
import type { StoredResult } from '../journal/journal.ts';
import { UserError } from '../protocol/errors.ts';
import type { AddedTask } from '../protocol/run-control.ts';
import {
  ADDED_PHASE,
  type CallInfo,
  FIRST_ADDED_CALL,
  type RunEvent,
  type RunEventBody,
} from '../protocol/run-events.ts';
import type { AgentRequest } from '../protocol/sandbox-wire.ts';
import { callInfo } from './call-info.ts';

/** Characters of a task: what is longer belongs into a file that the agent reads. */
const LONGEST_TASK = 100_000;
const LONGEST_NAME = 200;

/** An agent that a person added, as the journal has it: what it was asked, and its answer where it has one. */
export interface StoredAdded {
  id: number;
  request: AgentRequest;
  result: StoredResult | null;
}

/** @throws UserError where no agent can be given this. */
export function checkAddedTask({ prompt, label, model, agentType }: AddedTask): void {
  if (prompt.trim() === '') throw bad('The task is empty. Say what the agent is to do.');
  if (prompt.length > LONGEST_TASK)
    throw bad(
      `The task has ${prompt.length} characters, and ${LONGEST_TASK} are the most. Put what is long into a file, and name the file in the task.`,
    );
  for (const [what, name] of Object.entries({ label, model, agentType })) {
    if (name === undefined || (name.trim() !== '' && name.length <= LONGEST_NAME)) continue;
    throw bad(`The ${what} of an agent has 1 to ${LONGEST_NAME} characters; leave it out where there is none.`);
  }
}

function bad(message: string): UserError {
  return new UserError('bad-arguments', message);
}

export function requestOf({ prompt, label, model, agentType }: AddedTask): AgentRequest {
  const options = { ...(label && { label }), ...(model && { model }), ...(agentType && { agentType }) };
  return { kind: 'agent', prompt, options, role: 'agent' };
}

export function addedInfo(id: number, request: AgentRequest, model: string): CallInfo {
  const place = { phase: ADDED_PHASE, group: null, slot: [], at: null };
  return { ...callInfo({ type: 'call', call: id, request, ...place }, addedKey(id), model, 0), added: true };
}

/**
 * What an agent's answer is stored under: its number, not its content. What a person adds is no wish of the script's,
 * so that a second task of the same words is another one, and no key of a script's call can be the same.
 */
export function addedKey(id: number): string {
  return createHash('sha256').update(`added\n${id}`).digest('hex').slice(0, 32);
}

/** The agents that a person ever added to a run, by their numbers, as they were last told of. */
export function addedCalls(past: readonly RunEvent[]): Map<number, CallInfo> {
  const calls = new Map<number, CallInfo>();
  for (const event of past) {
    // A journal that says otherwise must not take a number of the script's.
    if (event.type !== 'call.issued' || !event.call.added || event.call.id < FIRST_ADDED_CALL) continue;
    calls.set(event.call.id, event.call);
  }
  return calls;
}

/**
 * The agents of a fork's parent that a person added and that it takes over: those that have their answer by then, as with
 * the script's calls, so that an inbox that is read again finds what it found. One that has none is left out, for nobody
 * asked that it be paid for again. They are told of with the fork's beginning, and so in its every
 * attempt. @param isFinished Whether the parent had the answer of this key.
 */
export function carriedOver(past: readonly RunEvent[], isFinished: (key: string) => boolean): RunEventBody[] {
  const finished = [...addedCalls(past).values()].filter(({ key }) => isFinished(key));
  return finished.map((call) => ({ type: 'call.issued', call }));
}

/** An agent is to be added to a run that has ended, or is about to. */
export function takesNoMore(runId: string): UserError {
  return new UserError(
    'not-running',
    `Run ${runId} is not running, so no agent can be added to it. Run Agent in Background (\`counterpoint agent "TASK"\`) has one work by itself.`,
  );
}
