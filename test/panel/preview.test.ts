import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallDetails } from '../../extension/protocol/call-details.ts';
import type { PanelRequest, PreviewMessage } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { expectHarmless } from '../support/harmless.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import {
  ASKED,
  DIGEST,
  picturePlan,
  previewMessage,
  range,
  samplePreview,
  sweepPlan,
} from '../support/sample-preview.ts';
import { HOSTILE } from '../support/sample-texts.ts';
import { THEME_NAMES } from '../support/themes.ts';

/** Milliseconds: axe looks at everything, and the machine may have other work. */
const PATIENCE = 120_000;
const PROBLEM = { name: 'SyntaxError', message: 'Unexpected token', line: 14, column: 3 };
const FAILS = { name: 'TypeError', message: 'Cannot read “map”', line: 41, column: 9 };

interface Setting extends PanelOptions {
  message?: Partial<PreviewMessage>;
  events?: RunEvent[];
}

/** What the host knows of every call. */
function detailsOf(events: RunEvent[], prompt = 'Refute this claim if you can.'): Record<string, CallDetails> {
  const schema = { type: 'object', properties: { verdict: { enum: ['upheld', 'refuted'] } } };
  const options = { model: 'claude-haiku-4-5', effort: 'high' as const, schema };
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === 'call.issued'
        ? [[event.call.id, { id: event.call.id, prompt, options, transcript: [], scriptLine: 'await agent(prompt)' }]]
        : [],
    ),
  );
}

async function openPreview({ message, events = picturePlan(), ...options }: Setting): Promise<Panel> {
  const panel = await openPanel({ details: detailsOf(events), ...options });
  await panel.page.emulateMedia({ reducedMotion: 'reduce' });
  await panel.send(previewMessage(message));
  if (message?.preview !== null) await sendEvents(panel, events);
  return panel;
}

