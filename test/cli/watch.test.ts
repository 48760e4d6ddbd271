import { expect, test } from 'vitest';
import { promptsOf, until } from '../support/run-harness.ts';
import { cliBench, documentOf } from './cli-bench.ts';

test('a run is watched to its end, with its document and its exit code', async () => {
  const { run, start, call, release } = await cliBench(
    `phase('Find'); log('hello'); const a = await agent('held'); log('bye'); return [a, await agent('held bad')]`,
  );
  const { process, runId } = await run();
  await call('held', 'working');
  const watcher = start('watch', runId, '--json');
  await until(() => watcher.stderr.includes('hello'));
  await release('held');
  await release('held bad', { status: 400 });
  const [driven, watched] = [await process.ended, await watcher.ended];
  expect([driven.code, watched.code]).toEqual([3, 3]);
  expect(documentOf(watched)).toMatchObject({ ...documentOf(driven), durationMs: expect.any(Number) });
  for (const line of ['phase Find', 'hello', 'bye']) expect(watched.stderr.split(line)).toHaveLength(2);
});

test('a run that has ended already is shown', async () => {
  const { cli, script } = await cliBench(`return 'x'`);
  const { runId } = documentOf(await cli('run', script, '--json'));
  const watched = await cli('watch', runId);
  expect([watched.code, watched.stdout]).toEqual([0, expect.stringContaining('completed')]);
});

test('the death of the driver is told, with what goes on: exit code 1', async () => {
  const { run, start, call } = await cliBench(`return [await agent('one'), await agent('held')]`);
  const { process, runId } = await run();
  await call('held', 'working');
  const watcher = start('watch', runId, '--json');
  await until(() => watcher.stderr !== '');
  process.child.kill('SIGKILL');
  const watched = await watcher.ended;
  expect(watched.code).toBe(1);
  expect(watched.stderr).toMatch(/is gone\. `counterpoint resume test-[0-9a-f]+` goes on/);
  expect(documentOf(watched)).toMatchObject({ status: 'interrupted', agents: { succeeded: 1 } });
});

test('a watcher takes over when the driver dies, and asks nothing twice that was finished', async () => {
  const { run, start, call, api, release } = await cliBench(
    `return [await agent('one'), await agent('held'), await agent('three')]`,
  );
  const { process, runId } = await run();
  await call('held', 'working');
  const watchers = [start('watch', runId, '--json', '--take-over'), start('watch', runId, '--json', '--take-over')];
  await until(() => watchers.every(({ stderr }) => stderr !== ''));
  process.child.kill('SIGKILL');
  await until(() => promptsOf(api).filter((prompt) => prompt === 'held').length === 2);
  await release('held');
  await release('held');
  for (const watcher of watchers) {
    const watched = await watcher.ended;
    expect(watched.code).toBe(0);
    expect(documentOf(watched)).toMatchObject({ status: 'completed', result: ['re: one', 're: held', 're: three'] });
  }
  // Only one of the two was the quicker.
  expect(promptsOf(api)).toEqual(['one', 'held', 'held', 'three']);
});

test('who stops watching does not stop the run', async () => {
  const { run, start, call, release } = await cliBench(`return await agent('held')`);
  const { process, runId } = await run();
  await call('held', 'working');
  const watcher = start('watch', runId);
  await until(() => watcher.stderr !== '');
  watcher.child.kill('SIGINT');
  const watched = await watcher.ended;
  expect([watched.code, watched.stderr]).toEqual([130, expect.stringContaining(`run ${runId} goes on`)]);
  await release('held');
  expect((await process.ended).code).toBe(0);
});

test('who watches sees the questions, and which command answers them', async () => {
  const { run, start, call, cli } = await cliBench(`return (await checkpoint('Ship it?')).choice`);
  const { runId } = await run();
  await call('Ship it?', 'working');
  const watcher = start('watch', runId);
  await until(() => watcher.stderr.includes(`counterpoint answer ${runId} 1`));
  await cli('answer', runId, '--choice', 'Yes');
  expect((await watcher.ended).code).toBe(0);
});
