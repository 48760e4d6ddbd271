import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { type Browser, launchBrowser, openPanel, type Panel, webviewDist } from '../support/panel-page.ts';
import { SAMPLE_REPORT, sampleDetails } from '../support/sample-details.ts';
import { questionDetails, questionRun, SAMPLE_FORM } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';
import { THEME_NAMES } from '../support/themes.ts';

let browser: Browser;
beforeAll(async () => {
  await webviewDist();
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Milliseconds: axe looks at everything, several times a test, and the machine may have other work. */
const PATIENCE = 120_000;

/** What axe objects to: the rule, and the elements with what is wrong with them. */
async function violations(panel: Panel, except?: string): Promise<string[]> {
  const builder = new AxeBuilder({ page: panel.page });
  const { violations: found } = await (except ? builder.exclude(except) : builder).analyze();
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
      const panel = await openPanel(browser, {
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
        expect(await violations(panel)).toEqual([]);
        await panel.page.locator('.card.agent.is-failed').first().click();
        await panel.page.locator('.side .transcript').waitFor();
        await panel.page.locator('.log-head').click();
        await panel.page.getByRole('button', { name: 'List', exact: true }).click();
        expect(await violations(panel)).toEqual([]);
        await panel.page.keyboard.press('Escape');
        await panel.page.getByRole('button', { name: 'Report', exact: true }).click();
        await panel.page.locator('.report').waitFor();
        expect(await violations(panel)).toEqual([]);
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
      const panel = await openPanel(browser, {
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
        expect(await violations(panel)).toEqual([]);
        for (const selector of selectors) {
          await panel.page.locator(selector).first().click();
          // A selection dims the rest on purpose, below what text should have; nothing of it is gone.
          expect(await violations(panel, '.dimmed')).toEqual([]);
        }
      } finally {
        await panel.close();
      }
    },
    PATIENCE,
  );
});

describe('reduced motion', () => {
  it('leaves nothing that moves', async () => {
    const run = questionRun();
    const panel = await openPanel(browser, { now: run.now });
    try {
      await panel.page.emulateMedia({ reducedMotion: 'reduce' });
      await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
      const moving = await panel.page.locator('#root *').evaluateAll((elements) =>
        elements
          .filter((element) => {
            const { transitionDuration, animationName } = getComputedStyle(element);
            return animationName !== 'none' || transitionDuration.split(',').some((part) => parseFloat(part) > 0);
          })
          .map((element) => element.className.toString()),
      );
      expect(moving).toEqual([]);
    } finally {
      await panel.close();
    }
  });
});