async function withPreview(setting: Setting, body: (panel: Panel) => Promise<void>): Promise<void> {
  const panel = await openPreview(setting);
  try {
    await body(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

/** One panel for all tests of a block; each begins with the sample, nothing selected and nothing sent. */
function sharedPreview(setting: Setting = {}): () => Panel {
  let panel: Panel;
  beforeAll(async () => {
    panel = await openPreview(setting);
  }, PATIENCE);
  afterAll(() => panel.close());
  beforeEach(async () => {
    await panel.send(previewMessage());
    await panel.page.locator('.preview-pill', { hasText: /^Preview$/ }).waitFor();
    await panel.page.mouse.move(5, 500);
    await panel.page.evaluate('document.activeElement.blur(); hostSide.sent.length = 0; hostSide.refusal = null');
  });
  afterEach(() => expect(panel.problems).toEqual([]));
  return () => panel;
}

async function sendEvents(panel: Panel, events: RunEvent[], runId = 'preview-1'): Promise<void> {
  await panel.send({ type: 'events', runId, events, more: false, interrupted: false });
  await panel.page.locator('.tree, .list, .notice').first().waitFor();
}

async function requests<M extends PanelRequest['method']>(panel: Panel, method: M) {
  const all = (await panel.sent()).flatMap((sent) => (sent.type === 'request' ? [sent.request] : []));
  return all.filter((request): request is Extract<PanelRequest, { method: M }> => request.method === method);
}

const button = (panel: Panel, name: string) => panel.page.locator('.ask').getByRole('button', { name, exact: true });

/** What a part of the panel says, on one line. */
async function text(panel: Panel, selector: string): Promise<string> {
  return (await panel.page.locator(selector).first().innerText()).replace(/\s+/g, ' ').trim();
}

/** The view draws at the next frame, and after a costly one a little later. */
const says = (panel: Panel, selector: string) => expect.poll(() => text(panel, selector));

async function selectFirst(panel: Panel): Promise<void> {
  await panel.page.getByRole('button', { name: 'list source files' }).click();
  await panel.page.locator('.side .block').first().waitFor();
}

describe('what a script would do', () => {
  const shared = sharedPreview();

  it('is told by the bar: that it is a preview, and how much of everything', async () => {
    const panel = shared();
    const bar = await text(panel, '.top-bar');
    expect(bar).toContain('security-review Preview about 486 agents 220 to 900 about 1.84 M tokens');
    expect(bar).toContain('about $2.31 $1.10 to $6.40 about 6 m claude-opus-5-5');
    const views = panel.page.getByRole('toolbar', { name: 'Views of the run' }).getByRole('button');
    expect(await views.allInnerTexts()).toEqual(['Tree', 'List']);
    expect(await panel.page.getByRole('button', { name: /Pause|Stop|Resume|More actions/ }).count()).toBe(0);
  });

  it('is drawn as the tree it would make, nothing of which has happened', async () => {
    const panel = shared();
    expect(await text(panel, '.legend')).toBe('planned 586');
    const picture = await text(panel, '.tree');
    expect(picture).toContain('17 claims hold so far. Another round of finders, or report now?');
    expect(picture).toContain('Another round · Report now');
    expect(picture).not.toMatch(/waiting|waits for|not finished|not begun|0 ms|0 of/);
    expect(await panel.page.locator('.checkpoint .choice').count()).toBe(0);
    await panel.page.getByRole('button', { name: 'List', exact: true }).click();
    expect(await text(panel, '.table-head')).toBe('State Agent Phase Model');
    await panel.page.getByRole('button', { name: 'Tree', exact: true }).click();
  });

  it('is summed up beside it: figures, advice, tools and questions, phases, models', async () => {
    const panel = shared();
    await panel.send(previewMessage({ preview: samplePreview({ capped: 'maxAgents' }) }));
    await says(panel, '.summary').toContain('came to its cap of agents');
    const summary = await text(panel, '.summary');
    for (const words of [
      'Estimated by: 214 agents of this machine’s earlier runs.',
      'Takes an answer for granted line 41',
      'It runs programs, reaches the network and changes files. It asks a person 1 question.',
      'run_command by its agents runs programs',
      'list_directory by the script reads',
      'Challenge 141 12 to 300',
      'claude-haiku-4-5 344 160 to 599',
    ])
      expect(summary).toContain(words);
    expect(await text(panel, '.tool-needs li')).toContain('run_command');
  });

  it('costs nothing with a provider that costs nothing, and an unknown sum where a model has no price', async () => {
    const panel = shared();
    await panel.send(previewMessage({ preview: samplePreview({ costUsd: range(0, 0, 0) }) }));
    await says(panel, '.facts').toContain('cost nothing');
    await panel.send(previewMessage({ preview: samplePreview({ costUsd: null }) }));
    await says(panel, '.facts').toContain('cost unknown');
    expect(await text(panel, '.figures')).toContain('a model has no price');
  });

  it('leads to the line that a piece of advice is about, and to the script', async () => {
    const panel = shared();
    await panel.page.locator('.advice').getByRole('button', { name: 'line 27' }).click();
    await panel.page.locator('.side-who').getByRole('button').click();
    expect(await requests(panel, 'open-script')).toEqual([
      { method: 'open-script', line: 27, column: 1 },
      { method: 'open-script', line: 1, column: 1 },
    ]);
  });

  it('shows prompt and options of what is selected, and the summary again once that is closed', async () => {
    const panel = shared();
    await selectFirst(panel);
    const side = await text(panel, '.side');
    expect(side).toContain('Refute this claim if you can.');
    expect(side).toContain('Model claude-haiku-4-5 Effort high');
    expect(side).toContain('"refuted"');
    expect(side).not.toMatch(/transcript|usage|waiting/i);
    expect(await button(panel, 'Run').count()).toBe(1);
    await panel.page.keyboard.press('Escape');
    await panel.page.locator('.summary').waitFor();
  });

  it('is heard as sentences, politely, once it has come to rest', async () => {
    const panel = shared();
    const heard = () => panel.page.locator('.unseen[role="status"]').first().textContent();
    await expect.poll(heard).toContain('Preview of security-review. About 486 agents, 220 to 900, in 5 phases.');
    await panel.send(previewMessage({ stale: true }));
    await panel.send(previewMessage({ preview: samplePreview({ agents: range(3, 9, 12) }) }));
    await expect.poll(heard).toContain('About 9 agents, 3 to 12');
    await panel.send(previewMessage({ preview: null, problem: PROBLEM }));
    await expect.poll(heard).toBe('There is no preview of the script as it is: Unexpected token');
  });

  it('is not replaced by a message that is none', async () => {
    const panel = shared();
    await panel.send(previewMessage({ preview: { ...samplePreview(), agents: 'many' as never } }));
    await expect
      .poll(() => panel.problems.splice(0))
      .toEqual(['Counterpoint: a message that is not understood was passed over.']);
    expect(await text(panel, '.facts')).toContain('about 486 agents');
  });
});

describe('while the script is edited', () => {
  /** Where things are on the screen. */
  const places = (panel: Panel) =>
    panel.page.evaluate(() =>
      ['.facts', '[data-id="call:1"]', '.react-flow__viewport', '.fold .panel-head', '.side h2', '.ask'].map(
        (selector) => {
          const { x, y } = document.querySelector(selector)!.getBoundingClientRect();
          return `${selector} ${x} ${y}`;
        },
      ),
    );

  it('nothing jumps: neither in the bar, nor in the picture, the selection, the details or the folds', async () => {
    const events = picturePlan();
    await withPreview({ events }, async (panel) => {
      await panel.page.locator('.fold .panel-head').click();
      await selectFirst(panel);
      await panel.page.mouse.move(300, 500);
      await panel.page.mouse.wheel(0, 60);
      await expect.poll(() => panel.savedState()).toMatchObject({ viewport: { zoom: expect.any(Number) } });
      const before = await places(panel);
      await panel.send(previewMessage({ stale: true }));
      await says(panel, '.preview-pill').toBe('Updating…');
      expect(await places(panel)).toEqual(before);
      await panel.send(previewMessage({ preview: null, problem: PROBLEM }));
      await panel.page.locator('.banner').waitFor();
      expect(await places(panel)).toEqual(before);
      await panel.send(previewMessage());
      await sendEvents(panel, withOneMore(events), 'preview-2');
      await says(panel, '.legend').toBe('planned 587');
      expect(await places(panel)).toEqual(before);
      expect(await text(panel, '.side h2')).toBe('list source files');
      expect(await text(panel, '.side')).toContain('Refute this claim if you can.');
      expect(await panel.page.locator('.fold .panel-head').getAttribute('aria-expanded')).toBe('true');
      expect(await panel.savedState()).toMatchObject({ runId: 'preview-2', selected: { type: 'call', id: 1 } });
    });
  });

  it('another preview replaces the picture when all of it is here, not part by part', async () => {
    await withPreview({ events: sweepPlan(24) }, async (panel) => {
      const large = sweepPlan(1000, 'preview-2');
      const half = large.length / 2;
      const part = { type: 'events' as const, runId: 'preview-2', interrupted: false };
      await panel.send({ ...part, events: large.slice(0, half), more: true });
      // Something else draws meanwhile.
      await selectFirst(panel);
      expect(await text(panel, '.legend')).toBe('planned 24');
      await panel.send({ ...part, events: large.slice(half), more: false });
      await says(panel, '.legend').toBe('planned 1000');
    });
  });

  it('a script that cannot be previewed says so, with the way there, over the last good picture', async () => {
    await withPreview({}, async (panel) => {
      await panel.send(previewMessage({ preview: null, problem: PROBLEM }));
      await says(panel, '.banner').toContain('SyntaxError: Unexpected token');
      expect(await text(panel, '.preview-pill')).toBe('No preview');
      const opacity = await panel.page.locator('.tree').evaluate((tree) => Number(getComputedStyle(tree).opacity));
      expect(opacity).toBeLessThan(0.6);
      await panel.page.locator('.banner').getByRole('button', { name: 'security-review.js:14:3' }).click();
      expect(await requests(panel, 'open-script')).toEqual([{ method: 'open-script', line: 14, column: 3 }]);
    });
  });

  it('says what is wrong where there never was a preview, and shows the first that comes', async () => {
    await withPreview({ message: { preview: null, stale: true } }, async (panel) => {
      await panel.page.locator('.skeleton').waitFor();
      await panel.send(previewMessage({ preview: null, problem: { ...PROBLEM, script: 'flows/inner.js' } }));
      await says(panel, '.notice').toContain('There is no preview');
      await panel.page.locator('.notice').getByRole('button', { name: 'inner.js:14:3' }).click();
      expect(await requests(panel, 'open-script')).toEqual([
        { method: 'open-script', line: 14, column: 3, script: 'flows/inner.js' },
      ]);
      const none = { agents: range(0, 0, 0), phases: [], models: [], tools: [], advice: [] };
      await panel.send(previewMessage({ preview: samplePreview(none) }));
      await sendEvents(panel, withoutAgents(picturePlan()));
      await says(panel, '.notice').toContain('It would have no agents');
      expect(await text(panel, '.facts')).toMatch(/^0 agents/);
    });
  });
});

it('a screen whose script does not come says so', async () => {
  const panel = await openPanel({ withoutPreview: true });
  await panel.send(previewMessage());
  await says(panel, '.notice').toContain('The preview cannot be shown');
  expect(panel.problems).toContain('Counterpoint: The script for the preview could not be loaded.');
  await panel.close();
});

/** The events with one more agent behind the first, under a number that no other has. */
function withOneMore(events: RunEvent[]): RunEvent[] {
  const at = events.findIndex(({ type }) => type === 'call.issued');
  const first = events[at]!;
  if (first.type !== 'call.issued') throw new Error('There is no call.');
  const another = { ...first, call: { ...first.call, id: 90_000, key: 'new', label: 'a new one' } };
  return [...events.slice(0, at + 1), another, ...events.slice(at + 1)].map((event, index) => ({
    ...event,
    seq: index + 1,
  }));
}

function withoutAgents([created]: RunEvent[]): RunEvent[] {
  return created?.type === 'run.created' ? [{ ...created, run: { ...created.run, phases: [] } }] : [];
}

describe('the decision', () => {
  const shared = sharedPreview();

  it.each([
    ['Run', 'run'],
    ['Run Once', 'once'],
    ['Always for This Version', 'always'],
    ['Cancel', 'cancel'],
  ])('%s is sent with the digest of what was seen, and says what it means', async (name, decision) => {
    const panel = shared();
    const choice = button(panel, name);
    await choice.hover();
    await says(panel, '.ask-means').toMatch(new RegExp(`^${name}: `));
    const described = await choice.evaluate(
      (element) => document.getElementById(element.getAttribute('aria-describedby')!)!.textContent,
    );
    expect(await text(panel, '.ask-means')).toBe(`${name}: ${described}`);
    await choice.click();
    expect(await requests(panel, 'decide')).toEqual([{ method: 'decide', decision, digest: DIGEST }]);
  });

  it('is told why it is asked, and is not there where nobody is asked', async () => {
    const panel = shared();
    for (const reason of ASKED.reasons) expect(await text(panel, '.ask-reasons')).toContain(reason);
    await panel.send(previewMessage({ approval: null }));
    await expect.poll(() => panel.page.locator('.ask').count()).toBe(0);
    await panel.page.keyboard.press('Control+Enter');
    expect(await requests(panel, 'decide')).toEqual([]);
  });

  it('shows inline why the host refused', async () => {
    const panel = shared();
    const refusal = 'The script has changed since; look at its new preview.';
    await panel.page.evaluate((words) => {
      (window as unknown as { hostSide: { refusal: string } }).hostSide.refusal = words;
    }, refusal);
    await button(panel, 'Run').click();
    await says(panel, '.ask [role="alert"]').toContain(refusal);
    expect(await button(panel, 'Run').getAttribute('aria-disabled')).toBe('false');
  });

  const closed: [string, Partial<PreviewMessage>, string[], string][] = [
    ['while a preview is made', { stale: true }, ['Cancel'], 'its preview is being made'],
    ['without a sound preview', { preview: null, problem: PROBLEM }, ['Cancel'], 'cannot be previewed'],
    [
      'in Restricted Mode',
      { approval: { reasons: ['This folder is not trusted.'], restricted: true } },
      ['Cancel'],
      'Restricted Mode',
    ],
    [
      'of what would fail',
      { preview: samplePreview({ error: FAILS }) },
      ['Run Once', 'Cancel'],
      'would fail even with good answers',
    ],
  ];
  it.each(closed)('%s is open only as far as it may be, and says why', async (_, message, open, why) => {
    const panel = shared();
    await panel.send(previewMessage(message));
    const names = () => panel.page.locator('.ask button[aria-disabled="false"]').allInnerTexts();
    await expect.poll(async () => (await names()).map((name) => name.trim())).toEqual(open);
    await panel.page.keyboard.press('Control+Enter');
    await button(panel, 'Always for This Version').dispatchEvent('click');
    expect(await requests(panel, 'decide')).toEqual([]);
    await says(panel, '.ask-means').toContain(why);
  });

  it('in Restricted Mode leads to where the folder is trusted', async () => {
    const panel = shared();
    await panel.send(previewMessage({ approval: { reasons: [], restricted: true } }));
    const link = panel.page.locator('.ask a');
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('command:workbench.trust.manage');
    expect(await violations(panel, '.tree')).toEqual([]);
  });

  it('a failure is in sight with the way there, and may be run once all the same', async () => {
    const panel = shared();
    await panel.send(previewMessage({ preview: samplePreview({ error: FAILS }) }));
    await says(panel, '.banner').toContain('It would fail TypeError: Cannot read “map”');
    await panel.page.locator('.banner').getByRole('button', { name: 'security-review.js:41:9' }).click();
    expect(await requests(panel, 'open-script')).toEqual([{ method: 'open-script', line: 41, column: 9 }]);
    await button(panel, 'Run Once').click();
    expect(await requests(panel, 'decide')).toMatchObject([{ decision: 'once' }]);
  });
});

describe('by keys alone', () => {
  it('Tab comes to the decision first; Ctrl+Enter runs from anywhere, and Escape decides nothing', async () => {
    await withPreview({}, async (panel) => {
      const { keyboard } = panel.page;
      const met: string[] = [];
      for (let stop = 0; stop < 5; stop++) {
        await keyboard.press('Tab');
        met.push(await text(panel, ':focus'));
      }
      expect(met).toEqual(['Run', 'Run Once', 'Always for This Version', 'Cancel', 'security-review']);
      await keyboard.press('Escape');
      await keyboard.press('Shift+Tab');
      await keyboard.press('Escape');
      expect(await requests(panel, 'decide')).toEqual([]);
      await keyboard.press('Control+f');
      await panel.page.locator('.find input:focus').waitFor();
      await keyboard.press('Control+Enter');
      expect(await requests(panel, 'decide')).toEqual([]);
      await panel.page.locator('[role="treeitem"][tabindex="0"]').focus();
      await keyboard.press('Control+Enter');
      expect(await requests(panel, 'decide')).toEqual([{ method: 'decide', decision: 'run', digest: DIGEST }]);
      // One decision at a time: the next counts once the host has answered.
      await panel.page.locator('.ask-decisions button[aria-disabled="false"]', { hasText: 'Cancel' }).waitFor();
      await button(panel, 'Cancel').press('Enter');
      await expect.poll(async () => (await requests(panel, 'decide')).at(-1)).toMatchObject({ decision: 'cancel' });
    });
  });

  it('the walk says what is planned, and no key does anything to an agent that is not there', async () => {
    await withPreview({}, async (panel) => {
      const { keyboard } = panel.page;
      await panel.page.locator('[role="treeitem"][tabindex="0"]').focus();
      const walked = () => panel.page.locator('[role="treeitem"]:focus').textContent();
      expect(await walked()).toBe('security-review, run, preview');
      await keyboard.press('ArrowDown');
      expect(await walked()).toBe('Scout, phase, 45 agents');
      await keyboard.press('ArrowRight');
      await keyboard.press('ArrowRight');
      expect(await walked()).toBe('list source files, agent, planned');
      await keyboard.press('r');
      await keyboard.press('x');
      expect(await panel.page.locator('.key-note').count()).toBe(0);
      expect(await requests(panel, 'act-on-agent')).toEqual([]);
      await keyboard.press('?');
      expect(await text(panel, 'dialog')).toContain('Ctrl+Enter run it');
      expect(await text(panel, 'dialog')).not.toContain('retry');
    });
  });
});

/** What axe objects to: the rule, and the elements. It is not to load anything, which the page forbids. */
async function violations(panel: Panel, except?: string): Promise<string[]> {
  const builder = new AxeBuilder({ page: panel.page }).options({ preload: false });
  const { violations: found } = await (except ? builder.exclude(except) : builder).analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

describe('axe', () => {
  it.each(THEME_NAMES)(
    'finds nothing in the %s theme, of a script that would fail and was refused, and of its agents',
    async (theme) => {
      const message = { preview: samplePreview({ error: FAILS, capped: 'budget' as const }) };
      const setting = { theme, message, events: sweepPlan(24), refusal: 'The script has changed.', height: 1200 };
      await withPreview(setting, async (panel) => {
        await button(panel, 'Run Once').click();
        await panel.page.locator('.ask [role="alert"]').waitFor();
        expect(await violations(panel)).toEqual([]);
        await selectFirst(panel);
        await panel.page.getByRole('button', { name: 'List', exact: true }).click();
        expect(await violations(panel)).toEqual([]);
      });
    },
    PATIENCE,
  );

  it('finds nothing around what is out of date, and in forced colours', async () => {
    await withPreview({ theme: 'high-contrast', events: sweepPlan(24) }, async (panel) => {
      await panel.page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
      expect(await violations(panel)).toEqual([]);
      await panel.send(previewMessage({ preview: null, problem: PROBLEM }));
      await panel.page.locator('.banner').waitFor();
      // It is dimmed on purpose, below what text should have; nothing of it is gone.
      expect(await violations(panel, '.tree, .side-body')).toEqual([]);
    });
  });

  it.each([
    { size: 'a narrow panel', width: 350, height: 700 },
    { size: 'a narrow panel at 200 %', width: 350, height: 430, scale: 2 },
    { size: 'a panel of 700 pixels', width: 700, height: 600 },
  ])('finds nothing in $size, where nothing is too wide or out of reach', async ({ size: _, ...size }) => {
    const message = { preview: samplePreview({ error: FAILS }) };
    await withPreview({ ...size, message, events: sweepPlan(24) }, async (panel) => {
      expect(await violations(panel)).toEqual([]);
      const wide = await panel.page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('.app, .top-bar, .ask, .stage, .side, .side-body')]
          .filter((element) => element.scrollWidth > element.clientWidth + 1)
          .map((element) => element.className),
      );
      expect(wide).toEqual([]);
      for (const part of ['.ask button >> nth=3', '.tree', '.banner button', '.shares >> nth=1']) {
        await panel.page.locator(part).scrollIntoViewIfNeeded();
        const box = (await panel.page.locator(part).boundingBox())!;
        expect(box.x >= 0 && box.x + box.width <= size.width && box.height > 0).toBe(true);
        expect(box.y < size.height && box.y + box.height > 0).toBe(true);
      }
    });
  });
});

it('hostile text in every field of a preview is text and nothing else', async () => {
  const texts = Object.values(HOSTILE);
  const all = texts.join(' ');
  const preview = samplePreview({
    script: { title: `a/${all}`, name: HOSTILE.html!, description: all, digest: DIGEST },
    phases: texts.map((title) => ({ title, agents: range(1, 2, 3) })),
    models: texts.map((model) => ({ model, agents: range(1, 2, 3) })),
    basis: all,
    tools: texts.map((name) => ({ name, by: 'agents', access: 'execute' })),
    advice: texts.map((message) => ({ kind: HOSTILE.prototype as never, message: `\`${message}\``, line: 3 })),
    error: { name: HOSTILE.html!, message: all, line: 3, column: 1, script: all },
  });
  const approval = { reasons: texts, restricted: false };
  await withPreview({ message: { preview, approval }, refusal: all }, async (panel) => {
    await panel.page.locator('.summary').waitFor();
    await expectHarmless(panel);
    await button(panel, 'Run Once').click();
    await panel.page.locator('.ask [role="alert"]').waitFor();
    const problem = { name: all, message: all, line: 1, column: 1 };
    await panel.send(previewMessage({ preview: null, problem, approval }));
    await panel.page.locator('.is-old').waitFor();
    await expectHarmless(panel);
  });
  await withPreview({ message: { preview: null, problem: { name: all, message: all } } }, async (panel) => {
    await panel.page.locator('.notice').waitFor();
    await expectHarmless(panel);
  });
});
