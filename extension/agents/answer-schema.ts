import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { canonicalJson, type Json, type JsonObject } from '../protocol/json.ts';
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

const MAX_PROBLEMS = 10;
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
  const { $schema, $id, ...body } = schema;
  // A tool's schema has to say `object`; with `properties` alone nothing else can be meant.
  const inputSchema: JsonObject =
    body.type === undefined && body.properties !== undefined ? { type: 'object', ...body } : body;
  if (inputSchema.type !== 'object') {
    const found = body.type === undefined ? 'has none' : `has ${JSON.stringify(body.type)}`;
    throw new BadSchemaError(`The schema of an agent must have "type": "object" at its root; this one ${found}.`);
  }
  const validate = validator(inputSchema, typeof $schema === 'string' ? $schema : '');
  const problems = (answer: Json): string | null => (validate(answer) ? null : inWords(validate.errors ?? []));
  return {
    inputSchema,
    problems: timed ? (answer) => withinTime(MAX_CHECK_MS, () => problems(answer), TOO_SLOW) : problems,
  };
}

/** Checks the input of a tool against its own schema, which is ours and therefore known to be good. */
export function inputProblems(schema: JsonObject, input: Json): string | null {
  let validate = toolValidators.get(schema);
  if (!validate) {
    validate = draft2020().compile(schema);
    toolValidators.set(schema, validate);
  }
  return validate(input) ? null : inWords(validate.errors ?? []);
}

const toolValidators = new WeakMap<JsonObject, ValidateFunction>();

function validator(schema: JsonObject, dialect: string): ValidateFunction {
  const old = /draft-0[4-7]/.test(dialect);
  const drafts = old ? [draft07] : dialect === '' ? [draft2020, draft07] : [draft2020];
  let first: unknown;
  for (const draft of drafts) {
    try {
      return draft().compile(schema);
    } catch (error) {
      first ??= error;
    } finally {
      // The compiled function is kept by us; the instance would keep every schema for ever.
      draft().removeSchema(schema);
    }
  }
  throw new BadSchemaError(
    `The schema of an agent is not a valid JSON Schema: ${first instanceof Error ? first.message : first}`,
  );
}

const OPTIONS: Options = { strict: false, allErrors: true, addUsedSchema: false, logger: false };
let instance2020: Ajv2020 | undefined;
let instance07: Ajv | undefined;

/** Made when first needed: building one compiles the meta-schema, which costs more than most runs spend on schemas. */
function draft2020(): Ajv2020 {
  instance2020 ??= addFormats(new Ajv2020(OPTIONS));
  return instance2020;
}

function draft07(): Ajv {
  instance07 ??= addFormats(new Ajv(OPTIONS));
  return instance07;
}

/** Problems as sentences for a model: where, and what. */
function inWords(errors: ErrorObject[]): string {
  const lines = errors
    .slice(0, MAX_PROBLEMS)
    .map((error) => `- ${place(error)} ${error.message ?? error.keyword}${detail(error)}`);
  if (errors.length > MAX_PROBLEMS) lines.push(`- and ${errors.length - MAX_PROBLEMS} more`);
  return lines.join('\n');
}

function place(error: ErrorObject): string {
  return error.instancePath === '' ? 'the whole' : `"${error.instancePath.slice(1).replaceAll('/', '.')}"`;
}

function detail(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') return `: "${error.params.additionalProperty}" is not known`;
  if (error.keyword === 'enum') return `: ${JSON.stringify(error.params.allowedValues)}`;
  if (error.keyword === 'const') return `: ${JSON.stringify(error.params.allowedValue)}`;
  return '';
}
