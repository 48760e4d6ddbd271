/// <reference lib="esnext.array" />
import { warnOnce } from './outbox.ts';

/** Built-ins that only QuickJS has so far, by the global that holds them: a script that used one would fail elsewhere. */
const ONLY_QUICKJS: readonly [string, readonly string[]][] = [
  ['Iterator', ['concat']],
  ['Math', ['sumPrecise']],
  ['Set', ['groupBy']],
];
const LOCALE = /\bIntl\s*\.|\.toLocale(?:Date|Time)?String\s*\(\s*[^)\s]|\.localeCompare\s*\(/;

/** Makes one set of built-ins out of those of two engines, as far as that goes without writing an engine. */
export function closeEngineGaps(): void {
  unifyErrors();
  for (const [holder, names] of ONLY_QUICKJS) {
    for (const name of names) Reflect.deleteProperty(Reflect.get(globalThis, holder), name);
  }
  for (const { prototype } of [Map, WeakMap]) {
    for (const name of ['getOrInsert', 'getOrInsertComputed']) Reflect.deleteProperty(prototype, name);
  }
  nameTimeZone();
  supply(Array, 'fromAsync', fromAsync);
  supply(Error, 'captureStackTrace', captureStackTrace);
}

/** Warns, once in a run, where the engine has no `Intl` and a script seems to need it. */
export function warnOfLocale(source: string): void {
  if ('Intl' in globalThis || !LOCALE.test(source)) return;
  warnOnce(
    'This run has the engine QuickJS, which knows no languages: Intl is missing, toLocaleString() ignores what it is given, and localeCompare() goes by character code. With Node 24 or newer on this machine scripts get them.',
  );
}

/** QuickJS has a class of errors of its own for what is a RangeError elsewhere, such as a stack that is too deep. */
function unifyErrors(): void {
  const internal: unknown = Reflect.get(globalThis, 'InternalError');
  if (typeof internal !== 'function') return;
  Object.setPrototypeOf(internal.prototype, RangeError.prototype);
  Reflect.deleteProperty(internal.prototype, 'name');
}

/** A date as text ends in the name of its time zone, and a sandbox has only one; QuickJS leaves it out. */
function nameTimeZone(): void {
  for (const name of ['toString', 'toTimeString'] as const) {
    const toText = Date.prototype[name];
    if (toText.call(new Date(0)).endsWith(')')) continue;
    const value = {
      [name](this: Date): string {
        const text = toText.call(this);
        return text.endsWith('+0000') ? `${text} (Coordinated Universal Time)` : text;
      },
    }[name];
    Object.defineProperty(Date.prototype, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

function supply(holder: object, name: string, value: unknown): void {
  if (name in holder) return;
  Object.defineProperty(holder, name, { value, writable: true, configurable: true, enumerable: false });
}

/** `Array.fromAsync` (ECMA-262, 2026), into plain arrays. */
async function fromAsync(items: unknown, map?: (item: unknown, index: number) => unknown): Promise<unknown[]> {
  const result: unknown[] = [];
  const source = items as Partial<AsyncIterable<unknown>> & Iterable<unknown> & ArrayLike<unknown>;
  for await (const item of source[Symbol.asyncIterator] ? source : Array.from(source)) {
    result.push(map ? await map(item, result.length) : item);
  }
  return result;
}

/** V8's own, which scripts and their classes of errors call: here the stack is that of where it is called. */
function captureStackTrace(target: object): void {
  const value = new Error().stack;
  Object.defineProperty(target, 'stack', { value, writable: true, configurable: true, enumerable: false });
}
