import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CheckpointScreen, setTheme } from './checkpoint-screen.ts';
import { driveByCommandLine } from './command-line.ts';
import { type Desk, startRun } from './person-tests.ts';
import { messageTests } from './question-person-tests.ts';
import type { HostTest } from './runner.ts';
import { textOf, type Window } from './window.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLI = join(ROOT, 'dist/cli.js');

export interface CheckpointDesk extends Desk {
  /** Another window on the same folder, as a second person or screen would have it. */
  openWindow(): Promise<Window>;
}

/** The last is the one that the tests go on in; messages are looked at in that of high contrast. */
const THEMES = [
  ['Light 2026', 'light'],
  ['Dark 2026', 'dark'],
] as const;

/** Each is asked once, in this order, and answered in the place that it names. */
const PLACES = [
  'node',
  'side',
  'notification',
  'palette',
  'status bar',
  'view',
  'menu of the view',
  'lens',
  'comment',
  'link of the comment',
  'command line',
  'somebody faster',
  'other window',
  'race',
] as const;
type Place = (typeof PLACES)[number];

const GATE = `export const meta = { name: 'gate', description: 'Asks one thing after the other.', phases: [{ title: 'Ask' }] };
phase('Ask');
const answers = [];
for (const place of ${JSON.stringify(PLACES)}) {
  const options = { detail: 'All **tests** passed.', choices: ['Ship', 'Hold'] };
  answers.push(await checkpoint('By ' + place + '?', options));
}
return { report: '# Answered', answers };
`;

const SURE = `export const meta = { name: 'sure', description: 'Asks for a yes, then at one line for more than one answer.' };
const first = await checkpoint('Sure?');
const both = await Promise.all(['left', 'right'].map((side) => checkpoint('Turn ' + side + '?', { choices: ['Go', 'Stay'] })));
return { report: '# Sure', answers: [first, ...both] };
`;

