import { caller, messageOf } from './errors.ts';
import { changeGroup, openGroup } from './groups.ts';
import { emitLog } from './outbox.ts';
import { enterScope, inScope } from './scope.ts';

/** Entries that one `parallel()` or `pipeline()` takes. */
const ENTRY_LIMIT = 4096;

/**
 * The global `parallel()`: waits for all and keeps the order. What throws leaves null in its place and a line in the log.
 * @throws TypeError for anything but an array of functions, RangeError over 4,096 of them.
 */
export async function parallel(thunks: unknown): Promise<unknown[]> {
  if (!Array.isArray(thunks)) throw new TypeError('parallel() expects an array of functions.');
  checkEntries('parallel', thunks.length);
  const functions = Array.from(thunks, (thunk: unknown) => {
    if (typeof thunk === 'function') return thunk as () => unknown;
    throw new TypeError('parallel() expects an array of functions, not promises. Wrap each call: () => agent(...)');
  });
  if (functions.length === 0) return [];
  const { scope } = caller();
  const group = openGroup({ kind: 'parallel', size: functions.length }, scope);
  let dropped = 0;
  const settle = async (thunk: () => unknown, index: number): Promise<unknown> => {
    try {
      return await inScope({ group, slot: [index] }, () => thunk());
    } catch (error) {
      dropped += 1;
      changeGroup(group, { dropped });
      emitLog('warning', `parallel[${index}] failed: ${messageOf(error)}`);
      return null;
    }
  };
  const results = await Promise.all(functions.map(settle));
  changeGroup(group, { closed: true });
  enterScope(scope);
  return results;
}

/** @throws RangeError over the limit. */
export function checkEntries(name: string, count: number): void {
  if (count > ENTRY_LIMIT) {
    throw new RangeError(
      `${name}() takes at most 4,096 entries in one call, and got ${count}. Split them into batches.`,
    );
  }
}
