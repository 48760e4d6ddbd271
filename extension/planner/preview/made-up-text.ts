import { drawnInteger } from './dice.ts';
import { isDry, type Occasion } from './leaning.ts';
import { filesFor, namesFiles } from './prompt-reading.ts';

/** A text for a property of this name; a file where the name asks for one. `path`: where it stands in the answer. */
export function madeUpText({ name, path }: { name: string; path: string }, occasion: Occasion): string {
  if (namesFiles(name) && occasion.files) {
    const files = filesFor(occasion);
    const file = files[drawnInteger(`${occasion.serial} ${path}`, 0, Math.max(0, files.length - 1))];
    if (file !== undefined) return file;
  }
  const index = path.replace(/[^0-9]+/g, ' ').trim();
  // A loop that has run dry hears the same again.
  const which = isDry(occasion) ? 'again' : occasion.serial;
  return `made-up ${name || 'text'} ${which}${index && ` ${index}`}`;
}

/** The text made as long, or as short, as it has to be. */
export function fitted(text: string, min: number, max: number): string {
  const padded = text.length < min ? text + 'x'.repeat(min - text.length) : text;
  return padded.length > max ? padded.slice(0, max) : padded;
}

/** A text of one of the formats that are checked; undefined for any other. @param draw what makes two of them differ. */
export function formatted(format: string, draw: string): string | undefined {
  const digits = (count: number): string => String(drawnInteger(draw, 0, 10 ** count - 1)).padStart(count, '0');
  return FORMATS[format]?.(digits);
}

type Format = (digits: (count: number) => string) => string;

const dateTime: Format = () => '2026-01-02T03:04:05Z';
const time: Format = () => '03:04:05Z';
const email: Format = (digits) => `someone${digits(4)}@example.com`;
const hostname: Format = (digits) => `host${digits(4)}.example.com`;
const address: Format = (digits) => `https://example.com/${digits(6)}`;
const reference: Format = (digits) => `/made-up/${digits(6)}`;

const FORMATS: Record<string, Format> = {
  'date-time': dateTime,
  'iso-date-time': dateTime,
  date: () => '2026-01-02',
  time,
  'iso-time': time,
  duration: () => 'PT1H',
  email,
  'idn-email': email,
  hostname,
  'idn-hostname': hostname,
  ipv4: () => '192.0.2.1',
  ipv6: () => '2001:db8::1',
  uri: address,
  url: address,
  iri: address,
  'uri-reference': reference,
  'iri-reference': reference,
  'uri-template': () => '/made-up/{name}',
  uuid: (digits) => `00000000-0000-4000-8000-${digits(8).padStart(12, '0')}`,
  'json-pointer': () => '/made/up',
  'json-pointer-uri-fragment': () => '#/made/up',
  'relative-json-pointer': () => '0/made',
  regex: () => 'made-up',
  byte: () => 'bWFkZSB1cA==',
};
