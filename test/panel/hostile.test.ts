import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { expectHarmless } from '../support/harmless.ts';
import {
  HOSTILE_REPORT,
  type HostileRun,
  hostileDetails,
  hostileQuestions,
  hostileSweep,
} from '../support/hostile-run.ts';
import type { Panel } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { questionRun } from '../support/sample-questions.ts';
import { sampleRun } from '../support/sample-run.ts';
import { HOSTILE } from '../support/sample-texts.ts';

/** Milliseconds: megabytes are looked at in every view, and the machine may have other work. */
const PATIENCE = 120_000;

async function withRun(run: HostileRun, report: string, body: (panel: Panel) => Promise<void>): Promise<void> {
  const panel = await openPanel({ now: run.now, report });
  try {
    // As JSON, so that `__proto__` is a name like others.
    const details = JSON.stringify(hostileDetails(run.events));
    await panel.page.evaluate((text) => {
      (window as unknown as { hostSide: { details: unknown } }).hostSide.details = JSON.parse(text) as unknown;
    }, details);
    await post(panel, [{ type: 'events', runId: 'r', events: run.events, more: false, interrupted: false }]);
    await body(panel);
    await expectHarmless(panel);
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

/** Messages all at once; answered when the view has drawn what came of them. */
function post(panel: Panel, messages: unknown[]): Promise<unknown> {
  return panel.page.evaluate((text) => {
    for (const message of JSON.parse(text) as unknown[]) window.postMessage(message, '*');
    return new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 50));
  }, JSON.stringify(messages));
}

const KIND =
  /, (run|phase|claim|agent|challenger|judge|judgement|checkpoint|tool call|called workflow|pipeline|round)\b/;

describe('hostile text', () => {
  it.each([
    ['a run that asks', hostileQuestions, HOSTILE_REPORT, '.report h1'],
    ['a sweep', hostileSweep, `# ${HOSTILE.megabyte}`, '.report .block'],
  ])(
    'in every field of %s does nothing in any view',
    async (_, make, report, shown) => {
      await withRun(make(), report, async (panel) => {
        await panel.page.locator('.log-head').or(panel.page.locator('.tree')).first().waitFor();
        if (await panel.page.locator('.log-head').count()) await panel.page.locator('.log-head').click();
        await expectHarmless(panel);
        for (const view of ['Timeline', 'List', 'Report', 'Tree']) {
          await panel.page.getByRole('button', { name: view, exact: true }).click();
          if (view === 'Report') await panel.page.locator(shown).waitFor();
          await expectHarmless(panel);
        }
      });
    },
    PATIENCE,
  );

  it.each([
    ['a run that asks', hostileQuestions, 19],
    ['a sweep', hostileSweep, 25],
  ])(
    'of %s does nothing in the details of whatever there is',
    async (_, make, most) => {
      await withRun(make(), '', async (panel) => {
        const { keyboard } = panel.page;
        const kinds = new Set<string>();
        await panel.page.locator('[role="treeitem"][tabindex="0"]').focus();
        for (let step = 0; step < most; step++) {
          const name = (await panel.page.locator('[role="treeitem"][tabindex="0"]').textContent()) ?? '';
          const kind = KIND.exec(name)?.[1] ?? '';
          if (!kinds.has(kind)) {
            kinds.add(kind);
            await keyboard.press('Enter');
            await panel.page.locator('.side-body:focus').waitFor();
            await panel.page.locator('.side .quiet', { hasText: 'Fetching' }).waitFor({ state: 'detached' });
            await expectHarmless(panel);
            await keyboard.press('Escape');
          }
          await keyboard.press('ArrowRight');
          await keyboard.press('ArrowDown');
        }
        expect(kinds.size).toBeGreaterThanOrEqual(5);
      });
    },
    PATIENCE,
  );
});

