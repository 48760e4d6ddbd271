import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerSchema } from '../../extension/agents/answer-schema.ts';
import { readScript } from '../../extension/dialect/read-script.ts';
import { isJsonObject, type Json, type JsonObject } from '../../extension/protocol/json.ts';
import { ROOT } from '../support/workspace.ts';

const SCRIPTS = readdirSync(join(ROOT, 'workflows')).filter((file) => file.endsWith('.js'));

function propertiesOf({ properties }: JsonObject): [string, JsonObject][] {
  return Object.entries(properties as Record<string, JsonObject>);
}

test.each(SCRIPTS)('%s says what it takes: each arg described, and the defaults good', (file) => {
  const text = readFileSync(join(ROOT, 'workflows', file), 'utf8');
  const { meta, warnings } = readScript(text);
  expect(warnings).toEqual([]);
  const schema = meta.args && 'schema' in meta.args ? meta.args.schema : {};
  const properties = propertiesOf(schema);
  expect(properties.map(([name, { description }]) => [name, typeof description])).toEqual(
    properties.map(([name]) => [name, 'string']),
  );
  expect(schema.additionalProperties).toBe(false);
  const defaults = properties.flatMap(([name, property]): [string, Json][] =>
    property.default === undefined ? [] : [[name, property.default]],
  );
  const required = Array.isArray(schema.required) ? schema.required : [];
  const asked = answerSchema({ ...schema, required: [] }).problems(Object.fromEntries(defaults));
  expect(asked).toBeNull();
  for (const name of required)
    expect(isJsonObject(schema.properties) && Object.hasOwn(schema.properties, String(name))).toBe(true);
});

/** A script that is called by another one is not given what its schema has by default; it has the same for itself. */
test.each(['bug-sweep.js', 'security-audit.js', 'review-changes.js'])(
  '%s falls back to the defaults of its schema',
  (file) => {
    const text = readFileSync(join(ROOT, 'workflows', file), 'utf8');
    const literal = /^const STANDARD = (\{.*\});$/m.exec(text)?.[1];
    const standard = new Function('LENSES', `return ${literal}`)({}) as Record<string, unknown>;
    const { args } = readScript(text).meta;
    const defaults = propertiesOf(args && 'schema' in args ? args.schema : {}).filter(
      ([, property]) => property.default !== undefined,
    );
    expect(defaults.length).toBeGreaterThan(1);
    for (const [name, property] of defaults) expect([name, standard[name]]).toEqual([name, property.default]);
  },
);
