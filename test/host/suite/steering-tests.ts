import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type HeldApi, withHeldApi } from '../held-api.ts';
import type { HostTest } from '../runner.ts';
import { closeTabs, command, folder, runs, runToEnd, treeOf, until, withSetting } from './support.ts';

/** Starts `team` and waits until its three agents are at work. */
async function startTeam(api: HeldApi): Promise<string> {
  // Of a model whose cache is known, the first of several requests with one beginning goes alone until its reply begins.
  const model = 'without-a-cache';
  const runId = await command('counterpoint.runWorkflow', { script: 'team', provider: 'anthropic', model });
  assert(runId);
  await until('three agents at work', async () => api.load.now === 3 && (await treeOf(runId)).counts.working === 3);
  return runId;
}

async function agentOf(runId: string, label: string): Promise<{ runId: string; callId: number; callKey: string }> {
  const node = [...(await treeOf(runId)).calls.values()].find(({ info }) => info.label === label);
  assert(node, `there is an agent ${label}`);
  return { runId, callId: node.info.id, callKey: node.info.key };
}

async function resultOf(runId: string): Promise<Record<string, unknown>> {
  const service = await runs();
  const { status, error } = await service.finished(runId);
  assert.match(status, /^completed/, error?.message);
  return service.result(runId) as Record<string, unknown>;
}

/** The folder as a repository, for as long as it takes, with a file in it. */
async function withRepository(use: (file: string) => Promise<void>): Promise<void> {
  const root = folder().uri.fsPath;
  const file = join(root, 'applied.txt');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: 'pipe' });
  writeFileSync(file, 'before\n');
  git('init', '--quiet');
  git('add', 'applied.txt');
  git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '--quiet', '--message=first');
  try {
    await withSetting('profile', 'edit-in-worktrees', () => use(file));
  } finally {
    rmSync(join(root, '.git'), { recursive: true, force: true });
    rmSync(file, { force: true });
    await closeTabs();
  }
}

/** An agent of `team` writes the file; a person looks at what it changed, and applies it. */
async function applyOne(api: HeldApi, file: string): Promise<void> {
  const runId = await startTeam(api);
  const one = await agentOf(runId, 'Hold one');
  await assert.rejects(command('counterpoint.applyChanges', one), /left no changes/);
  await api.release('Hold one', {
    tools: [{ name: 'write_file', input: { path: 'applied.txt', content: 'after\n' } }],
  });
  await api.release('Hold one');
  await until('its end', async () => (await treeOf(runId)).calls.get(one.callId)?.settled?.changedFiles === 1);
  assert.equal(readFileSync(file, 'utf8'), 'before\n');
  // As its menu in the panel does; the question over the diff is one for a person.
  const asked = vscode.commands.executeCommand('counterpoint.applyChanges', { webview: 'counterpoint.run', ...one });
  const diff = await until('the diff', () =>
    vscode.workspace.textDocuments.find(
      ({ languageId, fileName }) => languageId === 'diff' && fileName.includes('Hold one'),
    ),
  );
  assert.match(diff.getText(), /-before\n\+after/);
  await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  void asked;
  const applied = await command('counterpoint.applyChanges', one);
  assert.deepEqual(applied, { files: ['applied.txt'], conflicts: [] });
  assert.equal(readFileSync(file, 'utf8'), 'after\n');
  await assert.rejects(command('counterpoint.applyChanges', one), /in the workspace already/);
  await command('counterpoint.stopRun', runId);
}

const COUNT = { tools: [{ name: 'answer', input: { count: 3 } }] };

