import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Leaning, Occasion } from '../../extension/planner/preview/leaning.ts';
import { textMatching } from '../../extension/planner/preview/pattern-text.ts';
import { syntheticAnswer, syntheticText } from '../../extension/planner/preview/synthetic-answer.ts';
import type { Json, JsonObject } from '../../extension/protocol/json.ts';
import { schemaValidator } from '../../extension/protocol/schema-validator.ts';

const LEANINGS: Leaning[] = ['lean', 'likely', 'rich'];

function occasion(given: Partial<Occasion> = {}): Occasion {
  return { leaning: 'likely', serial: '1', round: 0, prompt: '', files: null, beside: 1, ...given };
}

/** What is wrong with the answers of all leanings, over several rounds; empty where nothing is. */
function problemsWith(schema: JsonObject): string[] {
  // Not by what agents' answers are checked with: that gives up where a busy machine takes its time.
  const validate = schemaValidator(schema, String(schema.$schema ?? ''));
  return LEANINGS.flatMap((leaning) =>
    [0, 1, 7].flatMap((round) => {
      const answer = syntheticAnswer(schema, occasion({ leaning, round, serial: `${leaning} ${round}` }));
      return validate(answer)
        ? []
        : [`${leaning}, round ${round}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(answer).slice(0, 300)}`];
    }),
  );
}

const PATTERNS = [
  '^[a-z]+$',
  '^\\d{4}-\\d{2}$',
  '^(foo|bar)-[0-9a-f]{8}$',
  '^[A-Z]{2,4}:\\w+$',
  'x?y*z+',
  '^#[^#]+$',
  '^\\S+@\\S+\\.com$',
];
const FORMATS = [
  'date-time',
  'date',
  'time',
  'email',
  'uri',
  'uuid',
  'hostname',
  'ipv4',
  'ipv6',
  'uri-reference',
  'json-pointer',
  'regex',
  'duration',
];

const texts = fc.oneof(
  fc.record({ type: fc.constant('string') }),
  fc.record({ type: fc.constant('string'), minLength: fc.nat(40), maxLength: fc.integer({ min: 40, max: 60 }) }),
  fc.record({ type: fc.constant('string'), enum: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 }) }),
  fc.record({ type: fc.constant('string'), pattern: fc.constantFrom(...PATTERNS) }),
  fc.record({ type: fc.constant('string'), format: fc.constantFrom(...FORMATS) }),
  fc.record({ const: fc.jsonValue() as fc.Arbitrary<Json> }),
);

const numbers = fc.oneof(
  fc
    .tuple(fc.constantFrom('integer', 'number'), fc.integer({ min: -1_000, max: 1_000 }), fc.nat(500))
    .map(([type, minimum, more]) => ({ type, minimum, maximum: minimum + more })),
  fc
    .tuple(
      fc.constantFrom('integer', 'number'),
      fc.integer({ min: -1_000, max: 1_000 }),
      fc.integer({ min: 2, max: 500 }),
    )
    .map(([type, low, more]) => ({ type, exclusiveMinimum: low, exclusiveMaximum: low + more })),
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -50, max: 50 }))
    .map(([multipleOf, minimum]) => ({ type: 'integer', multipleOf, minimum })),
  fc.integer({ min: -90, max: 90 }).map((maximum) => ({ type: 'number', maximum })),
  fc.constant({ type: ['integer', 'null'] }),
  fc.constant({ type: 'boolean' }),
);

/** Schemas that something satisfies, of all the parts that scripts write. */
const { any } = fc.letrec<{ any: JsonObject; object: JsonObject; list: JsonObject; choice: JsonObject }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    texts,
    numbers,
    tie('object'),
    tie('list'),
    tie('choice'),
  ) as fc.Arbitrary<JsonObject>,
  object: fc
    .record({
      // Ajv takes what every object inherits for a property that is there.
      properties: fc.dictionary(
        fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !(name in {})),
        tie('any'),
        { maxKeys: 4 },
      ),
      closed: fc.boolean(),
      needed: fc.nat(4),
      minProperties: fc.nat(2),
    })
    .map(({ properties, closed, needed, minProperties }) => ({
      type: 'object',
      properties,
      required: Object.keys(properties).slice(0, needed),
      ...(closed ? { additionalProperties: false } : { minProperties }),
    })),
  list: fc
    .record({ items: tie('any'), minItems: fc.nat(3), more: fc.nat(4), bounded: fc.boolean() })
    .map(({ items, minItems, more, bounded }) => ({
      type: 'array',
      items,
      minItems,
      ...(bounded && { maxItems: minItems + more }),
    })),
  choice: fc
    .record({ parts: fc.array(tie('any'), { minLength: 1, maxLength: 3 }), word: fc.constantFrom('anyOf', 'allOf') })
    .map(({ parts, word }) => ({ [word]: word === 'allOf' ? parts.slice(0, 1) : parts })),
}));

