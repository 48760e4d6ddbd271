import { describe, expect, it } from 'vitest';
import type { RequestMessage } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent, RunEventBody } from '../../extension/protocol/run-events.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel, sideText } from '../support/panel-test.ts';
import { questionDetails, questionRun, SAMPLE_CALLS } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';

type Body = (panel: Panel, more: (...bodies: RunEventBody[]) => Promise<void>) => Promise<void>;

/** Opens the run that asks; `more` tells of what happened next. */
async function withRun(body: Body, options: PanelOptions & { interrupted?: boolean } = {}): Promise<void> {
  const run = questionRun();
  const panel = await openPanel({ now: run.now, details: questionDetails(run.events), ...options });
  let seq = run.events.length;
  const send = (events: RunEvent[]) =>
    panel.send({ type: 'events', runId: 'ask-1', events, more: false, interrupted: options.interrupted ?? false });
  try {
    await send(run.events);
    await body(panel, (...bodies) => send(bodies.map((event) => ({ ...event, seq: ++seq, at: run.now }))));
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

async function steered(panel: Panel) {
  const sent = await panel.sent();
  return sent
    .filter((message): message is RequestMessage => message.type === 'request')
    .flatMap(({ request }) => (request.method.startsWith('act') ? [request] : []));
}

const named = (panel: Panel, name: string) => panel.page.locator('.top-bar').getByRole('button', { name, exact: true });
const cardOf = (panel: Panel, id: number) => panel.page.locator(`[data-id="call:${id}"] .card`);
const on = (call: number) => ({ call, key: `k${call}` });
const texts = async (panel: Panel, selector: string) =>
  (await panel.page.locator(selector).allTextContents()).join(' ');

/** One request at a time: until its answer has come the buttons are as good as disabled. */
const idle = (panel: Panel) =>
  expect.poll(() => panel.page.locator('button[aria-disabled="true"]:not(.mark)').count()).toBe(0);

describe('the run', () => {
  it('is paused, says so in words, icon and colour, and goes on', async () => {
    await withRun(async (panel, more) => {
      await named(panel, 'Pause').click();
      await more({ type: 'run.paused' });
      await expect.poll(() => texts(panel, '.top-bar .pill.is-paused')).toContain('paused');
      expect(await panel.page.locator('.pill.is-paused .codicon-debug-pause').count()).toBe(1);
      expect(await texts(panel, '.banner')).toContain('nothing new is begun');
      expect(await named(panel, 'Pause').count()).toBe(0);
      await named(panel, 'Continue').click();
      await more({ type: 'run.unpaused' });
      await expect.poll(() => texts(panel, '.top-bar .pill.is-working')).toContain('running');
      expect(await panel.page.locator('.banner').count()).toBe(0);
      expect(await steered(panel)).toEqual([
        { method: 'act', action: 'pause' },
        { method: 'act', action: 'unpause' },
      ]);
    });
  });

  it('has more actions in a menu that the keyboard opens, walks and leaves', async () => {
    await withRun(async (panel) => {
      const { keyboard } = panel.page;
      const menu = panel.page.getByRole('menu');
      const focused = () => panel.page.evaluate(() => document.activeElement?.textContent?.trim());
      await named(panel, 'More actions').focus();
      await keyboard.press('Enter');
      expect(await menu.getByRole('menuitem').allInnerTexts()).toEqual([
        'Add Agent…',
        'Set Concurrency…',
        'Set Caps…',
        'Replace Script…',
        'Fork…',
        'Keys',
      ]);
      for (const wanted of ['Set Concurrency…', 'Set Caps…', 'Replace Script…', 'Fork…', 'Keys', 'Add Agent…']) {
        await keyboard.press('ArrowDown');
        expect(await focused()).toBe(wanted);
      }
      await keyboard.press('Escape');
      expect(await menu.count()).toBe(0);
      expect(await panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('More actions');
      for (const steps of [0, 1, 2, 3, 4]) {
        await keyboard.press('Enter');
        for (let step = 0; step < steps; step++) await keyboard.press('ArrowDown');
        await keyboard.press('Enter');
        await idle(panel);
      }
      expect((await steered(panel)).map((request) => 'action' in request && request.action)).toEqual([
        'add-agent',
        'set-concurrency',
        'set-caps',
        'replace-script',
        'fork',
      ]);
    });
  });

  it('has its views behind one stop of Tab, and the arrows go from one to the next', async () => {
    await withRun(async (panel) => {
      const { keyboard } = panel.page;
      const focused = () => panel.page.evaluate(() => document.activeElement?.textContent?.trim());
      await named(panel, 'Tree').focus();
      for (const wanted of ['Timeline', 'List', 'Report', 'Tree']) {
        await keyboard.press('ArrowRight');
        expect(await focused()).toBe(wanted);
      }
      await keyboard.press('ArrowLeft');
      await keyboard.press('Enter');
      await panel.page.locator('.report').waitFor();
      await keyboard.press('Home');
      await keyboard.press('ArrowRight');
      await keyboard.press('ArrowRight');
      await keyboard.press('Enter');
      await panel.page.locator('.list').waitFor();
      await keyboard.press('Tab');
      expect(['Tree', 'Timeline', 'Report']).not.toContain(await focused());
    });
  });

  it('is resumed, to ask again what failed, and is then no longer held up to be steered', async () => {
    await withRun(async (panel, more) => {
      await more({ type: 'run.ended', status: 'completed_with_failures' });
      const resume = named(panel, 'Resume');
      expect(await resume.getAttribute('title')).toContain('Asks again what failed');
      await resume.click();
      expect(await steered(panel)).toEqual([{ method: 'act', action: 'resume' }]);
      await named(panel, 'More actions').click();
      expect(await panel.page.getByRole('menuitem').allInnerTexts()).toEqual([
        'Set Caps and Resume…',
        'Replace Script and Resume…',
        'Fork…',
        'Keys',
      ]);
      expect(await panel.page.locator('.card-actions').count()).toBe(0);
    });
  });

  it('says beside the buttons why the host refused', async () => {
    await withRun(
      async (panel) => {
        await named(panel, 'Pause').click();
        expect(await panel.page.locator('.top-bar').getByRole('alert').textContent()).toBe('Another window drives it.');
        await cardOf(panel, SAMPLE_CALLS.failed)
          .getByRole('button', { name: /^Retry/ })
          .click();
        expect(await cardOf(panel, SAMPLE_CALLS.failed).getByRole('alert').textContent()).toBe(
          'Another window drives it.',
        );
      },
      { refusal: 'Another window drives it.' },
    );
  });

  it('shows its caps beside what is used, and what was changed of them', async () => {
    await withRun(async (panel, more) => {
      const facts = await texts(panel, '.facts');
      for (const words of ['1 at work of at most 16', '2.0 k of 50.0 k output', '$0.07 of $5.00'])
        expect(facts).toContain(words);
      const { run } = questionRun().events.find((event) => event.type === 'run.created') as { run: { limits: object } };
      const limits = { ...run.limits, concurrency: 3, maxCostUsd: null } as never;
      await more({ type: 'run.changed', change: { limits } });
      await expect.poll(() => texts(panel, '.facts')).toContain('1 at work of at most 3');
      expect(await texts(panel, '.facts')).not.toContain('of $5.00');
    });
  });

  it('says in its summary what was lost and why, once it has ended', async () => {
    await withRun(async (panel, more) => {
      await panel.page.getByRole('button', { name: 'bug-sweep', exact: true }).click();
      expect(await sideText(panel)).not.toContain('came out');
      await more(
        { type: 'group.changed', id: 3, change: { closed: true, dropped: 2 } },
        { type: 'run.ended', status: 'completed_with_failures' },
      );
      await panel.page.locator('.side .census-list').waitFor();
      const side = await sideText(panel);
      for (const words of [
        '1 agent failed: schema',
        'No scores.',
        '1 agent failed: retries exhausted',
        '529 overloaded',
      ])
        expect(side).toContain(words);
      expect(side).toContain('2 items dropped by parallel in deep-scan');
      await panel.page.getByRole('button', { name: 'Report', exact: true }).click();
      await panel.page.locator('.report .census-list').waitFor();
    });
    const run = sampleRun({ agents: 1000, state: 'finished' });
    const panel = await openPanel({ now: run.now, report: '# R' });
    await panel.send({ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false });
    await panel.page.getByRole('button', { name: 'Report', exact: true }).click();
    await panel.page.locator('.census-list').waitFor();
    expect(await texts(panel, '.census')).toMatch(/\d+ claims: \d+ upheld, \d+ refuted, \d+ unverified/);
    expect(await texts(panel, '.census')).toContain('without a verdict');
    await panel.close();
  });
});

describe('an agent', () => {
  it('offers what its state allows, on its card and in its details', async () => {
    await withRun(async (panel) => {
      const offered = async (id: number) =>
        (await cardOf(panel, id)
          .locator('.card-actions button')
          .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')))) as string[];
      expect(await offered(SAMPLE_CALLS.scan)).toEqual([
        'Message… scan · api',
        'Retry scan · api',
        'Skip… scan · api',
        'Stop scan · api',
      ]);
      expect(await offered(SAMPLE_CALLS.failed)).toEqual(['Retry scan · cli']);
      expect(await offered(11)).toEqual(['Skip… scan · db', 'Stop scan · db']);
      await panel.page.locator('.card.agent', { hasText: 'list source files' }).click();
      expect(await panel.page.locator('.side-actions').count()).toBe(0);
      await cardOf(panel, SAMPLE_CALLS.scan).locator('.card-main').click();
      for (const name of ['Message…', 'Retry', 'Skip…', 'Stop'])
        await panel.page.locator('.side').getByRole('button', { name, exact: true }).click();
      const call = on(SAMPLE_CALLS.scan);
      expect(await steered(panel)).toEqual(
        ['message', 'retry', 'skip', 'stop'].map((action) => ({ method: 'act-on-agent', action, on: call })),
      );
    });
  });

  it('is reached by Tab, and acted on by Enter and Space, which select nothing', async () => {
    await withRun(async (panel) => {
      const { keyboard } = panel.page;
      const card = cardOf(panel, SAMPLE_CALLS.scan);
      await card.locator('.card-main').focus();
      await keyboard.press('Tab');
      await expect.poll(() => card.locator('.card-actions').evaluate((at) => getComputedStyle(at).opacity)).toBe('1');
      await keyboard.press('Enter');
      await idle(panel);
      await keyboard.press('Tab');
      await keyboard.press('Space');
      expect(await steered(panel)).toEqual([
        { method: 'act-on-agent', action: 'message', on: on(SAMPLE_CALLS.scan) },
        { method: 'act-on-agent', action: 'retry', on: on(SAMPLE_CALLS.scan) },
      ]);
      expect(await panel.page.locator('.side').count()).toBe(0);
    });
  });

  it('offers nothing where nobody drives the run', async () => {
    await withRun(
      async (panel) => {
        await panel.page.locator('.card.agent', { hasText: 'scan · cli' }).click();
        await panel.page.locator('.side .cause').waitFor();
        expect(await panel.page.locator('.card-actions, .side-actions').count()).toBe(0);
      },
      { interrupted: true },
    );
  });
});

describe('the native menus', () => {
  /** What VS Code gathers for an element: the contexts around it, the innermost last. */
  const contextOf = (panel: Panel, selector: string) =>
    panel.page
      .locator(selector)
      .first()
      .evaluate((element) => {
        const found: object[] = [];
        for (let at: Element | null = element; at; at = at.parentElement) {
          const context = at.getAttribute('data-vscode-context');
          if (context) found.unshift(JSON.parse(context) as object);
        }
        return Object.assign({}, ...found) as Record<string, unknown>;
      });

  it('know the agent under the pointer, on a card, a square and a row, and else the run', async () => {
    await withRun(async (panel) => {
      const agent = {
        webviewSection: 'agent',
        runId: 'ask-1',
        callId: SAMPLE_CALLS.scan,
        callKey: `k${SAMPLE_CALLS.scan}`,
        agentState: 'working',
        leftChanges: false,
        preventDefaultContextMenuItems: true,
      };
      const run = { webviewSection: 'run', runId: 'ask-1', preventDefaultContextMenuItems: true };
      expect(await contextOf(panel, `[data-id="call:${SAMPLE_CALLS.scan}"] .card-title`)).toEqual(agent);
      expect(await contextOf(panel, '.react-flow__pane')).toEqual(run);
      expect(await contextOf(panel, '.top-bar .facts')).toEqual(run);
      const squares = '[data-id="group:3"] .squares';
      expect(await contextOf(panel, squares)).toEqual(run);
      await panel.page.locator(squares).focus();
      expect(await contextOf(panel, squares)).toEqual(agent);
      await panel.page.keyboard.press('ArrowRight');
      expect(await contextOf(panel, squares)).toMatchObject({ callId: SAMPLE_CALLS.failed, agentState: 'failed' });
      await panel.page.locator(squares).hover({ position: { x: 3, y: 3 }, force: true });
      expect(await contextOf(panel, squares)).toEqual(agent);
      await panel.page.getByRole('button', { name: 'Comment…' }).click();
      expect(await contextOf(panel, '.checkpoint textarea')).toMatchObject({ preventDefaultContextMenuItems: false });
      await panel.page.getByRole('button', { name: 'List', exact: true }).click();
      expect(await contextOf(panel, `#row-${SAMPLE_CALLS.scan} span`)).toEqual(agent);
    });
  });
});

describe('what else a script asks for', () => {
  it('is a card a tool call, with its error, and its input and output at the side', async () => {
    await withRun(async (panel) => {
      const cards = await panel.page.locator('.tool-card').allTextContents();
      expect(cards.map((text) => text.replace(/\d+ s/, ''))).toEqual([
        'donetoolgrep',
        'failedtoolread_fileThere is no file src/missing.ts.',
      ]);
      await cardOf(panel, SAMPLE_CALLS.tool).click();
      await panel.page.locator('.side').getByText('"pattern": "TODO"').waitFor();
      expect(await sideText(panel)).toContain('src/a.ts:3: TODO');
      await cardOf(panel, SAMPLE_CALLS.failedTool).click();
      expect(await sideText(panel, '.side .cause')).toContain('There is no file src/missing.ts.');
    });
  });

  it('is a judgement with a bar a candidate, the winner marked, a mark a judge', async () => {
    await withRun(async (panel) => {
      const judge = panel.page.locator('[data-id="group:1"]');
      const rows = await judge.locator('.score').evaluateAll((scores) =>
        scores.map((score) => ({
          text: score.textContent,
          won: score.classList.contains('won') && score.querySelector('.codicon-star-full') !== null,
          width: (score.querySelector('.score-bar') as HTMLElement).style.width,
        })),
      );
      expect(rows).toEqual([
        { text: 'small steps8.5 of 10, the winner', won: true, width: '85%' },
        { text: 'one large change3.3 of 10', won: false, width: '32.5%' },
        { text: 'only report6.0 of 10', won: false, width: '60%' },
      ]);
      const marks = await judge
        .locator('.mark')
        .evaluateAll((all) => all.map((mark) => mark.getAttribute('aria-label')));
      expect(marks).toEqual(['judge 1: done', 'judge 2: done', 'judge 3: failed, no vote']);
      await judge.locator('.mark').first().click();
      expect(await sideText(panel, '.side-who')).toContain('judge 1 of 3');
      await panel.page.getByRole('button', { name: 'Show the judgement' }).click();
      expect(await sideText(panel)).toContain('small steps wins');
    });
  });

  it('is a frame around what a called script does', async () => {
    await withRun(
      async (panel) => {
        const frame = await panel.page.locator('[data-id="frame:Decide:2"]').boundingBox();
        for (const id of ['group:3', 'group:4', `call:${SAMPLE_CALLS.timedOut}`, `call:${SAMPLE_CALLS.scan}`]) {
          const inside = (await panel.page.locator(`[data-id="${id}"]`).boundingBox())!;
          expect(inside.x).toBeGreaterThan(frame!.x);
          expect(inside.y + inside.height).toBeLessThan(frame!.y + frame!.height);
          expect(inside.x + inside.width).toBeLessThan(frame!.x + frame!.width);
        }
        expect(await texts(panel, '[data-id="frame:Decide:2"]')).toContain('deep-scan1 of 3');
        await panel.page.getByRole('button', { name: /deep-scan/ }).hover();
        const onTop = await cardOf(panel, SAMPLE_CALLS.scan).evaluate((card) => {
          const { x, y } = card.getBoundingClientRect();
          return card.contains(document.elementFromPoint(x + 40, y + 10));
        });
        expect(onTop).toBe(true);
      },
      { height: 1200 },
    );
  });
});
