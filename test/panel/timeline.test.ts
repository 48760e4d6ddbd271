import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it, vi } from 'vitest';
import { foldRun, type RunTree } from '../../extension/protocol/run-tree.ts';
import {
  axisOf,
  BREAK_WIDTH,
  longOnes,
  scaleToFit,
  sinceBegin,
  ticksOf,
  timeAt,
  widthOf,
  xOf,
} from '../../webview/timeline/axis.ts';
import { averageBetween, idleSpans, Moments } from '../../webview/timeline/moments.ts';
import { barAt, Packing } from '../../webview/timeline/packing.ts';
import { barAfterKey, layoutRows, rowAt } from '../../webview/timeline/rows.ts';
import { HEAD } from '../../webview/timeline/scene.ts';
import { ALL, asTimelineState, panned, type Stage, sightOf, zoomed } from '../../webview/timeline/sight.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { questionRun, SAMPLE_CALLS } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';
import { THEME_NAMES } from '../support/themes.ts';

const RUN = sampleRun({ agents: 350, state: 'running' });

function packed(tree: RunTree): Packing {
  const packing = new Packing();
  packing.update(tree);
  return packing;
}

const lanesOf = (packing: Packing) =>
  [...packing.bands].map(([title, { lanes, waiting }]) => ({
    title,
    waiting: [...waiting],
    lanes: Object.values(lanes).map((of) => of.map(({ bars }) => bars.map(({ call, to }) => [call.info.id, to]))),
  }));

describe('the packing', () => {
  it('gives a run of sixteen at a time sixteen lanes at most, in which nothing overlaps', () => {
    const packing = packed(foldRun(RUN.events));
    const lanes = [...packing.bands.values()].flatMap((band) => band.lanes.agents);
    expect(Math.max(...[...packing.bands.values()].map((band) => band.lanes.agents.length))).toBe(16);
    for (const { bars } of lanes)
      bars.forEach((bar, index) => {
        const next = bars[index + 1];
        if (next) expect(bar.to).toBeLessThanOrEqual(next.from);
      });
    expect(lanes.flatMap(({ bars }) => bars).length).toBe(232);
  });

  it('is the same whether it comes event by event or all at once', () => {
    const packing = new Packing();
    let tree = foldRun([]);
    for (let from = 0; from < RUN.events.length; from += 7) {
      tree = foldRun(RUN.events.slice(from, from + 7), tree);
      packing.update(tree);
    }
    expect(lanesOf(packing)).toEqual(lanesOf(packed(foldRun(RUN.events))));
    expect(packing.ends.times).toEqual(packed(tree).ends.times);
  });

  it('changes with states, and not with what an agent says meanwhile', () => {
    const tree = foldRun(RUN.events);
    const packing = packed(tree);
    const before = packing.version;
    foldRun(RUN.progress, tree);
    packing.update(tree);
    expect(packing.version).toBe(before);
  });

  it('finds the bar at a time, and the next one by a key', () => {
    const tree = foldRun(RUN.events);
    const packing = packed(tree);
    const rows = layoutRows(tree.phases, packing, 600);
    const lane = packing.bands.get('Find')!.lanes.agents[3]!;
    const row = rows.rowOf.get(lane)!;
    expect(rowAt(rows, row.y + 1)?.lane).toBe(lane);
    const bar = lane.bars[2]!;
    expect(barAt(lane, (bar.from + bar.to!) / 2, 0, RUN.now)).toBe(bar);
    expect(barAfterKey(rows, bar, 'ArrowRight', () => true)).toBe(lane.bars[3]);
    expect(barAfterKey(rows, bar, 'ArrowRight', (each) => each !== lane.bars[3])).toBe(lane.bars[4]);
    const below = barAfterKey(rows, bar, 'ArrowDown', () => true)!;
    expect(below.lane).toBe(packing.bands.get('Find')!.lanes.agents[4]);
    expect(barAfterKey(rows, bar, 'PageDown', () => true)!.call.info.phase).toBe('Challenge');
    expect(barAfterKey(rows, bar, 'x', () => true)).toBeNull();
  });
});

