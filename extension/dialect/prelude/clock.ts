/**
 * Time inside a run is the recorded time of the last settled call, so that a replay sees the same clock.
 * Within one activation it stands still.
 */
let now = 0;
let start: number | null = null;

export function setClock(milliseconds: number): void {
  now = milliseconds;
  start ??= milliseconds;
}

/** Replaces every way to ask for the time of the machine. */
export function installClock(): void {
  const RealDate = Date;
  const hereDate = new Proxy(RealDate, {
    apply: () => new RealDate(now).toString(),
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length > 0 ? given : [now], newTarget),
  });
  define(RealDate, 'now', () => now);
  define(RealDate.prototype, 'constructor', hereDate);
  define(globalThis, 'Date', hereDate);
  define(globalThis, 'performance', Object.freeze({ now: () => now - (start ?? now), timeOrigin: 0 }));
  installDefaultDates();
}

/** `Intl.DateTimeFormat` takes the machine's time where it is given none. */
function installDefaultDates(): void {
  // QuickJS has no Intl.
  if (!('Intl' in globalThis)) return;
  const prototype: object = Intl.DateTimeFormat.prototype;
  const format = Object.getOwnPropertyDescriptor(prototype, 'format')?.get;
  const toParts = Object.getOwnPropertyDescriptor(prototype, 'formatToParts')?.value;
  if (!format || !toParts) return;
  const get = function (this: Intl.DateTimeFormat) {
    const formatDate: (date?: unknown) => string = format.call(this);
    return (date?: unknown) => formatDate(date === undefined ? now : date);
  };
  Object.defineProperty(prototype, 'format', { get, configurable: true, enumerable: false });
  define(prototype, 'formatToParts', function (this: Intl.DateTimeFormat, date?: unknown) {
    return toParts.call(this, date === undefined ? now : date);
  });
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
}