test('whatever a schema is made of, the made-up answers satisfy it, whichever way they lean', () => {
  fc.assert(
    fc.property(any, (schema) => {
      expect(problemsWith({ type: 'object', properties: { value: schema }, required: ['value'] })).toEqual([]);
    }),
    { numRuns: 400, seed: 20_261_130 },
  );
});

const HARD: Record<string, JsonObject> = {
  'a reference to itself': {
    type: 'object',
    properties: { root: { $ref: '#/$defs/node' } },
    required: ['root'],
    $defs: {
      node: {
        type: 'object',
        properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
        required: ['name', 'children'],
      },
    },
  },
  'a tree that has to go on until a leaf': {
    type: 'object',
    properties: { tree: { $ref: '#/$defs/tree' } },
    required: ['tree'],
    $defs: {
      tree: {
        oneOf: [
          {
            type: 'object',
            properties: { left: { $ref: '#/$defs/tree' }, right: { $ref: '#/$defs/tree' } },
            required: ['left', 'right'],
            additionalProperties: false,
          },
          {
            type: 'object',
            properties: { leaf: { type: 'integer' } },
            required: ['leaf'],
            additionalProperties: false,
          },
        ],
      },
    },
  },
  'exactly one of several': {
    type: 'object',
    oneOf: [
      { properties: { kind: { const: 'file' }, path: { type: 'string' } }, required: ['kind', 'path'] },
      { properties: { kind: { const: 'url' }, url: { type: 'string', format: 'uri' } }, required: ['kind', 'url'] },
    ],
    properties: { kind: { type: 'string' } },
  },
  'alternatives beside what is always there': {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer' }, born: { type: 'string', format: 'date' } },
    required: ['name'],
    additionalProperties: false,
    anyOf: [{ required: ['age'] }, { required: ['born'] }],
  },
  'all of several': {
    type: 'object',
    allOf: [
      { properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
      { properties: { a: { maximum: 4 }, b: { type: 'string', minLength: 2 } }, required: ['b'] },
    ],
  },
  'a condition': {
    type: 'object',
    properties: { kind: { enum: ['x', 'y'] } },
    required: ['kind'],
    if: { properties: { kind: { const: 'x' } } },
    // biome-ignore lint/suspicious/noThenProperty: it is what JSON Schema calls it.
    then: { properties: { only: { type: 'string' } }, required: ['only'] },
    else: { properties: { other: { type: 'number' } }, required: ['other'] },
  },
  'items that differ': {
    type: 'object',
    properties: {
      tags: { type: 'array', items: { type: 'string', enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 },
      flags: { type: 'array', items: { type: 'boolean' }, uniqueItems: true, maxItems: 9 },
    },
    required: ['tags', 'flags'],
  },
  'a tuple': {
    type: 'object',
    properties: {
      pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 },
    },
    required: ['pair'],
  },
  'a map': {
    type: 'object',
    properties: {
      scores: { type: 'object', additionalProperties: { type: 'number', minimum: 0, maximum: 10 }, minProperties: 2 },
    },
    required: ['scores'],
  },
  'names by a pattern': {
    type: 'object',
    properties: {
      map: {
        type: 'object',
        patternProperties: { '^k[0-9]+$': { type: 'integer' } },
        additionalProperties: false,
        minProperties: 1,
      },
    },
    required: ['map'],
  },
  'what is needed beside what is there': {
    type: 'object',
    properties: { card: { type: 'string' }, address: { type: 'string' } },
    required: ['card'],
    dependentRequired: { card: ['address'] },
  },
  'something in a list': {
    type: 'object',
    properties: {
      list: { type: 'array', items: { type: ['integer', 'string'] }, contains: { type: 'integer', minimum: 5 } },
    },
    required: ['list'],
  },
  'an older draft': {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      pair: { type: 'array', items: [{ type: 'string' }, { type: 'null' }], additionalItems: false, minItems: 2 },
      by: { $ref: '#/definitions/name' },
    },
    required: ['pair', 'by'],
    definitions: { name: { type: 'string', maxLength: 3 } },
  },
  'names that objects have already': {
    type: 'object',
    properties: JSON.parse(
      '{"__proto__":{"type":"integer"},"constructor":{"type":"string"},"hasOwnProperty":{"type":"boolean"}}',
    ),
    required: ['constructor', 'hasOwnProperty'],
  },
};

test.each(Object.entries(HARD))('a schema with %s is satisfied', (_, schema) => {
  expect(problemsWith(schema)).toEqual([]);
});

