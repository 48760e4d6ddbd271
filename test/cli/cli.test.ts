import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, startCli } from '../support/cli-process.ts';
import { promptOf, promptsOf, until } from '../support/run-harness.ts';
import { tempDir } from '../support/temp-dir.ts';
import { documentOf, modelApi, workspaceWith } from './cli-bench.ts';

describe('run --json', () => {
  test('prints exactly one document with all of the run, progress goes to stderr', async () => {
    const { workspace, script } = workspaceWith(
      `phase('A'); log('note'); const a = await agent('one'); return { a, args, m: new Map(), n: NaN }`,
    );
    const { env } = await modelApi(() => ({ text: 'yes', usage: { input: 11, output: 3 } }));
    const result = await runCli(['run', script, '--workspace', workspace, '--json', '--args', '{"x":[1]}'], { env });
    expect(result.code).toBe(0);
    expect(documentOf(result)).toEqual({
      runId: expect.stringMatching(/^test-[0-9a-f]{8}$/),
      status: 'completed',
      result: { a: 'yes', args: { x: [1] }, m: {}, n: null },
      phases: [{ title: 'A', agents: expect.objectContaining({ succeeded: 1 }) }],
      agents: {
        started: 1,
        succeeded: 1,
        failed: 0,
        failures: [],
        skipped: 0,
        reused: 0,
        dropped: [],
        verdicts: { upheld: 0, refuted: 0, unverified: 0 },
        unverified: [],
        denied: [],
      },
      usage: { inputTokens: 11, outputTokens: 3, costUsd: expect.any(Number) },
      logs: ['note'],
      durationMs: expect.any(Number),
    });
    expect(result.stderr).toContain('phase A');
    expect(result.stdout + result.stderr).not.toContain('sk-loopback-secret');
  });

  test('--engine picks what runs the script; another name is a wrong usage', async () => {
    const { workspace, script } = workspaceWith(`return [typeof Intl, await agent('one')]`);
    const { env } = await modelApi(() => ({ text: 'yes' }));
    const run = (engine: string) =>
      runCli(['run', script, '--workspace', workspace, '--json', '--engine', engine], { env });
    expect(documentOf(await run('quickjs'))).toMatchObject({ status: 'completed', result: ['undefined', 'yes'] });
    expect(documentOf(await run('isolated-vm'))).toMatchObject({ status: 'completed', result: ['object', 'yes'] });
    const wrong = await run('spidermonkey');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('--engine is auto, isolated-vm or quickjs'),
    ]);
  });

  test('a script that throws: failed, exit code 1, with the place', async () => {
    const { workspace, script } = workspaceWith(`\nthrow new RangeError('too far')`);
    const { env } = await modelApi(() => ({ text: '' }));
    const result = await runCli(['run', script, '--workspace', workspace, '--json'], { env });
    expect(result.code).toBe(1);
    expect(documentOf(result)).toMatchObject({
      status: 'failed',
      error: { name: 'RangeError', message: 'too far', line: 3, column: 7 },
    });
  });

  test('failures among the agents: exit code 3', async () => {
    const { workspace, script } = workspaceWith(`return await agent('one')`);
    const { env } = await modelApi(() => ({ status: 400 }));
    const result = await runCli(['run', script, '--workspace', workspace, '--json'], { env });
    expect(result.code).toBe(3);
    expect(documentOf(result)).toMatchObject({
      status: 'completed_with_failures',
      result: null,
      agents: { failed: 1 },
    });
  });

  test('a script that is refused: nothing ran, exit code 1, with the place', async () => {
    const { workspace, script } = workspaceWith(`await agent('one')\nimport('fs')`);
    const { api, env } = await modelApi(() => ({ text: '' }));
    const result = await runCli(['run', script, '--workspace', workspace, '--json'], { env });
    expect(result.code).toBe(1);
    expect(documentOf(result)).toMatchObject({ status: 'refused', error: { line: 3, column: 1 } });
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(api.requests).toEqual([]);
  });

  test('interrupted by a signal: stopped, exit code 130, still one document', async () => {
    const { workspace, script } = workspaceWith(`await agent('one'); await agent('two'); return 1`);
    const { api, env } = await modelApi((_, n) => (n === 1 ? { text: 'ok' } : new Promise(() => undefined)));
    const process = startCli(['run', script, '--workspace', workspace, '--json'], { env });
    await until(() => api.requests.length === 2);
    process.child.kill('SIGINT');
    const result = await process.ended;
    expect(result.code).toBe(130);
    expect(documentOf(result)).toMatchObject({ status: 'stopped', agents: { succeeded: 1, skipped: 1 } });
  });
});

