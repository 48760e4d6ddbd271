import type { CallDetails } from '../extension/protocol/call-details.ts';
import {
  type HostToView,
  MOST_HITS,
  type PanelAnswers,
  type PanelMethod,
  type PanelRequest,
  type ResponseMessage,
  type SearchHit,
  type ViewToHost,
} from '../extension/protocol/panel-messages.ts';
import type { ProgressEvent, RunEvent } from '../extension/protocol/run-events.ts';
import { finderOf, hitsIn } from '../extension/protocol/text-search.ts';
import { isPanelCommand, isPreviewMessage, isRecord, soundEvents } from './inbound.ts';

/** Id of the element in which a page of a run carries its data. */
export const PAGE_DATA_ID = 'counterpoint-run';

/** What a self-contained page carries. Times are milliseconds since the epoch. */
export interface PageData {
  events: (RunEvent | ProgressEvent)[];
  details: Record<string, CallDetails>;
  report: string | null;
  interrupted: boolean;
  generatedAt: number;
}

type Receive = (message: HostToView) => void;

/** Where the view gets its run from. `editor` can open files and act on the run; `page` only shows. */
export interface Host {
  kind: 'editor' | 'page';
  /** The time at which a page was made; a page does not tick. */
  generatedAt: number | null;
  /** What comes from the host, answers aside, goes to each who listens. */
  listen(receive: Receive): void;
  subscribe(after: number): void;
  /** From here on the host tells of this call alone what it says while it says it; null: of none. */
  watch(call: number | null): void;
  /** @throws Error with the host's reason. */
  request<R extends PanelRequest>(request: R): Promise<PanelAnswers[R['method']]>;
  loadState(): unknown;
  saveState(state: unknown): void;
}

interface VsCodeApi {
  postMessage(message: ViewToHost): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  var acquireVsCodeApi: (() => VsCodeApi) | undefined;
}

export function findHost(): Host {
  if (typeof globalThis.acquireVsCodeApi === 'function') return editorHost(globalThis.acquireVsCodeApi());
  const data = document.getElementById(PAGE_DATA_ID)?.textContent;
  if (!data) throw new Error('There is neither an editor nor a run in this page.');
  return pageHost(JSON.parse(data) as PageData);
}

/** Messages reach a webview from its host alone, but are still checked: an older or newer host must not break the view. */
function editorHost(api: VsCodeApi): Host {
  const pending = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  const parts = new Map<number, string>();
  const listeners: Receive[] = [];
  const settle = (message: ResponseMessage) => {
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (message.ok) waiting?.resolve(message.answer as never);
    else waiting?.reject(new Error(message.error));
  };
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = asHostMessage(event.data);
    if (!message) return console.warn('Counterpoint: a message that is not understood was passed over.');
    if (message.type === 'response') return settle(message);
    if (message.type !== 'response-part') return tellAll(listeners, message);
    const { id, json, more } = message;
    const whole = (parts.get(id) ?? '') + json;
    if (more) return void parts.set(id, whole);
    parts.delete(id);
    settle({ type: 'response', id, ok: true, answer: JSON.parse(whole) });
  });
  return {
    kind: 'editor',
    generatedAt: null,
    listen: (receive) => void listeners.push(receive),
    subscribe: (after) => api.postMessage({ type: 'subscribe', after }),
    watch: (call) => api.postMessage({ type: 'watch', call }),
    request(request) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        api.postMessage({ type: 'request', id, request });
      });
    },
    loadState: () => api.getState(),
    saveState: (state) => api.setState(state),
  };
}

function tellAll(listeners: Receive[], message: HostToView): void {
  for (const receive of listeners) receive(message);
}

function pageHost(data: PageData): Host {
  const listeners: Receive[] = [];
  const answers: { [M in PanelMethod]?: (request: PanelRequest) => PanelAnswers[M] } = {
    report: () => data.report,
    details: (request) => {
      const details = request.method === 'details' ? data.details[request.call] : undefined;
      if (!details) throw new Error('This page carries no details of that agent.');
      return details;
    },
    search: (request) => (request.method === 'search' ? searchPage(data, request.text) : []),
  };
  return {
    kind: 'page',
    generatedAt: data.generatedAt,
    listen: (receive) => void listeners.push(receive),
    subscribe() {
      const created = data.events.find((event) => event.type === 'run.created');
      const runId = created?.type === 'run.created' ? created.run.id : '';
      tellAll(listeners, { type: 'events', runId, events: data.events, more: false, interrupted: data.interrupted });
    },
    // Nothing moves in a page.
    watch: () => undefined,
    async request(request) {
      const answer = answers[request.method];
      if (!answer) throw new Error('A saved page cannot do this; open the run in the editor.');
      return answer(request) as never;
    },
    loadState: () => null,
    saveState: () => undefined,
  };
}

/** As the host of an editor does, in what the page carries. */
function searchPage({ details }: PageData, text: string): SearchHit[] {
  const find = finderOf(text);
  // Keys that are numbers come in their order.
  return find
    ? Object.values(details)
        .flatMap((each) => hitsIn(each, find))
        .slice(0, MOST_HITS)
    : [];
}

/** The message, or null where it has not the shape of one. */
export function asHostMessage(value: unknown): HostToView | null {
  if (!isRecord(value)) return null;
  switch (value.type) {
    case 'events':
      return typeof value.runId === 'string' && Array.isArray(value.events) && value.events.every(isStamped)
        ? ({ ...value, events: soundEvents(value.events) } as unknown as HostToView)
        : null;
    case 'response':
      return typeof value.id === 'number' && (value.ok === true || typeof value.error === 'string')
        ? (value as unknown as HostToView)
        : null;
    case 'response-part':
      return typeof value.id === 'number' && typeof value.json === 'string' && typeof value.more === 'boolean'
        ? (value as unknown as HostToView)
        : null;
    case 'live':
      return typeof value.call === 'number' && typeof value.entries === 'number' && typeof value.text === 'string'
        ? (value as unknown as HostToView)
        : null;
    case 'command':
      return isPanelCommand(value.command) ? (value as unknown as HostToView) : null;
    case 'preview':
      return isPreviewMessage(value) ? (value as unknown as HostToView) : null;
    case 'run-gone':
      return typeof value.message === 'string' ? (value as unknown as HostToView) : null;
    default:
      return null;
  }
}

function isStamped(event: unknown): boolean {
  return isRecord(event) && typeof event.type === 'string' && typeof event.at === 'number';
}
