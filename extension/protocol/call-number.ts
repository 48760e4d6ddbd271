import { FIRST_ADDED_CALL } from './run-events.ts';

const ADDED = /^added-([1-9]\d{0,5})$/;

/** The number of a call as people read and type it: `7`, or `added-2` for the second agent that a person added. */
export function callNumberWords(id: number): string {
  return id < FIRST_ADDED_CALL ? String(id) : `added-${addedNumber(id)}`;
}

/** What `callNumberWords` writes, read; null where it is none. */
export function callNumberOf(words: string): number | null {
  const added = ADDED.exec(words.trim());
  if (added) return FIRST_ADDED_CALL - 1 + Number(added[1]);
  const number = Number(words);
  return Number.isSafeInteger(number) && number >= 1 ? number : null;
}

/** Which of the agents that a person added a call is, from 1. */
export function addedNumber(id: number): number {
  return id - FIRST_ADDED_CALL + 1;
}
