import { describe, expect, it, vi } from 'vitest';
import type { EventsMessage, RequestMessage, ViewToHost } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel, sideText } from '../support/panel-test.ts';
import { pictureRun } from '../support/picture-run.ts';
import { SAMPLE_REPORT, sampleDetails } from '../support/sample-details.ts';
import { type SampleRun, sampleRun } from '../support/sample-run.ts';

const eventsOf = (run: SampleRun, from = 0, to = run.events.length): EventsMessage => ({
  type: 'events',
  runId: 'run-1',
  events: to === run.events.length ? [...run.events.slice(from), ...run.progress] : run.events.slice(from, to),
  more: false,
  interrupted: run.interrupted,
});

/** Opens a panel, runs the body, and expects that the page met no error and no refusal of its policy. */
async function withPanel(options: PanelOptions, body: (panel: Panel) => Promise<void>): Promise<void> {
  const panel = await openPanel(options);
  try {
    await body(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

async function withRun(
  run: SampleRun,
  body: (panel: Panel) => Promise<void>,
  options: PanelOptions = {},
): Promise<void> {
  const whole = { now: run.now, details: sampleDetails(run.events), report: SAMPLE_REPORT, ...options };
  await withPanel(whole, async (panel) => {
    await panel.send(eventsOf(run));
    await body(panel);
  });
}

const requests = (sent: ViewToHost[]) =>
  sent.filter((message): message is RequestMessage => message.type === 'request').map(({ request }) => request);
const text = async (panel: Panel, selector: string) => (await panel.page.locator(selector).first().textContent()) ?? '';

describe('a live run', () => {
  it('subscribes, waits, and shows what arrives as it arrives', async () => {
    const run = sampleRun({ agents: 350, state: 'running' });
    await withPanel({ now: run.now }, async (panel) => {
      expect(await panel.sent()).toEqual([{ type: 'subscribe', after: 0 }]);
      expect(await panel.page.locator('.skeleton').count()).toBe(1);
      await panel.send(eventsOf(run, 0, 200));
      const early = await text(panel, '.facts');
      await panel.send(eventsOf(run, 200));
      await vi.waitFor(async () => expect(await text(panel, '.facts')).toContain('217 of 232 agents'));
      expect(early).toContain('18 of 130 agents');
      expect(await text(panel, '.pill')).toMatch(/running\s*5 m 15 s/);
      expect(await panel.page.locator('.phase-title').allInnerTexts()).toEqual([
        'Scout',
        'Find',
        'Challenge',
        'Report',
      ]);
      expect(await panel.savedState()).toMatchObject({ runId: 'run-1' });
    });
  });

  it('draws a thousand agents with few elements', async () => {
    await withRun(sampleRun({ agents: 1000, state: 'running' }), async (panel) => {
      expect(await panel.page.locator('.react-flow__node').count()).toBeLessThan(40);
      expect(await panel.page.locator('.tree path').count()).toBeLessThan(120);
    });
  });

  it('says since when an agent tells nothing, until it does, and that tokens were estimated', async () => {
    const run = { ...pictureRun(), interrupted: false };
    const progress = run.progress.map((event) => ({ ...event, usage: { ...event.usage, estimated: true as const } }));
    const settle = (event: RunEvent): RunEvent =>
      event.type === 'call.settled'
        ? { ...event, settled: { ...event.settled, usage: { ...event.settled.usage, estimated: true } } }
        : event;
    const events = run.events.map(settle);
    const body = async (panel: Panel) => {
      const { page } = panel;
      await panel.send({ ...eventsOf(run), events: [...events, ...progress] });
      const first = progress.find(({ doing }) => doing.startsWith('reading'));
      const card = page.locator(`[data-id="call:${first?.id}"] .card`);
      const line = page.locator('[role="treeitem"][tabindex="0"]', { hasText: /, 3 min without news$/ });
      expect(await card.textContent()).toMatch(/about [\d.]+ k\s*$/);
      expect(await text(panel, '.facts')).toMatch(/about [\d.]+ [kM] tokensabout \$/);
      expect(await page.locator('.silent').count()).toBe(0);
      await page.clock.fastForward(3 * 60_000);
      await card.getByText('3 min without news').waitFor();
      await card.locator('.card-main').click();
      await line.waitFor({ state: 'attached' });
      await page.locator('.phase-head', { hasText: 'Find' }).click();
      await page.locator('.side .silent').first().waitFor();
      await page.getByRole('button', { name: 'List', exact: true }).click();
      await page.getByRole('button', { name: 'State', exact: true }).click();
      const row = page.locator(`#row-${first?.id}`);
      expect(await row.locator('.cell-now').textContent()).toContain('3 min without news · ');
      expect(await row.locator('.cell-tokens').textContent()).toContain('about ');
      await page.getByRole('button', { name: 'Tree', exact: true }).click();
      await panel.send({ ...eventsOf(run), events: [{ ...first!, at: run.now + 3 * 60_000 }] });
      await expect.poll(() => card.locator('.silent').count()).toBe(0);
    };
    await withPanel({ now: run.now, clock: true, details: sampleDetails(run.events) }, body);
  });

  it('says what its agents may do where that is more than to look, and by what models, rules and limits it goes', async () => {
    const run = sampleRun({ agents: 10, state: 'running' });
    const evil = 'bash(curl x.io\u202e <img src=x onerror="window.pwned=1">)';
    const change = {
      profile: 'trusted',
      permissions: { allow: ['bash(npm test)'], ask: [], deny: [evil, 'edit_file(.env)'] },
      models: { agent: 'small-model', judge: 'large-model' },
    } as const;
    const changed: RunEvent = { type: 'run.changed', change, seq: run.events.length + 1, at: run.now } as never;
    await withRun(run, async (panel) => {
      expect(await panel.page.locator('.fact-profile').count()).toBe(0);
      await panel.page.locator('.run-name button').click();
      const before = await sideText(panel);
      for (const words of ['Agent’s repliesat most 50', 'Agent’s outputno limit', 'read-only · Its agents may look'])
        expect(before).toContain(words);
      await panel.send({ ...eventsOf(run), events: [changed] });
      await panel.page.locator('.fact-profile').waitFor();
      expect(await text(panel, '.fact-profile')).toContain('edits the workspace');
      const side = await sideText(panel);
      for (const words of [
        '… of agentssmall-model',
        '… of judgeslarge-model',
        'Allowedbash(npm test)',
        'edit_file(.env)',
        'U+202E',
      ])
        expect(side).toContain(words);
      expect(side).not.toContain('… of challengers');
      expect(side).not.toContain('\u202e');
      expect(await panel.page.evaluate('window.pwned')).toBeUndefined();
    });
  });

  it('asks again after a gap', async () => {
    const run = sampleRun({ agents: 350, state: 'running' });
    await withPanel({ now: run.now }, async (panel) => {
      await panel.send(eventsOf(run, 0, 50));
      await panel.send(eventsOf(run, 90, 100));
      expect(await panel.sent()).toContainEqual({ type: 'subscribe', after: 50 });
    });
  });

  it('stops a run that goes and resumes one that nobody drives', async () => {
    await withRun(sampleRun({ agents: 10, state: 'running' }), async (panel) => {
      await panel.page.getByRole('button', { name: 'Stop', exact: true }).click();
      expect(requests(await panel.sent())).toEqual([{ method: 'act', action: 'stop' }]);
    });
    await withRun(sampleRun({ agents: 10, state: 'interrupted' }), async (panel) => {
      expect(await text(panel, '.banner')).toContain('interrupted');
      expect(await text(panel, '#root')).not.toContain('at work');
      await panel.page.getByRole('button', { name: 'Resume' }).click();
      expect(requests(await panel.sent())).toEqual([{ method: 'act', action: 'resume' }]);
    });
  });

  it('says why a run failed and leads to the line', async () => {
    await withRun(sampleRun({ agents: 10, state: 'failed' }), async (panel) => {
      expect(await text(panel, '.banner')).toContain('Cannot read properties of null');
      await panel.page.getByRole('button', { name: 'bug-sweep.js:84:21' }).click();
      expect(requests(await panel.sent())).toEqual([{ method: 'open-script', line: 84, column: 21 }]);
    });
  });

  it('says that a run is gone', async () => {
    await withPanel({}, async (panel) => {
      await panel.send({ type: 'run-gone', message: 'The run was deleted.' });
      expect(await text(panel, '.notice')).toContain('The run was deleted.');
    });
  });
});

describe('the drill-down', () => {
  it('asks for the details of a finished agent once and shows them', async () => {
    const shown = async (panel: Panel) => {
      await panel.page.getByRole('button', { name: 'list source files' }).click();
      await panel.page.locator('.side .transcript').waitFor();
      const side = await sideText(panel);
      expect(side).toContain('task: list source files');
      expect(side).toContain('read_file');
      expect(side).toMatch(/severity\s*high/);
      await panel.page.getByText('grep', { exact: true }).click();
      expect(await sideText(panel)).toContain('export const sanitizeName');
      // However long one looks at it.
      await panel.page.clock.runFor(60_000);
      expect(requests(await panel.sent())).toEqual([{ method: 'details', call: 1 }]);
      await panel.page.getByRole('button', { name: 'bug-sweep.js:31' }).click();
      expect(requests(await panel.sent()).at(-1)).toEqual({ method: 'open-script', line: 31, column: 9 });
    };
    await withRun(sampleRun({ agents: 10, state: 'finished' }), shown, { clock: true });
  });

  it('asks again, and only for what is new, while the agent is at work', async () => {
    const run = sampleRun({ agents: 350, state: 'running' });
    await withRun(run, async (panel) => {
      await panel.page.locator('.claim.is-working').first().click();
      await panel.page.locator('.vote', { hasText: 'at work' }).first().click();
      await panel.page.getByText('Transcript · live').waitFor();
      const [first] = requests(await panel.sent());
      const id = first?.method === 'details' ? first.call : 0;
      const progress = run.progress.find((event) => event.id === id)!;
      await panel.send({
        type: 'events',
        runId: 'run-1',
        events: [{ ...progress, doing: 'reading another.ts' }],
        more: false,
        interrupted: false,
      });
      await panel.page.locator('.doing-now', { hasText: 'reading another.ts' }).waitFor();
      // What it does now is told anyhow; only what it has said has to be fetched.
      expect(requests(await panel.sent())).toEqual([first]);
      const had = await panel.page.locator('.side .transcript > li').count();
      await panel.send({ type: 'live', call: id, entries: had + 1, text: '' });
      await vi.waitFor(
        async () => expect(requests(await panel.sent())).toEqual([first, { ...first, after: had }]),
        10_000,
      );
    });
  });

  it('shows the whole cause of a failure', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      await panel.page.locator('.card.agent.is-failed').first().click();
      expect(await text(panel, '.cause')).toContain(
        'The answer did not fit the schema after 5 tries: /findings/0/line must be integer',
      );
      await panel.page.getByText('Answer rejected').waitFor();
      expect(await sideText(panel)).toContain('529 overloaded; tried again after 2 s');
    });
  });

  it('gives a claim its verdict in words, each vote and each reason', async () => {
    await withRun(sampleRun({ agents: 1000, state: 'finished' }), async (panel) => {
      await panel.page.locator('.claim.is-unverified').first().click();
      expect(await sideText(panel)).toContain('neither upheld nor refuted');
      expect(await sideText(panel, '.side .votes')).toContain('failed, no vote');
      await panel.page.locator('.claim.is-succeeded').first().click();
      expect(await sideText(panel, '.side .pill')).toMatch(/^upheld \d–\d$/);
      expect(await panel.page.locator('.side .vote').count()).toBe(3);
      await panel.page.locator('.side .vote').first().click();
      await panel.page.getByText('Beside it').waitFor();
      expect(await sideText(panel, '.side-who')).toContain('challenger 1 of 3');
    });
  });

  it('strikes a refuted claim and none other', async () => {
    await withRun(sampleRun({ agents: 10, state: 'finished' }), async (panel) => {
      const struck = await panel.page
        .locator('.claim .card-title')
        .evaluateAll((titles) => titles.map((title) => getComputedStyle(title).textDecorationLine));
      expect(struck.sort()).toEqual(['line-through', 'none']);
    });
  });

  it('is a sheet below the tree where there is no room beside it', async () => {
    const run = sampleRun({ agents: 10, state: 'finished' });
    const below = async (panel: Panel) => {
      await panel.page.locator('.card.agent').first().click();
      const side = await panel.page.locator('.side').boundingBox();
      const stage = await panel.page.locator('.stage').boundingBox();
      return side!.y >= stage!.y + stage!.height - 1 && side!.width === stage!.width;
    };
    await withRun(run, async (panel) => expect(await below(panel)).toBe(true), { width: 700, height: 900 });
    await withRun(run, async (panel) => expect(await below(panel)).toBe(false), { width: 1400 });
  });

  it('lights the path of a selection and dims the rest', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      await panel.page.locator('.claim').first().click();
      const dimmed = await panel.page.locator('.react-flow__node.dimmed .phase-title').allInnerTexts();
      expect(dimmed).toEqual(['Scout', 'Report']);
      expect(await panel.page.locator('.react-flow__node:not(.dimmed) .claim').count()).toBe(1);
    });
  });
});

