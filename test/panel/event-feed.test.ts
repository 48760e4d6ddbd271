import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { streamEvents } from '../../extension/panel/event-feed.ts';
import type { EventsMessage, HostToView } from '../../extension/protocol/panel-messages.ts';
import type { ProgressEvent, RunEvent, RunStatus } from '../../extension/protocol/run-events.ts';
import type { RunSummary } from '../../extension/runs/run-service.ts';
import { sampleRun } from '../support/sample-run.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A journal that a test fills by hand, and a view that keeps what it is sent. */
function desk(all: RunEvent[]) {
  const listeners = new Set<(events: (RunEvent | ProgressEvent)[]) => void>();
  const stored: RunEvent[] = [];
  const desk = {
    status: 'running' as RunStatus,
    sent: [] as HostToView[],
    /** Writes the next events and tells of them. */
    write(count: number, tell = true) {
      const next = all.slice(stored.length, stored.length + count);
      stored.push(...next);
      if (tell) for (const listener of listeners) listener(next);
    },
    progress(event: ProgressEvent) {
      for (const listener of listeners) listener([event]);
    },
    listeners,
    open(after: number, post = async (message: HostToView): Promise<void> => void desk.sent.push(message)) {
      const source = {
        events: (_: string, from: number, limit = Number.MAX_SAFE_INTEGER) =>
          stored.filter(({ seq }) => seq > from).slice(0, limit),
        subscribe: (_: string, listener: (events: (RunEvent | ProgressEvent)[]) => void) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        summary: () => ({ run: { id: 'r' }, status: desk.status }) as RunSummary,
      };
      const stream = streamEvents(source, 'r', after, post);
      const close = () => stream.close();
      cleanups.push(close);
      return close;
    },
    parts: () => desk.sent.filter((message): message is EventsMessage => message.type === 'events'),
    seqs: () => desk.parts().flatMap(({ events }) => events.flatMap((event) => ('seq' in event ? [event.seq] : []))),
  };
  return desk;
}

function upTo(last: number, from = 1): number[] {
  return Array.from({ length: last - from + 1 }, (_, index) => from + index);
}

test('the backlog comes in order, in parts under 256 kB, of which only the last says that no more follow', async () => {
  const { events } = sampleRun({ agents: 1000, state: 'finished' });
  const view = desk(events);
  view.write(events.length, false);
  view.open(0);
  await expect.poll(() => view.parts().at(-1)?.more).toBe(false);
  expect(view.seqs()).toEqual(upTo(events.length));
  expect(view.parts().length).toBeGreaterThan(2);
  expect(
    view
      .parts()
      .slice(0, -1)
      .every(({ more }) => more),
  ).toBe(true);
  for (const part of view.parts()) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(256_000);
});

test('parts are counted in bytes, not in characters', async () => {
  const { events } = sampleRun({ agents: 300, state: 'finished' });
  const wide = events.map(
    (event): RunEvent =>
      event.type === 'call.issued' ? { ...event, call: { ...event.call, label: '漢'.repeat(300) } } : event,
  );
  const view = desk(wide);
  view.write(wide.length, false);
  view.open(0);
  await expect.poll(() => view.parts().at(-1)?.more).toBe(false);
  expect(view.seqs()).toEqual(upTo(wide.length));
  for (const part of view.parts()) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(256_000);
});

test('what ten thousand agents are doing comes in parts too', async () => {
  const { events } = sampleRun({ agents: 8, state: 'finished' });
  const view = desk(events);
  view.write(2, false);
  view.open(0);
  await expect.poll(() => view.parts().length).toBe(1);
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
  for (let id = 1; id <= 10_000; id++)
    view.progress({ type: 'call.progress', id, at: 1, doing: `reading file ${id}`, usage });
  await expect.poll(() => view.parts().flatMap((part) => part.events).length).toBe(10_002);
  expect(view.parts().length).toBeGreaterThan(4);
  for (const part of view.parts()) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(256_000);
});

test('an event that is too large by itself is cut, and says so', async () => {
  const { events } = sampleRun({ agents: 8, state: 'finished' });
  const huge = events.map((event): RunEvent => {
    if (event.type === 'call.issued') return { ...event, call: { ...event.call, label: '💥'.repeat(300_000) } };
    if (event.type === 'group.opened')
      return { ...event, group: { ...event.group, labels: Array.from({ length: 30_000 }, (_, at) => `item ${at}`) } };
    return event;
  });
  const view = desk(huge);
  view.write(huge.length, false);
  view.open(0);
  await expect.poll(() => view.parts().at(-1)?.more).toBe(false);
  expect(view.seqs()).toEqual(upTo(huge.length));
  for (const part of view.parts()) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(256_000);
  const told = view.parts().flatMap((part) => part.events);
  const issued = told.find((event) => event.type === 'call.issued');
  expect(issued?.type === 'call.issued' && issued.call.label).toMatch(/💥… \[\d+ more characters\]$/);
  const group = told.find((event) => event.type === 'group.opened');
  expect(group?.type === 'group.opened' && group.group.labels.slice(0, 2)).toEqual(['item 0', 'item 1']);
});

test('a view that has some events already gets only the later ones', async () => {
  const { events } = sampleRun({ agents: 8, state: 'finished' });
  const view = desk(events);
  view.write(events.length, false);
  view.open(10);
  await expect.poll(() => view.seqs()).toEqual(upTo(events.length, 11));
});

