import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { runCensus } from '../../extension/protocol/run-census.ts';
import type { ProgressEvent, RunEvent } from '../../extension/protocol/run-events.ts';
import type { FakeReply } from '../support/fake-anthropic.ts';
import { promptOf, promptsOf, runHarness, until } from '../support/run-harness.ts';

test('a script’s agents are asked and its return value is the result', async () => {
  const harness = await runHarness((body) => ({ text: `re: ${promptOf(body)}` }));
  const outcome = await harness.run(
    `const [a, b] = await parallel([() => agent('one'), () => agent('two')]); return { a, b, args }`,
    {
      args: { n: 1 },
    },
  );
  expect(outcome).toMatchObject({ status: 'completed', result: { a: 're: one', b: 're: two', args: { n: 1 } } });
  expect(harness.manager.result(outcome.runId)).toEqual(outcome.result);
  expect(runCensus(harness.manager.tree(outcome.runId))).toMatchObject({
    started: 2,
    succeeded: 2,
    failed: 0,
    skipped: 0,
    reused: 0,
  });
});

test('a result is on disk before the script hears of it', async () => {
  const seen: number[] = [];
  const harness = await runHarness((body) => {
    if (promptOf(body) === 'second') {
      const db = new DatabaseSync(join(harness.workspace, '.counterpoint/runs.sqlite'), { readOnly: true });
      seen.push(Number(db.prepare('SELECT count(*) AS n FROM results').get()?.n));
      db.close();
    }
    return { text: 'ok' };
  });
  await harness.run(`await agent('first'); await agent('second'); return 1`);
  expect(seen).toEqual([1]);
});

test('so many agents at a time, and no more', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }), { delayMs: 20 });
  const body = `return (await parallel(Array.from({ length: 12 }, (_, i) => () => agent('n' + i)))).length`;
  expect(await harness.run(body, { limits: { concurrency: 4 } })).toMatchObject({ result: 12 });
  expect(harness.api.load.peak).toBe(4);
});

test('a refused agent is null, with its cause in the log, and the run says that something failed', async () => {
  const harness = await runHarness((body): FakeReply => {
    return promptOf(body) === 'bad' ? { status: 400, message: 'no such thing' } : { text: 'fine' };
  });
  const { runId, status, result } = await harness.run(
    `return [await agent('bad', { label: 'the bad one' }), await agent('good')]`,
  );
  expect({ status, result }).toEqual({ status: 'completed_with_failures', result: [null, 'fine'] });
  const tree = harness.manager.tree(runId);
  expect(runCensus(tree)).toMatchObject({ started: 2, succeeded: 1, failed: 1 });
  expect(tree.calls.get(1)?.settled?.cause).toMatchObject({ kind: 'refused', status: 400 });
  expect(tree.logs.map((line) => line.message)).toContainEqual(
    expect.stringMatching(/^agent "the bad one" failed: .*no such thing/),
  );
});

test('an overloaded or broken provider is tried again, and the script sees only the answer', async () => {
  const replies: FakeReply[] = [
    { status: 429, headers: { 'retry-after-ms': '5' } },
    { status: 529 },
    { status: 500 },
    { text: 'cut off', dropAfter: 3 },
    { text: 'at last' },
  ];
  const harness = await runHarness((_, n) => replies[n - 1] ?? { text: 'too many' });
  const { status, result, runId } = await harness.run(`return await agent('go')`);
  expect({ status, result }).toEqual({ status: 'completed', result: 'at last' });
  const retries = harness.manager.details(runId, 1).transcript.filter((entry) => entry.type === 'retry');
  expect(retries).toHaveLength(4);
  expect(harness.manager.tree(runId).calls.get(1)?.settled?.requests).toBe(5);
});

test('when the tries are used up the agent is null', async () => {
  const harness = await runHarness(() => ({ status: 500 }));
  const { status, result, runId } = await harness.run(`return await agent('go')`);
  expect({ status, result }).toEqual({ status: 'completed_with_failures', result: null });
  expect(harness.manager.tree(runId).calls.get(1)?.settled?.cause?.kind).toBe('retries-exhausted');
});

