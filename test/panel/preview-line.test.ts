import { expect, test } from 'vitest';
import { PreviewLine, type PreviewStanding, type ShownPreview } from '../../extension/panel/preview-line.ts';
import type { HostToView } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import { ASKED, samplePreview, sweepPlan } from '../support/sample-preview.ts';

const QUIET: PreviewStanding = { run: null, problem: null, stale: false, approval: null };

function shown(runId: string, agents = 24): ShownPreview {
  return { preview: samplePreview(), runId, events: sweepPlan(agents, runId), details: () => ({}) as never };
}

/** A line to a view, what has gone over it, and how it stands at the far end. */
function line(first: PreviewStanding) {
  const sent: HostToView[] = [];
  const far = { standing: first, beforePost: (): void => undefined };
  const preview = new PreviewLine(
    () => far.standing,
    async (message) => {
      far.beforePost();
      // As over a process: what is sent has not arrived yet.
      await Promise.resolve();
      sent.push(structuredClone(message));
    },
  );
  return { sent, far, preview };
}

const eventsIn = (sent: HostToView[], runId: string): RunEvent[] =>
  sent.flatMap((message) => (message.type === 'events' && message.runId === runId ? message.events : [])) as RunEvent[];

test('a view that subscribes is told how it stands, and then all events', async () => {
  const run = shown('p1');
  const { sent, preview } = line({ ...QUIET, run, approval: ASKED });
  await preview.subscribe();
  expect(sent[0]).toEqual({ type: 'preview', preview: run.preview, problem: null, stale: false, approval: ASKED });
  expect(eventsIn(sent, 'p1')).toEqual(run.events);
  expect(sent.at(-1)).toMatchObject({ type: 'events', runId: 'p1', more: false, interrupted: false });
});

test('a preview of a thousand agents goes in parts, each below the size of a message', async () => {
  const run = shown('p1', 1000);
  const { sent, preview } = line({ ...QUIET, run });
  await preview.subscribe();
  const parts = sent.filter(({ type }) => type === 'events');
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.map((part) => part.type === 'events' && part.more)).toEqual(parts.map((_, at) => at < parts.length - 1));
  for (const part of parts) expect(JSON.stringify(part).length).toBeLessThan(256_000);
  expect(eventsIn(sent, 'p1')).toEqual(run.events);
});

test('a preview whose texts have no end is cut below the size of a message, its digest whole', async () => {
  const advice = Array.from({ length: 500 }, () => ({ kind: 'script' as const, message: 'x'.repeat(5000), line: 1 }));
  const run = { ...shown('p1'), preview: samplePreview({ advice }) };
  const { sent, preview } = line({ ...QUIET, run });
  await preview.subscribe();
  expect(JSON.stringify(sent[0]).length).toBeLessThan(256_000);
  expect(sent[0]).toMatchObject({ preview: { script: { digest: run.preview.script.digest } } });
});

test('of what changes only how it stands is told, and events only of another preview', async () => {
  const { sent, far, preview } = line({ ...QUIET, run: shown('p1') });
  await preview.subscribe();
  sent.length = 0;
  far.standing = { ...far.standing, stale: true };
  await preview.renew();
  expect(sent.map(({ type }) => type)).toEqual(['preview']);
  far.standing = { ...QUIET, run: shown('p2') };
  await preview.renew();
  expect(eventsIn(sent, 'p2')).toEqual(far.standing.run!.events);
  expect(eventsIn(sent, 'p1')).toEqual([]);
});

test('a script that cannot be previewed sends no events, and the same preview after it none either', async () => {
  const run = shown('p1');
  const { sent, far, preview } = line({ ...QUIET, run });
  await preview.subscribe();
  sent.length = 0;
  const problem = { name: 'SyntaxError', message: 'Unexpected token', line: 3, column: 1 };
  far.standing = { ...QUIET, problem };
  await preview.renew();
  far.standing = { ...QUIET, run };
  await preview.renew();
  expect(sent).toMatchObject([
    { type: 'preview', preview: null, problem },
    { type: 'preview', problem: null },
  ]);
});

test('what changes while something is sent is told once, as it stands at the end', async () => {
  const { sent, far, preview } = line({ ...QUIET, run: shown('p1') });
  let renewals = 0;
  far.beforePost = () => {
    if (++renewals > 3) return;
    far.standing = { ...QUIET, run: shown(`p${renewals + 1}`) };
    void preview.renew();
  };
  await preview.subscribe();
  const last = sent.filter((message) => message.type === 'events').at(-1);
  expect(last).toMatchObject({ runId: 'p4', more: false });
  expect(eventsIn(sent, 'p4')).toEqual(far.standing.run!.events);
});

test('a hidden view is sent nothing, and one that takes its place all there is', async () => {
  const { sent, far, preview } = line({ ...QUIET, run: shown('p1') });
  await preview.subscribe();
  preview.close();
  sent.length = 0;
  far.standing = { ...QUIET, run: shown('p2') };
  await preview.renew();
  expect(sent).toEqual([]);
  await preview.subscribe();
  expect(eventsIn(sent, 'p2')).toEqual(far.standing.run!.events);
});

test('a view that subscribes once more is sent all of the same preview again', async () => {
  const run = shown('p1');
  const { sent, preview } = line({ ...QUIET, run });
  await preview.subscribe();
  sent.length = 0;
  await preview.subscribe();
  expect(eventsIn(sent, 'p1')).toEqual(run.events);
});

test('a view that is hidden while it is sent something, and shown again, lacks nothing', async () => {
  const { sent, far, preview } = line({ ...QUIET, run: shown('p1', 1000) });
  let posts = 0;
  far.beforePost = () => {
    if (++posts !== 2) return;
    preview.close();
    sent.length = 0;
    void preview.subscribe();
  };
  await preview.subscribe();
  await expect.poll(() => sent.at(-1)).toMatchObject({ type: 'events', more: false });
  const whole = far.standing.run!.events;
  expect(eventsIn(sent, 'p1').slice(-whole.length)).toEqual(whole);
});
