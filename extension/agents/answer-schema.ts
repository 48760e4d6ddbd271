import type { ValidateFunction } from 'ajv';
import { errorInfo } from '../protocol/errors.ts';
import { canonicalJson, type Json, type JsonObject } from '../protocol/json.ts';
import { objectRooted, schemaProblems, schemaValidator } from '../protocol/schema-validator.ts';
import { withinTime } from './time-limit.ts';

/** What an answer must look like: `problems` gives null for a good one, else what is wrong, for a model to mend. */
export interface AnswerSchema {
  /** The schema to send: that of the script, with `type: object` where it was only implied. */
  inputSchema: JsonObject;
  problems(answer: Json): string | null;
}

/** The schema of a script that no answer can be checked with. */
export class BadSchemaError extends Error {
  override name = 'BadSchemaError';
}

/** A regular expression can take for ever on a text made for it; both come from elsewhere, and the host has one thread. */
const MAX_CHECK_MS = 250;
const HAS_EXPRESSIONS = /"(pattern|patternProperties|format)":/;
const TOO_SLOW = '- the whole cannot be checked: a pattern of the schema takes too long on it';
const MAX_SCHEMAS = 500;
const compiled = new Map<string, AnswerSchema>();

/**
 * Makes the check for a schema, once for all agents that ask with an equal one.
 * Draft 2020-12 and draft-07 are both understood; without `$schema` whichever the schema is valid in.
 * @throws BadSchemaError naming what is wrong.
 */
export function answerSchema(schema: JsonObject): AnswerSchema {
  const key = canonicalJson(schema);
  const known = compiled.get(key);
  if (known) return known;
  const made = compile(schema, HAS_EXPRESSIONS.test(key));
  // Scripts that build a schema for every call must not fill the memory of a long-lived host.
  if (compiled.size >= MAX_SCHEMAS) compiled.clear();
  compiled.set(key, made);
  return made;
}

function compile(schema: JsonObject, timed: boolean): AnswerSchema {
  const inputSchema = objectRooted(schema);
  if (!inputSchema) {
    const found = schema.type === undefined ? 'has none' : `has ${JSON.stringify(schema.type)}`;
    throw new BadSchemaError(`The schema of an agent must have "type": "object" at its root; this one ${found}.`);
  }
  const validate = validator(inputSchema, typeof schema.$schema === 'string' ? schema.$schema : '');
  const problems = (answer: Json): string | null => (validate(answer) ? null : inWords(validate));
  return {
    inputSchema,
    problems: timed ? (answer) => withinTime(MAX_CHECK_MS, () => problems(answer), TOO_SLOW) : problems,
  };
}

/** Checks the input of a tool against its own schema, which is ours and therefore known to be good. */
export function inputProblems(schema: JsonObject, input: Json): string | null {
  let validate = toolValidators.get(schema);
  if (!validate) {
    validate = schemaValidator(schema);
    toolValidators.set(schema, validate);
  }
  return validate(input) ? null : inWords(validate);
}

const toolValidators = new WeakMap<JsonObject, ValidateFunction>();

function validator(schema: JsonObject, dialect: string): ValidateFunction {
  try {
    return schemaValidator(schema, dialect);
  } catch (error) {
    throw new BadSchemaError(`The schema of an agent is not a valid JSON Schema: ${errorInfo(error).message}`);
  }
}

/** Problems as a list for a model. */
function inWords({ errors }: ValidateFunction): string {
  return schemaProblems(errors ?? [])
    .map((problem) => `- ${problem}`)
    .join('\n');
}