test('an answer that never satisfies its schema throws in the script', async () => {
  const harness = await runHarness(() => ({ tools: [{ name: 'answer', input: { n: 'no number' } }] }));
  const schema = `{ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }`;
  const { result } = await harness.run(
    `try { return await agent('n?', { schema: ${schema} }) } catch (e) { return [e instanceof Error, e.name] }`,
  );
  expect(result).toEqual([true, 'SchemaError']);
  expect(harness.api.requests).toHaveLength(5);
});

test('a schema that is none throws before the model is asked', async () => {
  const harness = await runHarness(() => ({ text: 'never' }));
  const { result } = await harness.run(
    `try { await agent('x', { schema: { type: 'string' } }) } catch (e) { return e.name + ': ' + e.message }`,
  );
  expect(result).toMatch(/^TypeError: .*object/);
  expect(harness.api.requests).toEqual([]);
});

test('over the agent cap agent() throws; agents before it are unharmed', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }));
  const body = `const got = []; try { for (;;) got.push(await agent('n' + got.length)) } catch (e) { return [got.length, e.name] }`;
  const { result, status } = await harness.run(body, { limits: { maxAgents: 3 } });
  expect(result).toEqual([3, 'AgentLimitError']);
  expect(status).toBe('completed_with_failures');
});

test('once the budget is spent agent() throws, and budget tells how much that is', async () => {
  const harness = await runHarness(() => ({ text: 'ok', usage: { output: 40 } }));
  const body = `const seen = [budget.total, budget.remaining()]; try { for (;;) { await agent('n'); seen.push(budget.spent()) } } catch (e) { return [...seen, e.name] }`;
  expect((await harness.run(body, { limits: { budget: 100 } })).result).toEqual([100, 100, 40, 80, 120, 'BudgetError']);
});

test('an unknown agent type throws and names those there are', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }));
  const body = `const ok = await agent('a', { agentType: 'Explore' }); try { await agent('b', { agentType: 'wizard' }) } catch (e) { return [ok, e.message] }`;
  const { result } = await harness.run(body);
  expect(result).toEqual(['ok', expect.stringMatching(/wizard.*general-purpose, Explore, Plan, claude/)]);
});

test('a script that returns early ends the run and stops the agents it left', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }), { delayMs: 200 });
  const { status, result, runId } = await harness.run(`agent('left behind'); return 'early'`);
  expect({ status, result }).toEqual({ status: 'completed', result: 'early' });
  expect(harness.manager.tree(runId).calls.get(1)?.state).toBe('stopped');
});

test('stopping ends the run with everything finished kept', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }), { delayMs: 10 });
  const runId = await harness.start(`await agent('one'); await new Promise((r) => setTimeout(r, 60000)); return 1`);
  await until(() => harness.manager.tree(runId).counts.succeeded === 1);
  await harness.manager.stop(runId);
  expect(await harness.manager.tree(runId).status).toBe('stopped');
  expect(harness.manager.tree(runId).counts.succeeded).toBe(1);
});

test('a script that waits for nothing fails and says so', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }));
  const { status, error } = await harness.run(`await new Promise(() => {})`);
  expect(status).toBe('failed');
  expect(error).toMatchObject({ name: 'StuckError' });
});

test('an uncaught error fails the run with its own line and column', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }));
  const { status, error } = await harness.run(`await agent('a');\nconst x = null;\n  x.y;`);
  expect(status).toBe('failed');
  expect(error).toMatchObject({ name: 'TypeError', line: 4, column: 5 });
});

test('a turn that never yields fails the run, the next run starts', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }));
  const { status, error } = await harness.run(`await agent('a');\nfor (;;) {}`);
  expect({ status, name: error?.name }).toEqual({ status: 'failed', name: 'TurnTimeoutError' });
  expect(await harness.run(`return 1`)).toMatchObject({ status: 'completed' });
});

