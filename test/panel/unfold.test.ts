import { describe, expect, it } from 'vitest';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { cost, usageText } from '../../webview/format.ts';
import { standingOf } from '../../webview/states.ts';
import { type Box, layoutRun } from '../../webview/tree/layout.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { type SampleRun, sampleRun } from '../support/sample-run.ts';

const run = sampleRun({ agents: 1000, state: 'finished' });
const tree = foldRun(structuredClone(run.events));
const boxesWith = (...unfolded: string[]) => layoutRun(tree, new Map(), new Set(unfolded)).boxes;
const waffles = boxesWith().flatMap(({ item }) => (item.kind === 'waffle' ? [item] : []));
const largest = waffles.reduce((a, b) => (b.grid.count > a.grid.count ? b : a));

async function withRun(shown: SampleRun, body: (panel: Panel) => Promise<void>, options: PanelOptions = {}) {
  const panel = await openPanel({ now: shown.now, ...options });
  try {
    const { events, progress, interrupted } = shown;
    await panel.send({ type: 'events', runId: 'run-1', events: [...events, ...progress], more: false, interrupted });
    await body(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

describe('a group of squares', () => {
  const cardsIn = (boxes: Box[]) => boxes.flatMap(({ item }) => (item.kind === 'agent' ? [item.call] : []));
  const overlaps = (a: Box, b: Box) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

  it('unfolds into the cards of the first of it, within its box, and sixty more at a time', () => {
    expect(largest.grid.count).toBeGreaterThan(120);
    for (const [unfolded, cards] of [
      [[largest.key], 60],
      [[largest.key, `${largest.key}/60`], 120],
    ] as const) {
      const boxes = boxesWith(...unfolded);
      const around = boxes.find(({ item }) => item.kind === 'waffle' && item.key === largest.key)!;
      const inside = boxes.filter((box) => box !== around && overlaps(box, around));
      expect(cardsIn(inside)).toHaveLength(cards);
      expect(inside.at(-1)?.item).toMatchObject({ kind: 'fold', key: `${largest.key}/${cards}`, open: false });
      expect(inside.every(({ y, height }) => y + height <= around.y + around.height)).toBe(true);
      const rest = boxes.filter((box) => box !== around);
      expect(rest.filter((a, at) => rest.slice(at + 1).some((b) => overlaps(a, b)))).toEqual([]);
      // A failed agent has one card, in its group or below it.
      expect(new Set(boxes.map(({ id }) => id)).size).toBe(boxes.length);
      const shown = cardsIn(inside);
      expect(shown).toEqual([...shown].sort((a, b) => a - b));
    }
  });

  it('moves nothing of another column, and once folded all is as it was', () => {
    const before = boxesWith();
    const phase = before.find(({ item }) => item.kind === 'waffle' && item.key === largest.key)!.phase;
    const elsewhere = (boxes: Box[]) => boxes.filter((box) => box.phase !== phase);
    expect(elsewhere(boxesWith(largest.key))).toEqual(elsewhere(before));
    expect(elsewhere(before).length).toBeGreaterThan(5);
  });

  it('is unfolded and folded by keys and by mouse, says which it is, and stays so', async () => {
    await withRun(run, async ({ page, savedState }) => {
      const button = page.getByRole('button', { name: /^Agents of .* as cards$/ }).first();
      const squares = await page.locator('.squares').count();
      const cards = await page.locator('.card.agent').count();
      expect(await button.getAttribute('aria-expanded')).toBe('false');
      await button.focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => button.getAttribute('aria-expanded')).toBe('true');
      expect(await page.locator('.card.agent').count()).toBeGreaterThan(cards + 20);
      expect(await savedState()).toMatchObject({ unfolded: [expect.stringMatching(/^waffle:\d+$/)] });
      await button.click();
      await expect.poll(() => page.locator('.squares').count()).toBe(squares);
      expect(await savedState()).toMatchObject({ unfolded: [] });
    });
    const state = { runId: 'run-1', unfolded: [largest.key], viewport: { x: 0, y: 0, zoom: 1 } };
    await withRun(
      run,
      async ({ page }) => {
        const open = page.getByRole('button', { name: /^Agents of .* as cards$/, expanded: true });
        expect(await open.count()).toBe(1);
      },
      { state },
    );
  });
});

describe('what has no card', () => {
  it('is summed up over its squares: how many are how, as a bar and in words, and what it cost', async () => {
    const fold = boxesWith().find(({ item }) => item.kind === 'fold' && item.key === 'claims:Challenge')!.item;
    if (fold.kind !== 'fold') throw new Error('There is no fold.');
    const groups = fold.refs.map(({ id }) => tree.groups.get(id)!);
    const counted: Record<string, number> = {};
    for (const group of groups) {
      const { state } = standingOf(tree, group);
      counted[state] = (counted[state] ?? 0) + 1;
    }
    const dollars = groups.reduce((sum, { usage }) => sum + (usage.costUsd ?? 0), 0);
    await withRun(run, async ({ page }) => {
      const box = page.locator('.panel.fold');
      const head = box.getByRole('button', { name: `${fold.refs.length} more` });
      expect(await head.textContent()).toContain(cost(dollars));
      const shares = await box
        .locator('.share')
        .evaluateAll((all) =>
          all.map((each) => [each.className.replace('share is-', ''), Number(getComputedStyle(each).flexGrow)]),
        );
      expect(Object.fromEntries(shares)).toEqual(counted);
      const title = await head.getAttribute('title');
      expect(title).toContain(`${counted.succeeded} done, ${counted.refuted} refuted`);
      expect(title).toContain(`tokens · ${cost(dollars)}`);
      expect(await box.locator('.unseen').first().textContent()).toBe(title!.split(' · ')[0]);
      await head.press('Enter');
      await expect
        .poll(() => page.getByRole('button', { name: 'All claims' }).getAttribute('aria-expanded'))
        .toBe('true');
      expect(await box.locator('.state-bar').count()).toBe(0);
    });
  });

  it('says nothing of a cost that nobody knows', async () => {
    const free = sampleRun({ agents: 350, state: 'finished', tokens: false });
    await withRun(free, async ({ page }) => {
      const head = page.locator('.panel.fold .panel-head');
      expect(await head.getAttribute('title')).not.toContain('$');
      expect(await head.locator('.panel-size').textContent()).toBe('');
      expect(usageText(foldRun(structuredClone(free.events)).usage)).toBe('');
    });
  });
});