test('a schema that nothing satisfies, or that asks for more than there is room for, gets some answer', () => {
  const impossible: JsonObject = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 2, maximum: 1 } },
    required: ['n'],
  };
  expect(syntheticAnswer(impossible, occasion())).toHaveProperty('n');
  const huge: JsonObject = {
    type: 'object',
    properties: { list: { type: 'array', minItems: 1e9, items: { type: 'array', minItems: 1e9, items: {} } } },
    required: ['list'],
  };
  expect(JSON.stringify(syntheticAnswer(huge, occasion())).length).toBeLessThan(10_000_000);
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] };
  const endless: JsonObject = { ...node, $defs: { node } };
  expect(syntheticAnswer(endless, occasion())).toHaveProperty('next.next');
});

test('a text matches the expression that it was made for, and one that cannot be made is no text', () => {
  for (const pattern of PATTERNS) expect(textMatching(pattern)).toMatch(new RegExp(pattern));
  for (const pattern of ['(?=a)b', '(a)\\1', '('.repeat(5_000), '[z-', '\\p{L}'])
    expect(textMatching(pattern)).toBeNull();
});

test('lists are short or long as an answer leans, as long as the prompt asks for, and empty once a loop has gone on', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { ideas: { type: 'array', items: { type: 'string' } } },
    required: ['ideas'],
  };
  const ideas = (given: Partial<Occasion>): number =>
    (syntheticAnswer(schema, occasion(given)) as { ideas: string[] }).ideas.length;
  expect(ideas({ leaning: 'lean' })).toBe(0);
  expect(ideas({ leaning: 'rich' })).toBe(10);
  expect(ideas({ leaning: 'rich', prompt: 'Give me exactly 17 new ideas.' })).toBe(17);
  expect(ideas({ leaning: 'likely', prompt: 'At most 4 ideas.' })).toBe(4);
  for (const leaning of LEANINGS) expect(ideas({ leaning, round: 5 })).toBe(0);
});

test('what is to be left out is long where the answer leans to few agents', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { skip: { type: 'array', items: { type: 'string' } } },
    required: ['skip'],
  };
  const skipped = (leaning: Leaning): number =>
    (syntheticAnswer(schema, occasion({ leaning })) as { skip: string[] }).skip.length;
  expect(skipped('lean')).toBeGreaterThan(skipped('rich'));
});

test('files are those of the workspace, those of the prompt where it names some, and sources before the rest', () => {
  const files = ['src/a.ts', 'src/b.ts', 'test/a.test.ts', 'README.md'];
  const schema: JsonObject = {
    type: 'object',
    properties: { files: { type: 'array', items: { type: 'string' } }, file: { type: 'string' } },
    required: ['files', 'file'],
  };
  const answer = (given: Partial<Occasion>) =>
    syntheticAnswer(schema, occasion({ files, ...given })) as { files: string[]; file: string };
  expect(answer({ leaning: 'rich' }).files).toEqual(files);
  expect(answer({ leaning: 'likely' }).files).toEqual(['src/a.ts', 'src/b.ts']);
  expect(answer({ leaning: 'lean' }).files).toEqual(['src/a.ts']);
  const named = answer({ prompt: 'Look at ["test/a.test.ts", "README.md"].' });
  expect(named.files).toEqual(['test/a.test.ts', 'README.md']);
  expect(named.files).toContain(named.file);
});

test('a finding about a diff is at a line that it adds', () => {
  const finding = {
    type: 'object',
    properties: { file: { type: 'string' }, line: { type: 'integer', minimum: 1 } },
    required: ['file', 'line'],
  };
  const prompt = '--- a/x.js\n+++ b/x.js\n@@ -10,2 +20,3 @@\n one\n-two\n+three\n+four\n';
  const answer = syntheticAnswer(
    { type: 'object', properties: { found: finding }, required: ['found'] },
    occasion({ prompt, files: ['x.js'] }),
  );
  expect([
    { file: 'x.js', line: 21 },
    { file: 'x.js', line: 22 },
  ]).toContainEqual((answer as { found: Json }).found);
});

test('a text is the JSON that the prompt shows, and the word that a loop waits for', () => {
  expect(JSON.parse(syntheticText(occasion({ prompt: 'Answer with JSON such as {"files": ["a"]}.' })))).toEqual({
    files: ['a'],
  });
  expect(JSON.parse(syntheticText(occasion({ prompt: 'Answer with a JSON array.' })))).toEqual([]);
  expect(syntheticText(occasion({ prompt: 'Say FINISHED when nothing is left.', round: 1 }))).toBe('FINISHED');
});
