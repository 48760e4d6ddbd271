import { describe, expect, it } from 'vitest';
import type { EventsMessage } from '../../extension/protocol/panel-messages.ts';
import { ADDED_PHASE, FIRST_ADDED_CALL, type RunEventBody } from '../../extension/protocol/run-events.ts';
import { foldRun } from '../../extension/protocol/run-tree.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { questionRun } from '../support/sample-questions.ts';
import { type SampleRun, sampleRun } from '../support/sample-run.ts';

const messageOf = (events: EventsMessage['events']): EventsMessage => ({
  type: 'events',
  runId: 'run-1',
  events,
  more: false,
  interrupted: false,
});

async function withRun(run: SampleRun, options: PanelOptions, body: (panel: Panel) => Promise<void>): Promise<void> {
  const panel = await openPanel({ now: run.now, ...options });
  try {
    await panel.send(messageOf([...run.events, ...run.progress]));
    await body(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

const at = (zoom: number) => ({ state: { runId: 'run-1', viewport: { x: 40, y: 90, zoom } } });
const viewportOf = async (panel: Panel) => {
  const transform = await panel.page.locator('.react-flow__viewport').evaluate((element) => element.style.transform);
  const [x = 0, y = 0, zoom = 0] = (transform.match(/-?[\d.]+(?=px|\))/g) ?? []).map(Number);
  return { x, y, zoom };
};
const seen = (panel: Panel, selector: string) =>
  panel.page
    .locator(selector)
    .evaluateAll((all) => all.filter((each) => getComputedStyle(each).visibility === 'visible').length);
/** Height on the screen of the type in an element, in pixels. */
const typeSize = (panel: Panel, selector: string) =>
  panel.page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const drawn = element.getBoundingClientRect().height / (element as HTMLElement).offsetHeight;
      return Number.parseFloat(getComputedStyle(element).fontSize) * drawn;
    });

describe('how near one looks', () => {
  const run = sampleRun({ agents: 350, state: 'running' });

  it('far away shows phases, bars and squares, and type that can be read', async () => {
    await withRun(run, at(0.2), async (panel) => {
      expect(await seen(panel, '.phase-title')).toBe(4);
      expect(await typeSize(panel, '.phase-title')).toBeGreaterThan(12);
      expect(await seen(panel, '.phase-head .state-bar')).toBe(4);
      expect(await seen(panel, '.squares canvas')).toBeGreaterThan(1);
      expect([
        await seen(panel, '.card-title'),
        await seen(panel, '.card-doing'),
        await seen(panel, '.panel-head b'),
      ]).toEqual([0, 0, 0]);
      // Never colour alone.
      expect(await seen(panel, '.card .state-icon')).toBeGreaterThan(4);
    });
  });

  it('near shows labels, and from close by what a small group does, on its squares', async () => {
    const words = (panel: Panel) => panel.page.evaluate('window.drawnWords.splice(0)') as Promise<string[]>;
    const setup = `window.drawnWords = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { drawnWords.push(text); return fillText.call(this, text, ...rest); };`;
    const small = groupOf(12);
    await withRun(small, { ...at(1), setup }, async (panel) => {
      const near = await words(panel);
      expect([near.includes('look at 3'), near.includes('reading file 3')]).toEqual([true, false]);
    });
    await withRun(small, { ...at(1.5), setup }, async (panel) => {
      // It is drawn once more when it has come to rest, as sharp as the screen is.
      const canvas = panel.page.locator('.squares canvas').first();
      const sharpness = () => canvas.evaluate((each: HTMLCanvasElement) => each.width / each.offsetWidth);
      await expect.poll(sharpness).toBeCloseTo(1.5, 1);
      const close = await words(panel);
      expect([close.includes('look at 3'), close.includes('reading file 3')]).toEqual([true, true]);
      // Only what has changed is drawn again.
      await panel.send(messageOf([{ ...small.progress[2]!, doing: 'grep eval' }]));
      await panel.page.waitForFunction(() => (globalThis as unknown as { drawnWords: string[] }).drawnWords.length > 0);
      expect((await words(panel)).sort()).toEqual(['grep eval', 'look at 3']);
    });
    await withRun(small, { ...at(0.3), setup }, async (panel) => expect(await words(panel)).toEqual([]));
  });
});

