import { expect, it, onTestFinished, vi } from 'vitest';
import { type LineSource, ViewLine } from '../../extension/panel/view-line.ts';
import type { HostToView } from '../../extension/protocol/panel-messages.ts';
import type { RunEvent } from '../../extension/protocol/run-events.ts';
import type { LiveCallText } from '../../extension/runs/run-service.ts';
import { until } from '../support/run-harness.ts';
import { sampleRun } from '../support/sample-run.ts';

const { events } = sampleRun({ agents: 1000, state: 'running' });

/** `arrive` is asked for each message before it counts as delivered. */
function open(arrive: (message: HostToView) => Promise<void> | void = () => undefined, told = events) {
  const watched = new Map<number, (live: LiveCallText) => void>();
  const streams = new Set<object>();
  const runs: LineSource['runs'] = {
    events: (_, after, limit = told.length): RunEvent[] => told.slice(after, after + limit),
    subscribe() {
      const stream = {};
      streams.add(stream);
      return () => streams.delete(stream);
    },
    summary: () => null,
    watchCall(_, call, listener) {
      if (call > events.length) throw new Error('There is no such call.');
      watched.set(call, listener);
      return () => watched.delete(call);
    },
  };
  const posted: HostToView[] = [];
  const line = new ViewLine({ id: 'r', runs }, async (message) => {
    posted.push(message);
    await arrive(message);
  });
  onTestFinished(() => line.close());
  return { line, posted, watched, streams };
}

it('does what is asked for from outside once the view has all of the run, and at once from then on', async () => {
  const { line, posted } = open();
  line.command({ name: 'reveal', on: { call: 7 } });
  expect(posted).toEqual([]);
  await line.subscribe(0);
  await until(() => posted.some(({ type }) => type === 'command'));
  const types = posted.map((message) => (message.type === 'events' ? (message.more ? 'part' : 'last') : message.type));
  expect(types.slice(-3)).toEqual(['part', 'last', 'command']);
  line.command({ name: 'find' });
  expect(posted.at(-1)).toEqual({ type: 'command', command: { name: 'find' } });
});

it('shows a call that has only just begun, of which the view has not heard', async () => {
  const told = events.slice(0, 20);
  const { line, posted } = open(undefined, told);
  await line.subscribe(0);
  await until(() => posted.length === 1);
  told.push(events[20]!);
  line.command({ name: 'reveal', on: { call: 7 } });
  await until(() => posted.length === 3);
  expect(posted.slice(1)).toEqual([
    expect.objectContaining({ type: 'events', events: [events[20]] }),
    { type: 'command', command: { name: 'reveal', on: { call: 7 } } },
  ]);
});

it('keeps what is asked of a hidden view for the one that takes its place', async () => {
  const { line, posted } = open();
  await line.subscribe(events.length);
  await until(() => posted.length === 1);
  line.close();
  line.command({ name: 'show', view: 'list' });
  expect(posted.filter(({ type }) => type === 'command')).toEqual([]);
  await line.subscribe(events.length);
  await until(() => posted.some(({ type }) => type === 'command'));
  expect(posted.filter(({ type }) => type === 'command')).toHaveLength(1);
});

it('tells what the one call says that is watched, and nothing once the view is hidden', () => {
  const { line, posted, watched } = open();
  line.watch(3);
  watched.get(3)?.({ entries: 2, text: 'so' });
  expect(posted).toEqual([{ type: 'live', call: 3, entries: 2, text: 'so' }]);
  line.watch(4);
  expect([...watched.keys()]).toEqual([4]);
  line.close();
  expect(watched.size).toBe(0);
});

it('streams to one view at a time, and does nothing twice that was asked for once', async () => {
  const { line, posted, streams } = open();
  line.command({ name: 'find' });
  for (let view = 1; view <= 2; view++) {
    await line.subscribe(events.length);
    await until(() => posted.filter(({ type }) => type === 'events').length === view);
    await new Promise((resolve) => setImmediate(resolve));
    expect(streams.size).toBe(1);
  }
  expect(posted.filter(({ type }) => type === 'command')).toHaveLength(1);
  line.close();
  expect(streams.size).toBe(0);
});

it('waits again where the view asks for the run anew', async () => {
  const { line, posted } = open();
  await line.subscribe(events.length);
  await until(() => posted.length === 1);
  await line.subscribe(0);
  line.command({ name: 'find' });
  expect(posted.some(({ type }) => type === 'command')).toBe(false);
  await until(() => posted.some(({ type }) => type === 'command'));
  expect(posted.at(-2)).toMatchObject({ type: 'events', more: false });
});

it('keeps what is asked for where the view was hidden while the last of the run was on its way', async () => {
  const arrived = Promise.withResolvers<void>();
  const { line, posted } = open(() => arrived.promise);
  await line.subscribe(events.length);
  line.close();
  arrived.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  line.command({ name: 'find' });
  expect(posted.map(({ type }) => type)).toEqual(['events']);
});

it('goes on where a call cannot be watched', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  onTestFinished(() => warn.mockRestore());
  const { line, watched } = open();
  line.watch(3);
  line.watch(events.length + 1);
  expect(warn).toHaveBeenCalledOnce();
  expect(watched.size).toBe(0);
});
