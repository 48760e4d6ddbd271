import { isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';
import type { CheckpointAnswer, CheckpointRequest } from '../../protocol/sandbox-wire.ts';
import { warnOfUnknown } from './agent.ts';
import { issueCall } from './calls.ts';
import { caller, errorFromHost } from './errors.ts';
import { jsonObject, nameOfType } from './json-copy.ts';
import { currentPhase } from './scope.ts';

const OPTIONS = ['detail', 'choices', 'schema', 'timeoutMs', 'default'];
const MOST_CHOICES = 20;
const LONGEST_CHOICE = 200;

/**
 * The global `checkpoint()`: asks a person, and waits for as long as that takes. Only a script that gives a default may
 * set a time after which it holds, for silence is never consent. Resolves to the answer.
 * Rejects with a TypeError or a RangeError where the question or an option can never work.
 */
export function checkpoint(question: unknown, options?: unknown): Promise<Json> {
  const from = caller();
  return new Promise((resolve, reject) => {
    const given = isJsonObject(options) ? options : {};
    const request = readRequest(question, options, given);
    warnOfUnknown('checkpoint', given, OPTIONS, from.at);
    issueCall(request, currentPhase(from.scope), from, (outcome) => {
      if (outcome.ok) resolve(outcome.value);
      else reject(errorFromHost(outcome.error, from.at));
    });
  });
}

function readRequest(question: unknown, options: unknown, given: Record<string, unknown>): CheckpointRequest {
  if (typeof question !== 'string') {
    throw new TypeError(`checkpoint() expects its question as a string, not ${nameOfType(question)}.`);
  }
  if (question.trim() === '') throw new TypeError('checkpoint() expects a question, and it is empty.');
  if (options !== undefined && options !== null && !isJsonObject(options)) {
    throw new TypeError(`checkpoint() expects its options as an object, not ${nameOfType(options)}.`);
  }
  const schema = readSchema(given.schema);
  const choices = readChoices(given.choices ?? (schema ? ['Submit'] : ['Yes', 'No']));
  const fallback = readDefault(given.default, choices);
  return {
    kind: 'checkpoint',
    question,
    detail: readDetail(given.detail),
    choices,
    schema,
    timeoutMs: readTimeout(given.timeoutMs, fallback),
    fallback,
  };
}

function readDetail(detail: unknown): string {
  if (detail === undefined || detail === null) return '';
  if (typeof detail === 'string') return detail;
  throw new TypeError(`checkpoint() expects opts.detail as a string, not ${nameOfType(detail)}.`);
}

function readSchema(given: unknown): JsonObject | null {
  if (given === undefined || given === null) return null;
  const schema = jsonObject(given, 'checkpoint() expects opts.schema as a JSON Schema object');
  // With `properties` alone nothing else can be meant.
  if (schema.type === 'object' || (schema.type === undefined && schema.properties !== undefined)) return schema;
  throw new TypeError('checkpoint() expects opts.schema to have "type": "object" at its root.');
}

function readChoices(given: unknown): string[] {
  if (!Array.isArray(given)) {
    throw new TypeError(`checkpoint() expects opts.choices as an array of strings, not ${nameOfType(given)}.`);
  }
  if (given.length < 1 || given.length > MOST_CHOICES) {
    throw new RangeError(`checkpoint() takes 1 to ${MOST_CHOICES} choices, and got ${given.length}.`);
  }
  const choices = Array.from(given, (choice: unknown, index) => {
    if (typeof choice === 'string' && choice.trim() !== '' && choice.length <= LONGEST_CHOICE) return choice;
    const found = typeof choice === 'string' ? (choice.trim() === '' ? 'empty' : 'longer') : nameOfType(choice);
    throw new TypeError(
      `checkpoint() expects each choice as a string of 1 to ${LONGEST_CHOICE} characters; choice ${index + 1} is ${found}.`,
    );
  });
  if (new Set(choices).size === choices.length) return choices;
  throw new TypeError('checkpoint() expects choices that differ; two of these are the same.');
}

function readDefault(given: unknown, choices: readonly string[]): CheckpointAnswer | null {
  if (given === undefined || given === null) return null;
  const answer = typeof given === 'string' ? { choice: given } : given;
  if (!isJsonObject(answer)) {
    throw new TypeError(
      `checkpoint() expects opts.default as a choice or { choice, values }, not ${nameOfType(given)}.`,
    );
  }
  const { choice, comment, values } = answer as Record<string, unknown>;
  if (typeof choice !== 'string' || !choices.includes(choice)) {
    throw new TypeError(`checkpoint() expects opts.default to be one of its choices: ${choices.join(', ')}.`);
  }
  if (comment !== undefined && typeof comment !== 'string') {
    throw new TypeError(`checkpoint() expects the comment of opts.default as a string, not ${nameOfType(comment)}.`);
  }
  const expectation = 'checkpoint() expects the values of opts.default as an object';
  return {
    choice,
    ...(comment === undefined ? {} : { comment }),
    ...(values === undefined ? {} : { values: jsonObject(values, expectation) }),
  };
}

function readTimeout(given: unknown, fallback: CheckpointAnswer | null): number | null {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 1) {
    throw new RangeError('checkpoint() expects opts.timeoutMs as a positive whole number of milliseconds.');
  }
  if (fallback) return given;
  throw new TypeError(
    'checkpoint() takes opts.timeoutMs only together with opts.default, for silence is never consent: say what holds when nobody answers.',
  );
}
