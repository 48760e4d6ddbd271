import type { EventsMessage, HostToView } from '../protocol/panel-messages.ts';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import type { RunService } from '../runs/run-service.ts';
import { eventParts } from './event-parts.ts';

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
export function streamEvents(source: FeedSource, runId: string, after: number, post: Post): EventStream {
  return new EventStream(source, runId, after, post);
}

export class EventStream {
  #source: FeedSource;
  #runId: string;
  #post: Post;
  /** The last `seq` that was sent. */
  #sent: number;
  #interrupted = false;
  #sending: Promise<void> | null = null;
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

  /** Sends at once all that there is by now; resolves when it has arrived. */
  async catchUp(): Promise<void> {
    while (this.#sending) await this.#sending;
    await this.#flush(false);
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
    this.#sending = this.#send(evenIfEmpty).finally(() => {
      this.#sending = null;
    });
    await this.#sending;
  }

  async #send(evenIfEmpty: boolean): Promise<void> {
    try {
      for (const message of this.#messages(evenIfEmpty)) {
        if (this.#closed) return;
        await this.#post(message);
      }
    } catch (error) {
      if (!this.#closed)
        await this.#post({ type: 'run-gone', message: error instanceof Error ? error.message : String(error) });
    }
  }

  *#messages(evenIfEmpty: boolean): Generator<EventsMessage> {
    if (evenIfEmpty) this.#interrupted = this.#isInterrupted();
    for (const { events, more } of eventParts(this.#unsent()))
      if (events.length > 0 || evenIfEmpty)
        yield { type: 'events', runId: this.#runId, events, more, interrupted: this.#interrupted };
  }

  /** What is in the journal, and then what the agents are doing. */
  *#unsent(): Generator<RunEvent | ProgressEvent> {
    for (;;) {
      const page = this.#source.events(this.#runId, this.#sent, PAGE);
      for (const event of page) {
        yield event;
        this.#sent = event.seq;
      }
      if (page.length < PAGE) break;
    }
    const progress = [...this.#progress.values()];
    this.#progress.clear();
    yield* progress;
  }
}
