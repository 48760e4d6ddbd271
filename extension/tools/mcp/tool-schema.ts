import type { ValidateFunction } from 'ajv';
import { isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';
import { resolvedProperty } from '../../protocol/json-schema.ts';
import { plain } from '../../protocol/plain-text.ts';
import { objectRooted, schemaProblems, schemaValidator } from '../../protocol/schema-validator.ts';

/** Characters of a schema as JSON; an agent pays for each of them with every request. */
const MAX_SCHEMA = 16_000;
const MAX_SIGNATURE = 200;
/** Where names of properties stand, which may be those of keywords. */
const MAPS = new Set(['properties', 'dependentSchemas']);
/** Where values stand, which mean nothing as schemas. */
const VALUES = new Set(['const', 'enum', 'default', 'examples', 'required']);
/** `$ref`, `$defs` and all else that refers, which stands in its place by now, and what has patterns in it. */
const DROPPED = /^(\$.*|definitions|patternProperties)$/;
const MAX_REFERENCES = 3;
const MAX_PARTS = 1_000;
/** What an input is when nobody can tell more: the server checks it itself. */
const ANY: JsonObject = { type: 'object' };

interface Known {
  offered: JsonObject;
  validate: ValidateFunction;
}

const known = new WeakMap<JsonObject, Known>();

/**
 * A server's schema as a model is offered it, and as its input is checked. Two things could hold this process for ever: regular expressions,
 * which become words for the model, and references that double with each step, which are put in. Any object where it is no schema, or
 * too large.
 */
export function offeredSchema(schema: JsonObject): JsonObject {
  return knownOf(schema).offered;
}

/** What is wrong with an input, as a list for the model; null: nothing. */
export function inputProblems(schema: JsonObject, input: JsonObject): string | null {
  const { validate } = knownOf(schema);
  if (validate(input)) return null;
  return schemaProblems(validate.errors ?? [])
    .map((problem) => `- ${problem}`)
    .join('\n');
}

/** Its parameters in a few words: `(owner: string, labels?: array)`. */
export function signatureOf(schema: JsonObject): string {
  const { properties, required } = offeredSchema(schema);
  if (!isJsonObject(properties)) return '()';
  const needed = Array.isArray(required) ? required : [];
  const parts = Object.entries(properties).map(([name, property]) => {
    const type = isJsonObject(property) ? typeOf(property) : 'any';
    return `${name}${needed.includes(name) ? '' : '?'}: ${type}`;
  });
  return plain(`(${parts.join(', ')})`, MAX_SIGNATURE);
}

function typeOf({ type, enum: values }: JsonObject): string {
  if (Array.isArray(values) && values.length <= 5) return values.map((value) => JSON.stringify(value)).join('|');
  return typeof type === 'string' ? type : Array.isArray(type) ? type.join('|') : 'any';
}

function knownOf(schema: JsonObject): Known {
  const found = known.get(schema);
  if (found) return found;
  const made = understood(schema) ?? { offered: ANY, validate: schemaValidator(ANY) };
  known.set(schema, made);
  return made;
}

function understood(schema: JsonObject): Known | null {
  try {
    const rooted = objectRooted(resolvedProperty(schema, schema));
    if (!rooted) return null;
    const offered = simpler(rooted, { root: schema, left: MAX_PARTS }, 0);
    if (JSON.stringify(offered).length > MAX_SCHEMA) return null;
    return { offered, validate: schemaValidator(offered, typeof schema.$schema === 'string' ? schema.$schema : '') };
  } catch {
    // It is no schema, or one without an end: then the server alone knows what it takes.
    return null;
  }
}

/** The schema that references are looked up in, and how many parts there may yet be. */
interface Whole {
  root: JsonObject;
  left: number;
}

/** @param references How many stand around it: one that refers to itself ends as "anything". */
function simpler(part: JsonObject, whole: Whole, references: number): JsonObject {
  whole.left -= 1;
  if (whole.left < 0) throw new Error('it is too large');
  const refers = part.$ref !== undefined;
  if (refers && references >= MAX_REFERENCES) return {};
  const schema = refers ? resolvedProperty(whole.root, part) : part;
  const deeper = refers ? references + 1 : references;
  const simple: JsonObject = {};
  const notes: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if ((key === 'pattern' || key === 'format') && typeof value === 'string') notes.push(`${key} ${plain(value, 80)}`);
    else if (key === 'description' && typeof value === 'string') simple[key] = plain(value, 300);
    else if (DROPPED.test(key)) continue;
    // Without the patterns nobody could tell which of them are further ones.
    else if (key === 'additionalProperties' && schema.patternProperties !== undefined) continue;
    else
      simple[key] = VALUES.has(key)
        ? value
        : MAPS.has(key)
          ? mapped(value, whole, deeper)
          : inner(value, whole, deeper);
  }
  if (notes.length > 0)
    simple.description = [simple.description, `(${notes.join(', ')})`].filter((text) => text !== undefined).join(' ');
  return simple;
}

function mapped(value: Json, whole: Whole, references: number): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, inner(schema, whole, references)]));
}

function inner(value: Json, whole: Whole, references: number): Json {
  if (Array.isArray(value)) return value.map((item) => inner(item, whole, references));
  return isJsonObject(value) ? simpler(value, whole, references) : value;
}