test('subscribers hear every event once, in order, with what agents are doing between', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }), { delayMs: 150 });
  const runId = await harness.start(`phase('A'); await agent('a'); return 1`);
  const heard: (RunEvent | ProgressEvent)[] = harness.manager.events(runId, 0);
  harness.manager.subscribe(runId, (events) => heard.push(...events));
  await harness.manager.finished(runId);
  const durable = heard.filter((event) => event.type !== 'call.progress');
  expect(durable).toEqual(harness.manager.events(runId, 0));
  expect(durable.map((event) => event.seq)).toEqual(durable.map((_, index) => index + 1));
  expect(heard.some((event) => event.type === 'call.progress' && event.id === 1)).toBe(true);
});

test('a second window sees a run that it does not drive, and cannot drive it', async () => {
  const harness = await runHarness(() => ({ text: 'ok' }), { delayMs: 700 });
  const other = await harness.open();
  const runId = await harness.start(`return await agent('a')`);
  const heard: string[] = [];
  other.subscribe(runId, (events) => heard.push(...events.map((event) => event.type)));
  await harness.manager.finished(runId);
  await until(() => heard.includes('run.ended'));
  expect(heard).toContain('call.settled');
  expect(other.runs()).toMatchObject([{ run: { id: runId }, status: 'completed' }]);
});

test('details hold the prompt, the conversation and the answer, found by the number of the agent', async () => {
  const harness = await runHarness((_, n): FakeReply => {
    return n === 1
      ? { text: 'I look.', tools: [{ name: 'glob', input: { pattern: '*.js' } }] }
      : { text: 'script.js it is' };
  });
  const { runId } = await harness.run(`return await agent('which file?', { effort: 'low' })`);
  const details = harness.manager.details(runId, 1);
  expect(details).toMatchObject({ prompt: 'which file?', options: { effort: 'low' }, answer: 'script.js it is' });
  expect(details.transcript).toMatchObject([
    { type: 'text', text: 'I look.' },
    { type: 'tool', name: 'glob', output: 'script.js' },
    { type: 'text', text: 'script.js it is' },
  ]);
  expect(() => harness.manager.details(runId, 99)).toThrow(/no agent number 99/);
});

test('the key is in no file of the run', async () => {
  const harness = await runHarness((body) => ({ text: promptOf(body) }));
  await harness.run(`return await agent('a')`);
  const db = new DatabaseSync(join(harness.workspace, '.counterpoint/runs.sqlite'), { readOnly: true });
  const tables = ['runs', 'events', 'requests', 'results', 'transcripts', 'outcomes'];
  const all = tables.map((table) => JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all())).join('');
  db.close();
  expect(all).toContain('call.settled');
  expect(all).not.toContain('loopback');
  expect(promptsOf(harness.api)).toEqual(['a']);
});

test('what a stopped agent has used is counted', async () => {
  const harness = await runHarness((_, n) => {
    if (n > 1) return new Promise(() => undefined);
    return { text: 'first', tools: [{ name: 'glob', input: { pattern: '*' } }], usage: { input: 50, output: 9 } };
  });
  const runId = await harness.start(`return await agent('look')`);
  await until(() => harness.api.requests.length === 2);
  await harness.manager.stop(runId);
  expect(harness.manager.tree(runId).usage).toMatchObject({ inputTokens: 50, outputTokens: 9 });
});

test('an error that reaches the script is one of its own, and says why', async () => {
  const { run } = await runHarness(() => ({ text: 'no JSON at all' }));
  const { result } = await run(`try { await agent('x', { schema: { type: 'object' } }) } catch (error) {
    return [error instanceof Error, error.name, error.cause.kind, error.cause.message === error.message, Object.keys(error)] }`);
  expect(result).toEqual([true, 'SchemaError', 'schema', true, []]);
});