describe('the load', () => {
  const moments = (...times: number[]) => {
    const all = new Moments();
    for (const time of times) all.add(time, 2);
    return all;
  };

  it('is an exact average, also of what came out of order', () => {
    const [starts, ends] = [moments(0, 10, 5), moments(20, 15)];
    expect(starts.times).toEqual([0, 5, 10]);
    expect(averageBetween(starts, ends, { from: 0, to: 10 })).toBe(1.5);
    expect(averageBetween(starts, ends, { from: 10, to: 20 })).toBe(2.5);
    expect(ends.weightAt(15)).toBe(2);
  });

  it('knows when nothing was at work, and which of that is worth skipping', () => {
    const span = { from: 0, to: 1_000_000 };
    const idle = idleSpans(moments(1000, 3000, 900_000), moments(3000, 5000), span);
    expect(idle).toEqual([
      { from: 0, to: 1000 },
      { from: 5000, to: 900_000 },
    ]);
    expect(idleSpans(moments(5), moments(5), { from: 0, to: 10 })).toEqual([
      { from: 0, to: 5 },
      { from: 5, to: 10 },
    ]);
    expect(longOnes(idle, span)).toEqual([{ from: 5000, to: 900_000 }]);
  });
});

describe('the axis', () => {
  const axis = axisOf({ from: 0, to: 100_000 }, [{ from: 20_000, to: 80_000 }]);

  it('gives what is skipped the same width however long it is, and leads back from pixels to times', () => {
    expect(xOf(axis, 0.01, 20_000)).toBe(200);
    expect(xOf(axis, 0.01, 80_000)).toBe(200 + BREAK_WIDTH);
    expect(widthOf(axis, scaleToFit(axis, 1000))).toBeCloseTo(1000);
    for (const at of [0, 19_999, 50_000, 93_000]) expect(timeAt(axis, 0.02, xOf(axis, 0.02, at))).toBeCloseTo(at);
  });

  it('has ticks at round times, none where time is skipped', () => {
    const labels = ticksOf(axis, 0.01, { from: 0, to: 2000 }, 90).map(({ label }) => label);
    expect(labels).toEqual(['0', '10 s', '1 m 20 s', '1 m 30 s', '1 m 40 s']);
    const day = axisOf({ from: 0, to: 3 * 86_400_000 }, []);
    expect(ticksOf(day, 1000 / day.drawn, { from: 0, to: 1000 }, 150).map(({ label }) => label)).toEqual([
      '0',
      '12 h',
      '1 d',
      '1 d 12 h',
      '2 d',
      '2 d 12 h',
      '3 d',
    ]);
    expect(sinceBegin(250)).toBe('250 ms');
  });
});

describe('what is in sight', () => {
  const axis = axisOf({ from: 0, to: 100_000 }, []);
  const stage: Stage = { axis, now: 100_000, width: 1028, height: HEAD + 300, rowsHeight: 500 };

  it('keeps the time under the pointer when it is zoomed, and is all of it again at the far end', () => {
    const near = zoomed(sightOf(ALL, stage), stage, 514, 4);
    const sight = sightOf(near, stage);
    expect(near.mode).toBe('free');
    expect(timeAt(axis, sight.scale, 514 - 14 + sight.left)).toBeCloseTo(50_000);
    expect(zoomed(sight, stage, 100, 0.1).mode).toBe('fit');
  });

  it('is what was saved, and nothing where that cannot be made out', () => {
    const saved = { mode: 'free', scale: 0.01, left: -3, top: 5, skipIdle: false } as const;
    expect(asTimelineState({ ...saved, more: 1 })).toEqual(saved);
    for (const wrong of [
      null,
      'x',
      {},
      { ...saved, mode: 'far' },
      { ...saved, scale: '1' },
      { ...saved, top: Number.NaN },
    ])
      expect(asTimelineState(wrong)).toBeNull();
  });

  it('never leaves the run, and goes on showing all of it while it is moved up and down alone', () => {
    const sight = sightOf(ALL, stage);
    const moved = panned(ALL, sight, stage, -500, 900);
    expect(moved).toMatchObject({ mode: 'fit', left: 0, top: 200 });
    const later = { ...stage, now: 200_000, axis: axisOf({ from: 0, to: 200_000 }, []) };
    expect(sightOf({ ...sight, mode: 'now', scale: 0.05 }, later).left).toBeCloseTo(widthOf(later.axis, 0.05) - 1000);
  });
});

