import { describe, expect, it } from 'vitest';
import type { RequestMessage } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel, sideText } from '../support/panel-test.ts';
import {
  type QuestionOptions,
  questionDetails,
  questionRun,
  SAMPLE_CALLS,
  SAMPLE_FORM,
} from '../support/sample-questions.ts';

const ON = { call: SAMPLE_CALLS.question, key: `k${SAMPLE_CALLS.question}` };

/** Opens the run that asks, and expects that the page met no error and no refusal of its policy. */
async function withQuestion(
  asks: QuestionOptions,
  body: (panel: Panel, events: RunEvent[]) => Promise<void>,
  options: PanelOptions & { interrupted?: boolean } = {},
): Promise<void> {
  const run = questionRun(asks);
  const panel = await openPanel({ now: run.now, details: questionDetails(run.events), ...options });
  try {
    await panel.send(eventsMessage(run.events, options.interrupted));
    await body(panel, run.events);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

function eventsMessage(events: RunEvent[], interrupted = false) {
  return { type: 'events' as const, runId: 'ask-1', events, more: false, interrupted };
}

async function answers(panel: Panel) {
  const sent = await panel.sent();
  return sent
    .filter((message): message is RequestMessage => message.type === 'request')
    .flatMap(({ request }) => (request.method === 'answer' ? [request] : []));
}

const card = (panel: Panel) => panel.page.locator(`[data-id="call:${SAMPLE_CALLS.question}"] .checkpoint`);
const button = (panel: Panel, name: string) => card(panel).getByRole('button', { name, exact: true });

describe('an open checkpoint', () => {
  it('is amber, with its question, its choices, since when it waits and when its default takes over', async () => {
    const timeoutAt = questionRun().now + 5 * 60_000;
    await withQuestion({ asks: { timeoutAt } }, async (panel) => {
      const text = await card(panel).textContent();
      for (const words of ['asks', '19 confirmed so far.', 'Each fix is tried', 'waits 2 m', 'In 5 m 00 s its default'])
        expect(text).toContain(words);
      const border = await card(panel).evaluate((element) => getComputedStyle(element).borderTopColor);
      expect(border).toBe('rgb(204, 167, 0)');
      expect(await button(panel, 'Fix').getAttribute('class')).toContain('primary');
      expect(await button(panel, 'Report only').getAttribute('class')).not.toContain('primary');
    });
  });

  it('is answered by a choice alone', async () => {
    await withQuestion({}, async (panel) => {
      await button(panel, 'Report only').click();
      await card(panel).getByText('“Report only” is on its way.').waitFor();
      expect(await answers(panel)).toEqual([{ method: 'answer', on: ON, answer: { choice: 'Report only' } }]);
    });
  });

  it('is answered with a comment, and without it where that was taken back', async () => {
    await withQuestion({}, async (panel) => {
      await button(panel, 'Comment…').click();
      await panel.page.keyboard.type('  Only those in src.\nAnd soon. ');
      await button(panel, 'Fix').click();
      await card(panel).getByRole('button', { name: 'Answer again' }).click();
      await button(panel, 'No comment').click();
      await button(panel, 'Fix').click();
      expect((await answers(panel)).map(({ answer }) => answer)).toEqual([
        { choice: 'Fix', comment: 'Only those in src.\nAnd soon.' },
        { choice: 'Fix' },
      ]);
    });
  });

  it('refuses bad values with words beside the field, and sends good ones by their types', async () => {
    await withQuestion({ asks: { schema: SAMPLE_FORM } }, async (panel) => {
      await card(panel).getByLabel('At most').fill('99');
      await button(panel, 'Fix').click();
      expect(await card(panel).getByRole('alert').textContent()).toBe('Not sent: 3 values are not right yet.');
      const branch = card(panel).getByLabel('Branch');
      expect(await branch.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await describedBy(panel, 'Branch')).toBe('Where the fixes go This has to be filled in.');
      expect(await describedBy(panel, 'At most')).toBe('At most 50.');
      expect(await answers(panel)).toEqual([]);
      await branch.fill('fixes');
      await card(panel).getByLabel('At most').fill('7');
      await card(panel).getByLabel('How').selectOption('worktree');
      await card(panel).getByLabel('Run the tests').uncheck();
      expect(await card(panel).getByRole('alert').count()).toBe(0);
      await button(panel, 'Fix').click();
      const values = { branch: 'fixes', limit: 7, mode: 'worktree', tests: false };
      expect(await answers(panel)).toEqual([{ method: 'answer', on: ON, answer: { choice: 'Fix', values } }]);
    });
  });

  it('says why the host refused an answer, where it was given', async () => {
    await withQuestion(
      {},
      async (panel) => {
        await button(panel, 'Fix').click();
        expect(await card(panel).getByRole('alert').textContent()).toBe('It was answered in another window.');
        expect(await button(panel, 'Fix').isVisible()).toBe(true);
      },
      { refusal: 'It was answered in another window.' },
    );
  });

  it('can be answered in the side, which shows the same draft', async () => {
    await withQuestion({ asks: { schema: SAMPLE_FORM } }, async (panel) => {
      await card(panel).getByLabel('Branch').fill('fixes');
      await card(panel).getByText('19 confirmed').click();
      const side = panel.page.locator('.side');
      expect(await side.getByLabel('Branch').inputValue()).toBe('fixes');
      await side.getByLabel('How').selectOption('in place');
      await side.getByRole('button', { name: 'Report only', exact: true }).click();
      const values = { branch: 'fixes', limit: 10, mode: 'in place', tests: true };
      expect((await answers(panel))[0]?.answer).toEqual({ choice: 'Report only', values });
    });
  });

  it('keeps what was typed while the panel is hidden', async () => {
    await withQuestion(
      { asks: { schema: SAMPLE_FORM } },
      async (panel) => {
        expect(await card(panel).getByLabel('Branch').inputValue()).toBe('half a na');
        expect(await card(panel).getByLabel('Comment').inputValue()).toBe('not yet');
        await card(panel).getByLabel('Branch').fill('half a name');
        expect(await panel.savedState()).toMatchObject({ drafts: { [ON.key]: { fields: { branch: 'half a name' } } } });
      },
      {
        state: {
          runId: 'ask-1',
          drafts: { [ON.key]: { comment: 'not yet', fields: { branch: 'half a na' }, sent: null } },
        },
      },
    );
  });

  it('can be answered where nobody drives the run', async () => {
    await withQuestion(
      {},
      async (panel) => {
        await button(panel, 'Fix').click();
        await card(panel).getByText('“Fix” is kept until the run is resumed.').waitFor();
        expect(await answers(panel)).toHaveLength(1);
      },
      { interrupted: true },
    );
  });

  it('is answered by the keyboard alone', async () => {
    await withQuestion(
      { asks: { schema: { type: 'object', properties: { a: { type: 'string', title: 'Area' } } } } },
      async (panel) => {
        const { keyboard } = panel.page;
        await panel.page.getByRole('button', { name: '1 question' }).first().focus();
        await keyboard.press('Enter');
        const focused = () =>
          panel.page.evaluate(() => document.activeElement?.closest('[data-id]')?.getAttribute('data-id'));
        await expect.poll(focused).toBe(`call:${SAMPLE_CALLS.question}`);
        await keyboard.press('Tab');
        await keyboard.type('web');
        for (let presses = 0; presses < 3; presses++) await keyboard.press('Tab');
        await keyboard.press('Space');
        await keyboard.type('Two words');
        await keyboard.press('Tab');
        await keyboard.press('Space');
        await expect
          .poll(() => answers(panel))
          .toEqual([
            { method: 'answer', on: ON, answer: { choice: 'Fix', comment: 'Two words', values: { a: 'web' } } },
          ]);
      },
    );
  });

  it('is brought into view from another view and from far away', async () => {
    await withQuestion(
      {},
      async (panel) => {
        await panel.page.getByRole('button', { name: 'List', exact: true }).click();
        await panel.page.getByRole('button', { name: '1 question' }).click();
        await expect
          .poll(async () => {
            const box = await card(panel).boundingBox();
            return box !== null && box.x >= 0 && box.x + box.width <= 700 && box.y >= 0 && box.y < 600;
          })
          .toBe(true);
      },
      { width: 700, height: 600, state: { runId: 'ask-1', viewport: { x: -4000, y: 900, zoom: 0.5 } } },
    );
  });
});

async function describedBy(panel: Panel, label: string): Promise<string> {
  const texts = await card(panel)
    .getByLabel(label)
    .evaluate((element) =>
      (element.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent),
    );
  return texts.map((text) => text?.trim()).join(' ');
}

describe('an answered checkpoint', () => {
  it('says what was answered and by whom, and asks no more', async () => {
    await withQuestion({ answered: true }, async (panel) => {
      expect(await card(panel).textContent()).toContain('Report only its time ran out, so its default was taken');
      expect(await panel.page.locator('.choices').count()).toBe(0);
      expect(await panel.page.getByRole('button', { name: /question/ }).count()).toBe(0);
      const other = panel.page.locator(`[data-id="call:${SAMPLE_CALLS.answered}"]`);
      expect(await other.textContent()).toContain('No answered by a person“They are slow.”');
      await other.getByText('Search the tests').click();
      const side = await sideText(panel);
      for (const words of ['Search the tests, too?', 'answered by a person', 'They are slow.', 'Yes'])
        expect(side).toContain(words);
    });
  });
});

describe('hostile text in a checkpoint', () => {
  const EVIL =
    '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202eevil\u0000 [x](javascript:window.pwned=1) ';

  it('is text and nothing else, and breaks no layout', async () => {
    const long = EVIL + 'W'.repeat(1500);
    const schema = {
      type: 'object',
      properties: { [EVIL]: { type: 'string', title: EVIL, description: long }, b: { enum: [EVIL, long] } },
    };
    const asks = {
      question: long,
      detail: `${EVIL}\n\n<b>raw</b> ![x](https://example.invalid/x.png)`,
      choices: [EVIL, long],
      schema,
    };
    await withQuestion({ asks }, async (panel) => {
      await card(panel).locator('.checkpoint-head').click();
      await panel.page.locator('.side .markdown').waitFor();
      expect(await panel.page.evaluate('window.pwned')).toBeUndefined();
      expect(
        await panel.page.locator('#root img, #root script, #root a, #root iframe, #root b:text-is("raw")').count(),
      ).toBe(0);
      for (const part of ['.checkpoint-question', '.checkpoint-detail', '.form-label', '.form-hint', '.choice']) {
        const words = await card(panel).locator(part).first().textContent();
        expect([part, words]).toEqual([part, expect.stringContaining('<img src=x onerror')]);
        expect([part, words]).toEqual([part, expect.stringContaining('[U+202E]')]);
      }
      const widths = await card(panel).evaluate((element) => [element.scrollWidth, element.clientWidth]);
      expect(widths[0]).toBe(widths[1]);
      await card(panel).locator('.choice').first().click();
      expect((await answers(panel))[0]?.answer.choice).toBe(EVIL);
    });
  });
});
