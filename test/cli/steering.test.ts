import { expect, test } from 'vitest';
import { FIRST_ADDED_CALL } from '../../extension/protocol/run-events.ts';
import { promptsOf, until } from '../support/run-harness.ts';
import { cliBench, documentOf, writeScript } from './cli-bench.ts';

test('a run is paused from another process, which sees it so, and goes on where it was', async () => {
  const { run, cli, call, release, api, refused, script } = await cliBench(
    `return [await agent('held'), await agent('next')]`,
  );
  const { process, runId } = await run();
  await call('held', 'working');
  const paused = await cli('pause', runId);
  expect([paused.code, paused.stdout]).toEqual([0, expect.stringMatching(/paused; .*counterpoint resume/)]);
  expect(paused.stdout.trim().split('\n')).toHaveLength(1);
  await release('held');
  await call('held', 'succeeded');
  expect((await cli('show', runId)).stdout).toContain(`run ${runId}: running, paused`);
  expect(documentOf(await cli('show', runId, '--json'))).toMatchObject({ status: 'running', paused: true });
  expect((await cli('runs')).stdout).toContain('running, paused');
  expect(await refused('resume', runId, '--script', script)).toMatch(/counterpoint replace.* change them there/);
  expect(promptsOf(api)).toEqual(['held']);
  expect(documentOf(await cli('resume', runId, '--json'))).toEqual({ runId, done: 'unpaused' });
  const ended = await process.ended;
  expect(documentOf(ended)).toMatchObject({ status: 'completed', result: ['re: held', 're: next'] });
  expect(ended.stderr).toContain(`paused; \`counterpoint resume ${runId}\` goes on`);
});

test('an agent is skipped with a value, another is stopped, and the run goes on without them', async () => {
  const { run, cli, call } = await cliBench(
    `return await parallel([() => agent('held 1'), () => agent('held 2'), () => agent('held 3'), () => agent('other')])`,
  );
  const { process, runId } = await run();
  const [first, second, third] = [
    await call('held 1', 'working'),
    await call('held 2', 'working'),
    await call('held 3', 'working'),
  ];
  const skipped = await cli('skip', runId, String(first.id), '--value', '{"given":true}', '--json');
  expect(documentOf(skipped)).toEqual({ runId, done: 'agent-skipped', agent: first.id });
  expect((await cli('skip', runId, String(second.id))).stdout).toBe(
    `run ${runId}: agent ${second.id} (held 2) is skipped; the script gets null\n`,
  );
  const stopped = await cli('stop', runId, '--agent', String(third.id));
  expect(stopped.stdout).toBe(`run ${runId}: agent ${third.id} (held 3) is stopped; the script gets null\n`);
  const ended = await process.ended;
  expect(ended.code).toBe(3);
  expect(documentOf(ended)).toMatchObject({ result: [{ given: true }, null, null, 're: other'] });
});

test('a run is stopped from another process', async () => {
  const { run, cli, call } = await cliBench(`return await agent('held')`);
  const { process, runId } = await run();
  await call('held', 'working');
  expect(documentOf(await cli('stop', runId, '--json'))).toEqual({ runId, done: 'stopped' });
  const ended = await process.ended;
  expect([ended.code, documentOf(ended).status]).toEqual([130, 'stopped']);
});

test('an agent at work begins anew; one that failed is asked again, and the script never saw that', async () => {
  const { run, cli, call, release, api } = await cliBench(
    `const weak = await agent('held weak'); return [weak, await agent('held after ' + weak)]`,
  );
  const { process, runId } = await run();
  const weak = await call('held weak', 'working');
  await until(() => api.requests.length === 1);
  expect((await cli('retry', runId, String(weak.id))).stdout).toContain('(held weak) begins anew');
  await until(() => api.requests.length === 2);
  await release('held weak');
  await release('held weak', { status: 400 });
  await call('held after null', 'working');
  expect((await cli('retry', runId, String(weak.id))).stdout).toContain('is asked again; the script begins anew');
  await release('held weak');
  await release('held after re: held weak');
  const ended = await process.ended;
  expect(ended.code).toBe(0);
  expect(documentOf(ended)).toMatchObject({ result: ['re: held weak', 're: held after re: held weak'] });
});

test('an agent at work is told something, and the model hears it in the next turn', async () => {
  const { run, cli, call, release, api } = await cliBench(`return await agent('held')`);
  const { process, runId } = await run();
  const { id } = await call('held', 'working');
  await until(() => api.requests.length === 1);
  expect((await cli('tell', runId, String(id), 'Look into auth first.')).stdout).toContain('before its next turn');
  await release('held', { tools: [{ name: 'list_directory', input: { path: '.' } }] });
  await release('held');
  expect((await process.ended).code).toBe(0);
  expect(JSON.stringify(api.requests[0]?.body.messages)).not.toContain('Look into auth first.');
  expect(JSON.stringify(api.requests[1]?.body.messages.at(-1))).toContain('Look into auth first.');
});

