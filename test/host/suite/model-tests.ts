import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { HostTest } from '../runner.ts';
import { command, folder, runs, treeOf, until } from './support.ts';

const SCRIPT = `export const meta = { name: 'look', description: 'Two agents that look, and one that is refused.' };
const schema = {
  type: 'object',
  required: ['seen', 'rules'],
  properties: { seen: { type: 'string' }, rules: { type: 'integer' } },
};
const told = await agent('Look around.');
const given = await agent('Look, and give the result.', { schema });
return { report: '# Looked', told, given, refused: await agent('Refuse.') };
`;

/** Answers by the models that another extension gives to VS Code: `test/host/models-extension`. */
export const MODEL_TESTS: HostTest[] = [
  {
    name: 'a model of VS Code answers agents, calls their tools and gives what fits a schema; what it refuses is no answer',
    async run() {
      await until(
        'the model',
        async () => (await vscode.lm.selectChatModels({ vendor: 'counterpoint-test' })).length > 0,
      );
      const script = join(folder().uri.fsPath, '.claude/workflows/look.js');
      writeFileSync(script, SCRIPT);
      try {
        const runId = await command('counterpoint.runWorkflow', {
          script,
          provider: 'vscode',
          model: 'counterpoint-test:echo',
        });
        assert(runId);
        const service = await runs();
        const { status, result, error } = await service.finished(runId);
        assert.equal(status, 'completed_with_failures', error?.message);
        const { told, given, refused } = result as { told: string; given: Record<string, unknown>; refused: null };
        assert.match(told, /^I saw: [\s\S]*README\.md/);
        assert.match(String(given.seen), /README\.md/);
        assert(Number(given.rules) > 100, 'the rules of agents are what it reads first');
        assert.equal(refused, null);
        const tree = await treeOf(runId);
        assert.equal(tree.run?.model, 'counterpoint-test:echo');
        assert(tree.usage.inputTokens > 0 && tree.usage.outputTokens > 0);
        assert.deepEqual([tree.usage.costUsd, tree.usage.estimated], [null, true]);
        const failed = [...tree.calls.values()].find(({ info }) => info.label.startsWith('Refuse'));
        assert.match(JSON.stringify(failed), /declined to answer: against the rules/);
      } finally {
        rmSync(script);
      }
    },
  },
];