describe('the squares', () => {
  it('take the colours of a theme that comes later', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), at(1), async (panel) => {
      const colour = () =>
        panel.page
          .locator('.squares canvas')
          .first()
          .evaluate((canvas: HTMLCanvasElement) => {
            const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
            copy.drawImage(canvas, 0, 0);
            return [...copy.getImageData(4, 4, 1, 1).data.slice(0, 3)].join();
          });
      const before = await colour();
      await panel.page.evaluate(() => document.documentElement.style.setProperty('--vscode-charts-green', '#123456'));
      await expect.poll(colour).toBe('18,52,86');
      expect(before).not.toBe('18,52,86');
    });
  });
});

describe('forced colours', () => {
  it('leave the ground of a drawing that of the page around it', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), at(1), async ({ page }) => {
      await page.emulateMedia({ forcedColors: 'active', colorScheme: 'light' });
      await page.getByRole('button', { name: 'Timeline', exact: true }).click();
      const around = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const ground = () =>
        page.locator('.timeline-chart canvas').evaluate((canvas: HTMLCanvasElement) => {
          const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
          copy.drawImage(canvas, 0, 0);
          return `rgb(${[...copy.getImageData(1, 1, 1, 1).data.slice(0, 3)].join(', ')})`;
        });
      await expect.poll(ground).toBe(around);
    });
  });
});

describe('the squares of a group', () => {
  /** How much of a square can be seen through, 255 for nothing; for each of them, from the middle of the canvas. */
  const opacities = ({ page }: Panel) =>
    page
      .locator('.squares canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
        copy.drawImage(canvas, 0, 0);
        return [0, 1, 2].map((column) => copy.getImageData(column * 10 + 1, 3, 1, 1).data[3] ?? 0);
      });

  it('dim and light up again with the selection and the search alone, though nothing happened in the run', async () => {
    await withRun(sampleRun({ agents: 350, state: 'finished' }), at(1), async (panel) => {
      const { page } = panel;
      expect(await opacities(panel)).toEqual([255, 255, 255]);
      await page
        .locator('.squares')
        .first()
        .click({ position: { x: 14, y: 4 } });
      await expect.poll(() => opacities(panel)).toEqual([77, 255, 77]);
      await page
        .locator('.squares')
        .first()
        .click({ position: { x: 24, y: 4 } });
      await expect.poll(() => opacities(panel)).toEqual([77, 77, 255]);
      await page.keyboard.press('Escape');
      await expect.poll(() => opacities(panel)).toEqual([255, 255, 255]);
      const label = (await page.locator('.squares [role="gridcell"]').first().textContent())!.split(' · done')[0]!;
      await page.getByRole('button', { name: 'Find and filter' }).click();
      await page.getByRole('textbox', { name: 'Find' }).fill(label);
      await expect.poll(async () => (await opacities(panel)).filter((each) => each === 255).length).toBe(1);
      await page.getByRole('textbox', { name: 'Find' }).fill('');
      await expect.poll(() => opacities(panel)).toEqual([255, 255, 255]);
    });
  });
});