describe('the keyboard', () => {
  it('moves over the squares, opens one and closes the side', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      const grid = panel.page.getByRole('grid', { name: /114 agents/ });
      const cell = grid.getByRole('gridcell');
      await grid.focus();
      const first = await cell.textContent();
      await panel.page.keyboard.press('ArrowRight');
      await panel.page.keyboard.press('ArrowDown');
      expect(await cell.textContent()).not.toBe(first);
      expect(await grid.getByRole('row').getAttribute('aria-rowindex')).toBe('2');
      expect(await cell.getAttribute('aria-colindex')).toBe('2');
      const columns = Number(await grid.getAttribute('aria-colcount'));
      await panel.page.keyboard.press('End');
      expect(await cell.getAttribute('aria-colindex')).toBe(String(columns));
      expect(columns).toBeGreaterThan(10);
      await panel.page.keyboard.press('Home');
      expect(await cell.getAttribute('aria-colindex')).toBe('1');
      const label = (await cell.textContent())!.split(' · done')[0]!;
      await panel.page.keyboard.press('Enter');
      expect(await sideText(panel, '.side h2')).toBe(label);
      await panel.page.keyboard.press('Escape');
      expect(await panel.page.locator('.side').count()).toBe(0);
    });
  });

  it('moves over the list and opens a row', async () => {
    await withRun(sampleRun({ agents: 1000, state: 'finished' }), async (panel) => {
      await panel.page.getByRole('button', { name: 'List', exact: true }).click();
      const grid = panel.page.getByRole('grid', { name: 'Agents' });
      expect(await grid.getAttribute('aria-rowcount')).toBe('1001');
      expect(await grid.getByRole('row').count()).toBeLessThan(90);
      await grid.focus();
      await panel.page.keyboard.press('End');
      await panel.page.locator('.table-row.active', { hasText: 'write the report' }).waitFor();
      await panel.page.keyboard.press('Enter');
      expect(await sideText(panel, '.side h2')).toBe('write the report');
    });
  });
});

