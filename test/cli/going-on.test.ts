import { expect, test } from 'vitest';
import { runCli } from '../support/cli-process.ts';
import { promptOf, promptsOf } from '../support/run-harness.ts';
import { cliBench, documentOf, modelApi, workspaceWith, writeScript } from './cli-bench.ts';

test('a fork from an event reuses what was finished by then, and asks only what changed', async () => {
  const { cli, script, api, workspace } = await cliBench(`return [await agent('one'), await agent('two')]`);
  const { runId } = documentOf(await cli('run', script, '--json'));
  const { events } = documentOf(await cli('show', runId, '--events', '--json'));
  const first = events.find(({ type }: { type: string }) => type === 'call.settled');
  const text = (await cli('show', runId, '--events')).stdout;
  expect(text).toMatch(new RegExp(`\\n *${first.seq} {2}${first.at} {2}call\\.settled {2,}agent 1 one: succeeded\\n`));
  const edited = writeScript(
    workspace,
    'edited.js',
    `return [await agent('one'), await agent('two'), await agent('three')]`,
  );
  const forked = await cli(
    'fork',
    runId,
    '--from',
    String(first.seq),
    '--script',
    edited,
    '--model',
    'other',
    '--json',
  );
  expect(forked.code).toBe(0);
  const document = documentOf(forked);
  expect(document).toMatchObject({
    result: ['re: one', 're: two', 're: three'],
    agents: { reused: 1, succeeded: 2 },
  });
  expect(document.runId).not.toBe(runId);
  expect(promptsOf(api)).toEqual(['one', 'two', 'two', 'three']);
  expect(api.requests.at(-1)?.body.model).toBe('other');
  expect((await cli('show', document.runId, '--events')).stdout).toContain(`forked from ${runId}`);
});

test('a fork from an event that is none is refused', async () => {
  const { cli, script, refused } = await cliBench(`return 1`);
  const { runId } = documentOf(await cli('run', script, '--json'));
  expect(await refused('fork', runId, '--from', '999')).toMatch(/has the events 1 to \d+; 999 is none of them/);
});

test('a run that completed with failures is resumed: what failed is asked again, and nothing else', async () => {
  const { start, cli, script, api, release } = await cliBench(
    `return await parallel([() => agent('held'), () => agent('two')])`,
  );
  const first = start('run', script, '--json');
  await release('held', { status: 400 });
  const failed = await first.ended;
  expect(failed.code).toBe(3);
  const { runId } = documentOf(failed);
  const second = start('resume', runId, '--json');
  await release('held');
  const resumed = await second.ended;
  expect([resumed.code, documentOf(resumed).result]).toEqual([0, ['re: held', 're: two']]);
  expect(promptsOf(api).filter((prompt) => prompt === 'two')).toHaveLength(1);
  expect((await cli('resume', runId)).code).toBe(1);
});

test('a resume takes an edited script, another model and other limits', async () => {
  const { cli, script, api, workspace, observer } = await cliBench(`await agent('one'); throw new Error('no')`);
  const failed = await cli('run', script, '--json', '--budget', '500');
  expect(failed.code).toBe(1);
  const { runId } = documentOf(failed);
  const edited = writeScript(workspace, 'edited.js', `return [await agent('one'), await agent('two'), budget.total]`);
  const flags = ['--script', edited, '--model', 'other', '--budget', 'none', '--concurrency', '2'];
  const resumed = await cli('resume', runId, '--json', ...flags);
  expect([resumed.code, documentOf(resumed).result]).toEqual([0, ['re: one', 're: two', null]]);
  expect(api.requests.map(({ body }) => body.model).at(-1)).toBe('other');
  expect(promptsOf(api)).toEqual(['one', 'two']);
  expect(observer.tree(runId).run?.limits).toMatchObject({ budget: null, concurrency: 2 });
});

test('a script that is refused on the way is named as the one that was given', async () => {
  const { cli, script, workspace, refused } = await cliBench(`throw new Error('no')`);
  const { runId } = documentOf(await cli('run', script, '--json'));
  const bad = writeScript(workspace, 'bad.js', `import('fs')`);
  expect(await refused('resume', runId, '--script', bad)).toMatch(/bad\.js: SyntaxError: .*line 2, column 1/);
});

test('the census tells each thing that was lost, in text and in the document; the agents are listed with why', async () => {
  const { workspace, script } = workspaceWith(
    `phase('Find'); await parallel([() => agent('good'), () => { throw new Error('x') }]);
     phase('Check'); return await challenge({ title: 'The key leaks' }, { challengers: 2 })`,
  );
  const { env } = await modelApi((body) =>
    promptOf(body) === 'good' ? { text: 'yes' } : { status: 400, message: 'not\u001b[2J so' },
  );
  const cli = (...args: string[]) => runCli([...args, '--workspace', workspace], { env });
  const ended = await cli('run', script);
  expect(ended.code).toBe(3);
  const lines = ended.stdout.split('\n');
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}2 failed \(refused\), such as: .*not {2}so/));
  expect(lines).toContain('  1 dropped by parallel in Find');
  expect(lines).toContain('  1 verdict unverified: The key leaks');
  const runId = /^run (\S+):/m.exec(ended.stdout)?.[1] ?? '';
  expect(documentOf(await cli('show', runId, '--json')).agents).toMatchObject({
    started: 3,
    succeeded: 1,
    failures: [{ cause: 'refused', agents: 2 }],
    dropped: [{ where: 'parallel in Find', items: 1 }],
    verdicts: { upheld: 0, refuted: 0, unverified: 1 },
    unverified: ['The key leaks'],
  });
  const listed = (await cli('show', runId, '--agents')).stdout;
  expect(listed).toMatch(/\n1 {2}succeeded {2}good · in Find\n2 {2}failed {5}.* · in Check · refused: .*not {2}so/);
  expect(listed).not.toContain(String.fromCharCode(27));
  const { agentList } = documentOf(await cli('show', runId, '--agents', '--json'));
  expect(agentList).toEqual([
    { number: 1, state: 'succeeded', label: 'good', phase: 'Find', role: 'agent', model: expect.any(String) },
    expect.objectContaining({ number: 2, state: 'failed', role: 'challenger', cause: expect.anything() }),
    expect.objectContaining({ number: 3, state: 'failed', phase: 'Check' }),
  ]);
});
