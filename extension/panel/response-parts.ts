import type { ResponseMessage, ResponsePartMessage } from '../protocol/panel-messages.ts';

/** Characters of JSON in one part: at three bytes each, or doubled by quoting, they stay below the 256 kB of a message. */
const PART_LENGTH = 80_000;

/** A response as the messages it takes: one, or where its answer is too large for one, several in order. */
export function* responseParts(response: ResponseMessage): Generator<ResponseMessage | ResponsePartMessage> {
  const json = response.ok ? JSON.stringify(response.answer) : '';
  if (json.length <= PART_LENGTH) return yield response;
  for (let from = 0; from < json.length; from += PART_LENGTH) {
    const more = from + PART_LENGTH < json.length;
    yield { type: 'response-part', id: response.id, json: json.slice(from, from + PART_LENGTH), more };
  }
}