test('events that are written while the backlog is being sent are neither lost nor sent twice', async () => {
  const { events } = sampleRun({ agents: 1000, state: 'finished' });
  const view = desk(events);
  view.write(events.length - 50, false);
  view.open(0, async (message) => {
    view.sent.push(message);
    view.write(10);
    await new Promise((resolve) => setTimeout(resolve, 40));
  });
  await expect.poll(() => view.seqs().length).toBe(events.length);
  expect(view.seqs()).toEqual(upTo(events.length));
});

test('a burst of live events is one message', async () => {
  const { events } = sampleRun({ agents: 60, state: 'finished' });
  const view = desk(events);
  view.write(2, false);
  view.open(0);
  await expect.poll(() => view.parts().length).toBe(1);
  for (let burst = 0; burst < 40; burst++) view.write(1);
  await expect.poll(() => view.seqs().length).toBe(42);
  expect(view.parts()).toHaveLength(2);
});

test('of the progress of one agent only the newest is sent', async () => {
  const view = desk(sampleRun({ agents: 8, state: 'finished' }).events);
  view.open(0);
  await expect.poll(() => view.parts().length).toBe(1);
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
  for (const doing of ['reading a', 'reading b']) view.progress({ type: 'call.progress', id: 3, at: 1, doing, usage });
  await expect.poll(() => view.parts().length).toBe(2);
  expect(view.parts()[1]?.events).toEqual([{ type: 'call.progress', id: 3, at: 1, doing: 'reading b', usage }]);
});

test('what an agent did is not told again with what comes later', async () => {
  const view = desk(sampleRun({ agents: 8, state: 'finished' }).events);
  view.open(0);
  await expect.poll(() => view.parts().length).toBe(1);
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
  view.progress({ type: 'call.progress', id: 3, at: 1, doing: 'reading a', usage });
  await expect.poll(() => view.parts().length).toBe(2);
  view.write(2);
  await expect.poll(() => view.parts().length).toBe(3);
  expect(view.parts()[2]?.events.map(({ type }) => type)).toEqual(['run.created', 'run.started']);
});

test('a run whose driver dies is told as interrupted though no event comes', async () => {
  const view = desk(sampleRun({ agents: 8, state: 'finished' }).events);
  view.write(3, false);
  view.open(0);
  await expect.poll(() => view.parts().at(-1)?.interrupted).toBe(false);
  view.status = 'interrupted';
  await expect.poll(() => view.parts().at(-1)?.interrupted, { timeout: 10_000 }).toBe(true);
  expect(view.seqs()).toEqual([1, 2, 3]);
});

test('a run that somebody takes over is live again with its next attempt', async () => {
  const { events } = sampleRun({ agents: 8, state: 'finished' });
  const [created, started, ...rest] = events;
  const seqs = (event: RunEvent, index: number): RunEvent => ({ ...event, seq: index + 1 });
  const view = desk([created!, started!, ...rest.slice(0, 4), { ...started!, at: started!.at }].map(seqs));
  view.write(6, false);
  view.status = 'interrupted';
  view.open(0);
  await expect.poll(() => view.parts().at(-1)?.interrupted).toBe(true);
  view.status = 'running';
  view.write(1);
  await expect.poll(() => view.seqs()).toEqual(upTo(7));
  expect(view.parts().at(-1)).toMatchObject({ interrupted: false, events: [{ type: 'run.started' }] });
});

test('a closed stream sends nothing more and listens to nothing', async () => {
  const { events } = sampleRun({ agents: 8, state: 'finished' });
  const view = desk(events);
  const close = view.open(0);
  await expect.poll(() => view.parts().length).toBe(1);
  view.write(5);
  close();
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(view.seqs()).toEqual([]);
  expect(view.listeners.size).toBe(0);
});

test('a stream that is closed while a part is under way sends none of the others', async () => {
  const { events } = sampleRun({ agents: 1000, state: 'finished' });
  const view = desk(events);
  view.write(events.length, false);
  const arrived = Promise.withResolvers<void>();
  const close = view.open(0, async (message) => {
    view.sent.push(message);
    await arrived.promise;
  });
  close();
  arrived.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(view.parts().map(({ more }) => more)).toEqual([true]);
});

test('a closed stream leaves no clock behind that would ask for the run', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const view = desk(sampleRun({ agents: 8, state: 'finished' }).events);
  const close = view.open(0);
  await vi.advanceTimersByTimeAsync(0);
  // What is gathered waits for its message.
  view.write(5);
  expect(vi.getTimerCount()).toBe(2);
  close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a view that is hidden is sent nothing, and has all of it when it is shown again', async () => {
  const { events } = sampleRun({ agents: 60, state: 'finished' });
  const view = desk(events);
  view.write(20, false);
  const hide = view.open(0);
  await expect.poll(() => view.seqs().length).toBe(20);
  hide();
  const before = view.sent.length;
  for (let burst = 0; burst < 10; burst++) view.write(10);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(view.sent.length).toBe(before);
  view.open(20);
  await expect.poll(() => view.seqs().length).toBe(120);
  expect(view.seqs()).toEqual(upTo(120));
});

test('a journal that cannot be read is told to the view', async () => {
  const sent: HostToView[] = [];
  const source = {
    events: () => {
      throw new Error('The journal is damaged.');
    },
    subscribe: () => () => undefined,
    summary: () => null,
  };
  const stream = streamEvents(source, 'r', 0, async (message) => void sent.push(message));
  cleanups.push(() => stream.close());
  await expect.poll(() => sent).toEqual([{ type: 'run-gone', message: 'The journal is damaged.' }]);
});
