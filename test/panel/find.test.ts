import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderRunPage } from '../../extension/panel/run-page.ts';
import type { HostToView, PanelCommand, SearchHit } from '../../extension/protocol/panel-messages.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import { finderOf, hitsIn } from '../../extension/protocol/text-search.ts';
import { FindStore } from '../../webview/find/find-store.ts';
import type { Host } from '../../webview/host.ts';
import { RunStore } from '../../webview/store.ts';
import { ViewStore } from '../../webview/view-state.ts';
import { type Panel, type PanelOptions, watchProblems, webviewDist } from '../support/panel-page.ts';
import { openPanel, testBrowser } from '../support/panel-test.ts';
import { sampleDetails } from '../support/sample-details.ts';
import { questionRun } from '../support/sample-questions.ts';
import { type SampleRun, sampleRun } from '../support/sample-run.ts';
import { THEME_NAMES } from '../support/themes.ts';

const RUN = sampleRun({ agents: 350, state: 'finished' });
const TREE = foldRun(RUN.events);
const DETAILS = sampleDetails(RUN.events);
/** What a host would find in the sample. */
const told = (text: string): SearchHit[] => Object.values(DETAILS).flatMap((each) => hitsIn(each, finderOf(text)!));

async function withRun(body: (panel: Panel) => Promise<void>, options: PanelOptions = {}, run = RUN): Promise<void> {
  const panel = await openPanel({ now: run.now, details: DETAILS, ...options });
  try {
    await panel.page.emulateMedia({ reducedMotion: 'reduce' });
    const events = [...run.events, ...run.progress];
    await panel.send({ type: 'events', runId: 'r', events, more: false, interrupted: false });
    await body(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

const countOf = (panel: Panel) => panel.page.locator('.find-count');
const searched = async (panel: Panel) =>
  (await panel.sent()).flatMap((message) =>
    message.type === 'request' && message.request.method === 'search' ? message.request.text : [],
  );
const heading = (panel: Panel) => panel.page.locator('.side h2').textContent();
const focused = (panel: Panel) => panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');

describe('the search', () => {
  it('opens with the keys of VS Code, walks the hits in order, round and round, and gives the focus back', async () => {
    const text = 'weak-crypto';
    await withRun(
      async (panel) => {
        const { page } = panel;
        const list = page.getByRole('button', { name: 'List', exact: true });
        await list.click();
        const grid = page.getByRole('grid');
        await grid.focus();
        await page.keyboard.press('Control+f');
        await page.keyboard.type(text);
        await expect.poll(() => countOf(panel).textContent()).toMatch(/^\d+ found$/);
        const total = Number.parseInt((await countOf(panel).textContent()) ?? '', 10);
        expect((await searched(panel)).at(-1)).toBe(text);

        const walked: string[] = [];
        for (const key of ['Enter', 'F3', 'Enter', 'Shift+F3', 'Shift+Enter', 'Shift+Enter', 'Enter']) {
          await page.keyboard.press(key);
          walked.push(`${await countOf(panel).textContent()} ${await page.locator('.find-where').textContent()}`);
          const name = await page.locator('.find-name').textContent();
          if (name !== 'pipeline') expect(await heading(panel)).toBe(name);
        }
        const places = walked.map((each) => each.split(' of ')[0]);
        expect(places).toEqual(['1', '2', '3', '2', '1', `${total}`, '1']);
        expect(walked[1]).toBe(`2 of ${total} label`);
        expect(walked[2]).toBe(`3 of ${total} prompt`);
        expect((await page.locator('.find-excerpt mark').textContent())?.toLowerCase()).toBe(text);

        await page.keyboard.press('Escape');
        expect(await page.locator('.find').count()).toBe(0);
        expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
        await page.keyboard.press('/');
        expect(await page.locator('.find input').inputValue()).toBe(text);
        // In a field it is a character like any other; what was there is selected.
        await page.keyboard.press('/');
        expect(await page.locator('.find input').inputValue()).toBe('/');
      },
      { hits: { [text]: told(text) } },
    );
  });

  it('says what it has found, and where, to those who do not see it', async () => {
    const text = 'own router';
    await withRun(
      async ({ page }) => {
        const status = page.locator('p.unseen[role="status"]').last();
        await page.getByRole('button', { name: 'Find and filter' }).click();
        await page.keyboard.type(text);
        await expect.poll(() => status.textContent()).toBe(`Found in ${told(text).length} places.`);
        await page.getByRole('button', { name: 'Next hit' }).click();
        expect(await status.textContent()).toMatch(/^1 of \d+: transcript of list source files, .*own router/);
        await page.getByRole('textbox', { name: 'Find' }).fill('not anywhere');
        await expect.poll(() => status.textContent()).toBe('Nothing found.');
        expect(await page.locator('.find-count').textContent()).toBe('No results');
        expect(await page.getByRole('button', { name: 'Next hit' }).getAttribute('aria-disabled')).toBe('true');
      },
      { hits: { [text]: told(text) } },
    );
  });

  it('shows what it finds as text, whatever stands there', async () => {
    const excerpt = '<img src=x onerror="window.pwned=1"> find me \u202e<script>window.pwned=1</script>';
    await withRun(
      async ({ page }) => {
        await page.keyboard.press('Control+f');
        await page.keyboard.type('find me');
        await page.getByText('1 found').waitFor();
        await page.keyboard.press('Enter');
        expect(await page.locator('.find-excerpt').textContent()).toContain('find me [U+202E]<script>');
        expect(await page.locator('.find-excerpt mark').textContent()).toBe('find me');
        expect(await page.evaluate('window.pwned')).toBeUndefined();
      },
      { hits: { 'find me': [{ call: 1, in: 'prompt', excerpt }] } },
    );
  });

  it('looks through the details that a saved page carries', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'counterpoint-found-'));
    const context = await testBrowser().newContext({ offline: true });
    try {
      const file = join(folder, 'run.html');
      const { events } = sampleRun({ agents: 10, state: 'finished' });
      const details = sampleDetails(events);
      await writeFile(file, renderRunPage({ dist: await webviewDist(), events, details, report: null }));
      const page = await context.newPage();
      const problems = watchProblems(page);
      await page.goto(pathToFileURL(file).href);
      await page.locator('.phase-title').first().waitFor();
      await page.keyboard.press('Control+f');
      await page.keyboard.type('sanitizeName');
      const holders = Object.values(details).filter(({ transcript }) => transcript.length > 0).length;
      await page.getByText(`${holders} found`).waitFor();
      await page.keyboard.press('Enter');
      expect(await page.locator('.find-where').textContent()).toBe('transcript');
      expect(problems).toEqual([]);
    } finally {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the filter', () => {
  it('is chosen and taken away by keys alone, and kept', async () => {
    await withRun(async (panel) => {
      const { page } = panel;
      await page.keyboard.press('Control+f');
      const funnel = page.getByRole('button', { name: 'Filter', exact: true });
      await funnel.focus();
      await page.keyboard.press('Enter');
      const choices = await page.getByRole('menuitemcheckbox').allInnerTexts();
      expect(choices.map((each) => each.replace(/\s+/g, ' ').trim())).toEqual([
        `done ${TREE.counts.succeeded}`,
        `reused ${TREE.counts.reused}`,
        `failed ${TREE.counts.failed}`,
        `refuted claim ${refuted}`,
        ...TREE.phases.map(({ title }) => `${title} ${agentsOf(title)}`),
      ]);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Space');
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      expect(await page.locator('[role="menuitemcheckbox"][aria-checked="true"]').allInnerTexts()).toHaveLength(2);
      await page.keyboard.press('Escape');
      expect(await page.getByRole('menu').count()).toBe(0);
      expect(await focused(panel)).toBe('Filter');
      expect(await panel.savedState()).toMatchObject({
        filter: { states: ['failed'], phases: ['Challenge'], models: [] },
      });

      await page.keyboard.press('Escape');
      expect(await page.locator('.find-search').count()).toBe(0);
      await page.getByRole('button', { name: 'State: failed, remove this filter' }).press('Enter');
      expect(await panel.savedState()).toMatchObject({ filter: { states: [], phases: ['Challenge'] } });
      await page.getByRole('button', { name: 'Clear' }).press('Enter');
      expect(await page.locator('.find').count()).toBe(0);
    });
  });

  it.each([
    ['nothing', { search: 12, filter: null }],
    ['lists of something else', { search: { a: 1 }, filter: { states: ['failed', 3, 'no such state'], phases: 'x' } }],
  ])('is not broken by a saved state with %s in its place', async (_, saved) => {
    await withRun(
      async (panel) => {
        expect(await panel.page.locator('.phase-title').count()).toBe(4);
        expect(await panel.page.locator('.find-search').count()).toBe(0);
        const chips = await panel.page.locator('.filter-chip').allInnerTexts();
        expect(chips.map((chip) => chip.trim())).toEqual(saved.filter === null ? [] : ['failed']);
      },
      { state: { runId: 'r', ...saved } },
    );
  });
});

const refuted = [...TREE.groups.values()].filter(({ change }) => change.verdict?.verdict === 'refuted').length;
const agentsOf = (title: string) => [...TREE.calls.values()].filter(({ info }) => info.phase === title).length;

describe('what is asked for outside of the view', () => {
  it('opens the search, shows a view, reveals a call, and passes over one of another attempt', async () => {
    await withRun(async (panel) => {
      const { page } = panel;
      const command = (wanted: PanelCommand) => panel.send({ type: 'command', command: wanted });
      await command({ name: 'show', view: 'report' });
      await page.locator('.report').waitFor();
      await command({ name: 'find' });
      expect(await page.locator('.find input').evaluate((input) => input === document.activeElement)).toBe(true);
      const { key } = TREE.calls.get(1)!.info;
      await command({ name: 'reveal', on: { call: 1, key: 'of another attempt' } });
      await command({ name: 'reveal', on: { call: 100_000 } });
      expect(await page.locator('.side').count()).toBe(0);
      await command({ name: 'reveal', on: { call: 1, key } });
      expect(await heading(panel)).toBe('list source files');
    });
  });

  it('puts the focus on what a question can be answered with', async () => {
    const asking = questionRun();
    const [question] = [...foldRun(asking.events).calls.values()].filter(
      ({ info, settled }) => info.kind === 'checkpoint' && settled === null,
    );
    await withRun(
      async (panel) => {
        await panel.send({ type: 'command', command: { name: 'show', view: 'list' } });
        const on = { call: question!.info.id, key: question!.info.key };
        await panel.send({ type: 'command', command: { name: 'reveal', on } });
        const inQuestion = () => panel.page.evaluate(() => document.activeElement?.closest('.checkpoint') !== null);
        await expect.poll(inQuestion).toBe(true);
      },
      {},
      { ...asking, progress: [], interrupted: false },
    );
  });
});

describe('axe', () => {
  it.each(THEME_NAMES)(
    'finds nothing in the search, the filter and its choices in the %s theme, at 350 pixels either',
    async (theme) => {
      const text = 'injection';
      const options: PanelOptions = { theme, hits: { [text]: told(text) } };
      await withRun(async ({ page }) => {
        const objections = async () => {
          const { violations } = await new AxeBuilder({ page }).options({ preload: false }).include('.find').analyze();
          return violations.flatMap(({ id, nodes }) =>
            nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
          );
        };
        await page.keyboard.press('Control+f');
        await page.keyboard.type(text);
        await page.getByText(/ found$/).waitFor();
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Filter', exact: true }).click();
        for (const name of [/^done/, /^failed/, /refuted/, /Find/])
          await page.getByRole('menuitemcheckbox', { name }).click();
        expect(await objections()).toEqual([]);
        await page.keyboard.press('Escape');
        await page.setViewportSize({ width: 350, height: 800 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(350);
        await page.getByRole('textbox', { name: 'Find' }).fill('not anywhere');
        await page.getByText('No results').waitFor();
        expect(await objections()).toEqual([]);
      }, options);
    },
    120_000,
  );
});

/** A search without a screen: its host answers when the test says so. */
function seeking(run: SampleRun, upTo = run.events.length) {
  const asked: { text: string; answer: (hits: SearchHit[]) => void; fail: (error: Error) => void }[] = [];
  let send: (message: HostToView) => void = () => undefined;
  const host = {
    kind: 'editor',
    generatedAt: null,
    listen: (receive: typeof send) => {
      send = receive;
    },
    subscribe: () => undefined,
    watch: () => undefined,
    request: ({ text }: { text: string }) =>
      new Promise((answer, fail) => asked.push({ text, answer: answer as never, fail })),
    loadState: () => null,
    saveState: () => undefined,
  } as unknown as Host;
  const view = new ViewStore(host);
  const store = new RunStore(host);
  const find = new FindStore(store, view);
  const events = (from: number, to: number) =>
    send({ type: 'events', runId: 'r', events: run.events.slice(from, to), more: false, interrupted: false });
  events(0, upTo);
  return { find, view, store, asked, events };
}

describe('what is found', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    vi.stubGlobal('requestAnimationFrame', (paint: () => void) => setTimeout(paint, 0));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('comes from the host once nothing more is typed, one question at a time, and never for another text', async () => {
    const { find, view, asked } = seeking(RUN);
    for (const search of ['n', 'ne', 'need']) {
      view.change({ search });
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked.map(({ text }) => text)).toEqual(['need']);
    view.change({ search: 'needle' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(1);
    asked[0]!.answer([{ call: 1, in: 'prompt', excerpt: 'need' }]);
    await vi.advanceTimersByTimeAsync(0);
    expect([find.findings.hits, find.findings.complete]).toEqual([[], false]);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.map(({ text }) => text)).toEqual(['need', 'needle']);
    asked[1]!.answer([{ call: 2, in: 'answer', excerpt: 'a needle' }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(find.findings.hits.map(({ on, where }) => [on, where])).toEqual([[{ type: 'call', id: 2 }, 'answer']]);
    expect(find.findings.complete).toBe(true);
  });

  it('is asked for again as the run grows, every few seconds at most, and not of a run that rests', async () => {
    const { find, view, asked, events } = seeking(RUN, 200);
    await vi.advanceTimersByTimeAsync(50);
    view.change({ search: 'needle' });
    await vi.advanceTimersByTimeAsync(300);
    asked[0]!.answer([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    for (let at = 200; at < 300; at += 10) {
      events(at, at + 10);
      await vi.advanceTimersByTimeAsync(100);
      for (const { answer } of asked) answer([]);
    }
    // The first change is looked through at once, the last a few seconds later.
    expect(asked.length).toBe(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.length).toBe(3);
    asked[2]!.fail(new Error('The journal is gone.'));
    await vi.advanceTimersByTimeAsync(0);
    expect(find.findings.problem).toBe('The journal is gone.');
  });

  it('leaves bright what the hits are on with all that is around them, by the same function until that changes', async () => {
    const { find, view } = seeking(RUN);
    await vi.advanceTimersByTimeAsync(50);
    expect(find.found).toBeNull();
    const claim = [...TREE.groups.values()].find(({ info }) => info.kind === 'challenge')!;
    view.change({ search: claim.info.label.toUpperCase() });
    const { found } = find;
    expect(found!({ type: 'group', id: claim.info.id })).toBe(true);
    for (const ref of claim.children) expect(found!(ref)).toBe(true);
    expect(found!({ type: 'group', id: claim.info.parent! })).toBe(true);
    expect(found!({ type: 'call', id: 1 })).toBe(false);
    view.change({ search: `${claim.info.label} ` });
    expect(find.found).toBe(found);
    view.closeSearch();
    expect(find.found).toBeNull();
  });

  it('is what the filter lets through, too', async () => {
    const { find, view } = seeking(RUN);
    await vi.advanceTimersByTimeAsync(50);
    const filter = { states: ['failed' as const, 'refuted' as const], phases: ['Challenge'], models: [] };
    view.change({ filter });
    const bright = [...TREE.calls.values()].filter(({ info }) => find.found!({ type: 'call', id: info.id }));
    const expected = [...TREE.calls.values()].filter(
      ({ info, state }) =>
        info.phase === 'Challenge' &&
        (state === 'failed' || TREE.groups.get(info.group!)?.change.verdict?.verdict === 'refuted'),
    );
    expect(bright).toEqual(expected);
    expect(bright.length).toBeGreaterThan(3);
    expect(find.said).toBe(`The filter leaves ${expected.length} of 350 agents.`);
    view.change({ search: 'reachability' });
    const calls = find.findings.hits.flatMap(({ on }) => (on.type === 'call' ? on.id : []));
    expect(calls).toEqual(
      expected.filter(({ info }) => info.label.includes('reachability')).map(({ info }) => info.id),
    );
    expect(calls.length).toBeGreaterThan(0);
  });

  it('stands in the order in which the tree shows it, and stays the hit that it was while others come before it', async () => {
    const { find, view, events } = seeking(RUN, 300);
    await vi.advanceTimersByTimeAsync(50);
    view.change({ search: 'a' });
    const phases = find.findings.hits.map(({ on }) =>
      on.type === 'phase'
        ? on.title
        : on.type === 'call'
          ? TREE.calls.get(on.id)?.info.phase
          : TREE.groups.get(on.id)?.info.phase,
    );
    expect(phases).toEqual([...phases].sort((a, b) => order(a) - order(b)));
    find.walk(-1);
    const last = find.findings.hits.at(-1)!;
    expect(view.state.selected).toEqual(last.on);
    const before = find.findings.hits.length;
    events(300, RUN.events.length);
    await vi.advanceTimersByTimeAsync(1000);
    expect(find.findings.at).toBeGreaterThan(before);
    expect(find.findings.hits[find.findings.at]).toEqual(last);
  });
});

const order = (title: string | null | undefined) => TREE.phases.findIndex((phase) => phase.title === title);
