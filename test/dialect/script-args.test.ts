import { describe, expect, it } from 'vitest';
import { readScript } from '../../extension/dialect/read-script.ts';

/** A script with this text as its `meta.args`. */
function read(args: string) {
  return readScript(`export const meta = {\n  name: 'n', description: 'd',\n  args: ${args},\n};\nreturn args;`);
}

describe('meta.args', () => {
  it.each([
    `{ type: 'object', properties: { paths: { type: 'array', items: { type: 'string' }, default: ['.'] } }, required: ['paths'] }`,
    `{ properties: { days: { type: 'integer', minimum: 1 } }, additionalProperties: false }`,
    `{ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', properties: { t: { items: [{}, {}] } } }`,
    `{ type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { enum: ['x', null] } } }`,
  ])('is a schema, as it stands in the script: %s', (text) => {
    const { meta, warnings } = read(text);
    expect(meta.args).toEqual({ schema: new Function(`return ${text}`)() });
    expect(warnings).toEqual([]);
  });

  it('is one line of text, or absent', () => {
    expect(read("'  The question\\n to answer '").meta.args).toEqual({ line: 'The question to answer' });
    expect(readScript("export const meta = { name: 'n', description: 'd' }").meta).not.toHaveProperty('args');
  });

  it.each([
    ["{ paths: 'folders to look at' }", 'it has no "type": "object" at its root'],
    ['{}', 'it has no "type": "object" at its root'],
    ["{ type: 'array', items: {} }", 'it has no "type": "object" at its root'],
    ["{ type: 'object', properties: { a: { type: 'strnig' } } }", 'it is no valid JSON Schema ('],
    ["{ type: 'object', properties: { a: { pattern: '(' } } }", 'it is no valid JSON Schema ('],
    ["{ type: 'object', properties: { a: { $ref: 'https://example.com/a' } } }", 'it is no valid JSON Schema ('],
    ["{ $async: true, type: 'object' }", 'it is no valid JSON Schema ('],
    ["' '", 'it is neither a text nor an object'],
    ["['paths']", 'it is neither a text nor an object'],
    ['null', 'it is neither a text nor an object'],
    ['7', 'it is neither a text nor an object'],
  ])('is ignored with a warning where it is something else: %s', (text, why) => {
    const { meta, warnings } = read(text);
    expect(meta).toEqual({ name: 'n', description: 'd', phases: [] });
    expect(warnings).toEqual([
      { message: expect.stringContaining(`meta.args is ignored: ${why}`), line: 3, column: 9 },
    ]);
  });

  it('may have keys that JavaScript has a meaning for', () => {
    const { meta } = read(
      `{ type: 'object', properties: { __proto__: { default: 1 }, constructor: { type: 'string' } } }`,
    );
    expect(Object.keys((meta.args as { schema: { properties: object } }).schema.properties)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });
});
