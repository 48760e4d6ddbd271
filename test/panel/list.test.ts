import { describe, expect, it, vi } from 'vitest';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { EMPTY_FILTER } from '../../webview/find/filter.ts';
import { countStates, rowsOf, stampOf } from '../../webview/list/rows.ts';
import { nextSorting } from '../../webview/list/table.tsx';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { questionRun, SAMPLE_CALLS } from '../support/sample-questions.ts';
import { type SampleRun, sampleRun } from '../support/sample-run.ts';

const RUN = sampleRun({ agents: 350, state: 'running' });

describe('the rows', () => {
  // Those at work have not cost anything yet.
  const tree = foldRun(RUN.events);

  it('come in the order of issue, or by a column with what has nothing in it last', () => {
    const rows = rowsOf(tree, EMPTY_FILTER, null, RUN.now);
    expect(rows).toEqual([...tree.calls.keys()]);
    const dearest = rowsOf(tree, EMPTY_FILTER, { by: 'cost', down: true }, RUN.now).map(
      (id) => tree.calls.get(id)!.usage.costUsd ?? 0,
    );
    expect(dearest).toEqual([...dearest].sort((a, b) => b - a));
    const cheapest = rowsOf(tree, EMPTY_FILTER, { by: 'cost', down: false }, RUN.now).map(
      (id) => tree.calls.get(id)!.usage.costUsd ?? 0,
    );
    expect(cheapest[0]).toBeGreaterThan(0);
    expect(cheapest.at(-1)).toBe(0);
    const states = rowsOf(tree, EMPTY_FILTER, { by: 'state', down: false }, RUN.now).map(
      (id) => tree.calls.get(id)!.state,
    );
    expect([...new Set(states)]).toEqual(['failed', 'working', 'succeeded', 'reused']);
  });

  it('have questions and tool calls among them, counted by state whatever states are asked for', () => {
    const asking = foldRun(questionRun().events);
    expect(rowsOf(asking, EMPTY_FILTER, null, 0)).toContain(SAMPLE_CALLS.question);
    const counts = countStates(asking, { ...EMPTY_FILTER, states: ['asks'] });
    expect(counts.total).toBe(12);
    expect(Object.fromEntries(counts.byState)).toEqual({ succeeded: 6, failed: 3, working: 1, waiting: 1, asks: 1 });
    expect(rowsOf(asking, { ...EMPTY_FILTER, states: ['asks'] }, null, 0)).toEqual([SAMPLE_CALLS.question]);
  });

  it('stay the same while nothing they depend on changes', () => {
    const live = foldRun(RUN.events.slice(0, -1));
    const stamps = () => [
      stampOf(live, EMPTY_FILTER, null, 1),
      stampOf(live, EMPTY_FILTER, { by: 'phase', down: false }, 1),
      stampOf(live, { ...EMPTY_FILTER, states: ['failed'] }, null, 1),
    ];
    const before = stamps();
    foldRun(RUN.progress, live);
    expect(stamps()).toEqual(before);
    const settled = RUN.events.at(-1)!;
    expect(settled.type).not.toBe('call.issued');
    foldRun([settled], live);
    expect(stamps().map((stamp, index) => stamp === before[index])).toEqual([true, true, false]);
    expect(stampOf(live, EMPTY_FILTER, { by: 'cost', down: true }, 1)).not.toBe(
      stampOf(live, EMPTY_FILTER, { by: 'cost', down: true }, 1001),
    );
  });

  it('are sorted one way, the other, and not at all', () => {
    const first = nextSorting(null, 'cost', true);
    expect(first).toEqual({ by: 'cost', down: true });
    const second = nextSorting(first, 'cost', true);
    expect(second).toEqual({ by: 'cost', down: false });
    expect(nextSorting(second, 'cost', true)).toBeNull();
  });
});

