import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ADDED_PHASE } from '../../../extension/protocol/run-events.ts';
import { withHeldApi } from '../held-api.ts';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, runs, runToEnd, tabs, treeOf, until } from './support.ts';

/** What a person hands out themselves: an agent in a run at work, and one in a run of its own. */
export const ADDED_AGENT_TESTS: HostTest[] = [
  {
    name: 'an agent is added to a run at work, is shown there, and its answer is read; the run does not end before it has',
    run: () =>
      withHeldApi(async (api) => {
        await closeTabs();
        const runId = await command('counterpoint.runWorkflow', {
          script: 'team',
          provider: 'anthropic',
          model: 'haiku',
        });
        assert(runId);
        await until('three agents at work', async () => (await treeOf(runId)).counts.working === 3);
        await closeTabs();
        const call = await command('counterpoint.addAgent', {
          runId,
          prompt: 'Hold mine',
          label: 'mine',
          model: 'opus',
        });
        assert(call);
        await until('its panel', () => tabs().some(({ label }) => label === 'team'));
        const node = (await treeOf(runId)).calls.get(call);
        assert.deepEqual(
          [node?.info.label, node?.info.phase, node?.info.added, node?.info.model.includes('opus')],
          ['mine', ADDED_PHASE, true, true],
        );
        for (const prompt of ['Hold one', 'Hold two']) await api.release(prompt);
        await api.release('Hold three', { tools: [{ name: 'answer', input: { count: 3 } }] });
        await until('the script to be through', () => api.prompts().includes('Sum up.'));
        assert.equal((await treeOf(runId)).status, 'running');
        await api.release('Hold mine', { text: 'mine is done' });
        const service = await runs();
        assert.equal((await service.finished(runId)).status, 'completed');
        assert.equal(service.details(runId, call).answer, 'mine is done');
        await assert.rejects(command('counterpoint.addAgent', { runId, prompt: 'Too late' }), /not running/);
      }),
  },
  {
    name: 'a task of a person is no work for the built-in analyst, in a run as by itself',
    async run() {
      const { runId } = await runToEnd('echo');
      await assert.rejects(command('counterpoint.addAgent', { runId, prompt: 'Hello?' }), /is no AI model/);
      await assert.rejects(command('counterpoint.runAgent', { task: 'Hello?', provider: 'builtin' }), /is no AI model/);
    },
  },
  {
    name: 'an agent in the background opens nothing, is called after its task, may do what was said, and ends with its report',
    run: () =>
      withHeldApi(async () => {
        await closeTabs();
        const before = (await runs()).runs().length;
        const task = { task: 'Say hello.\nIn *one* line.', profile: 'edit-in-worktrees' } as const;
        const runId = await command('counterpoint.runAgent', { ...task, provider: 'anthropic', model: 'haiku' });
        assert(runId);
        const service = await runs();
        assert.equal((await service.finished(runId)).status, 'completed');
        assert.equal(service.runs().length, before + 1);
        assert.deepEqual(tabs(), []);
        const { run } = service.summary(runId) ?? {};
        assert.deepEqual([run?.name, run?.workflow, run?.profile], ['Say hello.', 'agent', 'edit-in-worktrees']);
        assert.equal(service.report(runId), '# Say hello.\n\nHello from the model\n');
        await command('counterpoint.openReport', runId);
        await until('the report', () => tabs().some(({ label }) => label.includes('Say hello. report')));
        await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      }),
  },
];
