import { expect, test } from 'vitest';
import { openCheckpoints } from '../../extension/protocol/run-tree.ts';
import type { RunManager } from '../../extension/runs/run-manager.ts';
import { promptOf, promptsOf, type RunHarness, runHarness, until } from '../support/run-harness.ts';

const BODY = `const { choice, comment, values } = await checkpoint('Fix ' + (await agent('find')) + '?',
    { choices: ['Fix', 'Report only'], detail: 'all of them' });
  return [choice, comment ?? null, await agent('then ' + choice)]`;

function echo(): Promise<RunHarness> {
  return runHarness((body) => ({ text: `re: ${promptOf(body)}` }));
}

async function opened(manager: RunManager, runId: string): Promise<{ call: number; key: string }> {
  await until(() => openCheckpoints(manager.tree(runId)).length > 0);
  const [node] = openCheckpoints(manager.tree(runId));
  return { call: node?.info.id ?? 0, key: node?.info.key ?? '' };
}

test('a run waits for a person, who answers once', async () => {
  const { manager, api, start } = await echo();
  const runId = await start(BODY);
  const on = await opened(manager, runId);
  const node = manager.tree(runId).calls.get(on.call);
  expect(node?.info).toMatchObject({
    kind: 'checkpoint',
    label: 'Fix re: find?',
    checkpoint: { question: 'Fix re: find?', detail: 'all of them', choices: ['Fix', 'Report only'], timeoutAt: null },
  });
  expect(manager.tree(runId).counts).toMatchObject({ succeeded: 1, working: 0, waiting: 0 });
  await expect(manager.control(runId, { action: 'answer', ...on, answer: { choice: 'Delete' } })).rejects.toMatchObject(
    { code: 'bad-arguments', message: expect.stringContaining('"Fix", "Report only"') },
  );
  const answers = await Promise.allSettled([
    manager.control(runId, { action: 'answer', ...on, answer: { choice: 'Fix', comment: 'but carefully' } }),
    manager.control(runId, { action: 'answer', ...on, answer: { choice: 'Report only' } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(answers[1]).toMatchObject({ reason: { code: 'not-possible', message: expect.stringContaining('answered') } });
  expect(await manager.finished(runId)).toEqual({
    status: 'completed',
    result: ['Fix', 'but carefully', 're: then Fix'],
  });
  expect(manager.tree(runId).calls.get(on.call)?.settled).toMatchObject({
    answer: { choice: 'Fix', comment: 'but carefully' },
    answeredBy: 'person',
  });
  expect(promptsOf(api)).toEqual(['find', 'then Fix']);
});

test('a question survives its process, keeps its age, and its answer is never asked for again', async () => {
  const harness = await echo();
  const runId = await harness.start(BODY);
  await opened(harness.manager, runId);
  const asked = openCheckpoints(harness.manager.tree(runId))[0]?.info.checkpoint?.askedAt;
  await harness.manager.close();
  await new Promise((resolve) => setTimeout(resolve, 20));

  const second = await harness.open();
  await second.resume(runId);
  const on = await opened(second, runId);
  expect(openCheckpoints(second.tree(runId))[0]?.info.checkpoint?.askedAt).toBe(asked);
  await second.control(runId, { action: 'answer', ...on, answer: { choice: 'Report only' } });
  await until(() => promptsOf(harness.api).length === 2);
  await second.finished(runId);
  await second.close();

  const third = await harness.open();
  const fork = await third.fork({ run: runId });
  expect((await third.finished(fork)).result).toEqual(['Report only', null, 're: then Report only']);
  expect(promptsOf(harness.api)).toHaveLength(2);
});

test('a question is answered while nobody drives the run; the resume finds the answer', async () => {
  const harness = await echo();
  const runId = await harness.start(BODY);
  const on = await opened(harness.manager, runId);
  await harness.manager.close();
  const other = await harness.open();
  expect(other.summary(runId)?.status).toBe('interrupted');
  await expect(other.control(runId, { action: 'answer', ...on, answer: { choice: 'x' } })).rejects.toMatchObject({
    code: 'bad-arguments',
  });
  await other.control(runId, { action: 'answer', ...on, answer: { choice: 'Fix' } });
  await expect(other.control(runId, { action: 'answer', ...on, answer: { choice: 'Fix' } })).rejects.toMatchObject({
    code: 'not-possible',
  });
  await other.resume(runId);
  expect((await other.finished(runId)).result).toEqual(['Fix', null, 're: then Fix']);
});

test('of two processes that answer at once, one is heard and the other is told so', async () => {
  const harness = await echo();
  const [one, two] = [await harness.open(), await harness.open()];
  const runId = await harness.start(BODY);
  const on = await opened(harness.manager, runId);
  const answers = await Promise.allSettled(
    [one, two].map((manager, i) =>
      manager.control(runId, { action: 'answer', ...on, answer: { choice: i === 0 ? 'Fix' : 'Report only' } }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const won = answers[0]?.status === 'fulfilled' ? 'Fix' : 'Report only';
  expect((await harness.manager.finished(runId)).result).toEqual([won, null, `re: then ${won}`]);
});

test('values are held against the schema of the question', async () => {
  const { manager, start } = await echo();
  const schema = { type: 'object', required: ['limit'], properties: { limit: { type: 'integer', minimum: 1 } } };
  const runId = await start(`return (await checkpoint('How many?', { schema: ${JSON.stringify(schema)} })).values`);
  const on = await opened(manager, runId);
  const answer = (values: object) =>
    manager.control(runId, { action: 'answer', ...on, answer: { choice: 'Submit', values } as never });
  await expect(answer({})).rejects.toMatchObject({ code: 'bad-arguments', message: expect.stringContaining('limit') });
  await expect(answer({ limit: 0 })).rejects.toMatchObject({ code: 'bad-arguments' });
  await answer({ limit: 3 });
  expect((await manager.finished(runId)).result).toEqual({ limit: 3 });
});

test('a default is the answer once its time is over, also where nobody drove the run meanwhile', async () => {
  const harness = await echo();
  const body = (ms: number) =>
    `return await checkpoint('Go on?', { choices: ['Yes', 'No'], timeoutMs: ${ms}, default: 'No' })`;
  const quick = await harness.run(body(50));
  expect(quick.result).toEqual({ choice: 'No' });
  expect(harness.manager.tree(quick.runId).calls.get(1)?.settled).toMatchObject({ answeredBy: 'timeout' });

  const runId = await harness.start(body(400));
  await opened(harness.manager, runId);
  await harness.manager.close();
  await new Promise((resolve) => setTimeout(resolve, 450));
  const later = await harness.open();
  await later.resume(runId);
  expect((await later.finished(runId)).result).toEqual({ choice: 'No' });
});

test('a schema that is none fails the question, not the run that catches it', async () => {
  const { run } = await echo();
  const { result } = await run(
    `return await checkpoint('x', { schema: { type: 'object', properties: { a: { type: 'nonsense' } } } }).catch((e) => e.name + ': ' + e.message)`,
  );
  expect(result).toMatch(/^TypeError: The schema of the checkpoint/);
});

test('a run that is stopped at a question asks it again when it is resumed', async () => {
  const { manager, start } = await echo();
  const runId = await start(BODY);
  const { key } = await opened(manager, runId);
  await manager.stop(runId);
  expect(openCheckpoints(manager.tree(runId))).toEqual([]);
  await manager.resume(runId);
  expect((await opened(manager, runId)).key).toBe(key);
});

test('a question that nobody waited for cannot be answered once the run has completed', async () => {
  const { manager, run } = await echo();
  const { runId } = await run(`checkpoint('Never mind?'); return 1`);
  const answer = manager.control(runId, { action: 'answer', call: 1, answer: { choice: 'Yes' } });
  await expect(answer).rejects.toMatchObject({ code: 'not-possible' });
  expect(manager.tree(runId).calls.get(1)?.state).toBe('stopped');
});
