import type { EventsMessage, HostToView } from '../protocol/panel-messages.ts';
import type { ProgressEvent, RunEvent } from '../protocol/run-events.ts';
import type { RunService } from '../runs/run-service.ts';

/** Characters of JSON in one message; the protocol allows 256 kB, and one event is far smaller than the rest. */
const PART_SIZE = 200_000;
const PAGE = 1000;
/** Live events are gathered this long, so that a burst of a thousand is a few messages. */
const GATHER_MS = 50;
/** How often a run that has not ended is asked whether somebody still drives it: its end has an event, its death has none. */
const ALIVE_MS = 2000;

/** Streams one run's events to one view. The journal is the only source, so nothing can be lost or doubled between backlog and live. */
export interface EventFeed {
  /** Starts over: everything after `after`, then what comes. */
  start(after: number): void;
  /** Stops sending until the next `start`. */
  stop(): void;
}

export type FeedSource = Pick<RunService, 'events' | 'subscribe' | 'runs'>;

export function createEventFeed(
  source: FeedSource,
  runId: string,
  post: (message: HostToView) => PromiseLike<unknown>,
): EventFeed {
  let current: (() => void) | undefined;
  const stop = () => {
    current?.();
    current = undefined;
  };
  return {
    start(after) {
      stop();
      current = streamEvents(source, runId, after, post);
    },
    stop,
  };
}

/** One subscription of the view. Returns the way to end it. */
function streamEvents(
  source: FeedSource,
  runId: string,
  after: number,
  post: (message: HostToView) => PromiseLike<unknown>,
): () => void {
  let sent = after;
  let ended = false;
  let sending = false;
  let interrupted = isInterrupted(source, runId);
  let gather: NodeJS.Timeout | undefined;
  /** The newest progress of each agent that was not sent yet; older ones are of no use. */
  const progress = new Map<number, ProgressEvent>();

  const flush = async (evenIfEmpty: boolean) => {
    if (sending) return schedule();
    sending = true;
    try {
      for (const message of messagesAfter(source, runId, sent, progress, interrupted, evenIfEmpty)) {
        if (ended) return;
        sent = lastSeq(message, sent);
        await post(message);
      }
    } catch (error) {
      if (!ended) await post({ type: 'run-gone', message: error instanceof Error ? error.message : String(error) });
    } finally {
      sending = false;
    }
  };
  const schedule = () => {
    gather ??= setTimeout(() => {
      gather = undefined;
      if (!ended) void flush(false);
    }, GATHER_MS);
  };
  const unsubscribe = source.subscribe(runId, (events) => {
    for (const event of events) if (event.type === 'call.progress') progress.set(event.id, event);
    if (events.some((event) => event.type === 'run.started')) interrupted = false;
    schedule();
  });
  const alive = setInterval(() => {
    const now = isInterrupted(source, runId);
    if (now === interrupted) return;
    interrupted = now;
    void flush(true);
  }, ALIVE_MS);
  void flush(true);
  return () => {
    ended = true;
    clearTimeout(gather);
    clearInterval(alive);
    unsubscribe();
  };
}

function* messagesAfter(
  source: FeedSource,
  runId: string,
  after: number,
  progress: Map<number, ProgressEvent>,
  interrupted: boolean,
  evenIfEmpty: boolean,
): Generator<EventsMessage> {
  let part: EventsMessage['events'] = [];
  let size = 0;
  const message = (more: boolean): EventsMessage => ({ type: 'events', runId, events: part, more, interrupted });
  for (const event of eventsAfter(source, runId, after)) {
    const length = JSON.stringify(event).length;
    if (size + length > PART_SIZE && part.length > 0) {
      yield message(true);
      part = [];
      size = 0;
    }
    part.push(event);
    size += length;
  }
  part.push(...progress.values());
  progress.clear();
  if (part.length > 0 || evenIfEmpty) yield message(false);
}

function* eventsAfter(source: FeedSource, runId: string, after: number): Generator<RunEvent> {
  let last = after;
  for (;;) {
    const page = source.events(runId, last, PAGE);
    yield* page;
    const end = page.at(-1);
    if (!end || page.length < PAGE) return;
    last = end.seq;
  }
}

function lastSeq(message: EventsMessage, before: number): number {
  return message.events.reduce((last, event) => ('seq' in event ? event.seq : last), before);
}

function isInterrupted(source: FeedSource, runId: string): boolean {
  return source.runs().some((summary) => summary.run.id === runId && summary.status === 'interrupted');
}