test('a script is found from where the person stands, in the workspace, or by its name', async () => {
  const { workspace, script } = workspaceWith(`return 'found'`);
  const { env } = await modelApi(() => ({ text: '' }));
  const elsewhere = tempDir();
  const flags = ['--workspace', elsewhere, '--json'];
  expect(documentOf(await runCli(['run', 'script.js', ...flags], { env, cwd: workspace }))).toMatchObject({
    result: 'found',
  });
  mkdirSync(join(elsewhere, '.counterpoint/workflows'), { recursive: true });
  writeFileSync(join(elsewhere, '.counterpoint/workflows/mine.js'), readFileSync(script));
  const inside = await runCli(['run', '.counterpoint/workflows/mine.js', ...flags], { env, cwd: workspace });
  expect(documentOf(inside)).toMatchObject({ result: 'found' });
  expect(documentOf(await runCli(['run', 'mine', ...flags], { env, cwd: workspace }))).toMatchObject({
    result: 'found',
  });
});

test('limits and model reach the run', async () => {
  const { workspace, script } = workspaceWith(
    `return [budget.total, (await parallel([1, 2, 3, 4].map((i) => () => agent('n' + i)))).length]`,
  );
  const { api, env } = await modelApi(() => ({ text: 'ok' }), 30);
  const flags = ['--concurrency', '2', '--max-agents', '3', '--budget', '500', '--model', 'some-model'];
  const result = await runCli(['run', script, '--workspace', workspace, '--json', ...flags], { env });
  expect(documentOf(result)).toMatchObject({ result: [500, 4], agents: { started: 4, succeeded: 3, failed: 1 } });
  expect(api.load.peak).toBe(2);
  expect(api.requests.map(({ body }) => body.model)).toEqual(['some-model', 'some-model', 'some-model']);
});

test('killed in the middle and resumed: no finished agent is asked again', async () => {
  const { workspace, script } = workspaceWith(
    `return (await parallel(Array.from({ length: 40 }, (_, i) => () => agent('n' + i)))).join()`,
  );
  const { api, env } = await modelApi((body) => ({ text: promptOf(body).toUpperCase() }), 15);
  const process = startCli(['run', script, '--workspace', workspace, '--json', '--concurrency', '4'], { env });
  await until(() => api.requests.length >= 20);
  process.child.kill('SIGKILL');
  await process.ended;

  const [row] = documentOf(await runCli(['runs', '--workspace', workspace, '--json']));
  expect(row.status).toBe('interrupted');
  const shown = documentOf(await runCli(['show', row.runId, '--workspace', workspace, '--json']));
  const askedBefore = promptsOf(api);
  const resumed = documentOf(await runCli(['resume', row.runId, '--workspace', workspace, '--json'], { env }));
  expect(resumed).toMatchObject({
    status: 'completed',
    result: Array.from({ length: 40 }, (_, i) => `N${i}`).join(),
    agents: { reused: shown.agents.succeeded, succeeded: 40 - shown.agents.succeeded, failed: 0 },
  });
  expect(shown.agents.succeeded).toBeGreaterThan(10);
  const twice = promptsOf(api)
    .slice(askedBefore.length)
    .filter((prompt) => askedBefore.includes(prompt));
  expect(twice.length).toBeLessThanOrEqual(4);
});

