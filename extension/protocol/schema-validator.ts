import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonObject } from './json.ts';

const OPTIONS: Options = { strict: false, allErrors: true, addUsedSchema: false, logger: false };
const MAX_PROBLEMS = 10;
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

/**
 * What checks a value against a schema. Draft 2020-12 and draft-07 are both understood; where `dialect`, its `$schema`,
 * is empty, whichever the schema is valid in. The schema itself must carry neither `$schema` nor `$id`.
 * @throws Error saying why it is no schema.
 */
export function schemaValidator(schema: JsonObject, dialect = ''): ValidateFunction {
  // Its check would answer with a promise, which is not false, whatever it comes to.
  if (schema.$async === true) throw new Error('an asynchronous schema ("$async") is not supported');
  const old = /draft-0[4-7]/.test(dialect);
  const drafts = old ? [draft07] : dialect === '' ? [draft2020, draft07] : [draft2020];
  let first: unknown;
  for (const draft of drafts) {
    try {
      return draft().compile(schema);
    } catch (error) {
      first ??= error;
    } finally {
      // The compiled function is kept by the caller; the instance would keep every schema for ever.
      draft().removeSchema(schema);
    }
  }
  throw first;
}

/** A schema that a script wrote, as `schemaValidator` takes it: with an object at its root, said outright. Null where it has none. */
export function objectRooted({ $schema: _dialect, $id: _id, ...body }: JsonObject): JsonObject | null {
  // A tool's schema has to say `object`; with `properties` alone nothing else can be meant.
  const schema: JsonObject =
    body.type === undefined && body.properties !== undefined ? { type: 'object', ...body } : body;
  return schema.type === 'object' ? schema : null;
}

/** Problems as sentences for whoever has to mend them: where, and what. */
export function schemaProblems(errors: ErrorObject[]): string[] {
  const lines = errors
    .slice(0, MAX_PROBLEMS)
    .map((error) => `${place(error)} ${error.message ?? error.keyword}${detail(error)}`);
  if (errors.length > MAX_PROBLEMS) lines.push(`and ${errors.length - MAX_PROBLEMS} more`);
  return lines;
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