describe('what is wanted is brought into view', () => {
  const run = sampleRun({ agents: 1000, state: 'finished' });
  const find = async (panel: Panel, id: number) => {
    const key = run.events.find((event) => event.type === 'call.issued' && event.call.id === id);
    const on = { call: id, key: key?.type === 'call.issued' ? key.call.key : '' };
    await panel.page.evaluate((data) => window.postMessage(data, '*'), {
      type: 'command',
      command: { name: 'reveal', on },
    });
  };
  /** The middle of the ring around what is selected, on the screen. */
  const ringOf = async (panel: Panel) => {
    const box = await panel.page.locator('.square-ring.selected').first().boundingBox();
    return box && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };

  it('also where it is one square of a group', async () => {
    await withRun(run, { state: { runId: 'run-1', viewport: { x: -4000, y: -3000, zoom: 1 } } }, async (panel) => {
      await find(panel, 200);
      await expect.poll(() => ringOf(panel)).not.toBeNull();
      await expect
        .poll(async () => {
          const ring = await ringOf(panel);
          return ring !== null && ring.x > 0 && ring.x < 1000 && ring.y > 40 && ring.y < 800;
        })
        .toBe(true);
      expect((await viewportOf(panel)).x).toBeGreaterThan(-2000);
    });
  });

  it.each([1400, 700])('in what the details leave of the picture, at %i pixels', async (width) => {
    const sweep = sampleRun({ agents: 40, state: 'running' });
    await withRun(sweep, { width, height: 700, ...at(1) }, async (panel) => {
      const { page } = panel;
      const edges = await page.locator('.flow-edge').count();
      await panel.send(messageOf(addedTo(sweep)));
      // It comes after no phase of the script.
      expect(await page.locator('.flow-edge').count()).toBe(edges);
      const card = page.locator(`[data-id="call:${FIRST_ADDED_CALL}"]`);
      const { x, y } = (await card.boundingBox())!;
      await page.mouse.move(200, 300);
      // It is in sight, where the details will lie; React Flow goes half as far as a wheel.
      await page.mouse.wheel(2 * (x + 200 - width), 2 * (y - 450));
      await expect.poll(async () => Math.round((await card.boundingBox())!.y)).toBe(450);
      const on = { call: FIRST_ADDED_CALL, key: 'added' };
      await panel.send({ type: 'command', command: { name: 'reveal', on } });
      await page.locator('.side h2', { hasText: 'look at the token' }).waitFor();
      const picture = page.locator('.tree');
      const isSeen = async () => isInside(await card.boundingBox(), await picture.boundingBox());
      await expect.poll(isSeen).toBe(true);
      // It stays there when the window gets smaller.
      await page.setViewportSize({ width: width / 2, height: 560 });
      await expect.poll(isSeen).toBe(true);
    });
  });

  it('and is ringed where the keys come to it', async () => {
    await withRun(run, at(1), async (panel) => {
      await panel.page.getByRole('tree').locator('[tabindex="0"]').focus();
      for (const key of ['ArrowRight', 'ArrowDown']) await panel.page.keyboard.press(key);
      await panel.page.locator('.react-flow__node.at-cursor .phase-head').waitFor();
    });
  });
});

describe('what a card has no room for', () => {
  it('is said in full where the pointer rests: the reason of a failure, and when a question was asked', async () => {
    const run = sampleRun({ agents: 350, state: 'finished' });
    const reason = `The provider refused it${', and said why at length'.repeat(12)}, the end.`;
    const events = structuredClone(run.events);
    for (const event of events)
      if (event.type === 'call.settled' && event.settled.cause) event.settled.cause.message = reason;
    await withRun({ ...run, events }, at(1), async ({ page }) => {
      const doing = page.locator('.card.agent.is-failed .card-doing').first();
      expect(await doing.getAttribute('title')).toBe(reason);
      expect((await doing.textContent())!.length).toBeLessThan(reason.length);
    });
    const asking = questionRun();
    await withRun({ ...asking, progress: [], interrupted: false }, at(1), async ({ page }) => {
      const waits = page.locator('.checkpoint.is-asks .card-fact').first();
      expect(await waits.getAttribute('title')).toMatch(/^Asked \w+, \d+ \w+ \d{4}/);
    });
  });
});

