import { isJsonObject, type Json, type JsonObject } from '../../protocol/json.ts';
import { messageOf } from './errors.ts';

// Taken before the script runs: it may put its own functions there.
const { parse, stringify } = JSON;

/** What `JSON.stringify` makes of a value, undefined where that is nothing. @throws TypeError beginning with `what`, where it is no JSON. */
export function jsonText(value: unknown, what: string): string | undefined {
  try {
    return stringify(value);
  } catch (error) {
    throw new TypeError(`${what} cannot be written as JSON: ${messageOf(error).split('\n')[0]}`);
  }
}

/** A copy, so that nothing of it changes afterwards; undefined for what JSON leaves out. @throws TypeError as above. */
export function jsonCopy(value: unknown, what: string): Json | undefined {
  const text = jsonText(value, what);
  return text === undefined ? undefined : parse(text);
}

/** The copy of an object, also of one that writes itself as another. @throws TypeError beginning with `expectation`. */
export function jsonObject(value: unknown, expectation: string): JsonObject {
  if (!isJsonObject(value)) throw new TypeError(`${expectation}, not ${nameOfType(value)}.`);
  let copy: unknown;
  try {
    copy = parse(stringify(value));
  } catch (error) {
    throw new TypeError(`${expectation}; this one cannot be written as JSON: ${messageOf(error).split('\n')[0]}`);
  }
  if (isJsonObject(copy)) return copy;
  throw new TypeError(`${expectation}; this one is ${nameOfType(copy)} once it is written as JSON.`);
}

/** What a value is, with its article, as an error message names it. */
export function nameOfType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  const type = typeof value;
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
