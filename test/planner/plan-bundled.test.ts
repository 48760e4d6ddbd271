import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createBuiltinProvider } from '../../extension/models/builtin/provider.ts';
import { argsFromGoal } from '../../extension/planner/pick-bundled-args.ts';
import { matches } from '../../extension/planner/pick-bundled-words.ts';
import { planWorkflow } from '../../extension/planner/plan.ts';
import type { Plan, PlanRequest } from '../../extension/planner/plan-request.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import type { WorkflowEntry } from '../../extension/runs/run-service.ts';
import { builtDist } from '../support/built-dist.ts';
import { commitFiles } from '../support/git-folder.ts';
import { tempDir } from '../support/temp-dir.ts';
import { ROOT, workspaceWith } from '../support/workspace.ts';

const STRINGS = { type: 'array', items: { type: 'string' } };
const LENSES = ['secrets', 'injection', 'dangerous-calls', 'swallowed-errors', 'resource-leaks', 'weak-crypto'];
const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    paths: STRINGS,
    glob: { type: 'string' },
    lenses: { type: 'array', items: { enum: [...LENSES, 'security'] } },
    base: { type: 'string' },
    staged: { type: 'boolean' },
    depth: { enum: ['quick', 'thorough'] },
    maxFiles: { type: 'integer' },
    rounds: { type: 'integer' },
    note: { type: 'string' },
  },
};

async function managerWith(files: Record<string, string>, bundled = join(ROOT, 'workflows')): Promise<RunManager> {
  const { workspace, ripgrep } = await workspaceWith(files);
  const dist = await builtDist();
  const manager = await openRunManager({
    workspace,
    bundledWorkflows: bundled,
    dist,
    provider: async () => createBuiltinProvider({ dist }),
    ripgrep,
    node: process.execPath,
  });
  onTestFinished(() => manager.close());
  return manager;
}

const FILES = {
  'src/db/pool.ts': 'export const pool = 1;\n',
  'src/app.ts': 'export const app = 1;\n',
  'lib/tool.py': 'x = 1\n',
  'test/app.test.ts': 'export {};\n',
  'README.md': '# It\n',
};

const SAID: [goal: string, args: JsonObject][] = [
  ['Find bugs', {}],
  ['Find bugs in src', { paths: ['src'] }],
  ['Find bugs in src and lib, but in nowhere else.', { paths: ['src', 'lib'] }],
  ['Check `src/db/` and "src/app.ts"; leave /etc/passwd and ../x alone', { paths: ['src/db', 'src/app.ts'] }],
  ['Test all of it', {}],
  ['Look for hard-coded passwords and SQL injection', { lenses: ['secrets', 'injection'] }],
  ['Which connections leak? Be thorough', { lenses: ['resource-leaks'], depth: 'thorough' }],
  ['Look through the Python code, at most 50 files, 3 rounds', { glob: '*.{py,pyw}', maxFiles: 50, rounds: 3 }],
  ['Bugs in src/**/*.ts, please', { glob: 'src/**/*.ts' }],
  ['Only what is staged, for security', { staged: true }],
  ['What came since main, or with the last release?', {}],
  ['Bugs in *.rs and in the JavaScript', {}],
];

test('what goals say of args', async () => {
  const manager = await managerWith(FILES);
  const { signal } = new AbortController();
  for (const [goal, args] of SAID)
    expect([goal, await argsFromGoal(SCHEMA, { text: goal, runs: manager, signal })]).toEqual([goal, args]);
});

test('a branch that a goal compares with is taken where git knows it', async () => {
  const manager = await managerWith({});
  const { signal } = new AbortController();
  commitFiles(manager.workspace, FILES);
  const args = (text: string) => argsFromGoal(SCHEMA, { text, runs: manager, signal });
  expect(await args('Review what came since the last release against `main`.')).toEqual({ base: 'main' });
  expect(await args('Review what came since stable')).toEqual({});
});

/** As the workflows that come with Counterpoint say of themselves, in short. */
const ENTRIES: WorkflowEntry[] = [
  entry('bug-sweep', 'Looks for bugs through six lenses; challengers try to refute each finding', {
    lenses: { items: { enum: LENSES } },
  }),
  entry('security-audit', 'Follows what attackers may send to where it does harm; vulnerabilities are challenged'),
  entry('review-changes', 'Reviews what changed since a commit; each comment is challenged'),
  entry('explain-codebase', 'Explains the architecture to somebody new'),
  entry('deep-research', 'Answers a question from many sources'),
];

