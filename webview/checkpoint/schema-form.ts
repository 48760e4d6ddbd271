import { isJsonObject, type Json, type JsonObject } from '../../extension/protocol/json.ts';
import { resolvedProperty } from '../../extension/protocol/json-schema.ts';

/** One value that a checkpoint asks for, as a form shows it. */
export interface FormField {
  /** Empty for the values as a whole, where the schema names no properties that a form could show. */
  name: string;
  title: string;
  description: string;
  required: boolean;
  /** `pick`: one of `options`, typed as its index. `flag`: typed as `true` or `false`. `json`: whatever else. */
  kind: 'text' | 'number' | 'integer' | 'flag' | 'pick' | 'json';
  options: Json[];
  /** What the field shows before anybody typed. */
  preset: string;
  property: JsonObject;
}

export type ReadForm = { ok: true; values: JsonObject } | { ok: false; problems: Map<string, string> };
type ReadField = { value: Json | undefined } | { problem: string };

/** A form longer than this is no form; its values are written as JSON. */
const MOST_FIELDS = 30;

/** The fields for a schema of an object; none where no values are asked for. The host checks the whole schema again. */
export function formOf(schema: JsonObject | null): FormField[] {
  if (schema === null) return [];
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (properties.length === 0 || properties.length > MOST_FIELDS) return [fieldOf('', schema, true)];
  return properties.map(([name, property]) =>
    fieldOf(name, resolvedProperty(schema, property), required.includes(name)),
  );
}

function fieldOf(name: string, property: JsonObject, required: boolean): FormField {
  const options = name === '' ? [] : optionsOf(property);
  const kind = name === '' ? 'json' : options.length > 0 ? 'pick' : kindOf(property);
  const text = (key: 'title' | 'description') => (typeof property[key] === 'string' ? property[key] : '');
  const title = name === '' ? 'Values' : text('title') || name;
  return {
    name,
    title,
    description: text('description'),
    required,
    kind,
    options,
    preset: presetOf(kind, options, property.default),
    property,
  };
}

function optionsOf(property: JsonObject): Json[] {
  if (property.const !== undefined) return [property.const];
  return Array.isArray(property.enum) ? property.enum : [];
}

function kindOf({ type }: JsonObject): FormField['kind'] {
  const only = Array.isArray(type) ? type.filter((name) => name !== 'null') : [type];
  if (only.length !== 1) return 'json';
  if (only[0] === 'string') return 'text';
  if (only[0] === 'boolean') return 'flag';
  return only[0] === 'number' || only[0] === 'integer' ? only[0] : 'json';
}

function presetOf(kind: FormField['kind'], options: Json[], value: Json | undefined): string {
  if (kind === 'flag') return String(value === true);
  if (kind === 'pick') {
    const at = options.findIndex((option) => JSON.stringify(option) === JSON.stringify(value));
    return at < 0 ? '' : String(at);
  }
  if (value === undefined || value === null) return '';
  return typeof value === 'string' && kind !== 'json' ? value : JSON.stringify(value, null, 2);
}

export function typedIn(field: FormField, typed: Readonly<Record<string, string>>): string {
  return (Object.hasOwn(typed, field.name) ? typed[field.name] : undefined) ?? field.preset;
}

/** The values as they were typed, or what is wrong with each, by the name of its field. */
export function readForm(fields: FormField[], typed: Readonly<Record<string, string>>): ReadForm {
  const problems = new Map<string, string>();
  const entries: [string, Json][] = [];
  for (const field of fields) {
    const read = readField(field, typedIn(field, typed));
    if ('problem' in read) problems.set(field.name, read.problem);
    else if (read.value === undefined) continue;
    else if (field.name === '') entries.push(...Object.entries(isJsonObject(read.value) ? read.value : {}));
    else entries.push([field.name, read.value]);
  }
  if (problems.size > 0) return { ok: false, problems };
  // A name such as __proto__ is a name like any other.
  return { ok: true, values: Object.fromEntries(entries) };
}

function readField(field: FormField, typed: string): ReadField {
  switch (field.kind) {
    case 'flag':
      return { value: typed === 'true' };
    case 'pick':
      return typed === '' ? nothing(field, 'Choose one.') : { value: field.options[Number(typed)] };
    case 'text':
      return typed === '' ? nothing(field) : readText(field, typed);
    case 'number':
    case 'integer':
      return typed.trim() === '' ? nothing(field) : readNumber(field, typed.trim());
    case 'json':
      return typed.trim() === '' ? nothing(field) : readJson(field, typed);
  }
}

function nothing(field: FormField, problem = 'This has to be filled in.'): ReadField {
  if (!field.required) return { value: undefined };
  const { type } = field.property;
  return Array.isArray(type) && type.includes('null') ? { value: null } : { problem };
}

function readText({ property }: FormField, typed: string): ReadField {
  const { minLength, maxLength } = property;
  if (typeof minLength === 'number' && typed.length < minLength)
    return { problem: `At least ${minLength} characters; these are ${typed.length}.` };
  if (typeof maxLength === 'number' && typed.length > maxLength)
    return { problem: `At most ${maxLength} characters; these are ${typed.length}.` };
  return { value: typed };
}

function readNumber({ kind, property }: FormField, typed: string): ReadField {
  const value = Number(typed);
  if (!Number.isFinite(value)) return { problem: 'This is not a number.' };
  if (kind === 'integer' && !Number.isInteger(value)) return { problem: 'This has to be a whole number.' };
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = property;
  if (typeof minimum === 'number' && value < minimum) return { problem: `At least ${minimum}.` };
  if (typeof maximum === 'number' && value > maximum) return { problem: `At most ${maximum}.` };
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    return { problem: `More than ${exclusiveMinimum}.` };
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    return { problem: `Less than ${exclusiveMaximum}.` };
  return { value };
}

function readJson({ name }: FormField, typed: string): ReadField {
  try {
    const value = JSON.parse(typed) as Json;
    return name === '' && !isJsonObject(value) ? { problem: 'This has to be an object: { … }.' } : { value };
  } catch (error) {
    return { problem: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
}