describe('the keys are seen', () => {
  const running = sampleRun({ agents: 350, state: 'running' });
  const claim = [...foldRun(structuredClone(running.events)).groups.values()].find(
    ({ info, children }) => info.kind === 'challenge' && children.length > 0,
  )!;
  const [challenger] = claim.children;

  it('at a challenger, on its mark and on the card of its claim', async () => {
    const selected = { type: 'call', id: challenger!.id };
    await withRun(running, { state: { ...at(1).state, selected } }, async ({ page }) => {
      await page.keyboard.press('Escape');
      await page.getByRole('tree').locator('[tabindex="0"]').focus();
      const card = page.locator('.react-flow__node.at-cursor');
      await card.locator('.mark.walked').waitFor();
      expect(await card.getAttribute('data-id')).toBe(`group:${claim.info.id}`);
      expect(await card.locator('.mark.walked').getAttribute('data-call')).toBe(String(challenger!.id));
    });
  });

  it('from far away, as wide as from near', async () => {
    await withRun(running, at(0.25), async ({ page }) => {
      await page.getByRole('tree').locator('[tabindex="0"]').focus();
      for (const key of ['ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
      const ring = await page
        .locator('.react-flow__node.at-cursor')
        .evaluate((node) => Number.parseFloat(getComputedStyle(node).outlineWidth));
      expect(ring * 0.25).toBeCloseTo(2, 1);
    });
  });
});

describe('following', () => {
  it('keeps what is at work in view, says so, and lets go when the person pans', async () => {
    const run = sampleRun({ agents: 350, state: 'running' });
    await withRun(run, { width: 700, height: 500 }, async (panel) => {
      const button = panel.page.getByRole('button', { name: 'Follow what is at work' });
      expect(await button.getAttribute('aria-pressed')).toBe('true');
      expect(await button.innerText()).toContain('Following');
      await panel.page.locator('.claim.is-working').first().waitFor();
      const working = await panel.page.locator('.claim.is-working').first().boundingBox();
      expect(working!.x).toBeGreaterThan(-1);
      expect(working!.x + working!.width).toBeLessThan(701);
      await panel.page.mouse.move(300, 300);
      await panel.page.mouse.wheel(40, 60);
      await expect.poll(() => button.getAttribute('aria-pressed')).toBe('false');
      expect(await button.innerText()).not.toContain('Following');
      const left = await viewportOf(panel);
      await panel.send(messageOf([]));
      expect(await viewportOf(panel)).toEqual(left);
      await button.click();
      expect(await button.getAttribute('aria-pressed')).toBe('true');
    });
  });
});

interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

function isInside(inner: Rect | null, outer: Rect | null): boolean {
  if (!inner || !outer || inner.x < outer.x || inner.y < outer.y) return false;
  return inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
}

/** What is told of an agent that a person adds to a run. */
function addedTo({ events, now }: SampleRun): EventsMessage['events'] {
  const place = { phase: ADDED_PHASE, group: null, slot: [], model: '', at: null, added: true } as const;
  const call = {
    ...place,
    id: FIRST_ADDED_CALL,
    key: 'added',
    kind: 'agent',
    role: 'agent',
    label: 'look at the token',
  };
  const bodies = [
    { type: 'call.issued', call },
    { type: 'call.started', id: call.id },
  ] as RunEventBody[];
  return bodies.map((body, index) => ({ ...body, seq: events.length + 1 + index, at: now }));
}

/** A `parallel` of so many agents, all at work. */
function groupOf(size: number): SampleRun {
  const place = { phase: 'Find', label: 'looking', detail: '', stages: 0, labels: [] };
  const bodies: RunEventBody[] = [
    ...sampleRun({ agents: 10, state: 'running' }).events.slice(0, 2),
    { type: 'group.opened', group: { ...place, id: 1, kind: 'parallel', parent: null, slot: [], size } },
  ];
  const ids = Array.from({ length: size }, (_, index) => index + 1);
  for (const id of ids) {
    const info = { phase: 'Find', group: 1, slot: [id - 1], model: '', at: null };
    const call = { ...info, id, key: `k${id}`, kind: 'agent', role: 'agent', label: `look at ${id}` } as const;
    bodies.push({ type: 'call.issued', call }, { type: 'call.started', id });
  }
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
  return {
    events: bodies.map((body, index) => ({ ...body, seq: index + 1, at: 1000 })),
    progress: ids.map((id) => ({ type: 'call.progress', id, at: 2000, doing: `reading file ${id}`, usage })),
    interrupted: false,
    now: 3000,
  };
}