/** A question is answered in each of its places, and each time it goes from all others at once. */
export function checkpointTests(desk: CheckpointDesk): HostTest[] {
  let other: Window | undefined;
  const { window, pictures } = desk;
  const picture = (name: string) => window.screenshot(join(pictures, `checkpoint-${name}.png`));
  const screen = new CheckpointScreen(window, 'gate', desk.workspace);
  return [
    {
      name: 'where nothing is asked, the view Checkpoints says what will be there',
      async run() {
        await prepare(desk);
        await screen.openView();
        await window.page.getByText('No run waits for an answer.').waitFor();
        await window.page.getByText('A tool call of an agent that needs your permission').waitFor();
        assert.equal((await screen.badge().allTextContents()).join(''), '');
        await picture('empty');
      },
    },
    {
      name: 'a question stands on its node, in the view with a badge, above its line, in a comment there, in a message and in the status bar',
      async run() {
        await screen.openBeside('gate.js');
        await startRun(window, 'gate');
        await screen.shows('By node?');
        for (const [theme, name] of THEMES) {
          await setTheme(window, theme);
          await picture(`everywhere-${name}`);
        }
      },
    },
    answered('node', async () => {
      await (await screen.panel()).locator('.card.checkpoint.is-asks button', { hasText: 'Ship' }).first().click();
    }),
    answered('side', async () => {
      const panel = await screen.panel();
      await panel.locator('.card.checkpoint', { hasText: 'By side?' }).locator('.checkpoint-head').click();
      await panel.locator('.side .answer button', { hasText: 'Ship' }).first().click();
    }),
    answered('notification', async () => {
      const link = screen.message('By notification?').getByRole('link', { name: 'Ship', exact: true });
      await window.run('Notifications: Focus Notification Toast');
      while (!(await link.evaluate((it) => it === document.activeElement))) await window.page.keyboard.press('Tab');
      await picture('message-by-keys');
      await window.enter();
    }),
    answered('palette', async () => {
      // Put aside, it waits in every other place.
      await screen.message('By palette?').getByRole('button', { name: 'Later' }).click();
      await screen.message('By palette?').waitFor({ state: 'hidden' });
      await window.statusBar('1 question').waitFor();
      await window.runAndPick('Counterpoint: Answer Checkpoint…', 'By palette?');
      await answerInSteps(window);
    }),
    answered('status bar', async () => {
      await window.statusBar('1 question').click();
      await window.pick('By status bar?');
      await answerInSteps(window);
    }),
    answered('view', async () => {
      await screen.row('Answer: Ship').click();
    }),
    answered('menu of the view', async () => {
      await screen.row('By menu of the view?').click({ button: 'right' });
      await picture('view-menu');
      await window.choose('Answer Checkpoint…');
      await answerInSteps(window);
    }),
    answered('lens', async () => {
      await screen.lens('Ship').click();
    }),
    answered('comment', async () => {
      await screen.lens('Comment…').click();
      await screen.comment('By comment?').waitFor();
      await picture('comment');
      await screen.reply('looks good');
      await window.page.locator('.review-widget .form-actions a', { hasText: 'Answer…' }).click();
      await window.pick('Ship');
      await window.step('2/2');
      await window.enter();
    }),
    answered('link of the comment', async () => {
      await screen.lens('Comment…').click();
      await screen
        .comment('By link of the comment?')
        .getByRole('link', { name: 'Ship' })
        .or(screen.comment('By link of the comment?').locator('a', { hasText: 'Ship' }))
        .first()
        .click();
    }),
    answered('command line', shipByCommandLine),
    answered('somebody faster', async () => {
      const link = screen.message('By somebody faster?').getByRole('link', { name: 'Hold', exact: true });
      const held = window.page.waitForEvent('dialog');
      // The page stands still meanwhile, and so does what is on the screen.
      const clicked = link.evaluate((it) => {
        alert('Somebody else answers.');
        (it as HTMLElement).click();
      });
      const dialog = await held;
      await shipByCommandLine();
      await dialog.accept();
      await clicked;
      await window.notification('“By somebody faster?” is answered already: “Ship”').waitFor();
      await picture('answered-already');
      await window.run('Notifications: Clear All Notifications');
    }),
    answered('other window', async () => {
      other = await desk.openWindow();
      const there = new CheckpointScreen(other, 'gate', desk.workspace);
      await there.openView();
      await there.row('By other window?').waitFor();
      await there.row('Answer: Ship').waitFor();
      await other.run('Counterpoint: Show Run…');
      await other.pick('gate');
      await there.panel();
      await there.message('By other window?').waitFor();
      await other.screenshot(join(pictures, 'checkpoint-other-window.png'));
      await there.row('Answer: Ship').click();
      await there.message('By other window?').waitFor({ state: 'hidden' });
      await there.row('By race?').waitFor();
    }),
    {
      name: 'of two windows that answer at once one is heard, and the other reads what the answer is',
      async run() {
        assert(other);
        const there = new CheckpointScreen(other, 'gate', desk.workspace);
        await there.row('Answer with a Comment…').click();
        await other.pick('Hold');
        await other.page.locator('.quick-input-widget input[placeholder^="Comment"]').waitFor();
        await other.type('from another window');
        const link = screen.message('By race?').getByRole('link', { name: 'Ship', exact: true });
        // Nothing is looked for before the click: the message may be about to go.
        const ship = await link.elementHandle();
        await Promise.all([ship?.evaluate((it) => (it as HTMLElement).click()), other.enter()]);
        await screen.isGone('By race?');
        await there.row('By race?').waitFor({ state: 'hidden' });
        await there.message('By race?').waitFor({ state: 'hidden' });
        const answer = screen.answers().at(-1)?.choice;
        const [loser, choice] = answer === 'Ship' ? [there, 'Ship'] : [screen, 'Hold'];
        await loser.window.notification(`“By race?” is answered already: “${choice}”`).waitFor();
        await loser.window.screenshot(join(pictures, 'checkpoint-refused.png'));
        await other.page.close();
      },
    },
    {
      name: 'the script has every answer once, with the comment, and the badge is gone',
      async run() {
        const answers = screen.answers();
        assert.equal(answers.length, PLACES.length);
        for (const [index, { choice }] of answers.slice(0, -1).entries())
          assert.equal(choice, 'Ship', `by ${PLACES[index]}`);
        assert.equal(answers[PLACES.indexOf('comment')]?.comment, 'looks good');
        await screen.badge().filter({ hasText: /\d/ }).waitFor({ state: 'hidden' });
      },
    },
    ...sureTests(desk),
    ...messageTests(desk),
  ];

  async function shipByCommandLine(): Promise<void> {
    const answer = ['answer', screen.runId(), '--choice', 'Ship', '--workspace', desk.workspace];
    await promisify(execFile)(process.execPath, [CLI, ...answer]);
  }

  function answered(place: Place, answer: () => Promise<void>): HostTest {
    return {
      name: `a question is answered by ${place}, and goes from everywhere`,
      async run() {
        await screen.shows(`By ${place}?`);
        await answer();
        await screen.isGone(`By ${place}?`);
        const next = PLACES[PLACES.indexOf(place) + 1];
        if (next) await screen.shows(`By ${next}?`);
      },
    };
  }
}

