import type { Usage } from '../extension/protocol/run-events.ts';
import type { CallNode } from '../extension/protocol/run-tree.ts';
import { usedWords } from '../extension/protocol/usage-words.ts';

/** `800 ms`, `14 s`, `4 m 02 s`, `1 h 05 m`, `2 d 03 h`; from milliseconds. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${pad(Math.floor(seconds) % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${pad(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `412`, `6.1 k`, `1.84 M`. */
export function count(value: number): string {
  if (value < 1000) return String(value);
  if (value < 999_500) return `${trim(value / 1000)} k`;
  return `${trim(value / 1e6)} M`;
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2).replace(/0$/, '');
}

/** Dollars; below a cent with the digits that matter. */
export function cost(usd: number): string {
  return usd > 0 && usd < 0.01 ? `$${usd.toPrecision(1)}` : `$${usd.toFixed(2)}`;
}

/** `12 k tokens · $0.20`; empty where nothing was used. */
export function usageText(usage: Usage): string {
  const tokens = totalTokens(usage);
  if (tokens === 0) return '';
  const price = usage.costUsd === null ? '' : ` · ${cost(usage.costUsd)}`;
  return usedWords(usage, `${count(tokens)} tokens${price}`);
}

/** `$0.20`, `about $0.20`; empty where it is not known, or nothing. */
export function costText(usage: Usage): string {
  return usage.costUsd ? usedWords(usage, cost(usage.costUsd)) : '';
}

export function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

/** How long an agent has been at work, or was; null while it waits. */
export function elapsedOf(call: CallNode, now: number): number | null {
  if (call.settled && call.settled.durationMs > 0) return call.settled.durationMs;
  if (call.startedAt === null) return null;
  return (call.endedAt ?? now) - call.startedAt;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/**
 * Text of unknown origin, fit to be shown: terminal sequences go, characters that reorder or hide text become visible.
 */
export function shown(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(ANSI, '')
    .replace(BIDI, (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase()}]`)
    .replace(CONTROL, (character) =>
      character === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + character.charCodeAt(0)),
    );
}

/** One line of such text, at most `length` characters. */
export function line(text: string, length = 300): string {
  const flat = shown(text.slice(0, length * 2))
    .replace(/\s+/g, ' ')
    .trim();
  return flat.length > length ? `${flat.slice(0, length - 1)}…` : flat;
}
