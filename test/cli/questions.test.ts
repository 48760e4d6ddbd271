import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CLI, startInTerminal } from '../support/cli-process.ts';
import { promptsOf, until } from '../support/run-harness.ts';
import { cliBench, documentOf } from './cli-bench.ts';

const ASK = `return [await agent('one'), (await checkpoint('Ship it?', { detail: 'All of it,\\nnow.', choices: ['Yes', 'Not yet'] }))]`;

test('a question is told once, with the command that answers it, which works as it stands in a shell', async () => {
  const choice = `It's $(touch pwned); "fine"`;
  const options = { detail: 'All of it,\nnow.', choices: [choice, 'No'] };
  const { run, workspace, call } = await cliBench(
    `const asked = checkpoint('Ship it?', ${JSON.stringify(options)}); await agent('meanwhile'); log('bye');
     return (await asked).choice`,
  );
  const { process: driver } = await run();
  await call('Ship it?', 'working');
  await until(() => driver.stderr.includes('bye'));
  const command =
    driver.stderr
      .split('\n')
      .find((text) => text.includes('counterpoint answer'))
      ?.trim() ?? '';
  const lines = driver.stderr.split('\n');
  expect(lines).toContain('  All of it,');
  expect(lines).toContain('  now.');
  expect(lines).toContain(`  choices: 1 ${choice} · 2 No`);
  const shell = command.replace(/^counterpoint/, `"${process.execPath}" "${CLI}"`);
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', shell], { cwd: workspace });
  expect(stdout).toContain('(Ship it?) is answered');
  const ended = await driver.ended;
  expect(documentOf(ended)).toMatchObject({ status: 'completed', result: choice });
  expect(ended.stderr.match(/question 1: Ship it\?/g)).toHaveLength(1);
  expect(existsSync(join(workspace, 'pwned'))).toBe(false);
});

test('open questions are listed, with all that is known of them', async () => {
  const { run, call, cli } = await cliBench(
    `await parallel([() => checkpoint('How many?', { schema: { type: 'object', required: ['n'] } }),
       () => checkpoint('Ship it?', { default: 'No', timeoutMs: 3600000 })])`,
  );
  const { process, runId } = await run();
  await call('Ship it?', 'working');
  const text = (await cli('answer', runId)).stdout;
  expect(text).toMatch(
    /question 1: How many\?\n {2}choices: 1 Submit\n {2}values: .*"required":\["n"\].*\n {2}asked .*waits until somebody answers\n {2}counterpoint answer .* 1 .*--choice Submit --values JSON\n/,
  );
  expect(text).toMatch(
    /question 2: Ship it\?\n {2}choices: 1 Yes · 2 No\n {2}asked .*; No holds where nobody answers until 2/,
  );
  expect(documentOf(await cli('answer', runId, '--json'))).toEqual({
    runId,
    status: 'running',
    questions: [
      expect.objectContaining({
        number: 1,
        question: 'How many?',
        choices: ['Submit'],
        default: null,
        timeoutAt: null,
      }),
      expect.objectContaining({
        number: 2,
        choices: ['Yes', 'No'],
        schema: null,
        default: 'No',
        timeoutAt: expect.any(String),
      }),
    ],
  });
  expect(documentOf(await cli('show', runId, '--json')).questions).toHaveLength(2);
  expect((await cli('show', runId)).stdout).toContain('question 2: Ship it?');
  process.child.kill('SIGINT');
  await process.ended;
});

test('an answer is one of the choices, and its values satisfy the schema; a second one is refused', async () => {
  const { run, call, cli, refused } = await cliBench(
    `const schema = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } };
     const first = await checkpoint('How many?', { schema });
     const both = await parallel([() => checkpoint('Ship it?'), () => checkpoint('Tell them?')]);
     return [first, ...both]`,
  );
  const { process, runId } = await run();
  await call('How many?', 'working');
  expect(await refused('answer', runId, '--values', '{"n":"three"}')).toMatch(
    /values of the answer are not right.*number/,
  );
  expect(await refused('answer', runId, '--choice', 'Maybe', '--values', '{"n":3}')).toMatch(
    /"Maybe" is none of the choices: "Submit"/,
  );
  expect((await cli('answer', runId, '--values', '{"n":3}', '--comment', 'at most')).code).toBe(0);
  const ship = await call('Ship it?', 'working');
  const tell = await call('Tell them?', 'working');
  expect(await refused('answer', runId, '--choice', 'Yes')).toMatch(/asks 2 questions; say which.*counterpoint answer/);
  expect(await refused('answer', runId, '99', '--choice', 'Yes')).toMatch(/no question number 99/);
  expect(await refused('answer', runId, String(ship.id), '--comment', 'well')).toMatch(
    /has 2 choices; give one with --choice/,
  );
  expect(documentOf(await cli('answer', runId, String(ship.id), '--choice', 'yes', '--json'))).toEqual({
    runId,
    done: 'answered',
    question: ship.id,
    choice: 'Yes',
    driven: true,
  });
  expect(await refused('answer', runId, String(ship.id), '--choice', 'No')).toMatch(/is answered already: Yes/);
  expect(await refused('answer', runId, String(ship.id))).toMatch(/is answered already: Yes/);
  expect((await cli('answer', runId, String(tell.id), '--choice', '2')).stdout).toContain(
    '(Tell them?) is answered: No',
  );
  expect(documentOf(await process.ended).result).toEqual([
    { choice: 'Submit', comment: 'at most', values: { n: 3 } },
    { choice: 'Yes' },
    { choice: 'No' },
  ]);
  expect(await refused('answer', runId, String(tell.id), '--choice', 'Yes')).toMatch(/no question number/);
});

