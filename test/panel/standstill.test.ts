import { expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '../../extension/protocol/run-events.ts';
import type { Panel } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { sampleRun } from '../support/sample-run.ts';

const run = sampleRun({ agents: 12, state: 'running' });

/** A panel with the run at work, and a way to tell it more. */
async function withRun(
  body: (panel: Panel, more: (body: RunEventBody) => Promise<void>) => Promise<void>,
): Promise<void> {
  const panel = await openPanel({ now: run.now });
  const send = (events: RunEvent[]) =>
    panel.send({ type: 'events', runId: 'r', events, more: false, interrupted: false });
  let seq = run.events.length;
  try {
    await send(run.events);
    await body(panel, (event) => send([{ ...event, seq: ++seq, at: run.now }]));
    expect(panel.problems).toEqual([]);
  } finally {
    await panel.close();
  }
}

const banner = (panel: Panel) => panel.page.locator('.banner');

test('a run that its provider holds back says why and until when, and no longer once that is over', async () => {
  await withRun(async (panel, more) => {
    const governed = (parkedUntil: number | null, why: string, requests: number | null) =>
      more({ type: 'run.governed', governor: { parkedUntil, why, requests } });
    expect(await banner(panel).count()).toBe(0);
    await governed(run.now + 3_600_000, 'usage limit', null);
    expect(await banner(panel).textContent()).toMatch(/^Waits until (\w+ \d+, )?\d\d:\d\d: usage limit\.$/);
    await governed(null, 'the provider is overloaded', 4);
    const words = '4 model requests at a time: the provider is overloaded.';
    await expect.poll(() => banner(panel).textContent()).toBe(words);
    await governed(1e300, 'usage limit', null);
    await expect.poll(() => banner(panel).textContent()).toContain('usage limit');
    await governed(null, '', null);
    await expect.poll(() => banner(panel).count()).toBe(0);
  });
});

test('the place of an error in a script that was called opens that script', async () => {
  await withRun(async (panel, more) => {
    const error = { name: 'TypeError', message: 'x is null', line: 7, column: 3, script: 'helper.js' };
    await more({ type: 'run.ended', status: 'failed', error });
    await banner(panel).getByRole('button', { name: 'helper.js:7:3' }).click();
    expect((await panel.sent()).at(-1)).toMatchObject({
      request: { method: 'open-script', line: 7, column: 3, script: 'helper.js' },
    });
  });
});
