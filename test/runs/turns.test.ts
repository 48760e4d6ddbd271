import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { FakeBody, FakeReply } from '../support/fake-anthropic.ts';
import { promptOf, type RunHarness, runHarness, until } from '../support/run-harness.ts';

const USAGE = { input: 100, output: 10 };

function repliesIn(body: FakeBody): number {
  return body.messages.filter(({ role }) => role === 'assistant').length;
}

/** Looks so many times, one a turn, and answers. */
function looking(body: FakeBody, times = 4): FakeReply {
  if (repliesIn(body) >= times) return { text: `looked ${times} times`, usage: USAGE };
  return { tools: [{ name: 'read_file', input: { path: 'a.txt' } }], usage: USAGE };
}

/** A run of one agent, whose third request hangs until it is let go. */
async function held(limits = {}): Promise<RunHarness & { runId: string; letGo(): void }> {
  const gate = Promise.withResolvers<void>();
  const harness = await runHarness(async (body, n) => {
    if (n === 3) await gate.promise;
    return looking(body);
  });
  writeFileSync(join(harness.workspace, 'a.txt'), 'text\n');
  const runId = await harness.start(`return await agent('look')`, { limits });
  await until(() => harness.api.requests.length === 3);
  return { ...harness, runId, letGo: gate.resolve };
}

function notesOf({ manager, runId }: { manager: RunHarness['manager']; runId: string }): string[] {
  return manager.details(runId, 1).transcript.flatMap((entry) => (entry.type === 'note' ? [entry.text] : []));
}

test('a run that a person stopped goes on in the turn it was in, and what was used is counted once', async () => {
  const harness = await held();
  const { manager, runId, api } = harness;
  await manager.stop(runId);
  harness.letGo();
  expect(manager.tree(runId).usage).toMatchObject({ inputTokens: 200, outputTokens: 20 });
  await manager.resume(runId);
  expect(await manager.finished(runId)).toEqual({ status: 'completed', result: 'looked 4 times' });
  // Three until the stop, and from the third on again.
  expect(api.requests.map(({ body }) => repliesIn(body))).toEqual([0, 1, 2, 2, 3, 4]);
  expect(manager.tree(runId).usage).toMatchObject({ inputTokens: 500, outputTokens: 50 });
  expect(notesOf(harness)).toEqual(['It goes on at turn 3 after a break.']);
});

test('a retry by a person begins anew', async () => {
  const harness = await held();
  const { manager, runId, api } = harness;
  await manager.control(runId, { action: 'retry-agent', call: 1 });
  harness.letGo();
  expect(await manager.finished(runId)).toMatchObject({ status: 'completed', result: 'looked 4 times' });
  expect(api.requests.map(({ body }) => repliesIn(body))).toEqual([0, 1, 2, 0, 1, 2, 3, 4]);
  expect(manager.tree(runId).usage).toMatchObject({ inputTokens: 700 });
  expect(notesOf(harness)).toEqual(['A person had it begin anew.']);
});

test('another model begins anew', async () => {
  const harness = await held();
  const { manager, runId, api } = harness;
  await manager.stop(runId);
  harness.letGo();
  await manager.resume(runId, { model: 'other' });
  expect(await manager.finished(runId)).toMatchObject({ status: 'completed' });
  expect(api.requests.map(({ body }) => [body.model, repliesIn(body)]).slice(3, 5)).toEqual([
    ['other', 0],
    ['other', 1],
  ]);
});

test('an agent that ran into the budget goes on where it was once there is more', async () => {
  const harness = await runHarness((body) => looking(body));
  writeFileSync(join(harness.workspace, 'a.txt'), 'text\n');
  const { runId, status } = await harness.run(`return await agent('look')`, { limits: { budget: 20 } });
  expect(status).toBe('failed');
  expect(harness.api.requests).toHaveLength(2);
  await harness.manager.resume(runId, { limits: { budget: 1_000 } });
  expect(await harness.manager.finished(runId)).toEqual({ status: 'completed', result: 'looked 4 times' });
  expect(harness.api.requests.map(({ body }) => repliesIn(body))).toEqual([0, 1, 2, 3, 4]);
  expect(harness.manager.tree(runId).usage).toMatchObject({ outputTokens: 50 });
});

test('replies and output tokens of one agent are limited, each with its own cause', async () => {
  const harness = await runHarness((body) => looking(body, 99));
  writeFileSync(join(harness.workspace, 'a.txt'), 'text\n');
  const turns = await harness.run(`return await agent('look')`, { limits: { agentTurns: 3 } });
  expect(turns).toMatchObject({ status: 'completed_with_failures', result: null });
  expect(harness.manager.tree(turns.runId).calls.get(1)?.settled?.cause).toEqual({
    kind: 'turns',
    message: 'No result after 3 replies.',
  });
  const tokens = await harness.run(`return await agent('look')`, { limits: { agentTokens: 25 } });
  expect(harness.manager.tree(tokens.runId).calls.get(1)?.settled?.cause).toMatchObject({
    kind: 'tokens',
    message: expect.stringContaining('25 output tokens'),
  });
  expect(harness.api.requests.slice(3).map(({ body }) => body.max_tokens)).toEqual([25, 15, 5]);
});

test('of an agent that nobody waited for nothing is kept once the run has completed', async () => {
  const harness = await runHarness((body) => (promptOf(body) === 'wait' ? looking(body, 3) : looking(body, 99)));
  writeFileSync(join(harness.workspace, 'a.txt'), 'text\n');
  const { status } = await harness.run(`agent('look on'); return await agent('wait')`);
  expect(status).toBe('completed');
  expect(harness.api.requests.filter(({ body }) => promptOf(body) === 'look on').length).toBeGreaterThan(1);
  const db = new DatabaseSync(join(harness.workspace, '.counterpoint/runs.sqlite'));
  onTestFinished(() => db.close());
  await harness.manager.close();
  expect(db.prepare('SELECT * FROM turns').all()).toEqual([]);
});

test('an agent that the provider refused for good begins anew when it is asked again', async () => {
  const harness = await runHarness((body, n) => (n === 3 ? { status: 400, message: 'no' } : looking(body)));
  writeFileSync(join(harness.workspace, 'a.txt'), 'text\n');
  const { runId, status } = await harness.run(`return await agent('look')`);
  expect(status).toBe('completed_with_failures');
  await harness.manager.resume(runId);
  expect(await harness.manager.finished(runId)).toMatchObject({ status: 'completed', result: 'looked 4 times' });
  expect(harness.api.requests.map(({ body }) => repliesIn(body))).toEqual([0, 1, 2, 0, 1, 2, 3, 4]);
});
