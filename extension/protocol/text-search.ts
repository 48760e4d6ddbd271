import type { CallDetails, TranscriptEntry } from './call-details.ts';
import type { Json } from './json.ts';
import type { SearchHit } from './panel-messages.ts';

/** Where something stands in a text, in UTF-16 units. */
export interface Match {
  index: number;
  length: number;
}

/** The first place of what is looked for in a text, null where it has none. */
export type Finder = (text: string) => Match | null;

/** Characters of an excerpt, and how many of them may stand before the match: that must be seen where an excerpt is cut. */
const MOST_CHARACTERS = 200;
const BEFORE = 40;

/**
 * Looks for a text; null where there is nothing to look for. Upper and lower case are one, a letter and its accent are
 * found written as one character or as two, and white space is found whatever it consists of: a prompt breaks its lines anywhere.
 */
export function finderOf(wanted: string): Finder | null {
  const text = wanted.trim();
  if (text === '') return null;
  const forms = new Set([text.normalize('NFC'), text.normalize('NFD')]);
  // Not by `toLowerCase`: a text in lower case can be longer than it was, and its places would be those of another.
  const pattern = new RegExp([...forms].map(patternOf).join('|'), 'iu');
  return (where) => {
    const found = pattern.exec(where);
    return found && { index: found.index, length: found[0].length };
  };
}

function patternOf(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('\\s+');
}

/** One line around a place in a text, without control characters, at most 200 characters long. */
export function excerptOf(text: string, { index }: Match): string {
  const from = wholeCharacter(text, Math.max(0, index - BEFORE));
  const to = wholeCharacter(text, Math.min(text.length, from + MOST_CHARACTERS - 2));
  const line = text
    .slice(from, to)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return `${from > 0 ? '…' : ''}${line}${to < text.length ? '…' : ''}`;
}

/** The place, or the one before where it is in the middle of a character. */
function wholeCharacter(text: string, place: number): number {
  const unit = text.charCodeAt(place);
  return place > 0 && unit >= 0xdc00 && unit <= 0xdfff ? place - 1 : place;
}

/** Where it stands in what was asked of a call, in its answer and in its transcript: the first place in each. */
export function hitsIn(details: CallDetails, find: Finder): SearchHit[] {
  const { id, prompt, answer, transcript } = details;
  const hits: SearchHit[] = [];
  const look = (where: SearchHit['in'], texts: Iterable<string>) => {
    for (const text of texts) {
      const match = find(text);
      if (match) return hits.push({ call: id, in: where, excerpt: excerptOf(text, match) });
    }
  };
  look('prompt', [prompt]);
  if (answer !== undefined) look('answer', textsOfJson(answer));
  look('transcript', textsOfTranscript(transcript));
  return hits;
}

function* textsOfTranscript(transcript: TranscriptEntry[]): Generator<string> {
  for (const entry of transcript) {
    switch (entry.type) {
      case 'tool':
        yield entry.name;
        yield* textsOfJson(entry.input);
        yield entry.output;
        break;
      case 'answer-rejected':
        yield* textsOfJson(entry.answer);
        yield entry.problems;
        break;
      case 'retry':
        yield entry.reason;
        break;
      default:
        yield entry.text;
    }
  }
}

/** A value as screens show it; and each text in it, where that writes some of its characters in another way. */
function* textsOfJson(value: Json): Generator<string> {
  if (typeof value === 'string') return yield value;
  const shown = JSON.stringify(value, null, 2);
  yield shown;
  if (shown.includes('\\')) yield* leavesOf(value);
}

function* leavesOf(value: Json): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* leavesOf(inner);
}
