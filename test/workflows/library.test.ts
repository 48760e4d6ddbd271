import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerSchema } from '../../extension/agents/answer-schema.ts';
import { readScript } from '../../extension/dialect/read-script.ts';
import { isJsonObject, type Json, type JsonObject } from '../../extension/protocol/json.ts';
import { argDefaults } from '../../extension/runs/workflow-args.ts';
import { challengers, type Line, runLibrary } from '../support/library-run.ts';
import { ROOT } from '../support/workspace.ts';

const SCRIPTS = readdirSync(join(ROOT, 'workflows')).filter((file) => file.endsWith('.js'));
const FILES = { 'docs/a.md': '# A mill\n\nIt grinds.\n', 'src/mill.js': 'exports.grind = () => 1;\n' };

/** What each takes at the least; all but the one that needs a repository with changes. */
const CALLS: [name: string, args: Record<string, Json>][] = [
  ['bug-sweep', {}],
  ['security-audit', {}],
  ['explain-codebase', {}],
  ['deep-research', { question: 'What does the mill do?' }],
  ['tournament', { task: 'Name the mill' }],
  ['completeness', { work: 'docs', goal: 'Somebody can run the mill' }],
  ['dialogue', { task: 'Name the mill' }],
  ['agent', { task: 'Name the mill' }],
];
const LINES: Line[] = [
  challengers(),
  ['Counterpoint-Task: scout', { files: ['src/mill.js'], total: 1 }],
  ['Counterpoint-Task: threats', { entryPoints: [], skip: [] }],
  ['Counterpoint-Task: find', { findings: [] }],
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
  [
    /A person gave you this task|Do the task below|Make the winning answer|it is your turn|conversation is over/,
    'the Grinder',
  ],
];

test.each(SCRIPTS)(
  '%s says what it is for, what its phases do, and what each of its args means; its defaults fit',
  (file) => {
    const { meta, warnings } = readScript(readFileSync(join(ROOT, 'workflows', file), 'utf8'));
    expect(warnings).toEqual([]);
    expect(meta.name).toBe(file.replace('.js', ''));
    expect(meta.whenToUse).toBeTruthy();
    expect(meta.phases.filter(({ detail }) => !detail)).toEqual([]);
    if (!meta.args || !('schema' in meta.args)) throw new Error('It has no schema for its args.');
    const { schema } = meta.args;
    const { properties, required = [], additionalProperties } = schema;
    expect(additionalProperties).toBe(false);
    const names = Object.keys(properties as JsonObject);
    const described = Object.entries(properties as Record<string, JsonObject>).filter(
      ([, { description }]) => description,
    );
    expect(described.map(([name]) => name)).toEqual(names);
    expect(names).toEqual(expect.arrayContaining(required as string[]));
    expect(answerSchema({ ...schema, required: [] }).problems(argDefaults(meta.args))).toBeNull();
  },
);

test.each([
  ['deep-research', 'give args.question: what is to be answered'],
  ['tournament', 'give args.task: what is to be answered'],
  ['completeness', 'give args.work and args.goal: what to look at, and what it is for'],
  ['dialogue', 'give args.task: what is to be talked out'],
  ['agent', 'give args.task: what the agent is to do'],
])('%s that is called without what it takes at the least says what that is', async (name, message) => {
  const caller = `export const meta = { name: 'caller', description: 'calls' };\nreturn await workflow('${name}');\n`;
  const { status, error } = await runLibrary<Json>('caller.js', {}, [], { 'caller.js': caller });
  expect(status).toBe('failed');
  expect(error?.message).toBe(`${name}: ${message}.`);
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
    const other = await runLibrary<Json>(name, args, LINES, files, { engine: 'quickjs' });
    const called = await runLibrary<Json>('caller.js', {}, LINES, files);
    expect([run.status, other.status, called.status]).toEqual(['completed', 'completed', 'completed']);
    expect(other.prompts.sort()).toEqual(run.prompts.sort());
    expect(other.result).toEqual(run.result);
    expect(called.prompts.sort()).toEqual(run.prompts.sort());
  },
);
