import { describe, expect, it } from 'vitest';
import { streamEvents } from '../../extension/panel/event-feed.ts';
import type { EventsMessage, HostToView } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { foldRun, totalOf } from '../../extension/protocol/run-tree.ts';
import type { Panel } from '../support/panel-page.ts';
import { openPanel } from '../support/panel-test.ts';
import { expectedOf, recordedRun } from '../support/recorded-run.ts';

/** What the host sends of a run: all of it, in its own messages. */
async function messagesOf(events: RunEvent[]): Promise<EventsMessage[]> {
  const sent: EventsMessage[] = [];
  const source = {
    events: (_: string, after: number, limit = Number.MAX_SAFE_INTEGER) =>
      events.filter(({ seq }) => seq > after).slice(0, limit),
    subscribe: () => () => undefined,
    summary: () => null,
  };
  const keep = async (message: HostToView) => {
    if (message.type === 'events') sent.push(message);
  };
  const stream = streamEvents(source, 'recorded', 0, keep);
  await expect.poll(() => sent.at(-1)?.more, { timeout: 20_000 }).toBe(false);
  stream.close();
  return sent;
}

const textOf = async (panel: Panel, selector: string) =>
  (await panel.page.locator(selector).allInnerTexts()).join(' ').replace(/\s+/g, ' ');

describe.each([10, 1000, 10_000])('a recorded run of %i agents', (agents) => {
  it('is shown whole, with its counts and without a problem', async () => {
    const events = await recordedRun(agents);
    const tree = foldRun(events);
    const { failed, claims } = expectedOf(agents);
    expect([tree.status, totalOf(tree.counts), tree.counts.failed]).toEqual([
      'completed_with_failures',
      agents,
      failed,
    ]);
    const messages = await messagesOf(events);
    for (const message of messages) expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(256_000);
    const panel = await openPanel({ now: events.at(-1)!.at });
    try {
      for (const message of messages) await panel.send(message);
      await panel.page.locator('.react-flow__node .phase-head').first().waitFor();
      expect(await textOf(panel, '.facts')).toMatch(
        new RegExp(`${agents - failed} (of ${agents} )?agents|${agents} agents`),
      );
      expect(await textOf(panel, '.legend')).toMatch(new RegExp(`done ${agents - failed}[^]*failed ${failed}(?!\\d)`));
      expect(await panel.page.locator('.phase-title').allInnerTexts()).toEqual([
        'Scout',
        'Find',
        'Refine',
        'Challenge',
        'Decide',
      ]);
      expect(await textOf(panel, '.phase-count')).toContain(`${claims} ${claims === 1 ? 'claim' : 'claims'}`);
      expect(await panel.page.locator('.react-flow__node').count()).toBeLessThan(60);
      expect(panel.problems).toEqual([]);
    } finally {
      await panel.close();
    }
  });
});