describe('the page', () => {
  it('has a policy with a nonce, and no script of its own in it', async () => {
    const run = questionRun();
    const panel = await openPanel({ now: run.now });
    try {
      const policy = await panel.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toMatch(/script-src 'nonce-[^']+'/);
      expect(policy).not.toMatch(/unsafe|\*/);
      await panel.page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.hacked = 1';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.hacked = 2">');
      });
      await expect.poll(() => panel.problems.length).toBeGreaterThan(0);
      expect(panel.problems.join(' ')).toContain('Content Security Policy');
      expect(await panel.page.evaluate('window.hacked ?? null')).toBeNull();
    } finally {
      await panel.close();
    }
  });
});

const JUNK = [null, 7, -1, 'x', true, [], {}, [null], { length: 1 }];

/** The message with each of its parts in turn replaced by something else, and left out. */
function spoilt(message: object): object[] {
  const found: object[] = [];
  const visit = (path: string[], value: unknown) => {
    if (path.length > 0) for (const junk of [...JUNK, undefined]) found.push(replaced(message, path, junk));
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) visit([...path, name], part);
  };
  visit([], message);
  return found;
}

function replaced(message: object, path: string[], junk: unknown): object {
  const copy = structuredClone(message);
  const last = path.at(-1)!;
  const around = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>(
      (at, name) => at[name] as Record<string, unknown>,
      copy as Record<string, unknown>,
    );
  if (junk === undefined) delete around[last];
  else around[last] = junk;
  return copy;
}

describe('inbound messages', () => {
  it(
    'of every type that are not what they should be are passed over, and what follows is not',
    async () => {
      const run = questionRun();
      const panel = await openPanel({ now: run.now });
      try {
        const events = (list: unknown[]) => ({
          type: 'events',
          runId: 'r',
          events: list,
          more: false,
          interrupted: false,
        });
        await post(panel, [events(run.events)]);
        let seq = run.events.length;
        const messages = oneOfEach().flatMap((event) =>
          spoilt(event).map((bad) =>
            events(
              ['seq', 'at', 'type'].some((name) => !Object.is(Reflect.get(bad, name), Reflect.get(event, name)))
                ? [bad]
                : // Progress is in no sequence.
                  [Reflect.get(event, 'seq') === undefined ? bad : { ...bad, seq: ++seq, at: run.now }],
            ),
          ),
        );
        const others = [
          events(run.events),
          { type: 'response', id: 1, ok: true, answer: null },
          { type: 'live', call: 9, entries: 1, text: 'x' },
          { type: 'command', command: { name: 'show', view: 'list' } },
          { type: 'command', command: { name: 'reveal', on: { call: 9, key: 'k9' } } },
        ];
        for (const message of others)
          messages.push(
            ...(spoilt(message).filter(
              (bad) => !('events' in bad && Array.isArray(bad.events) && bad.events.length > 1),
            ) as typeof messages),
          );
        for (let at = 0; at < messages.length; at += 500) await post(panel, messages.slice(at, at + 500));
        await post(panel, JUNK);
        const strange = panel.problems.filter((problem) => !problem.includes('passed over'));
        expect(strange).toEqual([]);
        const again: RunEvent[] = [
          { type: 'run.started', attempt: 7, engine: 'quickjs', seq: seq + 1, at: run.now },
          { type: 'phase.began', title: 'Afterwards', seq: seq + 2, at: run.now },
        ];
        await post(panel, [events(again), { type: 'command', command: { name: 'show', view: 'tree' } }]);
        await expect.poll(() => panel.page.locator('.tree').textContent()).toContain('Afterwards');
        expect(await panel.page.locator('#root').innerText()).not.toContain('The panel failed');
      } finally {
        await panel.close();
      }
    },
    PATIENCE,
  );
});

/** The fullest event of each type. */
function oneOfEach(): object[] {
  const fullest = new Map<string, object>();
  const finished = sampleRun({ agents: 60, state: 'finished' });
  const failed = sampleRun({ agents: 60, state: 'failed' });
  const running = sampleRun({ agents: 60, state: 'running' });
  for (const event of [...questionRun().events, ...finished.events, ...failed.events, ...running.progress]) {
    const known = fullest.get(event.type);
    if (!known || JSON.stringify(event).length > JSON.stringify(known).length) fullest.set(event.type, event);
  }
  return [...fullest.values()];
}
