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

/** What axe objects to: the rule, and the elements with what is wrong with them. */
async function violations(panel: Panel): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page: panel.page }).analyze();
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
  );
});

describe('axe, of a run that asks', () => {
  it.each(THEME_NAMES)(
    'finds nothing in the %s theme: checkpoint with its form, judgement, called script, tool calls, menu, sides',
    async (theme) => {
      const run = questionRun({ asks: { schema: SAMPLE_FORM, timeoutAt: questionRun().now + 60_000 } });
      const panel = await openPanel(browser, {
        theme,
        now: run.now,
        height: 1200,
        details: questionDetails(run.events),
        refusal: 'Another window drives it.',
      });
      // A colour on its way to another is neither.
      await panel.page.emulateMedia({ reducedMotion: 'reduce' });
      const look = async (selector: string) => {
        await panel.page.locator(selector).first().click();
        expect(await violations(panel)).toEqual([]);
      };
      try {
        const paused: RunEvent = { type: 'run.paused', seq: run.events.length + 1, at: run.now };
        const events = [...run.events, paused];
        await panel.send({ type: 'events', runId: 'r', events, more: false, interrupted: false });
        await panel.page.getByRole('button', { name: 'Comment…' }).click();
        await panel.page.locator('.card-actions button').first().click();
        for (const selector of [
          '.choice',
          '.checkpoint:not(.over) .checkpoint-head',
          '[data-id="group:1"] .panel-head',
        ])
          await look(selector);
        // What is left differs from these by its structure, not by its colours.
        if (theme === 'dark')
          for (const selector of ['.checkpoint.over .checkpoint-head', '.tool-card.is-failed', '.frame .panel-head'])
            await look(selector);
        await panel.page.locator('.run-name button').click();
        await look('.top-bar .menu button');
      } finally {
        await panel.close();
      }
    },
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
