import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readScript } from '../../extension/dialect/read-script.ts';
import { isJsonObject, type Json } from '../../extension/protocol/json.ts';
import { challengers, type Line, runLibrary } from '../support/library-run.ts';
import { ROOT } from '../support/workspace.ts';

const SCRIPTS = readdirSync(join(ROOT, 'workflows')).filter((file) => file.endsWith('.js'));
const FILES = { 'docs/a.md': '# A mill\n\nIt grinds.\n', 'src/mill.js': 'exports.grind = () => 1;\n' };

/** What each takes at the least. */
const CALLS: [name: string, args: Record<string, Json>][] = [
  ['explain-codebase', {}],
  ['deep-research', { question: 'What does the mill do?' }],
  ['tournament', { task: 'Name the mill' }],
  ['completeness', { work: 'docs', goal: 'Somebody can run the mill' }],
  ['dialogue', { task: 'Name the mill' }],
];
const LINES: Line[] = [
  challengers(),
  ['Counterpoint-Task: judge', { scores: { 1: 5, 2: 6 }, reason: 'so' }],
  [
    'Read one area',
    { purpose: 'It grinds.', statements: [{ statement: 'It grinds.', file: 'src/mill.js', line: 1 }], terms: [] },
  ],
  ['Draw a map', { overview: 'A mill.', parts: [], flows: [], begin: [] }],
  ['You are that newcomer', { misses: [] }],
  ['in one way only', { findings: [] }],
  ['Think of', { approaches: ['one', 'two'] }],
  ['What is missing', { gaps: [] }],
  [/Do the task below|Make the winning answer|it is your turn|conversation is over/, 'the Grinder'],
];

test.each(SCRIPTS)('%s says what it is for, what its phases do, and what each of its args means', (file) => {
  const { meta, warnings } = readScript(readFileSync(join(ROOT, 'workflows', file), 'utf8'));
  expect(warnings).toEqual([]);
  expect(meta.name).toBe(file.replace('.js', ''));
  expect(meta.whenToUse).toBeTruthy();
  expect(meta.phases.filter(({ detail }) => !detail)).toEqual([]);
  if (!meta.args || !('schema' in meta.args)) throw new Error('It has no schema for its args.');
  const { properties, additionalProperties } = meta.args.schema;
  expect(additionalProperties).toBe(false);
  const undescribed = Object.entries(isJsonObject(properties) ? properties : {}).filter(
    ([, property]) => !isJsonObject(property) || typeof property.description !== 'string',
  );
  expect(undescribed).toEqual([]);
});

test.each(SCRIPTS)('%s has a section in the page for users, with all that it takes', (file) => {
  const { meta } = readScript(readFileSync(join(ROOT, 'workflows', file), 'utf8'));
  const page = readFileSync(join(ROOT, 'docs/workflow-library.md'), 'utf8');
  const section = page.split('\n## ').find((part) => part.startsWith(`${meta.name}\n`)) ?? '';
  const { properties } = meta.args && 'schema' in meta.args ? meta.args.schema : {};
  const names = Object.keys(isJsonObject(properties) ? properties : {});
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

test.each(CALLS)(
  '%s asks the same of its agents where a person runs it, on the other engine, and where a script calls it',
  async (name, args) => {
    const call = `return await workflow('${name}', ${JSON.stringify(args)});`;
    const files = { ...FILES, 'caller.js': `export const meta = { name: 'caller', description: 'calls' };\n${call}\n` };
    const run = await runLibrary<Json>(name, args, LINES, files);
    const other = await runLibrary<Json>(name, args, LINES, files, 'quickjs');
    const called = await runLibrary<Json>('caller.js', {}, LINES, files);
    expect([run.status, other.status, called.status]).toEqual(['completed', 'completed', 'completed']);
    expect(other.prompts.sort()).toEqual(run.prompts.sort());
    expect(other.result).toEqual(run.result);
    expect(called.prompts.sort()).toEqual(run.prompts.sort());
  },
);