export const STEERING_TESTS: HostTest[] = [
  {
    name: 'a paused run sends nothing out until it continues',
    run: () =>
      withHeldApi(async (api) => {
        const runId = await startTeam(api);
        await command('counterpoint.pauseRun', runId);
        assert.equal((await treeOf(runId)).paused, true);
        await api.release('Hold one');
        await command('counterpoint.skipAgent', await agentOf(runId, 'Hold two'));
        await command('counterpoint.stopAgent', await agentOf(runId, 'Hold three'));
        await until('all three to end', async () => (await treeOf(runId)).counts.working === 0);
        assert.equal(api.requests.length, 3);
        await command('counterpoint.resumeRun', runId);
        assert.equal((await treeOf(runId)).paused, false);
        const { one, two, three, sum } = await resultOf(runId);
        assert.deepEqual([one, two, three, sum], ['re: Hold one', null, null, 'Hello from the model']);
      }),
  },
  {
    name: 'an agent is skipped with a value, told something, and begun anew from a menu of its panel',
    run: () =>
      withHeldApi(async (api) => {
        const runId = await startTeam(api);
        await command('counterpoint.setConcurrency', { runId, concurrency: 5 });
        assert.equal((await treeOf(runId)).run?.limits.concurrency, 5);
        await command('counterpoint.skipAgent', { ...(await agentOf(runId, 'Hold three')), value: { count: 12 } });
        await command('counterpoint.messageAgent', { ...(await agentOf(runId, 'Hold one')), text: 'Be brief.' });
        await api.release('Hold one', { text: 'too long' });
        await until('the agent to hear it', () => api.prompts().some((prompt) => prompt.includes('Be brief.')));
        await api.release('Hold one');
        const pointed = { webview: 'counterpoint.run', webviewSection: 'agent', agentState: 'working' };
        await vscode.commands.executeCommand('counterpoint.retryAgent', {
          ...pointed,
          ...(await agentOf(runId, 'Hold two')),
        });
        await until('a second try', () => api.prompts().filter((prompt) => prompt.startsWith('Hold two')).length === 2);
        await api.release('Hold two', { text: 'of the first try' });
        await api.release('Hold two', { text: 'of the second try' });
        const { one, two, three } = await resultOf(runId);
        assert.deepEqual([one, two, three], ['re: Hold one', 'of the second try', { count: 12 }]);
      }),
  },
  {
    name: 'a number that means another agent by now is refused',
    run: () =>
      withHeldApi(async (api) => {
        const runId = await startTeam(api);
        const one = await agentOf(runId, 'Hold one');
        const other = { ...one, callKey: (await agentOf(runId, 'Hold two')).callKey };
        await assert.rejects(command('counterpoint.stopAgent', other), /another agent by now/);
        await assert.rejects(command('counterpoint.stopAgent', { ...one, callId: 99 }), /no agent or question/);
        await command('counterpoint.stopRun', runId);
      }),
  },
  {
    name: 'a run goes on with an edited script, and keeps what was finished',
    run: () =>
      withHeldApi(async (api) => {
        const file = join(folder().uri.fsPath, '.claude/workflows/team.js');
        const text = readFileSync(file, 'utf8');
        const runId = await startTeam(api);
        try {
          await api.release('Hold one');
          await until('one answer', async () => (await treeOf(runId)).counts.succeeded === 1);
          writeFileSync(file, text.replace('Sum up.', 'Sum it all up.'));
          await command('counterpoint.replaceScript', { runId, script: '.claude/workflows/team.js' });
          await api.release('Hold two');
          await api.release('Hold three', COUNT);
          assert.equal((await resultOf(runId)).sum, 'Hello from the model');
          assert.deepEqual(
            api.prompts().filter((prompt) => !prompt.startsWith('Hold t')),
            ['Hold one', 'Sum it all up.'],
          );
        } finally {
          writeFileSync(file, text);
        }
      }),
  },
  {
    name: 'a fork begins where another run was, and asks only for what came later',
    run: () =>
      withHeldApi(async (api) => {
        const runId = await startTeam(api);
        for (const prompt of ['Hold one', 'Hold two']) await api.release(prompt);
        await api.release('Hold three', COUNT);
        await resultOf(runId);
        const asked = api.requests.length;
        const service = await runs();
        const sum = service.events(runId, 0).find((event) => event.type === 'phase.began' && event.title === 'Sum up');
        assert(sum);
        const fork = await command('counterpoint.forkRun', { runId, from: sum.seq });
        assert(fork);
        assert.equal((await resultOf(fork)).one, 're: Hold one');
        assert.deepEqual(api.prompts().slice(asked), ['Sum up.']);
        assert.equal(service.summary(fork)?.run.forkedFrom?.run, runId);
      }),
  },
  {
    name: 'the questions of a run are answered, and what is no answer is refused',
    async run() {
      await closeTabs();
      const runId = await command('counterpoint.runWorkflow', { script: 'release', provider: 'builtin' });
      assert(runId);
      const first = await until('a question', () => agentOf(runId, 'Ship it?').catch(() => undefined));
      await assert.rejects(
        command('counterpoint.answerCheckpoint', { ...first, choice: 'Perhaps' }),
        /none of the choices/,
      );
      await command('counterpoint.answerCheckpoint', { ...first, choice: 'Ship', comment: 'with care' });
      const second = await until('the next one', () => agentOf(runId, 'How widely?').catch(() => undefined));
      const answer = { ...second, choice: 'Submit', values: { channel: 'beta', percent: 0 } };
      await assert.rejects(command('counterpoint.answerCheckpoint', answer), /percent/);
      await command('counterpoint.answerCheckpoint', { ...answer, values: { channel: 'beta', percent: 5 } });
      const { go, how } = await resultOf(runId);
      assert.deepEqual(go, { choice: 'Ship', comment: 'with care' });
      assert.deepEqual(how, { choice: 'Submit', values: { channel: 'beta', percent: 5 } });
    },
  },
  {
    name: 'what an agent changed in its worktree is shown as a diff, and is in the workspace once it is applied',
    run: () => withRepository((file) => withHeldApi((api) => applyOne(api, file))),
  },
  {
    name: 'the settings give a run its caps, where the caller does not',
    async run() {
      const { runId } = await withSetting('budget', 5000, () =>
        withSetting('maxCostUsd', 0, () => withSetting('agentTimeout', 90, () => runToEnd('echo', 'capped'))),
      );
      const limits = (await runs()).summary(runId)?.run.limits;
      assert.deepEqual(
        [limits?.budget, limits?.maxCostUsd, limits?.agentTimeoutMs, limits?.runTimeoutMs],
        [5000, null, 90_000, null],
      );
    },
  },
  {
    name: 'caps are changed while a run is at work',
    async run() {
      const runId = await command('counterpoint.runWorkflow', { script: 'long-run', provider: 'builtin' });
      assert(runId);
      await command('counterpoint.setCaps', { runId, budget: 100, maxAgents: 7 });
      const { limits } = (await treeOf(runId)).run ?? {};
      assert.deepEqual([limits?.budget, limits?.maxAgents], [100, 7]);
      await command('counterpoint.setCaps', { runId, budget: null });
      assert.equal((await treeOf(runId)).run?.limits.budget, null);
      await command('counterpoint.stopRun', runId);
    },
  },
];
