import { issueCall } from './calls.ts';
import { caller, describeThrown } from './errors.ts';
import { nameOfType } from './json-copy.ts';
import { emitLog } from './outbox.ts';
import { currentPhase } from './scope.ts';

const LONGEST_DELAY_MS = 2 ** 31 - 1;
// Not sets, whose methods a script can replace.
const cleared: Record<number, boolean> = Object.create(null);
const waiting: Record<number, boolean> = Object.create(null);

/** The global `setTimeout()`: a call of the host like any other, so its order among them is recorded. */
export function setTimeout(callback: unknown, delay?: unknown, ...values: unknown[]): number {
  if (typeof callback !== 'function')
    throw new TypeError(`setTimeout() expects a function first, not ${nameOfType(callback)}.`);
  const milliseconds = Number(delay);
  const delayMs = milliseconds > 0 ? Math.min(Math.round(milliseconds), LONGEST_DELAY_MS) : 0;
  const from = caller();
  const timer = issueCall({ kind: 'timer', delayMs }, currentPhase(from.scope), from, () => {
    delete waiting[timer];
    if (cleared[timer]) {
      delete cleared[timer];
      return;
    }
    try {
      Reflect.apply(callback, undefined, values);
    } catch (error) {
      const { name, message, line, script } = describeThrown(error);
      const place = line === undefined ? '' : ` (${script === undefined ? '' : `${script}, `}line ${line})`;
      emitLog('error', `A setTimeout callback threw ${name}: ${message}${place}`);
    }
  });
  waiting[timer] = true;
  return timer;
}

/** The global `clearTimeout()`; anything but a waiting timer is ignored. */
export function clearTimeout(timer: unknown): void {
  if (typeof timer === 'number' && waiting[timer]) cleared[timer] = true;
}