describe('a pause', () => {
  it('is kept with its times, and ends with the run', () => {
    const at = RUN.now;
    const seq = RUN.events.length;
    const tree = foldRun([
      ...RUN.events,
      { type: 'run.paused', seq: seq + 1, at },
      { type: 'run.unpaused', seq: seq + 2, at: at + 5 },
      { type: 'run.paused', seq: seq + 3, at: at + 9 },
      { type: 'run.ended', seq: seq + 4, at: at + 20, status: 'stopped' },
    ]);
    expect(tree.pauses).toEqual([
      { from: at, to: at + 5 },
      { from: at + 9, to: at + 20 },
    ]);
  });
});

describe('the picture', () => {
  async function withTimeline(
    run: { events: unknown[]; progress?: unknown[]; now: number },
    body: (panel: Panel) => Promise<void>,
    options: PanelOptions = {},
  ): Promise<void> {
    const panel = await openPanel({ now: run.now, ...options });
    try {
      const events = [...run.events, ...(run.progress ?? [])] as never[];
      await panel.send({ type: 'events', runId: 'r', events, more: false, interrupted: false });
      await panel.page.getByRole('button', { name: 'Timeline', exact: true }).click();
      await painted(panel);
      await body(panel);
      expect(panel.problems).toEqual([]);
    } finally {
      await panel.close();
    }
  }
  /** The first drawing comes some frames after the view is there: until then the canvas has the size of one that nobody drew on. */
  const painted = (panel: Panel) =>
    panel.page.waitForFunction(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.timeline-chart canvas');
      return canvas ? canvas.width !== 300 : document.querySelector('.notice') !== null;
    });
  const cell = (panel: Panel) => panel.page.locator('.timeline-chart [role=gridcell]');
  /** How many pixels of a part of the drawing have about this colour. */
  const pixels = (panel: Panel, colour: number[], x = 0, width = 10_000) =>
    panel.page.locator('.timeline-chart canvas').evaluate(
      (canvas: HTMLCanvasElement, { colour, x, width }) => {
        // A copy is read: a canvas that is read often is drawn in another way.
        const copy = document.createElement('canvas');
        [copy.width, copy.height] = [canvas.width, canvas.height];
        const pen = copy.getContext('2d', { willReadFrequently: true })!;
        pen.drawImage(canvas, 0, 0);
        const { data } = pen.getImageData(x, 80, Math.min(width, canvas.width), canvas.height - 80);
        let count = 0;
        for (let at = 0; at < data.length; at += 4)
          if (colour.every((value, index) => Math.abs(value - data[at + index]!) < 4)) count += 1;
        return count;
      },
      { colour, x, width },
    );
  const GREEN = [0x89, 0xd1, 0x85];
  const AMBER = [0xcc, 0xa7, 0x00];

  it('draws a thousand agents with one element, and says which one the keys are at', async () => {
    await withTimeline(sampleRun({ agents: 1000, state: 'finished' }), async (panel) => {
      expect(await panel.page.locator('.timeline-chart *').count()).toBeLessThan(8);
      expect(await pixels(panel, GREEN)).toBeGreaterThan(50_000);
      await panel.page.getByRole('grid', { name: 'Timeline of the run' }).focus();
      expect(await cell(panel).textContent()).toMatch(/^list source files · done · \d+ s · Scout$/);
      await panel.page.keyboard.press('PageDown');
      const first = await cell(panel).textContent();
      expect(first).toContain('· Find');
      await panel.page.keyboard.press('ArrowRight');
      expect(await cell(panel).textContent()).not.toBe(first);
      await panel.page.keyboard.press('ArrowLeft');
      await panel.page.keyboard.press('Enter');
      expect(await panel.page.locator('.side h2').textContent()).toBe(first!.split(' · ').slice(0, 3).join(' · '));
      expect(await cell(panel).getAttribute('aria-selected')).toBe('true');
    });
  });

  it('opens the bar under the pointer, and says what it is', async () => {
    await withTimeline(questionRun(), async (panel) => {
      const box = (await panel.page.locator('.timeline-chart').boundingBox())!;
      const find = async () => {
        for (let y = HEAD + 26; y < HEAD + 60; y += 4)
          for (let x = 60; x < 300; x += 6) {
            await panel.page.mouse.move(box.x + x, box.y + y);
            const tip = await panel.page.locator('.timeline-tip').textContent();
            if (tip?.includes('Search the tests, too?')) return tip;
          }
        return '';
      };
      expect(await find()).toContain('“No”, answered by a person');
      await panel.page.mouse.down();
      await panel.page.mouse.up();
      expect(await panel.page.locator('.side h2').textContent()).toBe('Checkpoint');
      expect(await pixels(panel, AMBER)).toBeGreaterThan(300);
    });
  });

  it('zooms about the pointer, moves by a drag, and shows all of it again', async () => {
    await withTimeline(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      const fit = panel.page.getByRole('button', { name: 'Show all of it' });
      const whole = await pixels(panel, GREEN, 0, 400);
      const box = (await panel.page.locator('.timeline-chart').boundingBox())!;
      await panel.page.mouse.move(box.x + 300, box.y + 300);
      await panel.page.keyboard.down('Control');
      await panel.page.mouse.wheel(0, -800);
      await panel.page.keyboard.up('Control');
      await panel.page.waitForFunction(() =>
        document.querySelector('[aria-label="Show all of it"][aria-pressed=false]'),
      );
      await panel.page.mouse.down();
      await panel.page.mouse.move(box.x + 700, box.y + 300, { steps: 4 });
      await panel.page.mouse.up();
      expect(await panel.page.locator('.side').count()).toBe(0);
      expect(await fit.getAttribute('aria-pressed')).toBe('false');
      await fit.click();
      await vi.waitFor(async () => expect(await pixels(panel, GREEN, 0, 400)).toBe(whole));
    });
  });

  it('stays where it was left by a switch of views and by a panel that was closed, in its own run alone', async () => {
    const run = sampleRun({ agents: 350, state: 'finished' });
    const drawn = (panel: Panel) => pixels(panel, GREEN);
    let near = 0;
    let state: unknown;
    await withTimeline(run, async (panel) => {
      const whole = await drawn(panel);
      for (let times = 0; times < 5; times++) await panel.page.getByRole('button', { name: 'Zoom in' }).click();
      await vi.waitFor(async () => expect(await drawn(panel)).not.toBe(whole));
      await panel.page.getByRole('grid', { name: 'Timeline of the run' }).press('Shift+ArrowRight');
      await panel.page.getByRole('button', { name: 'Tree', exact: true }).click();
      await panel.page.getByRole('button', { name: 'Timeline', exact: true }).click();
      await painted(panel);
      near = await drawn(panel);
      expect(near).not.toBe(whole);
      state = await panel.savedState();
      expect(state).toMatchObject({ timeline: { mode: 'free', skipIdle: true } });
    });
    await withTimeline(run, async (panel) => expect(await drawn(panel)).toBe(near), { state });
    const other = { ...(state as object), runId: 'of another run' };
    const fitted = async (panel: Panel) => {
      const fit = panel.page.getByRole('button', { name: 'Show all of it' });
      expect(await fit.getAttribute('aria-pressed')).toBe('true');
    };
    await withTimeline(run, fitted, { state: other });
    await withTimeline(run, fitted, {
      state: { runId: 'r', timeline: { mode: 'free', scale: 'wide', left: 9, top: 9 } },
    });
  });

  it('hides what the filter refuses, and leads out where it leaves nothing', async () => {
    const state = { runId: 'r', view: 'timeline', filter: { states: ['skipped'], phases: [], models: [] } };
    await withTimeline(
      sampleRun({ agents: 10, state: 'finished' }),
      async (panel) => {
        expect(await cell(panel).textContent()).toBe('nothing is shown');
        await panel.page.getByRole('button', { name: 'Clear the filter' }).last().click();
        expect(await panel.page.locator('.nothing-left').count()).toBe(0);
        expect(await cell(panel).textContent()).toContain('list source files');
      },
      { state },
    );
  });

  it.each(THEME_NAMES)(
    'gives axe nothing to object to in the %s theme, nor does the list',
    async (theme) => {
      await withTimeline(
        questionRun(),
        async (panel) => {
          const violations = async () => {
            // Axe would fetch the stylesheet once more, which the policy of the page forbids.
            const axe = new AxeBuilder({ page: panel.page }).include('.stage').options({ preload: false });
            const { violations: found } = await axe.analyze();
            return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
          };
          await panel.page.locator('.timeline-chart').hover({ position: { x: 300, y: 120 } });
          expect(await violations()).toEqual([]);
          await panel.page.getByRole('button', { name: 'List', exact: true }).click();
          await panel.page.getByRole('button', { name: 'Elapsed' }).click();
          expect(await violations()).toEqual([]);
        },
        { theme },
      );
    },
    60_000,
  );

  it('takes the colours of another theme as soon as it is there', async () => {
    await withTimeline(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      await panel.page.evaluate(() =>
        document.documentElement.style.setProperty('--vscode-charts-green', 'rgb(1, 200, 3)'),
      );
      await vi.waitFor(async () => expect(await pixels(panel, GREEN)).toBe(0));
      expect(await pixels(panel, [1, 200, 3])).toBeGreaterThan(10_000);
    });
  });

  it('says when there is nothing yet, and when there never was', async () => {
    const { events, now } = sampleRun({ agents: 10, state: 'finished' });
    const begun = events.slice(0, 2);
    await withTimeline({ events: begun, now }, async (panel) => {
      expect(await panel.page.locator('.notice').textContent()).toContain('Waiting for the first agent');
    });
    const ended = { type: 'run.ended', seq: 3, at: now, status: 'completed' };
    await withTimeline({ events: [...begun, ended], now }, async (panel) => {
      expect(await panel.page.locator('.notice').textContent()).toContain('This run had no agents');
    });
  });

  it('leaves out the hours in which a question waited, and says so', async () => {
    const { events, now } = questionRun({ answered: false });
    const scan = events.length + 1;
    const settled = {
      ...events.find((event) => event.type === 'call.settled')!,
      id: SAMPLE_CALLS.scan,
      seq: scan,
      at: now + 1000,
    };
    await withTimeline({ events: [...events, settled], now: now + 9 * 3_600_000 }, async (panel) => {
      const skip = panel.page.getByRole('button', { name: 'Skip stretches in which nothing is at work' });
      expect(await skip.getAttribute('aria-pressed')).toBe('true');
      const box = (await panel.page.locator('.timeline-chart').boundingBox())!;
      const right = box.x + box.width - 90;
      await panel.page.mouse.move(right, box.y + 20);
      expect(await panel.page.locator('.timeline-tip').textContent()).toContain('8 h 59 m left out: no answer');
      const skipping = await pixels(panel, GREEN);
      await skip.click();
      await vi.waitFor(async () => expect(await pixels(panel, GREEN)).toBeLessThan(skipping / 4));
    });
  });
});
