import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Desk, pickScript, startRun } from './person-tests.ts';
import type { HostTest } from './runner.ts';
import { textOf, type Window } from './window.ts';

const ANALYST = 'built-in analyst (no AI model)';
/** The name that the doubled model gives its plan. */
const PLANNED = 'swallowed-errors';

/** From a goal to a saved command, as a person goes. A key is set by now. */
export function goalTests(desk: Desk): HostTest[] {
  return [...analystTests(desk), ...planTests(desk), ...argsTests(desk)];
}

/** The preview of a script, once it is of the script as it is. */
export async function preview(window: Window, script: string) {
  await window.tab(`Preview: ${script}`).waitFor();
  const frame = await window.webview('.preview-pill');
  await frame.locator('.preview-pill.is-planned').waitFor();
  return frame;
}

/** The panel of a run; that of a preview of the same name is another. */
export function runPanel(window: Window, run: string) {
  return window.webview(`.top-bar:not(:has(.preview-pill)) .run-name:has-text("${run}")`);
}

async function plan(window: Window, goal: string, size: string, model: string): Promise<void> {
  await window.run('Counterpoint: Plan Workflow…');
  await window.step('1/3');
  await window.type(goal);
  await window.enter();
  await window.step('2/3');
  await window.pick(size);
  await window.step('3/3');
  await window.pick(model);
}

function analystTests({ window, pictures }: Desk): HostTest[] {
  const picture = (name: string) => window.screenshot(join(pictures, `goal-${name}.png`));
  return [
    {
      name: 'Plan Workflow… asks for goal, size and model; the analyst says what it picked, and Cancel runs nothing',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Counterpoint: Plan Workflow…');
        await window.step('1/3');
        await window.enter();
        await window.says('Say what it is for.');
        await window.type('Find bugs in src and jobs');
        await picture('1-goal');
        await window.enter();
        await window.row('Medium').waitFor();
        await picture('2-size');
        await window.pick('Auto');
        await window.pick(ANALYST);
        const frame = await preview(window, 'bug-sweep.js');
        await frame.locator('.ask-reasons', { hasText: 'the bundled workflow bug-sweep' }).waitFor();
        await window.tab('bug-sweep.js').waitFor();
        await picture('bundled');
        await frame.locator('.ask-decisions button', { hasText: 'Cancel' }).click();
        await window.tab('Preview: bug-sweep.js').waitFor({ state: 'hidden' });
      },
    },
  ];
}

