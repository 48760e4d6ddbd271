import type { EventsMessage } from '../protocol/panel-messages.ts';

/** Bytes of JSON of the events in one message; the protocol allows 256 kB with all that is around them. */
const PART_BYTES = 200_000;

type Events = EventsMessage['events'];

/** Events as the parts in which they are sent; the last one, of which there are no more, may be empty. */
export function* eventParts(events: Iterable<Events[number]>): Generator<{ events: Events; more: boolean }> {
  let part: Events = [];
  let size = 0;
  for (const event of events) {
    const { fitting, bytes } = fitted(event);
    if (size + bytes > PART_BYTES && part.length > 0) {
      yield { events: part, more: true };
      part = [];
      size = 0;
    }
    part.push(fitting);
    size += bytes;
  }
  yield { events: part, more: false };
}

/** How long a text and a list in an event may be, tried in turn until the event fits. */
const CUTS = [
  { text: 20_000, list: 5000 },
  { text: 2000, list: 1000 },
  { text: 200, list: 100 },
  { text: 40, list: 10 },
];

/** The event, or whatever else is sent, its texts and lists cut where it is too large for a message of its own; what is cut says so. */
export function fitted<E extends object>(event: E): { fitting: E; bytes: number } {
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
