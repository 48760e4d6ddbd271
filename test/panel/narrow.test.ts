import { describe, expect, it } from 'vitest';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { pictureRun } from '../support/picture-run.ts';
import { SAMPLE_REPORT, sampleDetails } from '../support/sample-details.ts';
import { questionDetails, questionRun, SAMPLE_CALLS } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';

const asking = questionRun();
const sweep = sampleRun({ agents: 350, state: 'running' });
const RUNS = {
  asking: { events: asking.events, now: asking.now, details: questionDetails(asking.events) },
  sweep: { events: [...sweep.events, ...sweep.progress], now: sweep.now, details: sampleDetails(sweep.events) },
};

/** 700 pixels at 200 % are 350 that are twice as large. */
const SIZES: { name: string; options: PanelOptions }[] = [
  { name: '350 pixels', options: { width: 350, height: 600 } },
  { name: '700 pixels at 200 %', options: { width: 350, height: 430, scale: 2 } },
  { name: '700 pixels', options: { width: 700, height: 600 } },
  { name: '1,400 pixels', options: {} },
];

async function withRun(
  run: keyof typeof RUNS,
  options: PanelOptions,
  body: (panel: Panel) => Promise<void>,
): Promise<void> {
  const { events, now, details } = RUNS[run];
  const panel = await openPanel({ now, details, report: SAMPLE_REPORT, ...options });
  try {
    await panel.page.emulateMedia({ reducedMotion: 'reduce' });
    await panel.send({ type: 'events', runId: 'r', events, more: false, interrupted: false });
    await body(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

const show = (panel: Panel, view: string) => panel.page.getByRole('button', { name: view, exact: true }).click();

/** Whether the page, or any of its bars, is wider than the panel. */
function overflow(panel: Panel): Promise<string[]> {
  return panel.page.evaluate(() => {
    const wide = [
      document.documentElement,
      document.body,
      ...document.querySelectorAll('.app, .top-bar, .stage, .side, .side-body, .report'),
    ];
    return wide
      .filter(
        (element) =>
          element.scrollWidth > element.clientWidth + 1 || element.getBoundingClientRect().right > innerWidth + 1,
      )
      .map((element) => `${element.className || element.tagName}: ${element.scrollWidth} in ${element.clientWidth}`);
  });
}

/** Those of them that are not wholly in the panel, or that something else lies over. */
function hidden(panel: Panel, selector: string): Promise<string[]> {
  return panel.page.locator(selector).evaluateAll((elements) =>
    elements
      .filter((element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return true;
        const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return !over || !(element.contains(over) || over.contains(element));
      })
      .map((element) => `${element.className} ${element.textContent}`),
  );
}

describe.each(SIZES)('at $name', ({ options }) => {
  it('shows status, questions, views, pause and stop, and scrolls in no view', async () => {
    await withRun('asking', options, async (panel) => {
      const controls =
        '.top-bar .pill, .top-bar .segmented button, .bar-end > .button, .top-bar .menu > button, .run-name';
      expect(await panel.page.locator(controls).count()).toBe(10);
      expect(await hidden(panel, controls)).toEqual([]);
      for (const name of ['Pause', 'Stop', 'More actions'])
        expect(await panel.page.locator('.bar-end').getByRole('button', { name, exact: true }).count()).toBe(1);
      for (const view of ['Timeline', 'List', 'Report', 'Tree']) {
        await show(panel, view);
        expect(await overflow(panel)).toEqual([]);
      }
      await panel.page.getByRole('button', { name: 'More actions' }).click();
      expect(await hidden(panel, '[role="menuitem"]')).toEqual([]);
    });
  });

  it('leaves room for the picture beside the details, which can be closed', async () => {
    await withRun('sweep', options, async (panel) => {
      await panel.page.getByRole('button', { name: 'bug-sweep', exact: true }).click();
      expect(await overflow(panel)).toEqual([]);
      expect(await hidden(panel, '.side-close')).toEqual([]);
      const stage = (await panel.page.locator('.stage').boundingBox())!;
      expect(stage.width * stage.height).toBeGreaterThan(innerArea(options) / 8);
      await panel.page.locator('.side-close').click();
      expect(await panel.page.locator('.side').count()).toBe(0);
    });
  });

  it('keeps legend, controls and the line of the keys apart', async () => {
    await withRun('sweep', options, async (panel) => {
      await panel.page.locator('[role="treeitem"][tabindex="0"]').focus();
      const boxes = await panel.page
        .locator('.legend, .controls, .walk-line, .log-head')
        .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().toJSON() as DOMRect));
      for (const [index, a] of boxes.entries())
        for (const b of boxes.slice(index + 1))
          expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 1 || b.bottom <= a.top + 1).toBe(true);
    });
  });

  it('has the list of keys wholly in sight, or scrolled', async () => {
    await withRun('sweep', options, async (panel) => {
      await panel.page.locator('[role="treeitem"][tabindex="0"]').focus();
      await panel.page.keyboard.press('?');
      const sheet = (await panel.page.locator('dialog').boundingBox())!;
      expect(sheet.x >= 0 && sheet.x + sheet.width <= (options.width ?? 1400)).toBe(true);
      expect(sheet.y >= 0 && sheet.y + sheet.height <= (options.height ?? 860)).toBe(true);
      await panel.page.locator('dialog dd').last().scrollIntoViewIfNeeded();
    });
  });
});