describe('the other views', () => {
  it('filters the list by state', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      await panel.page.getByRole('button', { name: 'List', exact: true }).click();
      await panel.page.locator('.chip.is-failed').click();
      expect(await text(panel, '.list-tools .quiet')).toBe('6 of 350');
    });
  });

  it('shows the report, and opens its places in the editor', async () => {
    await withRun(sampleRun({ agents: 10, state: 'finished' }), async (panel) => {
      await panel.page.getByRole('button', { name: 'Report', exact: true }).click();
      await panel.page.getByRole('heading', { name: 'Bug sweep' }).waitFor();
      expect(await panel.page.locator('.report td').count()).toBe(9);
      await panel.page.getByRole('button', { name: 'db/report.ts:88' }).click();
      expect(requests(await panel.sent()).at(-1)).toEqual({ method: 'open-file', path: 'db/report.ts', line: 88 });
    });
  });

  it('unfolds the log', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), async (panel) => {
      expect(await text(panel, '.log-head')).toContain('2 warnings');
      await panel.page.locator('.log-head').click();
      expect(await panel.page.locator('.log-line').count()).toBe(3);
    });
  });

  it('comes back as it was left', async () => {
    const state = {
      runId: 'run-1',
      view: 'list',
      selected: { type: 'call', id: 1 },
      unfolded: [],
      logOpen: false,
      viewport: null,
    };
    await withRun(
      sampleRun({ agents: 10, state: 'finished' }),
      async (panel) => {
        expect(await panel.page.locator('.list').count()).toBe(1);
        expect(await sideText(panel, '.side h2')).toBe('list source files');
      },
      { state },
    );
  });
});

