import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import { resolvedProperty } from '../protocol/json-schema.ts';

/** One value of an answer, as a person is asked for it. */
export interface Field {
  /** Empty for the whole object, where its schema names no properties. */
  name: string;
  title: string;
  description: string;
  required: boolean;
  /** What there is to pick from; null where it is typed. */
  choices: Json[] | null;
  reads: 'text' | 'number' | 'json';
  preset: Json | undefined;
  /** What an object with this value alone must satisfy. */
  schema: JsonObject;
}

export type ReadValue = { ok: true; value: Json | undefined } | { ok: false; problem: string };

/** What to ask for, one after the other, so that the values together may satisfy a schema of an object. */
export function fieldsOf(root: JsonObject): Field[] {
  const properties = isJsonObject(root.properties) ? Object.entries(root.properties) : [];
  const required = Array.isArray(root.required) ? root.required : [];
  const shared = Object.fromEntries(
    ['$schema', '$defs', 'definitions'].flatMap((key) => (root[key] ? [[key, root[key]]] : [])),
  );
  if (properties.length === 0) return [fieldOf('', root, true, root)];
  return properties.map(([name, property]) => {
    const alone = { ...shared, type: 'object', properties: { [name]: property }, required: [name] };
    return fieldOf(name, resolvedProperty(root, property), required.includes(name), alone);
  });
}

function fieldOf(name: string, property: JsonObject, required: boolean, schema: JsonObject): Field {
  const { title, description, type } = property;
  return {
    name,
    title: typeof title === 'string' ? title : name,
    description: typeof description === 'string' ? description : '',
    required,
    choices: name === '' ? null : choicesOf(property),
    reads: type === 'string' ? 'text' : type === 'number' || type === 'integer' ? 'number' : 'json',
    preset: property.default,
    schema,
  };
}

function choicesOf(property: JsonObject): Json[] | null {
  if (property.const !== undefined) return [property.const];
  if (Array.isArray(property.enum)) return property.enum;
  return property.type === 'boolean' ? [true, false] : null;
}

/** Reads what was typed; nothing means that the value is left out, but for a text that has to be there. */
export function readValue({ reads, required }: Field, typed: string): ReadValue {
  if (reads === 'text') return { ok: true, value: typed === '' && !required ? undefined : typed };
  const text = typed.trim();
  if (text === '')
    return required ? { ok: false, problem: 'This has to be filled in.' } : { ok: true, value: undefined };
  if (reads === 'number') {
    const value = Number(text);
    return Number.isFinite(value) ? { ok: true, value } : { ok: false, problem: 'This is not a number.' };
  }
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    return { ok: false, problem: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** How a value is typed, so that it can be changed. */
export function typedValue({ reads }: Field, value: Json | undefined): string {
  if (value === undefined) return '';
  return reads === 'text' && typeof value === 'string' ? value : JSON.stringify(value);
}

/** The values as one object. A name such as `__proto__` is a name like any other. */
export function valuesOf(fields: readonly Field[], given: ReadonlyMap<string, Json | undefined>): JsonObject {
  const entries = fields.flatMap((field): [string, Json][] => {
    const value = given.get(field.name);
    if (value === undefined) return [];
    return field.name === '' ? Object.entries(isJsonObject(value) ? value : {}) : [[field.name, value]];
  });
  return Object.fromEntries(entries);
}

/** Problems as the check of a schema tells them, for a person; without its name where they are looking at that one value. */
export function inOneLine(problems: string, name?: string): string {
  const lines = problems.split('\n').map((line) => line.replace(/^- /, ''));
  const prefix = name === undefined ? '' : name === '' ? 'the whole ' : `"${name}" `;
  return lines.map((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : line)).join('; ');
}
