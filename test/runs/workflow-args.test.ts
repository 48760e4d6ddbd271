import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { UserError } from '../../extension/protocol/errors.ts';
import type { Json } from '../../extension/protocol/json.ts';
import { argsWords, fillArgs } from '../../extension/runs/workflow-args.ts';
import { runHarness } from '../support/run-harness.ts';

const TAKES = {
  schema: {
    type: 'object',
    properties: {
      paths: { type: 'array', items: { type: 'string' }, default: ['.'] },
      rounds: { $ref: '#/$defs/rounds' },
      goal: { type: 'string', minLength: 1 },
      depth: { enum: ['quick', 'deep'] },
    },
    $defs: { rounds: { type: 'integer', minimum: 1, default: 3 } },
    additionalProperties: false,
  },
};

function refusal(schema: { [key: string]: Json }, args: Json | undefined): UserError {
  try {
    fillArgs({ schema }, args);
  } catch (error) {
    return error as UserError;
  }
  throw new Error('They were accepted.');
}

describe('args of a script with a schema', () => {
  test('get the defaults that were not given, also where nothing was', () => {
    expect(fillArgs(TAKES, undefined)).toEqual({ paths: ['.'], rounds: 3 });
    expect(fillArgs(TAKES, { rounds: 1, goal: 'find' })).toEqual({ paths: ['.'], rounds: 1, goal: 'find' });
  });

  test('are a copy: neither what was given nor the schema is changed', () => {
    const given = { goal: 'find' };
    const filled = fillArgs(TAKES, given) as { paths: string[] };
    filled.paths.push('more');
    expect(given).toEqual({ goal: 'find' });
    expect(fillArgs(TAKES, given)).toEqual({ paths: ['.'], rounds: 3, goal: 'find' });
  });

  test('stay nothing where nothing was given and nothing is to be filled in', () => {
    expect(fillArgs({ schema: { type: 'object', properties: { a: {} } } }, undefined)).toBeUndefined();
    expect(fillArgs({ schema: { type: 'object' } }, {})).toEqual({});
  });

  test('are refused with each problem and with all that the script takes', () => {
    const error = refusal(TAKES.schema, { paths: 'src', rounds: 0, depth: 'full', dpeth: 1 });
    expect(error.code).toBe('bad-arguments');
    expect(error.message).not.toContain('\n');
    for (const part of [
      '"paths" must be array',
      '"rounds" must be >= 1',
      '"depth" must be equal to one of the allowed values: ["quick","deep"]',
      ': must NOT have additional properties: "dpeth" is not known',
      'It takes: paths (array, default ["."]), rounds (integer, default 3), goal (string), depth ("quick" or "deep").',
    ]) {
      expect(error.message).toContain(part);
    }
    const required = { ...TAKES.schema, required: ['goal'] };
    expect(refusal(required, undefined).message).toContain("must have required property 'goal'");
    expect(refusal(required, undefined).message).toContain('goal (string, required)');
  });

  test.each([
    ['{"goal":"find"}', 'they are a string, not an object'],
    [['find'], 'they are an array, not an object'],
    [null, 'they are null, not an object'],
  ])('are refused where they are no object: %j', (args, message) => {
    expect(refusal(TAKES.schema, args).message).toContain(message);
  });

  test('keep a property that JavaScript has a meaning for to themselves', () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"default":{"polluted":1}}}}');
    const filled = fillArgs({ schema }, JSON.parse('{"constructor":1}'));
    expect(JSON.stringify(filled)).toBe('{"__proto__":{"polluted":1},"constructor":1}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

test('a script without a schema gets what was given, whatever it is', () => {
  for (const args of [undefined, null, 'text', '{"json":"as text"}', [1], { a: 1 }]) {
    expect(fillArgs(undefined, args)).toBe(args);
    expect(fillArgs({ line: 'A question' }, args)).toBe(args);
  }
});

test('what a script takes is one line', () => {
  expect(argsWords({ line: 'The question to answer' })).toBe('The question to answer');
  expect(argsWords({ schema: { type: 'object' } })).toBe('an object');
  expect(argsWords({ schema: { properties: { a: true, b: { type: ['string', 'null'] } } } })).toBe(
    'a, b (string or null)',
  );
});

test('a run, and a fork that brings another script, begin with filled-in args or not at all', async () => {
  const { manager, workspace } = await runHarness(() => ({ text: '' }));
  const script = join(workspace, 'takes.js');
  const write = (schema: string) =>
    writeFileSync(script, `export const meta = { name: 't', description: 'd', args: ${schema} };\nreturn args;`);
  write(`{ type: 'object', properties: { rounds: { type: 'integer', default: 3 } } }`);
  const request = { script, provider: 'anthropic' };
  await expect(manager.start({ ...request, args: { rounds: 'many' } })).rejects.toMatchObject({
    code: 'bad-arguments',
  });
  expect(manager.runs()).toEqual([]);
  const run = await manager.start({ ...request, args: { goal: 'find' } });
  expect(await manager.finished(run)).toEqual({ status: 'completed', result: { rounds: 3, goal: 'find' } });

  write(`{ type: 'object', properties: { days: { default: 1 } } }`);
  const fork = await manager.fork({ run, script });
  expect((await manager.finished(fork)).result).toEqual({ rounds: 3, goal: 'find', days: 1 });
  write(`{ type: 'object', required: ['place'] }`);
  await expect(manager.fork({ run, script })).rejects.toThrow("must have required property 'place'");
  expect(manager.runs()).toHaveLength(2);
});