it('tells all of a run that may edit in two lines at most, at 1,400, 1,000 and 700 pixels', async () => {
  const { events, progress, now } = pictureRun();
  const edits = events.map((event) =>
    event.type === 'run.created' ? { ...event, run: { ...event.run, profile: 'trusted' as const } } : event,
  );
  const panel = await openPanel({ now });
  try {
    const all = [...edits, ...progress];
    await panel.send({ type: 'events', runId: 'r', events: all, more: false, interrupted: false });
    const facts = panel.page.locator('.facts > span');
    expect((await facts.allInnerTexts()).join(' ')).toMatch(/agents .*at work .*tokens .*failed .*edits the workspace/);
    for (const width of [1400, 1000, 700]) {
      await panel.page.setViewportSize({ width, height: 860 });
      const lines = await facts.evaluateAll((all) =>
        all.map((each) => Math.round(each.getBoundingClientRect().bottom)),
      );
      expect(new Set(lines).size).toBeLessThan(3);
      expect(await hidden(panel, '.facts > span, .top-bar .pill, .bar-end button')).toEqual([]);
    }
  } finally {
    await panel.close();
  }
});

function innerArea({ width = 1400, height = 860 }: PanelOptions): number {
  return width * height;
}

describe('never blank', () => {
  const shown = (panel: Panel) => panel.page.locator('#root').innerText();

  it('is the panel while it loads, without agents, and when the run is gone', async () => {
    const panel = await openPanel({ now: asking.now, width: 350, height: 600 });
    try {
      expect(await shown(panel)).toContain('Loading the run');
      const created = asking.events.slice(0, 1);
      await panel.send({ type: 'events', runId: 'r', events: created, more: false, interrupted: false });
      await expect.poll(() => shown(panel)).toContain('bug-sweep');
      expect(await overflow(panel)).toEqual([]);
      await panel.send({ type: 'run-gone', message: 'The run was deleted.' });
      await expect.poll(() => shown(panel)).toContain('The run was deleted.');
    } finally {
      await panel.close();
    }
  });

  it('is the rest of the panel where one part fails, and that part once something else is chosen', async () => {
    const broken = {
      [SAMPLE_CALLS.scan]: {
        id: SAMPLE_CALLS.scan,
        prompt: '',
        options: {},
        transcript: [{ type: 'text', at: 0, text: 7 }],
      },
    } as never;
    const panel = await openPanel({ now: asking.now, details: broken });
    try {
      await panel.send({ type: 'events', runId: 'r', events: asking.events, more: false, interrupted: false });
      await panel.page.locator(`[data-id="call:${SAMPLE_CALLS.scan}"] .card-main`).click();
      await expect.poll(() => shown(panel)).toContain('The panel failed');
      expect(await panel.page.locator('.tree').count()).toBe(1);
      expect(await panel.page.getByRole('button', { name: 'Stop', exact: true }).count()).toBe(1);
      await panel.page.getByRole('button', { name: 'bug-sweep', exact: true }).click();
      await expect.poll(() => shown(panel)).not.toContain('The panel failed');
    } finally {
      await panel.close();
    }
  });
});
