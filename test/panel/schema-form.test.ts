import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { formOf, readForm } from '../../webview/checkpoint/schema-form.ts';
import { SAMPLE_FORM } from '../support/sample-questions.ts';

const formFor = (properties: JsonObject, required: string[] = []) => formOf({ type: 'object', properties, required });
const problemsOf = (properties: JsonObject, typed: Record<string, string>, required: string[] = []) => {
  const read = readForm(formFor(properties, required), typed);
  return read.ok ? {} : Object.fromEntries(read.problems);
};

describe('the form of a schema', () => {
  it('has a field for each property, of its kind, with what is there already', () => {
    expect(formOf(SAMPLE_FORM).map(({ name, kind, required, preset }) => [name, kind, required, preset])).toEqual([
      ['branch', 'text', true, ''],
      ['limit', 'integer', true, '10'],
      ['share', 'number', false, ''],
      ['mode', 'pick', true, ''],
      ['tests', 'flag', false, 'true'],
      ['paths', 'json', false, ''],
    ]);
  });

  it('is one field of JSON where a schema names no properties, or too many, and none without a schema', () => {
    expect(formOf(null)).toEqual([]);
    expect(formOf({ type: 'object' }).map(({ name, kind }) => [name, kind])).toEqual([['', 'json']]);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, { type: 'string' }]));
    expect(formFor(many)).toHaveLength(1);
  });

  it('follows a reference within the schema, and no circle', () => {
    const schema = {
      type: 'object',
      properties: { size: { $ref: '#/$defs/size' }, loop: { $ref: '#/$defs/loop' } },
      $defs: { size: { enum: ['S', 'M'] }, loop: { $ref: '#/$defs/loop' } },
    };
    expect(formOf(schema).map(({ kind }) => kind)).toEqual(['pick', 'json']);
  });
});

describe('what is typed', () => {
  it('becomes values of their types, and what is left empty is left out', () => {
    const typed = { branch: 'fixes', limit: ' 7 ', share: '0.5', mode: '1', tests: 'false', paths: '["src"]' };
    expect(readForm(formOf(SAMPLE_FORM), typed)).toEqual({
      ok: true,
      values: { branch: 'fixes', limit: 7, share: 0.5, mode: 'in place', tests: false, paths: ['src'] },
    });
    expect(readForm(formOf(SAMPLE_FORM), { branch: 'fixes', mode: '0' })).toEqual({
      ok: true,
      values: { branch: 'fixes', limit: 10, mode: 'worktree', tests: true },
    });
  });

  it('is refused with words for each field', () => {
    const read = readForm(formOf(SAMPLE_FORM), { branch: 'x', limit: '2.5', share: 'half', paths: '[' });
    expect(read.ok ? {} : Object.fromEntries(read.problems)).toEqual({
      branch: 'At least 3 characters; these are 1.',
      limit: 'This has to be a whole number.',
      share: 'This is not a number.',
      mode: 'Choose one.',
      paths: expect.stringContaining('This is not JSON yet'),
    });
  });

  it.each([
    [{ type: 'number', minimum: 3 }, '2', 'At least 3.'],
    [{ type: 'number', maximum: 3 }, '4', 'At most 3.'],
    [{ type: 'number', exclusiveMinimum: 3 }, '3', 'More than 3.'],
    [{ type: 'number', exclusiveMaximum: 3 }, '3', 'Less than 3.'],
    [{ type: 'string', maxLength: 2 }, 'abc', 'At most 2 characters; these are 3.'],
    [{ type: 'number' }, 'Infinity', 'This is not a number.'],
  ])('keeps to the limits: %o', (property, typed, problem) => {
    expect(problemsOf({ a: property as JsonObject }, { a: typed })).toEqual({ a: problem });
  });

  it('may be nothing where null is allowed, and only there', () => {
    expect(readForm(formFor({ a: { type: ['string', 'null'] } }, ['a']), {})).toEqual({
      ok: true,
      values: { a: null },
    });
    expect(problemsOf({ a: { type: 'string' } }, {}, ['a'])).toEqual({ a: 'This has to be filled in.' });
  });

  it('is an object where the values are written as one', () => {
    const form = formOf({ type: 'object' });
    expect(readForm(form, { '': '{"a": 1}' })).toEqual({ ok: true, values: { a: 1 } });
    expect(readForm(form, { '': '[1]' })).toMatchObject({ ok: false });
  });

  it('has names like any other, also those of an object itself', () => {
    const properties = JSON.parse('{"__proto__": {"type": "string"}, "constructor": {"type": "string"}}') as JsonObject;
    expect(readForm(formFor(properties), {})).toEqual({ ok: true, values: {} });
    const read = readForm(formFor(properties), JSON.parse('{"__proto__": "x"}') as Record<string, string>);
    expect(read.ok && Object.entries(read.values)).toEqual([['__proto__', 'x']]);
  });
});
