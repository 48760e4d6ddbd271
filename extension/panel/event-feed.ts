import type { EventsMessage, HostToView } from '../protocol/panel-messages.ts';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import type { RunService } from '../runs/run-service.ts';

/** Bytes of JSON of the events in one message; the protocol allows 256 kB with all that is around them. */
const PART_BYTES = 200_000;
const PAGE = 1000;
/** Live events are gathered this long, so that a burst of a thousand is a few messages. */
const GATHER_MS = 50;
/** How often a run that has not ended is asked whether somebody still drives it: its end has an event, its death has none. */
const ALIVE_MS = 2000;

export type FeedSource = Pick<RunService, 'events' | 'subscribe' | 'summary'>;
export type Post = (message: HostToView) => PromiseLike<unknown>;

/**
 * Streams one run's events to one view: everything after `after`, then what comes, until the returned function is called.
 * News only says that there is something to read; what is sent is read from the journal, so nothing is lost or doubled
 * between the backlog and what is live.
 */
export function streamEvents(source: FeedSource, runId: string, after: number, post: Post): () => void {
  const stream = new EventStream(source, runId, after, post);
  return () => stream.close();
}

class EventStream {
  #source: FeedSource;
  #runId: string;
  #post: Post;
  /** The last `seq` that was sent. */
  #sent: number;
  #interrupted = false;
  #sending = false;
  #closed = false;
  #gather: NodeJS.Timeout | undefined;
  #alive: NodeJS.Timeout;
  #unsubscribe: () => void;
  /** The newest progress of each agent that was not sent yet; older ones are of no use. */
  #progress = new Map<number, ProgressEvent>();

  constructor(source: FeedSource, runId: string, after: number, post: Post) {
    this.#source = source;
    this.#runId = runId;
    this.#post = post;
    this.#sent = after;
    this.#unsubscribe = source.subscribe(runId, (events) => this.#hear(events));
    this.#alive = setInterval(() => this.#checkAlive(), ALIVE_MS);
    // Even an empty answer tells the view that the run is there.
    void this.#flush(true);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#gather);
    clearInterval(this.#alive);
    this.#unsubscribe();
  }

  #hear(events: (RunEvent | ProgressEvent)[]): void {
    for (const event of events) {
      if (event.type === 'call.progress') this.#progress.set(event.id, event);
      if (event.type === 'run.started') this.#interrupted = false;
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      void this.#flush(false);
    }, GATHER_MS);
  }

  #checkAlive(): void {
    try {
      if (this.#isInterrupted() !== this.#interrupted) void this.#flush(true);
    } catch {
      // A journal that cannot be read any more is told by the sending that fails on it.
      void this.#flush(true);
    }
  }

  #isInterrupted(): boolean {
    return this.#source.summary(this.#runId)?.status === 'interrupted';
  }

  async #flush(evenIfEmpty: boolean): Promise<void> {
    if (this.#sending) return this.#schedule();
    this.#sending = true;
    try {
      for (const message of this.#messages(evenIfEmpty)) {
        if (this.#closed) return;
        await this.#post(message);
      }
    } catch (error) {
      if (!this.#closed)
        await this.#post({ type: 'run-gone', message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#sending = false;
    }
  }

  *#messages(evenIfEmpty: boolean): Generator<EventsMessage> {
    if (evenIfEmpty) this.#interrupted = this.#isInterrupted();
    let part: EventsMessage['events'] = [];
    let size = 0;
    for (const event of this.#unsent()) {
      const { fitting, bytes } = fitted(event);
      if (size + bytes > PART_BYTES && part.length > 0) {
        yield this.#message(part, true);
        part = [];
        size = 0;
      }
      part.push(fitting);
      size += bytes;
      if (event.type !== 'call.progress') this.#sent = event.seq;
    }
    if (part.length > 0 || evenIfEmpty) yield this.#message(part, false);
  }

  /** What is in the journal, and then what the agents are doing. */
  *#unsent(): Generator<RunEvent | ProgressEvent> {
    for (;;) {
      const page = this.#source.events(this.#runId, this.#sent, PAGE);
      yield* page;
      if (page.length < PAGE) break;
    }
    const progress = [...this.#progress.values()];
    this.#progress.clear();
    yield* progress;
  }

  #message(events: EventsMessage['events'], more: boolean): EventsMessage {
    return { type: 'events', runId: this.#runId, events, more, interrupted: this.#interrupted };
  }
}

/** How long a text and a list in an event may be, tried in turn until the event fits. */
const CUTS = [
  { text: 20_000, list: 5000 },
  { text: 2000, list: 1000 },
  { text: 200, list: 100 },
  { text: 40, list: 10 },
];

/** The event, its texts and lists cut where it is too large for a message of its own; what is cut says so. */
function fitted<E extends RunEvent | ProgressEvent>(event: E): { fitting: E; bytes: number } {
  let fitting = event;
  let bytes = bytesOf(event);
  for (const cut of CUTS) {
    if (bytes <= PART_BYTES) break;
    fitting = shortened(event, cut) as E;
    bytes = bytesOf(fitting);
  }
  return { fitting, bytes };
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}

function shortened(value: unknown, cut: { text: number; list: number }): unknown {
  if (typeof value === 'string') {
    const over = value.length - cut.text;
    return over > 0 ? `${value.slice(0, cut.text)}… [${over} more characters]` : value;
  }
  if (Array.isArray(value)) return value.slice(0, cut.list).map((item) => shortened(item, cut));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shortened(entry, cut)]));
}