function entry(name: string, description: string, properties: JsonObject = {}): WorkflowEntry {
  const args = { schema: { type: 'object', properties } };
  return { name, description, whenToUse: 'Args: paths, rounds', args, path: `/${name}.js`, source: 'bundled' };
}

test.each([
  ['Hunt for bugs before the release', 'bug-sweep'],
  ['find hardcoded passwords in src', 'bug-sweep'],
  ['Are there resources that leak?', 'bug-sweep'],
  ['Is this secure? Audit it', 'security-audit'],
  ['look for vulnerabilities', 'security-audit'],
  ['What is wrong with lib?', 'bug-sweep'],
  ['review my changes', 'review-changes'],
  ['Review the commit', 'review-changes'],
  ['explain how it is built', 'explain-codebase'],
  ['Write me a poem about rounds and paths', undefined],
  ['検査してください', undefined],
])('the goal %j points at %s', (goal, name) => {
  expect(matches(goal, ENTRIES)[0]?.entry.name).toBe(name);
});

function plan(manager: RunManager, request: Partial<PlanRequest>): Promise<Plan> {
  return planWorkflow(manager, { goal: '', size: 'auto', provider: 'builtin', ...request });
}

test('a provider that is no model gets a bundled workflow as it is, its args filled, and it says so', async () => {
  const manager = await managerWith(FILES);
  const planned = await plan(manager, { goal: 'Sweep src for bugs: passwords in src/db', size: 'large' });
  const { text } = await manager.locate('bug-sweep');
  expect(planned).toMatchObject({
    name: 'bug-sweep',
    text,
    bundled: join(ROOT, 'workflows/bug-sweep.js'),
    args: { paths: ['src/db'], lenses: ['secrets'] },
    by: 'built-in analyst (no AI model)',
    attempts: 0,
    usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 },
  });
  expect(planned.why).toMatch(
    /^No AI model wrote a script: .* bug-sweep \(.*bugs.*\)\. From the goal come .*"src\/db".*costs nothing/,
  );
  expect(planned.preview.preview).toMatchObject({ error: null, script: { name: 'bug-sweep' } });
});

test('a goal that needs a model, or that nothing fits, says what there is and how to set up a model', async () => {
  const script = `export const meta = { name: 'sonnet', description: 'Composes a sonnet', servedBy: ['builtin'] };\nreturn 1;`;
  const manager = await managerWith({ ...FILES, '.counterpoint/workflows/sonnet.js': script });
  const can = /It can run: .*bug-sweep.*ANTHROPIC_API_KEY/;
  await expect(plan(manager, { goal: 'Explain this repository to somebody new' })).rejects.toMatchObject({
    code: 'not-possible',
    message: expect.stringMatching(
      RegExp(`^The bundled workflow explain-codebase fits this goal, and its agents need a model, .*${can.source}`),
    ),
  });
  // Any goal is a task for one agent, so that this says nothing of one.
  await expect(plan(manager, { goal: 'A single task: write a report with your own answer' })).rejects.toMatchObject({
    message: expect.stringMatching(/^No bundled workflow fits this goal/),
  });
  // Of the workspace there is one, but it is not bundled: who knows what it does.
  await expect(plan(manager, { goal: 'Compose a sonnet' })).rejects.toMatchObject({
    code: 'not-possible',
    message: expect.stringMatching(RegExp(`^No bundled workflow fits this goal, .*${can.source}`)),
  });
});

test('a workflow that would fail here is not handed out as a plan', async () => {
  const bundled = tempDir();
  const script = `export const meta = { name: 'bugs', description: 'Finds bugs', servedBy: ['builtin'] };\nthrow new Error('no git here');`;
  writeFileSync(join(bundled, 'bugs.js'), script);
  await expect(plan(await managerWith(FILES, bundled), { goal: 'Find bugs' })).rejects.toMatchObject({
    code: 'not-possible',
    message: 'bugs fits this goal, but would fail here: no git here',
  });
});

test('a stop ends the picking', async () => {
  const manager = await managerWith(FILES);
  const stop = new AbortController();
  const picking = plan(manager, {
    goal: 'Hunt for bugs',
    signal: stop.signal,
    onProgress: (words) => words.startsWith('trying') && stop.abort(new Error('enough')),
  });
  await expect(picking).rejects.toThrow('enough');
});
