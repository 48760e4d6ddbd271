import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HostToView } from '../../extension/protocol/panel-messages.ts';
import { asHostMessage, type Host } from '../../webview/host.ts';
import { RunStore } from '../../webview/store.ts';
import { ViewStore } from '../../webview/view-state.ts';
import { sampleRun } from '../support/sample-run.ts';

beforeAll(() => vi.stubGlobal('requestAnimationFrame', (paint: () => void) => setTimeout(paint, 0)));
afterAll(() => vi.unstubAllGlobals());

function hostWith(state: unknown = null) {
  const asked: number[] = [];
  const saved: unknown[] = [];
  let receive: (message: HostToView) => void = () => undefined;
  const host: Host = {
    kind: 'editor',
    generatedAt: null,
    listen: (listener) => {
      receive = listener;
    },
    subscribe: (after) => asked.push(after),
    watch: () => undefined,
    request: () => Promise.reject(new Error('Nothing is asked here.')),
    loadState: () => state,
    saveState: (next) => saved.push(next),
  };
  return { host, asked, saved, send: (message: HostToView) => receive(message) };
}

const { events } = sampleRun({ agents: 20, state: 'finished' });
const part = (from: number, to: number, more = false, runId = 'r'): HostToView => ({
  type: 'events',
  runId,
  events: events.slice(from, to),
  more,
  interrupted: false,
});

describe('the store', () => {
  it('asks for what it missed, once', () => {
    const { host, asked, send } = hostWith();
    const store = new RunStore(host);
    send(part(0, 10));
    send(part(12, 14));
    send(part(14, 16));
    expect(asked).toEqual([0, 10]);
    send(part(10, 16));
    expect(store.tree.lastSeq).toBe(16);
    send(part(20, 22));
    expect(asked).toEqual([0, 10, 16]);
  });

  it('tells its readers once for what comes together, after the last part', async () => {
    const { host, send } = hostWith();
    const store = new RunStore(host);
    let told = 0;
    store.subscribe(() => {
      told += 1;
    });
    send(part(0, 10, true));
    expect(store.loaded).toBe(false);
    send(part(10, 20));
    send(part(20, 30));
    await vi.waitFor(() => expect(told).toBe(1));
    expect([store.version, store.tree.lastSeq, store.loaded]).toEqual([1, 30, true]);
  });

  it('leaves a node that did not change as it was', () => {
    const { host, send } = hostWith();
    const store = new RunStore(host);
    send(part(0, 12));
    const before = store.tree.calls.get(1);
    send(part(12, events.length));
    expect(store.tree.calls.get(1)).toBe(before);
    expect(store.tree.calls.size).toBe(20);
  });

  it('starts over with another run', () => {
    const { host, send } = hostWith();
    const store = new RunStore(host);
    send(part(0, events.length));
    send(part(0, 3, false, 'other'));
    expect([store.runId, store.tree.lastSeq]).toEqual(['other', 3]);
  });

  it('calls a run that nobody drives interrupted, and starts over when it is driven again', () => {
    const { host, asked, send } = hostWith();
    const store = new RunStore(host);
    send({ type: 'events', runId: 'r', events: events.slice(0, 5), more: false, interrupted: true });
    expect([store.status(), store.tree.counts.working, store.tree.counts.stopped]).toEqual(['interrupted', 0, 1]);
    send(part(9, 12));
    expect([asked, store.tree.lastSeq]).toEqual([[0, 0], 0]);
    send(part(0, events.length));
    expect(store.status()).toBe('completed_with_failures');
  });
});

describe('messages', () => {
  it('are passed over where they have not the shape of one', () => {
    const bad = [
      null,
      'x',
      {},
      { type: 'events' },
      { type: 'events', runId: 'r', events: [null] },
      { type: 'response', id: 1, ok: false },
      { type: 'run-gone' },
    ];
    expect(bad.map(asHostMessage)).toEqual(bad.map(() => null));
    expect(asHostMessage({ type: 'run-gone', message: 'gone' })).toEqual({ type: 'run-gone', message: 'gone' });
  });
});

describe('the view', () => {
  it('saves the run it shows, so that a reload finds it', () => {
    const { host, saved } = hostWith();
    const view = new ViewStore(host);
    view.showRun('r1');
    expect(saved.at(-1)).toMatchObject({ runId: 'r1', view: 'tree' });
  });

  it('keeps what was saved for the same run, and starts clean with another', () => {
    const state = { runId: 'r1', view: 'list', selected: { type: 'call', id: 3 } };
    const { host } = hostWith(state);
    const view = new ViewStore(host);
    view.showRun('r1');
    expect(view.state).toMatchObject(state);
    view.showRun('r2');
    expect(view.state).toMatchObject({ runId: 'r2', view: 'tree', selected: null });
  });
});
