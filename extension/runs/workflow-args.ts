import { answerSchema } from '../agents/answer-schema.ts';
import { UserError } from '../protocol/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../protocol/json.ts';
import { resolvedProperty } from '../protocol/json-schema.ts';
import type { WorkflowArgs } from '../protocol/workflow-args.ts';

/**
 * What a script gets as `args`: what was given, and beside it the defaults that its schema has for properties that were not.
 * A script without a schema gets what was given, whatever it is; with nothing given and nothing to fill in it gets nothing.
 * @throws UserError `bad-arguments` naming all that does not satisfy the schema.
 */
export function fillArgs(takes: WorkflowArgs | undefined, args: Json | undefined): Json | undefined {
  if (!takes || !('schema' in takes)) return args;
  const { schema } = takes;
  if (args !== undefined && !isJsonObject(args)) throw wrong(schema, `they are ${nameOf(args)}, not an object`);
  const filled = { ...argDefaults(takes), ...args };
  const problems = answerSchema(schema).problems(filled);
  if (problems) throw wrong(schema, problems.replace(/^- (the whole )?/gm, '').replaceAll('\n', '; '));
  return args === undefined && Object.keys(filled).length === 0 ? undefined : filled;
}

/** What a script takes, in one line for a person: `paths (array, required), rounds (integer, default 3)`. */
export function argsWords(takes: WorkflowArgs): string {
  if ('line' in takes) return takes.line;
  const required = Array.isArray(takes.schema.required) ? takes.schema.required : [];
  const words = propertiesOf(takes.schema).map(([name, property]) => {
    const facts = [
      typeOf(property),
      required.includes(name) ? 'required' : '',
      property.default === undefined ? '' : `default ${JSON.stringify(property.default)}`,
    ].filter((fact) => fact !== '');
    return facts.length > 0 ? `${name} (${facts.join(', ')})` : name;
  });
  return words.length > 0 ? words.join(', ') : 'an object';
}

function typeOf({ type, enum: choices }: JsonObject): string {
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(' or ');
  return Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : '';
}

function propertiesOf(schema: JsonObject): [string, JsonObject][] {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).map(([name, property]) => [name, resolvedProperty(schema, property)]);
}

/**
 * What a script takes where nothing else is given; null where it does not say, for it has no schema. A copy each time, for a
 * script changes what it gets, and the schema stays.
 */
export function argDefaults(takes: WorkflowArgs | undefined): JsonObject | null {
  if (!takes || !('schema' in takes)) return null;
  const given = propertiesOf(takes.schema).flatMap(([name, property]): [string, Json][] =>
    property.default === undefined ? [] : [[name, structuredClone(property.default)]],
  );
  return Object.fromEntries(given);
}

function wrong(schema: JsonObject, problems: string): UserError {
  return new UserError(
    'bad-arguments',
    `The args do not fit what the script takes: ${problems}. It takes: ${argsWords({ schema })}.`,
  );
}

function nameOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
