import { expect, test } from 'vitest';
import { answerSchema } from '../../extension/agents/answer-schema.ts';
import { fieldsOf, inOneLine, readValue, typedValue, valuesOf } from '../../extension/commands/schema-fields.ts';
import type { Json, JsonObject } from '../../extension/protocol/json.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  required: ['name', 'count', 'kind'],
  properties: {
    name: { type: 'string', title: 'Full name', description: 'As on the label', minLength: 2 },
    count: { type: 'integer', minimum: 1, default: 3 },
    kind: { $ref: '#/$defs/kind' },
    urgent: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    note: { type: 'string' },
  },
  $defs: { kind: { enum: ['large', 'small'], description: 'How big' } },
};

function field(name: string) {
  const found = fieldsOf(SCHEMA).find((candidate) => candidate.name === name);
  if (!found) throw new Error(`There is no field ${name}.`);
  return found;
}

test('each property is one field, in order, with what is picked and what is typed', () => {
  expect(fieldsOf(SCHEMA).map(({ name, reads, choices, required }) => [name, reads, choices, required])).toEqual([
    ['name', 'text', null, true],
    ['count', 'number', null, true],
    ['kind', 'json', ['large', 'small'], true],
    ['urgent', 'json', [true, false], false],
    ['tags', 'json', null, false],
    ['note', 'text', null, false],
  ]);
  expect(field('name')).toMatchObject({ title: 'Full name', description: 'As on the label' });
  expect(field('kind').description).toBe('How big');
  expect(typedValue(field('count'), field('count').preset)).toBe('3');
});

test.each<[string, string, Json | undefined]>([
  ['name', 'Ada', 'Ada'],
  ['name', '', ''],
  ['note', '', undefined],
  ['count', ' 12 ', 12],
  ['tags', '["a", "b"]', ['a', 'b']],
  ['tags', '', undefined],
])('%s typed as %j is %j', (name, typed, value) => {
  expect(readValue(field(name), typed)).toEqual({ ok: true, value });
});

test.each([
  ['count', 'many', 'not a number'],
  ['count', '', 'has to be filled in'],
  ['tags', '[a', 'not JSON yet'],
])('%s typed as %j is refused', (name, typed, problem) => {
  expect(readValue(field(name), typed)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
});

test.each<[string, Json, string | null]>([
  ['count', 0, 'must be >= 1'],
  ['count', 2, null],
  ['kind', 'huge', 'must be equal to one of the allowed values: ["large","small"]'],
  ['name', 'x', 'must NOT have fewer than 2 characters'],
])('%s as %j is checked by its own part of the schema', (name, value, problem) => {
  const problems = answerSchema(field(name).schema).problems({ [name]: value });
  expect(problems && inOneLine(problems, name)).toBe(problem);
});

test('the values together are one object, without what was left out', () => {
  const given = new Map<string, Json | undefined>([
    ['name', 'Ada'],
    ['count', 2],
    ['kind', 'small'],
    ['note', undefined],
  ]);
  expect(valuesOf(fieldsOf(SCHEMA), given)).toEqual({ name: 'Ada', count: 2, kind: 'small' });
});

test('a schema without properties is one field, whose value is the whole', () => {
  const fields = fieldsOf({ type: 'object', additionalProperties: { type: 'number' } });
  expect(fields).toHaveLength(1);
  expect(valuesOf(fields, new Map([['', { a: 1 }]]))).toEqual({ a: 1 });
});

test('a definition that refers to itself, or to nothing, is still a field', () => {
  const fields = fieldsOf({
    properties: { a: { $ref: '#/$defs/a' }, b: { $ref: '#/$defs/none' } },
    $defs: { a: { $ref: '#/$defs/a' } },
  });
  expect(fields.map(({ name, reads }) => [name, reads])).toEqual([
    ['a', 'json'],
    ['b', 'json'],
  ]);
});

test('a property may be called like one that every object has', () => {
  const [only] = fieldsOf(JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as JsonObject);
  if (!only) throw new Error('There is no field.');
  const values = valuesOf([only], new Map([['__proto__', 'x']]));
  expect(JSON.stringify(values)).toBe('{"__proto__":"x"}');
});
