import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { previewDocument, previewText } from '../../extension/cli/preview.ts';
import { previewScript } from '../../extension/planner/preview.ts';
import type { PreviewRequest } from '../../extension/planner/preview-request.ts';
import { runCli } from '../support/cli-process.ts';
import { runHarness } from '../support/run-harness.ts';
import { documentOf, workspaceWith } from './cli-bench.ts';

const BODY = `
phase('Find');
const found = await parallel(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => () => agent('Look at ' + name, { label: 'look ' + name, model: 'haiku' })));
phase('Decide');
const verdict = await challenge('All of it holds', { challengers: 2 });
await checkpoint('Go on?');
await agent('Write it up', { label: 'write' });
return found.length;`;

/** A preview as the command makes it, in this process. */
async function previewed(body: string, request: Partial<PreviewRequest> = {}) {
  const { manager, workspace } = await runHarness(() => ({ status: 500 }));
  const script = join(workspace, 'script.js');
  writeFileSync(script, `export const meta = { name: 'test', description: 'a test' }\n${body}`);
  return await previewScript(manager, { script, provider: 'anthropic', mayRead: true, ...request });
}

test('a preview says what would be done, what it costs and what it draws', async () => {
  const lines = previewText(await previewed(BODY, { model: 'opus' })).split('\n');
  expect(lines[0]).toBe('preview of test (script.js): a test');
  expect(lines).toEqual(
    expect.arrayContaining([
      'agents: 9',
      '  Find                     6',
      '  Decide                   3',
      expect.stringMatching(/^ {2}claude-haiku-\S+ +6$/),
      expect.stringMatching(/^ {2}claude-opus-\S+ +3$/),
      expect.stringMatching(/^tokens: .+ in, .+ out$/),
      expect.stringMatching(/^cost: (about )?\$\d/),
      expect.stringMatching(/^time: .+, without the time that a person takes to answer$/),
      'questions to a person: 1',
    ]),
  );
  const tree = lines.slice(lines.indexOf('tree of the likeliest dry run:') + 1);
  expect(tree).toEqual([
    '  Find: 6 agents',
    '    parallel of 6: 6 agents',
    '      6 agents: look a · look b · look c · look d · …',
    '  Decide: 3 agents',
    '    1 question: Go on?',
    '    1 agent: write',
    '    challenge All of it holds: 2 agents',
    expect.stringMatching(/^ {6}2 challengers: /),
  ]);
});

test('a cap that it would run into is named', async () => {
  const lines = previewText(
    await previewed(`await parallel([1, 2, 3].map((n) => () => agent('a' + n)))`, { limits: { maxAgents: 2 } }),
  );
  expect(lines).toContain('\ncapped: the largest of the dry runs ran into the cap on agents (--max-agents)\n');
});

test('many groups, and groups that nest, are summed up', async () => {
  const nest = (depth: number): string => (depth === 0 ? "agent('deep')" : `parallel([() => ${nest(depth - 1)}])`);
  const body = `await ${nest(12)}; for (let n = 0; n < 9; n++) await parallel([() => agent('a' + n), () => agent('b' + n)]);`;
  const made = await previewed(body);
  const tree = previewText(made).split('tree of the likeliest dry run:\n')[1]?.split('\n') ?? [];
  expect(tree.length).toBeLessThan(20);
  expect(tree[0]).toBe('  (no phase): 19 agents');
  expect(tree.at(-1)).toBe('    … and 6 more groups: 12 agents');
  expect(tree.some((line) => line.startsWith(' '.repeat(16)))).toBe(false);
  const { groups, calls } = previewDocument(made).tree;
  expect([groups.length, calls.length]).toEqual([21, 19]);
});

test('a round is called once what it is, and an agent in a group of another phase is shown there alone', async () => {
  const text = previewText(
    await previewed(
      `phase('Seek'); await converge(async () => { await agent('seek'); await agent('tell', { phase: 'Tell' }); return []; }, { maxRounds: 1 })`,
    ),
  );
  expect(text.split('tree of the likeliest dry run:\n')[1]).toBe(
    [
      ...['  Seek: 1 agent', '    converge: 2 agents', '      round 1: 2 agents', '        1 agent: seek'],
      ...['  Tell: 1 agent', '    1 agent: tell'],
    ].join('\n'),
  );
});

test('what a script says cannot steer the terminal, nor turn its lines around', async () => {
  const text = previewText(
    await previewed(
      String.raw`phase('\u001b[2J\u202eFind'); await parallel([() => agent('a', { label: '\u001b]0;x\u0007\nfake: line' })]); throw new Error('\u009b2K\u2066bad')`,
    ),
  );
  expect(text).toContain('it would fail: Error: ');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
  expect(text.split('\n')).not.toContain('fake: line');
});

test('the command needs no key, and one document has the preview and its tree; nothing is a run by that', async () => {
  const { workspace, script } = workspaceWith(BODY);
  const result = await runCli(['preview', script, '--workspace', workspace, '--json']);
  expect([result.code, result.stderr]).toEqual([0, '']);
  expect(documentOf(result)).toMatchObject({
    script: { title: 'script.js', name: 'test' },
    checkpoints: 1,
    tree: {
      phases: [{ title: 'Find' }, { title: 'Decide' }],
      groups: expect.arrayContaining([expect.objectContaining({ kind: 'parallel', phase: 'Find', size: 6 })]),
      calls: expect.arrayContaining([expect.objectContaining({ label: 'look a', kind: 'agent', line: 4 })]),
    },
  });
  expect(documentOf(await runCli(['runs', '--workspace', workspace, '--json']))).toEqual([]);
});

test('a script that would fail, and one that is refused, give exit code 1 with the place', async () => {
  const { workspace, script } = workspaceWith(`await agent('one');\n  null.x`);
  const failing = await runCli(['preview', script, '--workspace', workspace, '--provider', 'builtin']);
  expect(failing.code).toBe(1);
  expect(failing.stdout).toMatch(/it would fail: TypeError: .*\(line 3, column \d+\)/);
  expect(failing.stdout).toContain('cost: nothing');
  writeFileSync(script, `${readFileSync(script, 'utf8')}\n// \u202e`);
  const refused = await runCli(['preview', script, '--workspace', workspace]);
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toContain('U+202E changes the direction of text');
  expect(refused.stderr).toContain('(line 4, column 4)');
});
