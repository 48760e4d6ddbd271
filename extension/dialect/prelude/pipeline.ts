import { caller, messageOf } from './errors.ts';
import { changeGroup, openGroup, shortName } from './groups.ts';
import { nameOfType } from './json-copy.ts';
import { emitLog } from './outbox.ts';
import { checkEntries } from './parallel.ts';
import { enterScope, inScope } from './scope.ts';

type Stage = (previous: unknown, item: unknown, index: number) => unknown;

/**
 * The global `pipeline()`: every item goes through the stages on its own, without waiting for the others. A stage that
 * throws, or returns null, makes the item null and skips what is left of its stages.
 * @throws TypeError for anything but an array and functions, RangeError over 4,096 items.
 */
export async function pipeline(items: unknown, ...stages: unknown[]): Promise<unknown[]> {
  if (!Array.isArray(items)) {
    throw new TypeError(`pipeline() expects an array of items first, not ${nameOfType(items)}.`);
  }
  checkEntries('pipeline', items.length);
  checkStages(stages);
  if (items.length === 0 || stages.length === 0) return [...items];
  const { scope } = caller();
  const labels = items.slice(0, 256).map(shortName);
  const group = openGroup({ kind: 'pipeline', size: items.length, stages: stages.length, labels }, scope);
  let dropped = 0;
  const flow = async (item: unknown, index: number): Promise<unknown> => {
    let value = item;
    for (const [stage, run] of stages.entries()) {
      const previous = value;
      try {
        value = await inScope({ group, slot: [index, stage] }, () => run(previous, item, index));
      } catch (error) {
        dropped += 1;
        changeGroup(group, { dropped });
        emitLog('warning', `pipeline[${index}] failed in stage ${stage + 1}: ${messageOf(error)}`);
        return null;
      }
      if (value === null) return null;
    }
    return value;
  };
  const results = await Promise.all(Array.from(items, flow));
  changeGroup(group, { closed: true });
  enterScope(scope);
  return results;
}

function checkStages(stages: unknown[]): asserts stages is Stage[] {
  for (const [index, stage] of stages.entries()) {
    if (typeof stage === 'function') continue;
    throw new TypeError(
      `pipeline() expects functions as its stages; stage ${index + 1} is ${nameOfType(stage)}. Write (previous, item, index) => ...`,
    );
  }
}
