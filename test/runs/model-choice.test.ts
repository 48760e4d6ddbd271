import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunInfo } from '../../extension/protocol/run-events.ts';
import { modelOfAgent } from '../../extension/runs/model-choice.ts';
import { promptOf, type RunHarness, runHarness } from '../support/run-harness.ts';

const SCRIPT = `export const meta = {
  name: 'test', description: 'a test',
  phases: [{ title: 'Find', model: 'haiku' }, 'Look'],
}
const first = await agent('found in a phase', { phase: 'Find' })
await agent('names its own', { phase: 'Find', model: 'named' })
phase('Look')
await agent('looks')
const claim = await challenge({ title: 'It leaks' }, { challengers: 1 })
return [first, claim.verdict]`;

/** Which model each prompt went to. */
function asked({ api }: RunHarness): Record<string, string> {
  const known = ['found in a phase', 'names its own', 'looks', 'It leaks'];
  return Object.fromEntries(
    api.requests.map(({ body }) => [
      known.find((words) => promptOf(body).includes(words)) ?? promptOf(body),
      body.model,
    ]),
  );
}

async function harness(): Promise<RunHarness> {
  const made = await runHarness((body) => {
    const challenger = body.tools?.some(({ name }) => name === 'answer');
    return challenger ? { tools: [{ name: 'answer', input: { verdict: 'upheld', reason: 'seen' } }] } : { text: 'ok' };
  });
  writeFileSync(join(made.workspace, 'models.js'), SCRIPT);
  return made;
}

test('an agent has the model it names, else that of its phase, else that of its role, else that of the run', async () => {
  const made = await harness();
  const run = await made.manager.start({
    ...{ script: 'models.js', provider: 'anthropic', model: 'of-the-run' },
    models: { challenger: 'opus' },
  });
  const { status } = await made.manager.finished(run);
  expect(status).toBe('completed');
  expect(asked(made)).toEqual({
    'found in a phase': 'claude-haiku-5-5',
    'names its own': 'named',
    looks: 'of-the-run',
    'It leaks': 'claude-opus-5-5',
  });
  const info = made.manager.summary(run)?.run;
  expect(info).toMatchObject({
    models: { challenger: 'claude-opus-5-5' },
    phases: [{ title: 'Find', model: 'haiku' }, { title: 'Look' }],
  });
});

test('other models change nothing of what is finished: a resume finds it by its key, and asks only what is new', async () => {
  const made = await harness();
  const first = await made.manager.start({ script: 'models.js', provider: 'anthropic', model: 'one' });
  await made.manager.finished(first);
  const before = made.api.requests.length;
  const forked = await made.manager.fork({ run: first, models: { agent: 'cheap', challenger: 'dear' } });
  expect((await made.manager.finished(forked)).status).toBe('completed');
  expect(made.api.requests).toHaveLength(before);
  writeFileSync(join(made.workspace, 'models.js'), SCRIPT.replace("'looks'", "'looks anew'"));
  const again = await made.manager.fork({ run: first, script: 'models.js', models: { agent: 'cheap' } });
  await made.manager.finished(again);
  expect(made.api.requests).toHaveLength(before + 1);
  expect(made.api.requests.at(-1)?.body.model).toBe('cheap');
});

test('a run that was stored before there were models of roles has that of the run', () => {
  const old = { model: 'm', phases: [{ title: 'Find' }] } satisfies Partial<RunInfo>;
  const ask = { options: {}, role: 'challenger', phase: 'Find' } as const;
  expect(modelOfAgent(ask, old, (name) => `resolved ${name}`)).toBe('m');
});

test('a cap on cost is refused where any of the models has no price', async () => {
  const made = await harness();
  const limits = { maxCostUsd: 1 };
  const start = (more: object): Promise<string> =>
    made.manager.start({ script: 'models.js', provider: 'anthropic', model: 'sonnet', limits, ...more });
  await expect(start({ models: { judge: 'unknown-judge' } })).rejects.toThrow(
    'No price is known for the model "unknown-judge"',
  );
  writeFileSync(join(made.workspace, 'models.js'), SCRIPT.replace("model: 'haiku'", "model: 'unknown-of-phase'"));
  await expect(start({})).rejects.toThrow('"unknown-of-phase"');
});

test('what a server does not understand is a line in the log of the run, once', async () => {
  const made = await runHarness((body) =>
    body.tools?.some(({ strict }) => strict)
      ? { status: 400, message: 'tools.0.strict is not supported' }
      : { tools: [{ name: 'answer', input: { a: 1 } }] },
  );
  const schema = "{ type: 'object', properties: { a: { type: 'number' } }, required: ['a'] }";
  const { runId, status } = await made.run(
    `return await parallel([1, 2, 3].map((n) => () => agent('task ' + n, { schema: ${schema} })))`,
    { model: 'haiku' },
  );
  expect(status).toBe('completed');
  const lines = made.manager.events(runId, 0).flatMap((event) => (event.type === 'log' ? [event.message] : []));
  expect(lines.filter((line) => line.includes('does not hold answers to a schema'))).toHaveLength(1);
});
