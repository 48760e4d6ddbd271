import { expect, test } from 'vitest';
import { answerSchema, BadSchemaError } from '../../extension/agents/answer-schema.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';

function refusal(schema: JsonObject): string {
  try {
    answerSchema(schema);
  } catch (error) {
    if (error instanceof BadSchemaError) return error.message;
    throw error;
  }
  return 'accepted';
}

test('an answer that fits has no problems, and may carry more than the schema names', () => {
  const schema = answerSchema({ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] });
  expect(schema.problems({ n: 1, more: 'yes' })).toBeNull();
});

test('problems are told in words, with the place', () => {
  const schema = answerSchema({
    type: 'object',
    properties: {
      list: { type: 'array', items: { type: 'object', properties: { file: { type: 'string' } }, required: ['file'] } },
      kind: { enum: ['a', 'b'] },
    },
    required: ['list', 'kind'],
    additionalProperties: false,
  });
  const problems = schema.problems({ list: [{ file: 1 }, {}], kind: 'c', other: 1 });
  expect(problems).toContain('"list.0.file" must be string');
  expect(problems).toContain(`"list.1" must have required property 'file'`);
  expect(problems).toContain('"kind" must be equal to one of the allowed values: ["a","b"]');
  expect(problems).toContain('the whole must NOT have additional properties: "other" is not known');
});

test('many problems are cut to ten and counted', () => {
  const schema = answerSchema({ type: 'object', properties: { list: { type: 'array', items: { type: 'string' } } } });
  const problems = schema.problems({ list: Array.from({ length: 25 }, (_, index) => index) }) ?? '';
  expect(problems.split('\n')).toHaveLength(11);
  expect(problems).toContain('and 15 more');
});

test('a root that is no object is refused, naming what it is', () => {
  expect(refusal({ type: 'array', items: {} })).toContain('this one has "array"');
  expect(refusal({ anyOf: [{ type: 'object' }] })).toContain('this one has none');
  expect(refusal({})).toContain('"type": "object"');
});

test('properties alone imply an object, and the model is sent the type', () => {
  expect(answerSchema({ properties: { a: {} } }).inputSchema).toEqual({ type: 'object', properties: { a: {} } });
});

test('an invalid schema is refused, naming what is wrong', () => {
  expect(refusal({ type: 'object', properties: { a: { type: 'strnig' } } })).toContain('/properties/a/type');
  expect(refusal({ type: 'object', properties: { a: { $ref: '#/$defs/gone' } } })).toContain('#/$defs/gone');
  expect(refusal({ type: 'object', properties: { a: { type: 'string', pattern: '(' } } })).toContain(
    'regular expression',
  );
  // Its check would be a promise, and every answer good.
  expect(refusal({ $async: true, type: 'object', required: ['a'] })).toContain('asynchronous');
});

test('a reference to another address is refused, not fetched', () => {
  expect(refusal({ type: 'object', properties: { a: { $ref: 'https://example.com/schema.json' } } })).toContain(
    'example.com',
  );
});

test('2020-12 and draft-07 are both understood, named or not', () => {
  const tuple07 = {
    type: 'object',
    properties: { t: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] } },
  };
  const tuple2020 = {
    type: 'object',
    properties: { t: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] } },
  };
  const named07 = { $schema: 'http://json-schema.org/draft-07/schema#', ...tuple07 };
  const named2020 = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...tuple2020 };
  for (const schema of [tuple07, tuple2020, named07, named2020]) {
    expect(answerSchema(schema).problems({ t: ['a', 1] })).toBeNull();
    expect(answerSchema(schema).problems({ t: [1, 'a'] })).toContain('"t.0" must be string');
  }
});

test('definitions, formats and equal ids in different schemas work', () => {
  const mail = {
    $id: 'https://example.com/same',
    type: 'object',
    properties: { m: { $ref: '#/definitions/mail' } },
    definitions: { mail: { type: 'string', format: 'email' } },
  };
  expect(answerSchema(mail).problems({ m: 'nobody' })).toContain('must match format "email"');
  expect(answerSchema(mail).problems({ m: 'a@example.com' })).toBeNull();
  expect(answerSchema({ ...mail, required: ['m'] }).problems({})).toContain("required property 'm'");
});

test('equal schemas are compiled once, whatever the order of their keys', () => {
  const first = answerSchema({ type: 'object', properties: { once: { type: 'string' } } });
  expect(answerSchema({ properties: { once: { type: 'string' } }, type: 'object' })).toBe(first);
});

test('a pattern that would never end is cut, and the answer counts as wrong', () => {
  const schema = answerSchema({ type: 'object', properties: { s: { type: 'string', pattern: '^(a+)+$' } } });
  expect(schema.problems({ s: 'aaa' })).toBeNull();
  expect(schema.problems({ s: `${'a'.repeat(60)}!` })).toContain('takes too long');
});
