import type { CallDetails } from '../extension/protocol/call-details.ts';
import type {
  HostToView,
  PanelAnswers,
  PanelMethod,
  PanelRequest,
  ViewToHost,
} from '../extension/protocol/panel-messages.ts';
import type { ProgressEvent, RunEvent } from '../extension/protocol/run-events.ts';

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

/** Where the view gets its run from. `editor` can open files and act on the run; `page` only shows. */
export interface Host {
  kind: 'editor' | 'page';
  /** The time at which a page was made; a page does not tick. */
  generatedAt: number | null;
  listen(receive: (message: HostToView) => void): void;
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
  return {
    kind: 'editor',
    generatedAt: null,
    listen(receive) {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const message = asHostMessage(event.data);
        if (!message) return console.warn('Counterpoint: a message that is not understood was passed over.');
        if (message.type !== 'response') return receive(message);
        const waiting = pending.get(message.id);
        pending.delete(message.id);
        if (message.ok) waiting?.resolve(message.answer as never);
        else waiting?.reject(new Error(message.error));
      });
    },
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

function pageHost(data: PageData): Host {
  let receive: (message: HostToView) => void = () => undefined;
  const answers: { [M in PanelMethod]?: (request: PanelRequest) => PanelAnswers[M] } = {
    report: () => data.report,
    details: (request) => {
      const details = request.method === 'details' ? data.details[request.call] : undefined;
      if (!details) throw new Error('This page carries no details of that agent.');
      return details;
    },
  };
  return {
    kind: 'page',
    generatedAt: data.generatedAt,
    listen: (listener) => {
      receive = listener;
    },
    subscribe() {
      const created = data.events.find((event) => event.type === 'run.created');
      const runId = created?.type === 'run.created' ? created.run.id : '';
      receive({ type: 'events', runId, events: data.events, more: false, interrupted: data.interrupted });
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

/** The message, or null where it has not the shape of one. */
export function asHostMessage(value: unknown): HostToView | null {
  if (!isRecord(value)) return null;
  switch (value.type) {
    case 'events':
      return typeof value.runId === 'string' && isEventList(value.events) ? (value as unknown as HostToView) : null;
    case 'response':
      return typeof value.id === 'number' && (value.ok === true || typeof value.error === 'string')
        ? (value as unknown as HostToView)
        : null;
    case 'live':
      return typeof value.call === 'number' && typeof value.entries === 'number' && typeof value.text === 'string'
        ? (value as unknown as HostToView)
        : null;
    case 'command':
      return isRecord(value.command) && typeof value.command.name === 'string'
        ? (value as unknown as HostToView)
        : null;
    case 'run-gone':
      return typeof value.message === 'string' ? (value as unknown as HostToView) : null;
    default:
      return null;
  }
}

function isEventList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((event) => isRecord(event) && typeof event.type === 'string' && typeof event.at === 'number')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