test('a question is answered while nobody drives the run, and the resume finds the answer', async () => {
  const { run, call, cli, api, refused } = await cliBench(ASK);
  const { process, runId } = await run();
  await call('Ship it?', 'working');
  process.child.kill('SIGKILL');
  await process.ended;
  expect((await cli('answer', runId)).stdout).toMatch(
    /^question 2: Ship it\?\n(?: .*\n)+Nobody drives run .*: once it is answered, `counterpoint resume .*` goes on\.\n$/,
  );
  expect((await cli('answer', runId, '--choice', 'Not yet')).stdout).toMatch(
    /is answered: Not yet; nobody drives the run, `counterpoint resume .*` goes on/,
  );
  expect(await refused('answer', runId, '--choice', 'Yes')).toMatch(/asks nothing now/);
  expect((await cli('answer', runId)).stdout).toBe(`run ${runId}: asks nothing now\n`);
  const resumed = await cli('resume', runId, '--json');
  expect(documentOf(resumed)).toMatchObject({ status: 'completed', result: ['re: one', { choice: 'Not yet' }] });
  expect(resumed.stderr).not.toContain('counterpoint answer');
  expect(promptsOf(api)).toEqual(['one']);
});

test('an unattended run stops at a question that nothing but a person answers; answered and resumed it goes on', async () => {
  const { cli, observer, script, api } = await cliBench(ASK);
  const stopped = await cli('run', script, '--json', '--unattended');
  expect(stopped.code).toBe(4);
  const document = documentOf(stopped);
  expect(document).toMatchObject({ status: 'stopped', questions: [{ question: 'Ship it?' }] });
  expect(stopped.stderr).toMatch(
    /stopped at question \d+, .*Ship it\? `counterpoint answer .*` answers it, then `counterpoint resume/,
  );
  expect((await cli('resume', document.runId, '--unattended')).code).toBe(4);
  expect((await cli('answer', document.runId, '--choice', 'Yes')).code).toBe(0);
  const resumed = await cli('resume', document.runId, '--json', '--unattended');
  expect([resumed.code, documentOf(resumed).result]).toEqual([0, ['re: one', { choice: 'Yes' }]]);
  expect(promptsOf(api)).toEqual(['one']);
  expect(observer.runs()).toHaveLength(1);
});

test('an unattended run goes by the default of a question that has a time for it, and stops where it has none', async () => {
  const { cli, workspace, script } = await cliBench(
    `return (await checkpoint('Go on?', { default: 'No', timeoutMs: 30 })).choice`,
  );
  const ended = await cli('run', script, '--json', '--unattended');
  expect([ended.code, documentOf(ended).result]).toEqual([0, 'No']);
  const other = await cliBench(`return (await checkpoint('Go on?', { default: 'No' })).choice`);
  expect((await other.cli('run', other.script, '--unattended')).code).toBe(4);
  expect(other.workspace).not.toBe(workspace);
});

test('a terminal cannot be steered by a question, nor by its choices', async () => {
  const { cli, script, observer } = await cliBench(
    `return await checkpoint('\\u001b[2JShip?', { detail: '\\u009b2Jall', choices: ['\\u001b]0;x\\u0007Yes'] })`,
  );
  const stopped = await cli('run', script, '--unattended');
  const runId = observer.runs()[0]?.run.id ?? '';
  const printed = [
    stopped,
    await cli('answer', runId),
    await cli('show', runId, '--events'),
    await cli('answer', runId, '--choice', ']0;x Yes'),
  ];
  for (const { stdout, stderr } of printed) {
    expect(stdout + stderr).toContain('Ship?');
    expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n\t]/u);
  }
  expect(printed.at(-1)?.code).toBe(0);
});

test('at a terminal the question is asked right there, and a number answers it', async () => {
  const { script, workspace, env } = await cliBench(ASK);
  const terminal = startInTerminal(['run', script, '--workspace', workspace], { env });
  await until(() => terminal.stdout.includes('Your choice'));
  terminal.child.stdin?.write('7\r');
  await until(() => terminal.stdout.includes('"7" is none of the choices'));
  await until(() => terminal.stdout.split('Your choice').length > 2);
  terminal.child.stdin?.write('2\r');
  const ended = await terminal.ended;
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/"choice": "Not yet"/);
});

test('at a terminal the question goes away when it is answered elsewhere, and the view goes on', async () => {
  const { script, workspace, env, observer, cli, release } = await cliBench(
    `const { choice } = await checkpoint('Ship it?'); await agent('held'); return choice`,
  );
  const terminal = startInTerminal(['run', script, '--workspace', workspace], { env });
  await until(() => terminal.stdout.includes('Your choice'));
  const runId = observer.runs()[0]?.run.id ?? '';
  await cli('answer', runId, '--choice', 'No');
  await until(() => terminal.stdout.includes('was answered elsewhere'));
  await until(() => /1 running/.test(terminal.stdout.slice(terminal.stdout.indexOf('answered elsewhere'))));
  await release('held');
  const ended = await terminal.ended;
  expect([ended.code, ended.stdout]).toEqual([0, expect.stringMatching(/\nNo\s*$/)]);
});

test('at a terminal a question may be left for later, and Ctrl-C still stops the run', async () => {
  const { script, workspace, env, observer } = await cliBench(
    `return await parallel([() => checkpoint('Ship it?'), () => checkpoint('Tell them?')])`,
  );
  const terminal = startInTerminal(['run', script, '--workspace', workspace], { env });
  await until(() => terminal.stdout.includes('Your choice'));
  terminal.child.stdin?.write('\r');
  await until(() => terminal.stdout.split('Your choice').length > 2);
  terminal.child.stdin?.write('\u0003');
  expect((await terminal.ended).code).toBe(130);
  expect(observer.runs()[0]?.status).toBe('stopped');
});
