import { expect, test } from 'vitest';
import { ArgsDraft, defaultArgs } from '../../extension/commands/args-draft.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';

function takes(properties: JsonObject, required: string[] = []) {
  return { schema: { type: 'object', properties, required } };
}

test('a script whose values all have defaults, or may be left out, can be run without a question', () => {
  const args = takes({ rounds: { type: 'integer', default: 2 }, note: { type: 'string' } }, ['rounds']);
  expect(new ArgsDraft(args).filling).toBe(false);
  expect(defaultArgs(args)).toEqual({ rounds: 2 });
});

test('one that has to be told something asks for it', () => {
  const draft = new ArgsDraft(takes({ path: { type: 'string' }, rounds: { type: 'integer', default: 2 } }, ['path']));
  expect(draft.filling).toBe(true);
  draft.given.set('path', 'src').set('rounds', 5);
  expect(draft.value()).toEqual({ path: 'src', rounds: 5 });
});

test('whoever fills the values in and thinks better of it gets the defaults', () => {
  const draft = new ArgsDraft(takes({ rounds: { type: 'integer', default: 2 } }));
  draft.filling = true;
  draft.given.set('rounds', 5);
  expect(draft.value()).toEqual({ rounds: 5 });
  draft.filling = false;
  expect(draft.value()).toEqual({ rounds: 2 });
});

test('a script that takes nothing is asked nothing, and a line is read as text or JSON', () => {
  expect(new ArgsDraft(takes({})).fields).toEqual([]);
  expect(new ArgsDraft(takes({})).value()).toBeUndefined();
  const draft = new ArgsDraft({ line: 'paths, or nothing' });
  expect(draft.value()).toBeUndefined();
  draft.typed = '{"paths":["src"]}';
  expect(draft.value()).toEqual({ paths: ['src'] });
  draft.typed = 'src';
  expect(draft.value()).toBe('src');
});

test('an object of which no property is known is filled in as a whole', () => {
  const draft = new ArgsDraft({ schema: { type: 'object', additionalProperties: { type: 'number' } } });
  expect(draft.fields.map(({ name }) => name)).toEqual(['']);
  draft.given.set('', { a: 1 });
  expect(draft.value()).toEqual({ a: 1 });
});
