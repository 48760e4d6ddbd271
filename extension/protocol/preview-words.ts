import type { Range } from './preview.ts';

/** Such as `about 40 (12 to 90)`; one number where there is no doubt. */
export function rangeWords({ low, likely, high }: Range, words: (value: number) => string): string {
  const [from, about, to] = [low, likely, high].map(words);
  return from === to ? `${about}` : `about ${about} (${from} to ${to})`;
}

/** An estimated time, no finer than an estimate is: `45 s`, `6 min`, `2.5 h`; from milliseconds. */
export function roughTimeWords(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Number((minutes / 60).toFixed(1))} h`;
}