describe('the list', () => {
  async function withList(
    run: Pick<SampleRun, 'events' | 'now'> & Partial<SampleRun>,
    body: (panel: Panel) => Promise<void>,
    options: PanelOptions = {},
  ): Promise<void> {
    const panel = await openPanel({ now: run.now, ...options });
    try {
      const events = [...run.events, ...(run.progress ?? [])];
      await panel.send({ type: 'events', runId: 'r', events, more: false, interrupted: false });
      await panel.page.getByRole('button', { name: 'List', exact: true }).click();
      await body(panel);
      expect(panel.problems).toEqual([]);
    } finally {
      await panel.close();
    }
  }
  const row = (panel: Panel, words: string) => panel.page.locator('.table-body .table-row', { hasText: words });

  it('says of a question what is asked, since when it waits, and what was answered by whom', async () => {
    await withList(questionRun(), async (panel) => {
      const open = row(panel, '19 confirmed so far');
      expect(await open.locator('.cell-now').textContent()).toBe('waits 2 m 20 s');
      expect(await open.locator('.cell-state').textContent()).toContain('asks');
      expect(JSON.parse((await open.getAttribute('data-vscode-context'))!)).toMatchObject({
        webviewSection: 'checkpoint',
        callId: SAMPLE_CALLS.question,
      });
      expect(await row(panel, 'Search the tests').locator('.cell-now').textContent()).toBe(
        '“No” · answered by a person',
      );
      expect(await row(panel, 'without the network').locator('.cell-now').textContent()).toContain('its time ran out');
      expect(await row(panel, 'read_file').locator('.cell-name').textContent()).toContain('tool');
    });
  });

  it('tells what becomes of an agent while one looks at its row', async () => {
    const run = questionRun();
    await withList(run, async (panel) => {
      const state = panel.page.locator(`#row-${SAMPLE_CALLS.scan} .cell-state`);
      expect(await state.textContent()).toContain('at work');
      const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
      const reads = { type: 'call.progress', id: SAMPLE_CALLS.scan, at: run.now, doing: 'reads a map', usage } as const;
      await panel.send({ type: 'events', runId: 'r', events: [reads], more: false, interrupted: false });
      const does = panel.page.locator(`#row-${SAMPLE_CALLS.scan} .cell-now`);
      await expect.poll(() => does.textContent(), { timeout: 5_000 }).toBe('reads a map');
      const settled = run.events.find((event) => event.type === 'call.settled');
      if (settled?.type !== 'call.settled') throw new Error('Nothing has ended.');
      const end = { ...settled, id: SAMPLE_CALLS.scan, seq: run.events.length + 1, at: run.now };
      await panel.send({ type: 'events', runId: 'r', events: [end], more: false, interrupted: false });
      await expect.poll(() => state.textContent()).toContain('done');
    });
  });

  it('filters by the filter of all views, and leads out of it where nothing is left', async () => {
    await withList(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      await panel.page.locator('.chip.is-failed').click();
      expect(await panel.page.locator('.list-tools .quiet').textContent()).toBe('6 of 350');
      expect(await panel.page.locator('.chip.is-succeeded b').textContent()).toMatch(/^3\d\d$/);
      expect(await panel.savedState()).toMatchObject({ filter: { states: ['failed'], phases: [], models: [] } });
    });
    const state = { runId: 'r', view: 'list', filter: { states: [], phases: ['nowhere'], models: [] } };
    await withList(
      sampleRun({ agents: 10, state: 'finished' }),
      async (panel) => {
        expect(await panel.page.locator('.nothing-left').textContent()).toContain('The filter leaves nothing');
        await panel.page.getByRole('button', { name: 'Clear the filter' }).last().click();
        expect(await panel.page.locator('.table-body .table-row').count()).toBe(10);
      },
      { state },
    );
  });

  it('sorts by a click on a column, and keeps the keys on the row they were on', async () => {
    await withList(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      const grid = panel.page.getByRole('grid', { name: 'Agents' });
      await grid.focus();
      await panel.page.keyboard.press('ArrowDown');
      const at = await grid.getAttribute('aria-activedescendant');
      await panel.page.getByRole('button', { name: 'Elapsed' }).click();
      expect(await panel.page.locator('[aria-sort]').textContent()).toBe('Elapsed');
      expect(await panel.page.locator('[aria-sort]').getAttribute('aria-sort')).toBe('descending');
      const longest = await panel.page.locator('.table-body .cell-elapsed').first().textContent();
      await panel.page.getByRole('button', { name: 'Elapsed' }).click();
      expect(await panel.page.locator('.table-body .cell-elapsed').first().textContent()).not.toBe(longest);
      await panel.page.getByRole('button', { name: 'Elapsed' }).click();
      expect(await grid.getAttribute('aria-activedescendant')).toBe(at);
      expect(await panel.page.locator('[aria-sort]').count()).toBe(0);
    });
  });

  it('shows what somebody asks to see, far down in thousands of rows of which few exist', async () => {
    const run = sampleRun({ agents: 2000, state: 'finished' });
    const last = run.events.findLast((event) => event.type === 'call.issued');
    if (last?.type !== 'call.issued') throw new Error('Nothing was issued.');
    const { id, key, label } = last.call;
    const state = { runId: 'r', view: 'list' };
    await withList(
      run,
      async (panel) => {
        expect(await panel.page.locator('.table-body .table-row').count()).toBeLessThan(90);
        await panel.send({ type: 'command', command: { name: 'reveal', on: { call: id, key } } });
        await vi.waitFor(async () => expect(await row(panel, label).count()).toBe(1));
        expect(await row(panel, label).getAttribute('aria-selected')).toBe('true');
        // The head is the first of them.
        expect(await row(panel, label).getAttribute('aria-rowindex')).toBe('2001');
        expect(await panel.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2001');
      },
      { state },
    );
  });

  it('drops columns where there is little room, and never the name', async () => {
    await withList(questionRun(), async (panel) => {
      const shown = async (width: number) => {
        await panel.page.setViewportSize({ width, height: 700 });
        return panel.page
          .locator('.table-head [role=columnheader]')
          .evaluateAll((heads) =>
            heads.filter((head) => getComputedStyle(head).display !== 'none').map((head) => head.textContent),
          );
      };
      expect(await shown(1400)).toEqual(['State', 'Agent', 'Phase', 'Now', 'Model', 'Elapsed', 'Tokens', 'Cost']);
      expect(await shown(700)).toEqual(['State', 'Agent', 'Phase', 'Now', 'Elapsed']);
      expect(await shown(350)).toEqual(['State', 'Agent', 'Elapsed']);
      expect(await panel.page.locator('.table').evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0);
    });
  });
});
