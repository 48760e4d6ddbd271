import { expect, test } from 'vitest';
import type { JsonObject } from '../../../extension/protocol/json.ts';
import { inputProblems, offeredSchema, signatureOf } from '../../../extension/tools/mcp/tool-schema.ts';

const text = { type: 'string' };

test.each<[string, JsonObject, JsonObject]>([
  ['nothing to change', { type: 'object', properties: { a: text } }, { type: 'object', properties: { a: text } }],
  ['no type', { properties: { a: text } }, { type: 'object', properties: { a: text } }],
  ['no schema', { type: 'object', properties: { a: { type: 'nothing' } } }, { type: 'object' }],
  ['no object', { type: 'array' }, { type: 'object' }],
  ['too large', { type: 'object', description: 'x', enum: ['y'.repeat(20_000)] }, { type: 'object' }],
  [
    'properties that are called like keywords',
    { type: 'object', properties: { pattern: text, format: text, $ref: text } },
    { type: 'object', properties: { pattern: text, format: text, $ref: text } },
  ],
  [
    'values that look like keywords',
    { type: 'object', properties: { a: { const: { pattern: 'x' } } } },
    { type: 'object', properties: { a: { const: { pattern: 'x' } } } },
  ],
  [
    'expressions',
    {
      type: 'object',
      properties: { a: { ...text, format: 'date', description: 'When' } },
      patternProperties: { '^x': text },
      additionalProperties: false,
    },
    { type: 'object', properties: { a: { ...text, description: 'When (format date)' } } },
  ],
  [
    'a reference, as Python’s servers write them',
    {
      $defs: { A: { type: 'integer' } },
      type: 'object',
      properties: { a: { $ref: '#/$defs/A', description: 'How many' } },
    },
    { type: 'object', properties: { a: { type: 'integer', description: 'How many' } } },
  ],
  [
    'one that refers to itself',
    {
      $defs: { N: { properties: { n: { $ref: '#/$defs/N' } } } },
      type: 'object',
      properties: { n: { $ref: '#/$defs/N' } },
    },
    { type: 'object', properties: { n: { properties: { n: { properties: { n: { properties: { n: {} } } } } } } } },
  ],
])('a schema is offered: %s', (_what, schema, offered) => {
  expect(offeredSchema(schema)).toEqual(offered);
});

test('a schema that doubles with each step is not gone through', () => {
  const steps = Array.from({ length: 60 }, (_, step) => {
    const next = { $ref: `#/$defs/s${step + 1}` };
    return [`s${step}`, { allOf: [next, next] }];
  });
  const schema = { type: 'object', allOf: [{ $ref: '#/$defs/s0' }], $defs: { ...Object.fromEntries(steps), s60: {} } };
  expect(inputProblems(schema, { any: 'thing' })).toBeNull();
});

test('a schema that is small, and enormous with all that it refers to, is not put together', () => {
  const wide = (name: string) => ({ anyOf: Array.from({ length: 500 }, () => ({ $ref: `#/$defs/${name}` })) });
  const schema = { type: 'object', ...wide('a'), $defs: { a: wide('b'), b: wide('c'), c: { title: 'x' } } };
  expect(offeredSchema(schema)).toEqual({ type: 'object' });
});

test('an input is held against the schema, and its parameters are told in few words', () => {
  const schema = {
    type: 'object',
    properties: { owner: text, days: { type: ['integer', 'null'] }, state: { enum: ['open', 'shut'] } },
    required: ['owner'],
  };
  expect(inputProblems(schema, { owner: 'me', state: 'open' })).toBeNull();
  expect(inputProblems(schema, { state: 'ajar' })).toBe(
    '- the whole must have required property \'owner\'\n- "state" must be equal to one of the allowed values: ["open","shut"]',
  );
  expect(signatureOf(schema)).toBe('(owner: string, days?: integer|null, state?: "open"|"shut")');
});
