import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';

/**
 * Keywords that the API can hold a model to, and those it cannot but that only narrow what we check ourselves. Source:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
const KEPT = new Set(['type', 'description', 'title', 'enum', 'const', 'required', 'default']);
const TOLD = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'minItems', 'maxItems', 'uniqueItems'],
]);
const IGNORED = new Set(['$schema', '$id', '$comment', 'examples']);

/** More of them than this in one request are refused. */
const MOST_OPTIONAL = 24;
const MOST_UNIONS = 16;

/** A schema asks for what cannot be held, or for too much. */
class NotStrict extends Error {}

/**
 * The schema as a tool may have it whose input the API holds to it; null where that would change what may be answered, as
 * it forbids all properties that are not named. What the API cannot hold is said in the description, for the model to heed.
 */
export function strictSchema(schema: JsonObject): JsonObject | null {
  const counts = { optional: 0, unions: 0 };
  try {
    const made = convert(schema, counts);
    return counts.optional <= MOST_OPTIONAL && counts.unions <= MOST_UNIONS ? made : null;
  } catch (error) {
    if (error instanceof NotStrict) return null;
    throw error;
  }
}

interface Counts {
  optional: number;
  unions: number;
}

function convert(schema: Json | undefined, counts: Counts): JsonObject {
  if (!isJsonObject(schema)) throw new NotStrict();
  const made: JsonObject = {};
  const told: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (IGNORED.has(key) || value === undefined) continue;
    if (KEPT.has(key)) made[key] = value;
    else if (TOLD.has(key)) told.push(`${key}: ${JSON.stringify(value)}`);
    else if (key === 'properties') made.properties = convertEach(value, counts);
    else if (key === 'items') made.items = convert(value, counts);
    else if (key === 'anyOf') made.anyOf = convertUnion(value, counts);
    // References may go in circles, and what else there is cannot be held.
    else if (key !== 'additionalProperties' || value === true || isJsonObject(value)) throw new NotStrict();
  }
  const { type } = schema;
  if (Array.isArray(type)) counts.unions += 1;
  else if (type === undefined && !('enum' in made || 'const' in made || 'anyOf' in made)) throw new NotStrict();
  if (type === 'array' && !('items' in made)) throw new NotStrict();
  if (type === 'object' || (Array.isArray(type) && type.includes('object'))) closeObject(made, counts);
  if (told.length > 0) made.description = [made.description, `(${told.join(', ')})`].filter(Boolean).join(' ');
  return made;
}

/** An object without named properties may hold anything: closed, it could hold nothing. */
function closeObject(made: JsonObject, counts: Counts): void {
  const names = isJsonObject(made.properties) ? Object.keys(made.properties) : [];
  if (names.length === 0) throw new NotStrict();
  const required = Array.isArray(made.required) ? made.required : [];
  if (!required.every((name) => typeof name === 'string' && names.includes(name))) throw new NotStrict();
  counts.optional += names.length - required.length;
  made.additionalProperties = false;
}

function convertEach(value: Json, counts: Counts): JsonObject {
  if (!isJsonObject(value)) throw new NotStrict();
  const made: [string, JsonObject][] = Object.entries(value).map(([name, schema]) => [name, convert(schema, counts)]);
  return Object.fromEntries(made);
}

function convertUnion(value: Json, counts: Counts): Json[] {
  if (!Array.isArray(value)) throw new NotStrict();
  counts.unions += 1;
  return value.map((schema) => convert(schema, counts));
}
