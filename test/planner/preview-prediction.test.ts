import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBuiltinProvider } from '../../extension/models/builtin/provider.ts';
import type { ModelRequest, Provider } from '../../extension/models/provider.ts';
import { drawnInteger } from '../../extension/planner/preview/dice.ts';
import type { Leaning } from '../../extension/planner/preview/leaning.ts';
import { syntheticAnswer, syntheticText } from '../../extension/planner/preview/synthetic-answer.ts';
import { previewScript } from '../../extension/planner/preview.ts';
import type { JsonObject } from '../../extension/protocol/json.ts';
import { NO_USAGE } from '../../extension/protocol/run-events.ts';
import { openRunManager, type RunManager } from '../../extension/runs/run-manager.ts';
import { findRipgrep } from '../../extension/tools/find-ripgrep.ts';
import { copyGrammars } from '../../scripts/copy-grammars.ts';
import { builtDist } from '../support/built-dist.ts';

const root = join(import.meta.dirname, '../..');

/**
 * A workspace of its own, so that no run is the history of another: a part of the labelled corpus, which has more bugs a
 * line than any real program.
 */
let folder: string;
const managers: RunManager[] = [];

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'counterpoint-')));
  await copyGrammars(join(folder, 'dist'));
});

afterAll(async () => {
  for (const manager of managers) await manager.close();
  rmSync(folder, { recursive: true, force: true });
});

async function managerWith(provider: Provider): Promise<RunManager> {
  const workspace = join(folder, `workspace-${managers.length}`);
  for (const part of ['worker', 'ui'])
    cpSync(join(root, 'test/corpus/second', part), join(workspace, part), { recursive: true });
  // To git all of it is new, and so what a review looks at.
  execFileSync('git', ['init', '--quiet'], { cwd: workspace });
  const manager = await openRunManager({
    workspace,
    bundledWorkflows: join(root, 'workflows'),
    dist: await builtDist(),
    provider: async () => provider,
    ripgrep: await findRipgrep({ near: [root] }),
    node: process.execPath,
    keepWarm: true,
  });
  managers.push(manager);
  return manager;
}

async function runFor(manager: RunManager, script: string, provider: string, args: JsonObject = {}): Promise<number> {
  const runId = await manager.start({ script, provider, args });
  const { status } = await manager.finished(runId);
  expect(status).toMatch(/^completed/);
  return [...manager.tree(runId).calls.values()].filter(({ info }) => info.kind === 'agent').length;
}

test.each(['bug-sweep', 'security-audit', 'review-changes'])(
  'what %s really takes with the built-in analyst lies within what its preview said, and is known exactly the next time',
  async (script) => {
    const manager = await managerWith(createBuiltinProvider({ dist: join(folder, 'dist') }));
    const request = { script, provider: 'builtin', mayRead: true };
    const before = await previewScript(manager, request);
    expect(before.preview.error).toBeNull();
    expect(before.preview.advice).toEqual([]);
    expect(before.preview.costUsd).toEqual({ low: 0, likely: 0, high: 0 });
    const agents = await runFor(manager, script, 'builtin');
    expect(agents).toBeGreaterThanOrEqual(before.preview.agents.low);
    expect(agents).toBeLessThanOrEqual(before.preview.agents.high);
    const after = await previewScript(manager, request);
    expect(after.preview.agents.likely).toBe(agents);
    expect(after.preview.basis).toContain(`${agents} agents of earlier runs`);
  },
);

test('what the analyst does not understand fails in the preview as it would in the run', async () => {
  const manager = await managerWith(createBuiltinProvider({ dist: join(folder, 'dist') }));
  const { preview } = await previewScript(manager, { script: 'explain-codebase', provider: 'builtin', mayRead: true });
  expect(preview.error?.message).toContain('No reader gave an answer');
});

/** A model that answers everything by its schema, each agent leaning another way. */
function answering(leanings: Leaning[]): Provider {
  const complete = async ({ messages, tools }: ModelRequest) => {
    const prompt = messages[0]?.content.map((block) => (block.type === 'text' ? block.text : '')).join('') ?? '';
    const leaning = leanings[drawnInteger(prompt, 0, leanings.length - 1)] ?? 'likely';
    const occasion = { leaning, serial: prompt.slice(-200), round: 0, prompt, files: null, beside: 24 };
    const schema = tools.find(({ name }) => name === 'answer')?.inputSchema;
    const content = schema
      ? { type: 'tool_use' as const, id: 'a', name: 'answer', input: syntheticAnswer(schema, occasion) }
      : { type: 'text' as const, text: syntheticText(occasion) };
    const stopReason = schema ? ('tool_use' as const) : ('end_turn' as const);
    return {
      content: [content],
      stopReason,
      usage: { ...NO_USAGE, inputTokens: 2_000, outputTokens: 200, costUsd: 0.02 },
    };
  };
  return {
    id: 'model',
    title: 'answers by the schema',
    defaultModel: 'claude-haiku-5-5',
    resolveModel: (name) => name,
    complete,
  };
}

const MODEL_WORKFLOWS: [string, JsonObject][] = [
  ['explain-codebase', {}],
  ['tournament', { task: 'Write a function that turns a list round.' }],
  ['deep-research', { question: 'How does the archive keep its entries, and what can be lost?' }],
  ['completeness', { work: 'worker', goal: 'Jobs are kept until they are done, whatever dies meanwhile.' }],
  ['agent', { task: 'Say what the jobs are for.' }],
  ['dialogue', { task: 'Say whether the jobs should be kept in a queue of their own.' }],
];

test.each(MODEL_WORKFLOWS)(
  'what %s takes with a model that answers this way and that lies within its preview',
  async (script, args) => {
    const manager = await managerWith(answering(['lean', 'likely', 'likely', 'rich']));
    const { preview } = await previewScript(manager, { script, provider: 'model', mayRead: true, args });
    expect(preview.error).toBeNull();
    const agents = await runFor(manager, script, 'model', args);
    expect(agents).toBeGreaterThanOrEqual(preview.agents.low);
    expect(agents).toBeLessThanOrEqual(preview.agents.high);
  },
);

test('a second preview estimates by what agents of the first run came to', async () => {
  const manager = await managerWith(answering(['likely']));
  const request = { script: 'tournament', provider: 'model', mayRead: true, args: { task: 'Write a limerick.' } };
  const before = await previewScript(manager, request);
  expect(before.preview.basis).toMatch(/^assumed: about 4 requests an agent/);
  await runFor(manager, 'tournament', 'model', request.args);
  const { preview } = await previewScript(manager, request);
  const agents = preview.agents.likely;
  expect(preview.basis).toMatch(/agents of earlier runs here \(claude-haiku-5-5\)$/);
  expect(preview.outputTokens.likely).toBe(agents * 200);
  expect(preview.inputTokens.likely).toBe(agents * 2_000);
  expect(preview.costUsd?.likely).toBeCloseTo(agents * 0.02);
});
