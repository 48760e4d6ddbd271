import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';

/** One schema that asks for what both ask for, as far as that can be said in one; what is made of it is checked anyway. */
export function mergeSchemas(a: JsonObject, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const known = merged[key];
    merged[key] = known === undefined ? value : (MERGES[key]?.(known, value) ?? value);
  }
  return merged;
}

type Merge = (a: Json, b: Json) => Json;

const larger: Merge = (a, b) => Math.max(Number(a), Number(b));
const smaller: Merge = (a, b) => Math.min(Number(a), Number(b));

const union: Merge = (a, b) => [...new Set([...listOf(a), ...listOf(b)])];

/** What is in both; types are compared as JSON Schema does, where an integer is a number. */
const common: Merge = (a, b) => {
  const others = listOf(b).map(canonicalJson);
  return listOf(a).filter((item) => others.includes(canonicalJson(item)));
};

const commonTypes: Merge = (a, b) => {
  const [these, those] = [listOf(a), listOf(b)];
  const both = these.filter((type) => those.includes(type));
  const whole = [these, those].some((types) => types.includes('integer'));
  const numeric = [these, those].every((types) => types.includes('integer') || types.includes('number'));
  return numeric && whole && !both.includes('integer')
    ? [...both.filter((type) => type !== 'number'), 'integer']
    : both;
};

const mergeEach: Merge = (a, b) => {
  const merged: JsonObject = { ...(a as JsonObject) };
  for (const [name, schema] of Object.entries(b as JsonObject)) {
    const known = merged[name];
    merged[name] = known === undefined ? schema : bothOf(known, schema);
  }
  return merged;
};

const bothOf: Merge = (a, b) => {
  if (isJsonObject(a) && isJsonObject(b)) return mergeSchemas(a, b);
  return a === false || b === false ? false : isJsonObject(a) ? a : b;
};

const chain: Merge = (a, b) => [...listOf(a), ...listOf(b)];

const MERGES: Record<string, Merge> = {
  type: commonTypes,
  enum: common,
  required: union,
  properties: mergeEach,
  patternProperties: mergeEach,
  items: bothOf,
  additionalProperties: bothOf,
  allOf: chain,
  minimum: larger,
  exclusiveMinimum: larger,
  minLength: larger,
  minItems: larger,
  minProperties: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  maxProperties: smaller,
};

function listOf(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}
