import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { HostToView, PanelRequest } from '../../extension/protocol/panel-messages.ts';
import { HostSearch } from '../../webview/find/host-search.ts';
import type { Host } from '../../webview/host.ts';
import { RunStore } from '../../webview/store.ts';
import { sampleRun } from '../support/sample-run.ts';

beforeAll(() => vi.stubGlobal('requestAnimationFrame', (paint: () => void) => setTimeout(paint, 0)));
afterAll(() => vi.unstubAllGlobals());

test('what was found in an attempt that is over counts for nothing in the next', async () => {
  const { events } = sampleRun({ agents: 10, state: 'running' });
  let receive: (message: HostToView) => void = () => undefined;
  const asked: PanelRequest[] = [];
  const answers = [Promise.resolve([{ call: 1, in: 'prompt', excerpt: 'a needle' }]), new Promise(() => undefined)];
  const host: Host = {
    kind: 'editor',
    generatedAt: null,
    listen: (listener) => {
      receive = listener;
    },
    subscribe: () => undefined,
    watch: () => undefined,
    request: (request) => {
      asked.push(request);
      return answers[asked.length - 1] as Promise<never>;
    },
    loadState: () => null,
    saveState: () => undefined,
  };
  const store = new RunStore(host);
  const send = (list: typeof events) =>
    receive({ type: 'events', runId: 'r', events: list, more: false, interrupted: false });
  send(events);
  const search = new HostSearch(store, () => undefined);
  search.look('needle');
  await expect.poll(() => search.answer).toMatchObject({ complete: true, hits: [{ call: 1 }] });
  send([{ type: 'run.started', attempt: 2, engine: 'isolated-vm', seq: events.length + 1, at: 1 }]);
  expect(search.answer).toMatchObject({ complete: false, hits: [] });
  // And so it is asked for anew.
  await expect.poll(() => asked.length).toBe(2);
});