test('more agents at a time, and caps that come and go', async () => {
  const { run, cli, api, observer, release } = await cliBench(
    `return (await parallel([1, 2, 3, 4].map((i) => () => agent('held ' + i)))).length`,
  );
  const { process, runId } = await run('--concurrency', '1', '--budget', '5000');
  await until(() => api.load.now === 1);
  const set = await cli('set', runId, '--concurrency', '3', '--budget', 'none', '--max-agents', '9');
  expect(set.stdout).toBe(
    `run ${runId}: goes by 3 agents at a time, 9 agents in all, no cap on output tokens from now on\n`,
  );
  await until(() => api.load.now === 3);
  expect(observer.tree(runId).run?.limits).toMatchObject({ concurrency: 3, budget: null, maxAgents: 9 });
  for (const i of [1, 2, 3, 4]) await release(`held ${i}`);
  expect(documentOf(await process.ended)).toMatchObject({ result: 4 });
  expect(api.load.peak).toBe(3);
});

test('another script takes over, and what was finished or is under way is not asked again', async () => {
  const { workspace, run, cli, call, api, release } = await cliBench(
    `await agent('one'); return await agent('held two')`,
  );
  const { process, runId } = await run();
  await call('held two', 'working');
  const other = writeScript(
    workspace,
    'other.js',
    `return [await agent('one'), await agent('held two'), await agent('new')]`,
  );
  expect(documentOf(await cli('replace', runId, other, '--json'))).toEqual({
    runId,
    done: 'script-replaced',
    script: 'other.js',
  });
  await release('held two');
  const ended = await process.ended;
  expect(documentOf(ended)).toMatchObject({ status: 'completed', result: ['re: one', 're: held two', 're: new'] });
  expect(ended.stderr).toContain('goes on with other.js');
  expect(promptsOf(api)).toEqual(['one', 'held two', 'new']);
});

test('an agent is added to a run, has a number that people can read and type, and its answer is printed', async () => {
  const { run, cli, call, release, refused } = await cliBench(
    `await agent('held'); return (await tool('inbox')).map(({ number }) => number)`,
  );
  const { process, runId } = await run();
  await call('held', 'working');
  expect((await cli('add', runId, 'extra')).stdout).toBe(
    `run ${runId}: agent added-1 (extra) is added, in the phase "Added by you"; \`counterpoint show ${runId}\` prints its answer\n`,
  );
  await call('extra', 'succeeded');
  expect(
    documentOf(await cli('add', runId, 'held more', '--label', 'more', '--agent-type', 'writer', '--json')),
  ).toEqual({
    ...{ runId, done: 'agent-added', agent: FIRST_ADDED_CALL + 1 },
  });
  await call('more', 'working');
  expect(await refused('add', runId, ' ')).toMatch(/The task is empty/);
  expect(await refused('add', runId, 'x', '--agent-type', 'nobody')).toMatch(/no agentType "nobody"/);
  expect(await refused('tell', runId, 'added-1', 'x')).toMatch(/Agent added-1 has ended already/);
  expect(await refused('tell', runId, 'added-9', 'x')).toMatch(/has no agent number added-9/);
  const skipped = await cli('skip', runId, 'added-2', '--value', '"mine"');
  expect(skipped.stdout).toBe(`run ${runId}: agent added-2 (more) is skipped; its answer is "mine"\n`);
  const listed = await cli('show', runId, '--agents', '--events');
  expect(listed.stdout).toMatch(/^ {6}1 {2}working .*held$/m);
  expect(listed.stdout).toMatch(/^added-1 {2}succeeded {2}extra · in Added by you$/m);
  expect(listed.stdout).toContain('agent added-2 more: skipped');
  expect(listed.stdout).not.toMatch(/1000000/);
  await release('held');
  const ended = documentOf(await process.ended);
  expect(ended).toMatchObject({
    status: 'completed_with_failures',
    result: [1, 2],
    added: [
      { number: 1, task: 'extra', label: 'extra', outcome: 'succeeded', answer: 're: extra' },
      { number: 2, task: 'held more', label: 'more', outcome: 'skipped', answer: 'mine' },
    ],
  });
  const shown = (await cli('show', runId)).stdout;
  expect(shown).toContain('\nagent added-1 (extra): succeeded\nre: extra\n');
  expect(shown).toContain('\nagent added-2 (more): skipped\nmine\n');
  expect(await refused('add', runId, 'late')).toMatch(/not running.*Run Agent in Background.*counterpoint agent/);
});

test('what cannot be done says what can', async () => {
  const { workspace, run, call, release, cli, refused } = await cliBench(
    `const done = await agent('done'); await agent('held'); return done`,
  );
  const { process, runId } = await run();
  const held = await call('held', 'working');
  const { id } = await call('done', 'succeeded');
  expect(await refused('retry', runId, String(id))).toMatch(/has its answer, which is kept.* fork/);
  expect(await refused('skip', runId, String(id))).toMatch(/has ended already/);
  expect(await refused('tell', runId, '99', 'x')).toMatch(/no agent number 99.*counterpoint show .* --agents/);
  const bad = writeScript(workspace, 'bad.js', `await agent('one'`);
  expect(await refused('replace', runId, bad)).toMatch(/bad\.js: SyntaxError: .*line 2/);
  expect(await refused('replace', runId, 'nowhere')).toMatch(/No workflow or file "nowhere"/);
  expect((await cli('stop', runId)).code).toBe(0);
  expect((await process.ended).code).toBe(130);
  expect(await refused('tell', runId, String(held.id), 'x')).toMatch(/not running \(stopped\).*counterpoint resume/);
  const resumed = cli('resume', runId, '--json');
  await release('held');
  await release('held');
  expect(documentOf(await resumed)).toMatchObject({ status: 'completed' });
  expect(await refused('pause', runId)).toMatch(/not running \(completed\).*counterpoint fork/);
});