function planTests({ window, pictures, workspace, api }: Desk): HostTest[] {
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `goal-${name}.png`));
  const draft = join(workspace, `.counterpoint/drafts/${PLANNED}.js`);
  const kept = join(workspace, `.counterpoint/workflows/${PLANNED}.js`);
  return [
    {
      name: 'a goal becomes a script, with what it would do beside it and the question whether it may',
      async run() {
        await window.run('View: Close All Editors');
        await plan(window, 'Find errors that nobody hears of', 'Small', 'Claude Sonnet');
        const frame = await preview(window, `${PLANNED}.js`);
        await frame.locator('.ask-reasons', { hasText: 'Written by claude-' }).waitFor();
        await frame.locator('.ask-reasons', { hasText: 'You have not approved this version' }).waitFor();
        assert.match(await textOf(frame.locator('.facts')), /2 agents/);
        await picture('planned');
        await page.setViewportSize({ width: 700, height: 900 });
        await frame.waitForFunction(() => innerWidth < 700);
        await picture('planned-700');
        await page.setViewportSize({ width: 1400, height: 900 });
      },
    },
    {
      name: 'what is edited is previewed while it is edited, and a mistake says where it is',
      async run() {
        const frame = await preview(window, `${PLANNED}.js`);
        await window.tab(`${PLANNED}.js`).click();
        await page.locator('.monaco-editor .view-lines', { hasText: "phase('Look')" }).first().click();
        await page.keyboard.press('Control+Home');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('End');
        await page.keyboard.insertText('\nawait agent("Scout first." ;');
        await frame.locator('.preview-pill.is-failed').waitFor();
        await picture('mistake');
        await page.keyboard.press('Backspace');
        await page.keyboard.insertText(');');
        await frame.locator('.facts', { hasText: '3 agents' }).waitFor();
        await frame.locator('.preview-pill.is-planned').waitFor();
        assert(!(await readFile(draft, 'utf8')).includes('Scout first.'), 'nothing was saved yet');
        await picture('edited');
      },
    },
    {
      name: 'Run, by the key in the script, saves it and runs the text that was seen',
      async run() {
        await page.keyboard.press('Shift+Alt+Enter');
        const run = await runPanel(window, PLANNED);
        await run.locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        await window.tab(`Preview: ${PLANNED}.js`).waitFor({ state: 'hidden' });
        assert(api.prompts().some((prompt) => prompt === 'Scout first.'));
        assert.match(await readFile(draft, 'utf8'), /Scout first\./);
        await picture('run');
      },
    },
    {
      name: 'Save as Command… says whether a name is taken, keeps the script of the run, and says how to run it',
      async run() {
        await window.run('Counterpoint: Save as Command…');
        await window.step('1/2');
        await window.says(`It is run as /${PLANNED}.`);
        await window.type('bug sweep');
        await window.says('letters, digits');
        await window.type('bug-sweep');
        await window.says('Counterpoint has a workflow /bug-sweep already.');
        await picture('save-name');
        await window.type(PLANNED);
        await window.enter();
        await window.row('for all who work on it').waitFor();
        await picture('save-place');
        await window.pick('Project');
        await window.notification(`Saved as /${PLANNED}.`).waitFor();
        await picture('saved');
        assert.equal(await readFile(kept, 'utf8'), await readFile(draft, 'utf8'));
        await window.run('Notifications: Clear All Notifications');
      },
    },
    {
      name: 'the command is run by its name, beside the draft that it came of, and this version is not asked about again',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Counterpoint: Run Workflow…');
        await window.step('Run Workflow');
        await window.type(PLANNED);
        await window.row(`${PLANNED}.js`).waitFor();
        await picture('run-by-name');
        await window.type(`/${PLANNED}`);
        await window.row(`${PLANNED}.js`).waitFor({ state: 'hidden' });
        await window.pick(`/${PLANNED}`);
        await window.step('2/3');
        await window.enter();
        await window.pick('Claude Sonnet');
        const run = await runPanel(window, PLANNED);
        await run.locator('.top-bar .pill', { hasText: 'completed' }).waitFor();
        assert.equal(await window.tab('Preview:').count(), 0);
      },
    },
    {
      name: 'Run Once in the panel runs a script of the project, which is asked about again the next time',
      async run() {
        for (const decision of ['Run Once', 'Cancel']) {
          await window.run('View: Close All Editors');
          await startRun(window, 'unknown');
          const frame = await preview(window, 'unknown.js');
          await picture(`asked-${decision.toLowerCase().replace(' ', '-')}`);
          await frame.locator('.ask-decisions').getByRole('button', { name: decision, exact: true }).click();
          if (decision === 'Run Once') await runPanel(window, 'unknown');
          await window.tab('Preview: unknown.js').waitFor({ state: 'hidden' });
        }
      },
    },
  ];
}

function argsTests({ window, pictures }: Desk): HostTest[] {
  return [
    {
      name: 'Preview Workflow… shows what a script would do and asks nothing; its title offers to run it',
      async run() {
        await window.run('View: Close All Editors');
        await pickScript(window, 'Preview Workflow', 'team');
        const frame = await preview(window, 'team.js');
        assert.equal(await frame.locator('.ask').count(), 0);
        await window.tab('Preview: team.js').click();
        await window.screenshot(join(pictures, 'goal-preview-alone.png'));
        await window.page.locator('.editor-actions .codicon-play').first().click();
        await window.step('Run Workflow: team.js (1/2)');
        await window.page.keyboard.press('Escape');
      },
    },
    {
      name: 'what a script takes is asked for one by one, checked, and gone back from',
      async run() {
        await pickScript(window, 'Run Workflow', 'bug-sweep');
        await window.row('Run with the defaults').waitFor();
        await window.pick('Fill in…');
        await window.step('paths');
        await window.type('["src"');
        await window.says('not JSON yet');
        await window.type('["src"]');
        await window.enter();
        await window.step('glob');
        await window.screenshot(join(pictures, 'goal-args.png'));
        await window.back();
        await window.step('paths');
        assert.equal(await window.page.locator('.quick-input-widget input.input').first().inputValue(), '["src"]');
        await window.page.keyboard.press('Escape');
      },
    },
  ];
}