test('show and runs tell of finished runs, also by the beginning of an id', async () => {
  const { workspace, script } = workspaceWith(`return { report: '# The report' }`);
  const { env } = await modelApi(() => ({ text: '' }));
  const { runId } = documentOf(await runCli(['run', script, '--workspace', workspace, '--json'], { env }));
  const runs = await runCli(['runs', '--workspace', workspace]);
  expect(runs.stdout).toContain(runId);
  const shown = await runCli(['show', runId.slice(0, 7), '--workspace', workspace]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('# The report');
});

test('--report writes the Markdown and the tree as one page', async () => {
  const { workspace, script } = workspaceWith(`await agent('one'); return { report: '# The report' }`);
  const { env } = await modelApi(() => ({ text: 'answer <b>' }));
  const folder = join(workspace, 'out');
  const result = await runCli(['run', script, '--workspace', workspace, '--report', folder], { env });
  expect(result.code).toBe(0);
  const files = readdirSync(folder).sort();
  expect(files).toEqual([expect.stringMatching(/\.html$/), expect.stringMatching(/\.md$/)]);
  for (const file of files) expect(result.stdout).toContain(join(folder, file));
  expect(readFileSync(join(folder, files[1] ?? ''), 'utf8')).toBe('# The report');
});

test('a terminal cannot be steered by what a script says', async () => {
  const { workspace, script } = workspaceWith(`log('\\u001b[2Jgone'); throw new Error('\\u001b]0;title\\u0007bad')`);
  const { env } = await modelApi(() => ({ text: '' }));
  const result = await runCli(['run', script, '--workspace', workspace], { env });
  expect(result.stderr + result.stdout).toContain('bad');
  expect(result.stderr + result.stdout).not.toContain(String.fromCharCode(27));
});

describe('wrong usage: exit code 2 and one line', () => {
  const cases: [string, string[], RegExp][] = [
    ['an unknown command', ['walk'], /no command "walk"/],
    ['an unknown option', ['run', 'x', '--fast'], /--fast/],
    ['no script', ['run'], /takes one argument/],
    ['args that are no JSON', ['run', 'x', '--args', '{a:1}'], /--args is no JSON/],
    ['an unknown provider', ['run', 'x', '--provider', 'oracle'], /compatible or builtin/],
    ['a number out of range', ['run', 'x', '--concurrency', '0'], /from 1 to 256/],
    ['a cost that is none', ['run', 'x', '--max-cost', 'much'], /amount of US dollars/],
    ['an agent that is no number', ['retry', 'x', 'finder'], /AGENT takes a whole number/],
    ['too little said', ['tell', 'x', '1'], /takes three arguments, RUN AGENT MESSAGE/],
    ['too much said', ['answer', 'x', '1', 'Yes'], /takes 1 or 2 arguments, RUN \[QUESTION\]/],
    ['nothing said', ['tell', 'x', '1', ' '], /nothing to tell/],
    ['no limit set', ['set', 'x'], /at least one of --concurrency/],
    ['values that are no object', ['answer', 'x', '--values', '[1]'], /--values takes a JSON object/],
    ['an option of another command', ['pause', 'x', '--model', 'y'], /--model/],
    ['a time that is none', ['run', 'x', '--timeout', '0'], /--timeout takes a whole number/],
  ];
  test.each(cases)('%s', async (_, args, message) => {
    const result = await runCli(args);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('the help goes to stdout, and names every exit code', async () => {
  const result = await runCli(['--help']);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(result.stdout).toMatch(
    /0 completed.* 1 failed.* 2 wrong usage.* 3 completed with failures.*\s4 .* 130 stopped/,
  );
});

test('the help of a command tells its options', async () => {
  const result = await runCli(['run', '--help']);
  expect(result.code).toBe(0);
  expect(result.stdout).toContain('counterpoint run');
  expect(result.stdout).toContain('--workspace');
});

describe('what a person can mend: exit code 1, one line that says what to do', () => {
  async function refusal(args: string[], env: Record<string, string> = {}): Promise<string> {
    const result = await runCli(args, { env });
    expect(result.code).toBe(1);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    return result.stderr;
  }

  test('no such script', async () => {
    expect(await refusal(['run', 'nowhere.js', '--workspace', tempDir()])).toMatch(
      /nowhere\.js.*path of a script, or one of: .*bug-sweep/,
    );
  });

  test('no such workspace', async () => {
    expect(await refusal(['runs', '--workspace', join(tempDir(), 'gone')])).toMatch(/no folder .*gone/);
  });

  test('no key', async () => {
    const { workspace, script } = workspaceWith('return 1');
    expect(await refusal(['run', script, '--workspace', workspace])).toMatch(/ANTHROPIC_API_KEY.*builtin/);
  });

  test('a workspace that cannot be written', async () => {
    const { workspace, script } = workspaceWith('return 1');
    writeFileSync(join(workspace, '.counterpoint'), '');
    expect(await refusal(['run', script, '--workspace', workspace], { ANTHROPIC_API_KEY: 'k' })).toMatch(
      /cannot be written/,
    );
  });

  test('a corrupt journal', async () => {
    const { workspace, script } = workspaceWith('return 1');
    mkdirSync(join(workspace, '.counterpoint'));
    writeFileSync(join(workspace, '.counterpoint/runs.sqlite'), 'garbage '.repeat(999));
    expect(await refusal(['run', script, '--workspace', workspace], { ANTHROPIC_API_KEY: 'k' })).toMatch(
      /move the file elsewhere/,
    );
  });

  test('a folder that no report can be written to: the run is kept', async () => {
    const { workspace, script } = workspaceWith('return 1');
    const { env } = await modelApi(() => ({ text: '' }));
    const result = await runCli(['run', script, '--workspace', workspace, '--report', join(script, 'in-a-file')], {
      env,
    });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/report cannot be written .*show test-[0-9a-f]+ --report DIR/);
  });

  test('no such run', async () => {
    expect(await refusal(['show', 'none', '--workspace', tempDir()])).toMatch(/no run "none".*counterpoint runs/);
  });

  test('a second process on the same run', async () => {
    const { workspace, script } = workspaceWith(`await agent('one'); return 1`);
    const { api, env } = await modelApi(() => new Promise(() => undefined));
    const first = startCli(['run', script, '--workspace', workspace, '--json'], { env });
    await until(() => api.requests.length === 1);
    const [row] = documentOf(await runCli(['runs', '--workspace', workspace, '--json']));
    expect(row.status).toBe('running');
    expect(await refusal(['resume', row.runId, '--workspace', workspace], env)).toMatch(
      /driven already, here or by another process/,
    );
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
  });
});

test('whatever Node the system has can start it', async () => {
  const { workspace, script } = workspaceWith(`return 'up'`);
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const node = execFileSync('/bin/sh', ['-c', 'command -v node || echo none'], {
    env: { PATH: path.join(delimiter) },
    encoding: 'utf8',
  }).trim();
  const { env } = await modelApi(() => ({ text: '' }));
  const options = node === 'none' ? { env } : { env, node };
  expect(documentOf(await runCli(['run', script, '--workspace', workspace, '--json'], options))).toMatchObject({
    result: 'up',
  });
});