describe('hostile text', () => {
  const EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202eevil\u0000\u001b[31m💥';

  function poisoned(): SampleRun {
    const run = sampleRun({ agents: 10, state: 'finished' });
    const json = JSON.stringify(run.events.map((event) => poison(event)));
    return { ...run, events: JSON.parse(json) };
  }

  function poison(event: RunEvent): RunEvent {
    if (event.type === 'call.issued')
      return { ...event, call: { ...event.call, label: `${EVIL}${'W'.repeat(100_000)}` } };
    if (event.type === 'group.opened')
      return { ...event, group: { ...event.group, label: EVIL, detail: EVIL, labels: [EVIL] } };
    if (event.type === 'log') return { ...event, message: EVIL };
    return event;
  }

  it('is text and nothing else, wherever it stands', async () => {
    const run = poisoned();
    const markdown = `${EVIL}\n\n![x](https://example.invalid/x.png) [link](javascript:window.pwned=1) <b>raw</b> https://example.invalid`;
    const details = Object.fromEntries(
      Object.entries(sampleDetails(run.events)).map(([id, entry]) => [
        id,
        { ...entry, prompt: EVIL + 'y'.repeat(1_000_000), answer: markdown },
      ]),
    );
    await withRun(
      run,
      async (panel) => {
        await panel.page.locator('.card.agent').first().click();
        await panel.page.locator('.side .block').first().waitFor();
        await panel.page.locator('.log-head').click();
        expect(await panel.page.evaluate('window.pwned')).toBeUndefined();
        expect(await panel.page.locator('#root img, #root script, #root a, #root iframe').count()).toBe(0);
        expect(await sideText(panel, '.side .block')).toContain('<img src=x');
        expect(await sideText(panel, '.side .block')).toContain('[U+202E]');
        const wide = await panel.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        expect(wide).toBe(false);
        await panel.page.getByRole('button', { name: 'Report', exact: true }).click();
        await panel.page.locator('.report').waitFor();
        expect(await panel.page.locator('#root img, #root script, #root a, #root iframe').count()).toBe(0);
      },
      { details, report: markdown },
    );
  });
});
