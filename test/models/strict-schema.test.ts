import { expect, test } from 'vitest';
import { strictSchema } from '../../extension/models/strict-schema.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';

test('objects are closed at every depth, and what cannot be held is told in words', () => {
  const schema: JsonObject = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: ['items'],
    properties: {
      items: {
        type: 'array',
        maxItems: 9,
        items: {
          type: 'object',
          properties: { line: { type: 'integer', minimum: 1, description: 'Where.' } },
          required: ['line'],
        },
      },
      kind: { enum: ['a', 'b'] },
      why: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    },
  };
  expect(strictSchema(schema)).toEqual({
    type: 'object',
    required: ['items'],
    additionalProperties: false,
    properties: {
      items: {
        type: 'array',
        description: '(maxItems: 9)',
        items: {
          type: 'object',
          properties: { line: { type: 'integer', description: 'Where. (minimum: 1)' } },
          required: ['line'],
          additionalProperties: false,
        },
      },
      kind: { enum: ['a', 'b'] },
      why: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    },
  });
});

const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...rest });

test.each([
  ['an object that may hold anything', { type: 'object' }],
  ['a map', object({ a: { type: 'object', additionalProperties: { type: 'string' } } })],
  ['an object that is open on purpose', object({ a: { type: 'string' } }, { additionalProperties: true })],
  ['a reference', object({ a: { $ref: '#/$defs/a' } })],
  ['a part of any kind', object({ a: {} })],
  ['a part that is no schema', object({ a: true })],
  ['a list of anything', object({ a: { type: 'array' } })],
  ['conditions', object({ a: { type: 'string' } }, { not: { required: ['a'] } })],
  ['a required property without a schema', object({ a: { type: 'string' } }, { required: ['b'] })],
  [
    'too many that may be left out',
    object(Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`p${n}`, { type: 'string' }]))),
  ],
  [
    'too many of several types',
    object(Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`p${n}`, { type: ['string', 'null'] }]))),
  ],
] satisfies [string, JsonObject][])('%s cannot be held', (_, schema) => {
  expect(strictSchema(schema)).toBeNull();
});

test('the schema of the script is left as it was', () => {
  const schema = object({ a: { type: 'string', minLength: 3 } });
  const before = JSON.stringify(schema);
  strictSchema(schema);
  expect(JSON.stringify(schema)).toBe(before);
});
