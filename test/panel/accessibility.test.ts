import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import type { Panel } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { SAMPLE_REPORT, sampleDetails } from '../support/sample-details.ts';
import { questionDetails, questionRun, SAMPLE_CALLS, SAMPLE_FORM } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';
import { THEME_NAMES, type ThemeName } from '../support/themes.ts';

/** Milliseconds: axe looks at everything, several times a test, and the machine may have other work. */
const PATIENCE = 120_000;

/** A theme changes colours and nothing else, so that all other rules are held in one of them. */
const WHOLE: ThemeName = 'dark';

/** What axe objects to: the rule, and the elements with what is wrong with them. */
async function violations(panel: Panel, { except, theme = WHOLE }: { except?: string; theme?: ThemeName } = {}) {
  let builder = new AxeBuilder({ page: panel.page });
  if (except) builder = builder.exclude(except);
  if (theme !== WHOLE) builder = builder.withRules('color-contrast');
  const { violations: found } = await builder.analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`),
  );
}

const CASES = [
  ...THEME_NAMES.map((theme) => ({ theme, state: 'running' as const })),
  { theme: 'dark' as const, state: 'finished' as const },
];

describe('axe', () => {
  it.each(CASES)(
    'finds nothing in a $state run in the $theme theme: tree, side, list, report',
    async ({ theme, state }) => {
      const run = sampleRun({ agents: 350, state });
      const panel = await openPanel({
        theme,
        now: run.now,
        details: sampleDetails(run.events),
        report: SAMPLE_REPORT,
      });
      try {
        await panel.send({
          type: 'events',
          runId: 'r',
          events: [...run.events, ...run.progress],
          more: false,
          interrupted: false,
        });
        expect(await violations(panel, { theme })).toEqual([]);
        await panel.page.locator('.card.agent.is-failed').first().click();
        await panel.page.locator('.side .transcript').waitFor();
        await panel.page.locator('.log-head').click();
        await panel.page.getByRole('button', { name: 'List', exact: true }).click();
        expect(await violations(panel, { theme })).toEqual([]);
        await panel.page.keyboard.press('Escape');
        await panel.page.getByRole('button', { name: 'Report', exact: true }).click();
        await panel.page.locator('.report').waitFor();
        expect(await violations(panel, { theme })).toEqual([]);
      } finally {
        await panel.close();
      }
    },
    PATIENCE,
  );
});

/** Clicked one after the other, and looked at each time; between them they show all that such a run can. */
const COLOURS = ['.choice', '.checkpoint:not(.over) .checkpoint-head', '[data-id="group:1"] .panel-head'];
const STRUCTURES = [
  '.checkpoint.over .checkpoint-head',
  '.tool-card.is-failed',
  '.frame .panel-head',
  '.run-name button',
];

describe('axe, of a run that asks', () => {
  const clicks = [
    ...THEME_NAMES.map((theme) => ({ theme, selectors: COLOURS })),
    { theme: 'dark' as const, selectors: [...STRUCTURES, '.top-bar .menu button'] },
  ];
  it.each(clicks)(
    'finds nothing in the $theme theme behind $selectors',
    async ({ theme, selectors }) => {
      const run = questionRun({ asks: { schema: SAMPLE_FORM, timeoutAt: questionRun().now + 60_000 } });
      const panel = await openPanel({
        theme,
        now: run.now,
        height: 1200,
        details: questionDetails(run.events),
        refusal: 'Another window drives it.',
      });
      try {
        // A colour on its way to another is neither.
        await panel.page.emulateMedia({ reducedMotion: 'reduce' });
        const paused: RunEvent = { type: 'run.paused', seq: run.events.length + 1, at: run.now };
        const events = [...run.events, paused];
        await panel.send({ type: 'events', runId: 'r', events, more: false, interrupted: false });
        await panel.page.getByRole('button', { name: 'Comment…' }).click();
        await panel.page.locator('.card-actions button').first().click();
        expect(await violations(panel, { theme })).toEqual([]);
        for (const selector of selectors) {
          await panel.page.locator(selector).first().click();
          // A selection dims the rest on purpose, below what text should have; nothing of it is gone.
          expect(await violations(panel, { except: '.dimmed', theme })).toEqual([]);
        }
      } finally {
        await panel.close();
      }
    },
    PATIENCE,
  );
});

/** Screens that come only by the way to them; each is looked at in one theme, and its colours are those of the rest. */
describe('axe, of what keys open', () => {
  const screens: { name: string; theme: ThemeName; width?: number; open: (panel: Panel) => Promise<unknown> }[] = [
    { name: 'the walk in the dark theme', theme: 'dark', open: (panel) => walkTo(panel, 'api') },
    { name: 'the walk in high contrast', theme: 'high-contrast', width: 700, open: (panel) => walkTo(panel, 'api') },
    { name: 'the walk in a narrow panel', theme: 'light', width: 350, open: (panel) => walkTo(panel, 'api') },
    { name: 'the list of keys in the light theme', theme: 'light', open: (panel) => openKeys(panel) },
    {
      name: 'the list of keys in high contrast, narrow',
      theme: 'high-contrast-light',
      width: 350,
      open: (panel) => openKeys(panel),
    },
    {
      name: 'the menu in a narrow panel',
      theme: 'high-contrast',
      width: 350,
      open: (panel) => panel.page.getByRole('button', { name: 'More actions' }).press('Enter'),
    },
    {
      name: 'why a key did nothing',
      theme: 'high-contrast-light',
      width: 700,
      open: async (panel) => {
        await walkTo(panel, 'list');
        await press(panel, 'ArrowDown', 'ArrowUp', 'r');
        await panel.page.locator('.key-note').waitFor();
      },
    },
    {
      name: 'the details of a question in a narrow panel',
      theme: 'dark',
      width: 350,
      open: async (panel) => {
        await walkTo(panel, '19');
        await panel.page.keyboard.press('Enter');
        await panel.page.locator('.side .choice').first().waitFor();
      },
    },
    { name: 'the timeline', theme: 'dark', open: (panel) => show(panel, 'Timeline') },
    {
      name: 'the timeline in high contrast',
      theme: 'high-contrast',
      width: 700,
      open: (panel) => show(panel, 'Timeline'),
    },
    { name: 'the list in a narrow panel', theme: 'light', width: 350, open: (panel) => show(panel, 'List') },
    {
      name: 'the search',
      theme: 'light',
      width: 700,
      open: async (panel) => {
        await panel.send({ type: 'command', command: { name: 'find' } });
        await panel.page.keyboard.type('scan');
      },
    },
  ];
  it.each(screens)(
    'finds nothing in $name',
    async ({ theme, width, open }) => {
      const run = questionRun();
      const panel = await openPanel({
        theme,
        width: width ?? 1400,
        now: run.now,
        details: questionDetails(run.events),
        report: SAMPLE_REPORT,
      });
      try {
        await panel.page.emulateMedia({ reducedMotion: 'reduce' });
        await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
        await open(panel);
        expect(panel.problems).toEqual([]);
        expect(await violations(panel, { except: '.dimmed' })).toEqual([]);
      } finally {
        await panel.close();
      }
    },
    PATIENCE,
  );
});

const show = (panel: Panel, view: string) => panel.page.getByRole('button', { name: view, exact: true }).click();

async function press(panel: Panel, ...keys: string[]): Promise<void> {
  for (const key of keys) await panel.page.keyboard.press(key);
}

/** Tab until the tree for keys has the focus, all of it opened, then letters until a line begins so. */
async function walkTo(panel: Panel, typed: string): Promise<void> {
  await tabTo(panel, '[role="treeitem"]');
  await press(panel, 'End');
  // Upwards, or what was opened would be gone into.
  for (let round = 0; round < 3; round++) {
    for (let lines = 0; lines < 20; lines++) {
      const closed = panel.page.locator('[role="treeitem"]:focus[aria-expanded="false"]');
      if (await closed.count()) await press(panel, 'ArrowRight');
      await press(panel, 'ArrowUp');
    }
    await press(panel, 'End');
  }
  await press(panel, 'Home');
  await panel.page.keyboard.type(typed);
}

async function openKeys(panel: Panel): Promise<void> {
  await tabTo(panel, '[role="treeitem"]');
  await press(panel, '?');
  await panel.page.locator('dialog').waitFor();
}

/** Tab, and nothing else, until the focus is there. */
async function tabTo(panel: Panel, selector: string): Promise<void> {
  for (let stops = 0; stops < 60; stops++) {
    if (await panel.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await press(panel, 'Tab');
  }
  throw new Error(`No way by Tab to ${selector}.`);
}

describe('by keys alone', () => {
  const requests = async (panel: Panel) =>
    (await panel.sent()).flatMap((message) => (message.type === 'request' ? [message.request] : []));
  const focused = (panel: Panel) => panel.page.locator(':focus').textContent();

  async function withRun(body: (panel: Panel) => Promise<void>): Promise<void> {
    const run = questionRun();
    const panel = await openPanel({
      now: run.now,
      details: questionDetails(run.events),
      report: SAMPLE_REPORT,
    });
    try {
      await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
      await body(panel);
      expect(panel.problems).toEqual([]);
    } finally {
      await panel.close();
    }
  }

  it('a failed agent is walked to, read, and retried', async () => {
    await withRun(async (panel) => {
      await walkTo(panel, 'cli');
      expect(await focused(panel)).toBe('scan · cli, agent, failed, 529 overloaded, 6 tries');
      await press(panel, 'Enter');
      await panel.page.locator('.side-body:focus').waitFor();
      expect(await panel.page.locator('.side .cause').textContent()).toContain('529 overloaded, 6 tries');
      await press(panel, 'Escape', 'r');
      expect(await focused(panel)).toContain('scan · cli');
      expect(await requests(panel)).toContainEqual({
        method: 'act-on-agent',
        action: 'retry',
        on: { call: SAMPLE_CALLS.failed, key: `k${SAMPLE_CALLS.failed}` },
      });
    });
  });

  it('a question is gone to from the bar, and answered', async () => {
    await withRun(async (panel) => {
      await tabTo(panel, '.top-bar .pill.is-asks');
      await press(panel, 'Enter');
      await panel.page.locator('.checkpoint-head:focus').waitFor();
      await tabTo(panel, '.choice');
      await press(panel, 'Enter');
      const answered = async () => (await requests(panel)).filter(({ method }) => method === 'answer');
      await expect.poll(answered).toMatchObject([{ on: { call: SAMPLE_CALLS.question }, answer: { choice: 'Fix' } }]);
    });
  });

  it('a text is found, its hit gone to and read, and the focus comes back', async () => {
    await withRun(async (panel) => {
      await tabTo(panel, '[role="treeitem"]');
      await press(panel, 'Control+f');
      await panel.page.locator('.find input:focus').waitFor();
      await panel.page.keyboard.type('scan · cli');
      await expect.poll(() => panel.page.locator('.find-count').textContent()).toContain('found');
      await press(panel, 'Enter');
      await expect.poll(() => panel.page.locator('.side h2').first().textContent()).toBe('scan · cli');
      await press(panel, 'Escape');
      await expect.poll(() => panel.page.locator('.find').count()).toBe(0);
      expect(await panel.page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    });
  });

  it('the views are switched, and the run is stopped', async () => {
    await withRun(async (panel) => {
      await tabTo(panel, '.segmented button');
      for (const there of ['.timeline, .notice', '.list', '.report']) {
        await press(panel, 'ArrowRight', 'Enter');
        await panel.page.locator(there).first().waitFor();
      }
      await tabTo(panel, '.bar-end > .button:nth-of-type(2)');
      await press(panel, 'Enter');
      expect(await requests(panel)).toContainEqual({ method: 'act', action: 'stop' });
    });
  });
});

describe('reduced motion', () => {
  const ways = [
    { name: 'the system', ask: (panel: Panel) => panel.page.emulateMedia({ reducedMotion: 'reduce' }) },
    {
      name: 'the editor',
      ask: (panel: Panel) => panel.page.evaluate(() => document.body.classList.add('vscode-reduce-motion')),
    },
  ];
  it.each(ways)('asked for by $name leaves nothing that moves', async ({ ask }) => {
    const run = questionRun();
    const panel = await openPanel({ now: run.now });
    try {
      await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
      expect((await moving(panel)).length).toBeGreaterThan(0);
      await ask(panel);
      expect(await moving(panel)).toEqual([]);
    } finally {
      await panel.close();
    }
  });
});

/** What would move if it changed. */
function moving(panel: Panel): Promise<string[]> {
  return panel.page.locator('#root *').evaluateAll((elements) =>
    elements
      .filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return animationName !== 'none' || transitionDuration.split(',').some((part) => parseFloat(part) > 0);
      })
      .map((element) => element.className.toString()),
  );
}
