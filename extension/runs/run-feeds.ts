import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';

export type RunListener = (events: (RunEvent | ProgressEvent)[]) => void;

/** How often another process's run is looked at for news. */
const POLL_MS = 500;

interface Feed {
  listeners: Set<RunListener>;
  /** Everything up to here was told. */
  lastSeq: number;
  timer: NodeJS.Timeout;
}

/** Where events come from that this process did not write itself. */
export interface EventSource {
  lastSeq(runId: string): number;
  events(runId: string, after: number): RunEvent[];
}

/** Tells whoever watches a run of its events: at once those of this process, by polling those of another. */
export class RunFeeds {
  #source: EventSource;
  #feeds = new Map<string, Feed>();
  /** What each agent at work told last, by run and call: whoever listens from now on has missed it, and no journal has it. */
  #doing = new Map<string, Map<number, ProgressEvent>>();

  constructor(source: EventSource) {
    this.#source = source;
  }

  subscribe(runId: string, listener: RunListener): () => void {
    const feed = this.#feeds.get(runId) ?? this.#open(runId);
    feed.listeners.add(listener);
    const doing = [...(this.#doing.get(runId)?.values() ?? [])];
    // Once the listener has read what lies behind.
    if (doing.length > 0) queueMicrotask(() => feed.listeners.has(listener) && listener(doing));
    return () => {
      feed.listeners.delete(listener);
      if (feed.listeners.size === 0) this.#close(runId);
    };
  }

  tell(runId: string, events: (RunEvent | ProgressEvent)[]): void {
    for (const event of events) this.#note(runId, event);
    const feed = this.#feeds.get(runId);
    if (!feed) return;
    const recent = events.filter((event) => event.type === 'call.progress' || event.seq > feed.lastSeq);
    const first = recent.find((event) => event.type !== 'call.progress');
    const news = first && first.seq > feed.lastSeq + 1 ? [...this.#missed(runId, feed, first.seq), ...recent] : recent;
    for (const event of news) if (event.type !== 'call.progress') feed.lastSeq = event.seq;
    if (news.length > 0) for (const listener of feed.listeners) listener(news);
  }

  #note(runId: string, event: RunEvent | ProgressEvent): void {
    if (event.type === 'call.progress') {
      const doing = this.#doing.get(runId) ?? new Map<number, ProgressEvent>();
      this.#doing.set(runId, doing.set(event.id, event));
    } else if (event.type === 'call.settled') this.#doing.get(runId)?.delete(event.id);
    else if (event.type === 'run.started' || event.type === 'run.ended') this.#doing.delete(runId);
  }

  /** What another process wrote since the last look, before this one took the run over. */
  #missed(runId: string, feed: Feed, before: number): RunEvent[] {
    return this.#source.events(runId, feed.lastSeq).filter((event) => event.seq < before);
  }

  close(): void {
    for (const runId of [...this.#feeds.keys()]) this.#close(runId);
  }

  #open(runId: string): Feed {
    const poll = (): void => this.tell(runId, this.#source.events(runId, feed.lastSeq));
    const feed: Feed = {
      listeners: new Set(),
      lastSeq: this.#source.lastSeq(runId),
      timer: setInterval(poll, POLL_MS),
    };
    feed.timer.unref();
    this.#feeds.set(runId, feed);
    return feed;
  }

  #close(runId: string): void {
    clearInterval(this.#feeds.get(runId)?.timer);
    this.#feeds.delete(runId);
  }
}
