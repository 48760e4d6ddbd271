import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { HostTest } from '../runner.ts';
import { api, closeTabs, command, folder, runs, runToEnd, until } from './support.ts';

interface Said {
  text: string;
  buttons: vscode.Command[];
}

/** Asks `@counterpoint`, and gives what it answered. */
async function ask(prompt: string, name?: string): Promise<Said> {
  const said: Said = { text: '', buttons: [] };
  const stream = {
    markdown: (value: string) => (said.text += `${value}\n`),
    progress: () => undefined,
    reference: () => undefined,
    button: (button: vscode.Command) => said.buttons.push(button),
  };
  const { token } = new vscode.CancellationTokenSource();
  const { chat } = await api();
  const request = { prompt, command: name } as unknown as vscode.ChatRequest;
  await chat(request, {} as vscode.ChatContext, stream as unknown as vscode.ChatResponseStream, token);
  return said;
}

const saved = (name: string) => join(folder().uri.fsPath, '.counterpoint/workflows', `${name}.js`);

/** From a goal to a saved command, and what the chat says of it. */
export const GOAL_TESTS: HostTest[] = [
  {
    name: 'Plan Workflow gives the script that came of a goal',
    async run() {
      const wish = { goal: 'Find bugs in the shop', size: 'auto', provider: 'builtin' } as const;
      const script = await command('counterpoint.planWorkflow', wish);
      assert.match(script ?? '', /workflows[\\/]bug-sweep\.js$/);
      await assert.rejects(
        command('counterpoint.planWorkflow', { ...wish, goal: ' ' }),
        /Say what the workflow is for/,
      );
      await assert.rejects(
        command('counterpoint.planWorkflow', { ...wish, provider: 'anthropic' }),
        /Set Anthropic API Key/,
      );
    },
  },
  {
    name: 'Save as Command keeps a script under a name that it is run by, and takes no name that another has',
    async run() {
      const save = { script: '.claude/workflows/echo.js', name: 'echo-kept', to: 'project' } as const;
      try {
        assert.equal(await command('counterpoint.saveWorkflow', save), saved('echo-kept'));
        const { runId, outcome } = await runToEnd('echo-kept', 'hello');
        assert.equal(outcome.status, 'completed');
        assert.equal((await runs()).summary(runId)?.run.name, 'echo-kept');
        const other = { ...save, script: '.claude/workflows/nap.js' };
        await assert.rejects(command('counterpoint.saveWorkflow', other), /another workflow called "echo-kept"/);
        assert.match(readFileSync(saved('echo-kept'), 'utf8'), /Gives its args back/);
        await command('counterpoint.saveWorkflow', { ...other, replace: true });
        assert.match(readFileSync(saved('echo-kept'), 'utf8'), /name: "echo-kept", description: 'Ends some seconds/);
        await assert.rejects(command('counterpoint.saveWorkflow', { ...save, name: '../echo' }), /is no name/);
      } finally {
        rmSync(saved('echo-kept'), { force: true });
      }
    },
  },
  {
    name: '@counterpoint /workflows lists them, /preview tells what one would do, an unknown one is answered with those that there are',
    async run() {
      const listed = await ask('', 'workflows');
      assert.match(listed.text, /\*\*\/bug\\-sweep\*\*/);
      assert(!listed.text.includes('/broken'), listed.text);
      const previewed = await ask('team', 'preview');
      assert.match(previewed.text, /- Agents: 4/);
      assert.deepEqual(
        previewed.buttons.map(({ title }) => title),
        ['Show Preview', 'Review and Run…'],
      );
      assert.match(
        (await ask('none-such', 'preview')).text,
        /There is no workflow .*none\\-such.* There are.*bug\\-sweep/,
      );
    },
  },
  {
    name: '@counterpoint plans a goal, and its button asks whether the plan may run',
    async run() {
      await closeTabs();
      const asked = ask('Find bugs in src');
      // No model was chosen yet in this window, so the person is asked once; the first is the built-in analyst.
      await until('the answer', async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return Promise.race([asked.then(() => true), new Promise<false>((resolve) => setTimeout(resolve, 200, false))]);
      });
      const { text, buttons } = await asked;
      assert.match(text, /\*\*bug\\-sweep\*\* · A bundled workflow, picked by built\\-in analyst/);
      assert.match(text, /- Agents: about \d+/);
      const [review] = buttons;
      assert(review);
      const started = Promise.resolve(
        vscode.commands.executeCommand<string | undefined>(review.command, ...(review.arguments ?? [])),
      );
      const { previews } = await api();
      await until('the screen that asks', () => previews.active()?.current().approval ?? undefined);
      await command('counterpoint.approveOnce');
      const runId = await started;
      assert(runId);
      assert.equal((await runs()).summary(runId)?.run.name, 'bug-sweep');
      await (await runs()).stop(runId);
    },
  },
  {
    name: '@counterpoint /run starts a workflow that needs no approval',
    async run() {
      const before = (await runs()).runs().length;
      await ask('bug-sweep', 'run');
      const started = await until('the run', async () => {
        const all = (await runs()).runs();
        return all.length > before && all[0]?.run;
      });
      assert.equal(started.name, 'bug-sweep');
      await (await runs()).stop(started.id);
    },
  },
];