async function prepare({ window, workspace, approve }: CheckpointDesk): Promise<void> {
  await approve(GATE, SURE);
  await mkdir(join(workspace, '.claude/workflows'), { recursive: true });
  await writeFile(join(workspace, '.claude/workflows/gate.js'), GATE);
  await writeFile(join(workspace, '.claude/workflows/sure.js'), SURE);
  await window.run('View: Close All Editors');
  await window.run('Notifications: Clear All Notifications');
}

/** Takes the choice of the open steps, and no comment. */
async function answerInSteps(window: Window): Promise<void> {
  await window.pick('Ship');
  await window.step('/');
  await window.page.locator('.quick-input-widget input[placeholder^="Comment"]').waitFor();
  await window.enter();
}

function sureTests(desk: CheckpointDesk): HostTest[] {
  const { window, pictures, workspace } = desk;
  const { page } = window;
  const picture = (name: string) => window.screenshot(join(pictures, `checkpoint-${name}.png`));
  const screen = new CheckpointScreen(window, 'sure', workspace);
  return [
    {
      name: 'a question of a command line is seen and answered here, with a button below its comment; no panel comes up by itself',
      async run() {
        await window.run('View: Close All Editors');
        await window.run('Notifications: Clear All Notifications');
        const { child } = await driveByCommandLine(ROOT, workspace, 'sure');
        try {
          await screen.openFile('sure.js');
          await screen.row('Sure?').waitFor();
          await screen.lens('Sure?').waitFor();
          await screen.glyphs().first().click();
          await screen.comment('Sure?').waitFor();
          await screen.reply('by all means');
          await picture('yes-no');
          assert.equal(await page.locator('.part.panel:visible').count(), 0);
          await page.locator('.review-widget .form-actions a', { hasText: 'Yes' }).click();
          await screen.comment('Sure?').waitFor({ state: 'hidden' });
          await screen.lens('2 questions wait here').waitFor();
          assert.deepEqual(screen.answers(), [{ choice: 'Yes', comment: 'by all means' }]);
        } finally {
          child.kill('SIGKILL');
        }
      },
    },
    {
      name: 'when nobody drives its run any more a question says so, and its answer is kept',
      async run() {
        await screen.row('Turn left?').getByText('nobody drives it').waitFor({ timeout: 20_000 });
        await window.statusBar('2 questions').waitFor({ state: 'hidden' });
        await picture('kept');
        await screen.lens('2 questions wait here').click();
        await window.pick('Turn right?');
        await window.step('2/3');
        await window.pick('Stay');
        await page.locator('.quick-input-widget input[placeholder^="Comment"]').waitFor();
        await window.enter();
        await window.notification('The answer is kept.').waitFor();
        await screen.row('Turn right?').waitFor({ state: 'hidden' });
        await screen.lens('Turn left?').waitFor();
        assert.deepEqual(screen.answers().at(-1), { choice: 'Stay' });
      },
    },
    {
      name: 'a line that no longer asks has no lens, and neither has any other script',
      async run() {
        await writeFile(join(workspace, '.claude/workflows/sure.js'), SURE.replace("checkpoint('Turn", "('Turn"));
        await screen.lens('Turn left?').waitFor({ state: 'hidden' });
        assert.equal(await screen.glyphs().count(), 0);
        await screen.row('Turn left?').hover();
        await screen.row('Turn left?').getByLabel('Open the Script Where It Asks').click();
        await screen.lens('Turn left?').waitFor();
        assert.match(await textOf(page.locator('.editor-group-container .tab.active')), /sure\.js/);
        await screen.comment('Turn left?').waitFor();
        await picture('as-it-ran');
        await screen.lens('Go').click();
        await screen.row('Turn left?').waitFor({ state: 'hidden' });
        await screen.comment('Turn left?').waitFor({ state: 'hidden' });
      },
    },
  ];
}
