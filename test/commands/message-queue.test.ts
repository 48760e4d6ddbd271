import { expect, test } from 'vitest';
import { MessageQueue } from '../../extension/commands/message-queue.ts';

/** A queue whose messages a test closes by hand. */
function desk(together = 1) {
  const shown: string[][] = [];
  const closers: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  const failures: unknown[] = [];
  const gone = new Set<string>();
  const queue = new MessageQueue<string>({
    show: (items, signal) => {
      shown.push(items);
      signals.push(signal);
      return new Promise((resolve) => closers.push(resolve));
    },
    matters: (item) => !gone.has(item),
    together,
    onFailure: (error) => failures.push(error),
  });
  const close = async (message: number) => {
    closers[message]?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, shown, gone, close, signals };
}

test('the next message waits until the one before it was dealt with', async () => {
  const { queue, shown, close } = desk();
  queue.add('a', 'b');
  queue.add('c');
  expect(shown).toEqual([['a']]);
  await close(0);
  expect(shown).toEqual([['a'], ['b']]);
  await close(1);
  expect(shown).toEqual([['a'], ['b'], ['c']]);
});

test('a message that matters no longer holds nobody up, and its late end shows nothing twice', async () => {
  const { queue, shown, gone, close } = desk();
  queue.add('a', 'b', 'c');
  gone.add('a');
  queue.look();
  expect(shown).toEqual([['a'], ['b']]);
  await close(0);
  expect(shown).toEqual([['a'], ['b']]);
  await close(1);
  expect(shown).toEqual([['a'], ['b'], ['c']]);
});

test('a message is told when none of what it tells matters any longer, and not before', async () => {
  const { queue, gone, close, signals } = desk(2);
  queue.add('a');
  queue.add('b', 'c');
  await close(0);
  gone.add('b');
  queue.look();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  gone.add('c');
  queue.look();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test('what goes while another is shown and comes back is told of once', async () => {
  const { queue, shown, gone, close } = desk();
  queue.add('a', 'b');
  gone.add('b');
  queue.look();
  gone.delete('b');
  queue.add('b');
  await close(0);
  await close(1);
  expect(shown).toEqual([['a'], ['b']]);
});

test('what matters no longer while it waits is not shown at all', async () => {
  const { queue, shown, gone, close } = desk();
  queue.add('a', 'b', 'c');
  gone.add('b');
  await close(0);
  expect(shown).toEqual([['a'], ['c']]);
});

test('one message may tell of all that wait', async () => {
  const { queue, shown, close } = desk(Number.POSITIVE_INFINITY);
  queue.add('a');
  queue.add('b');
  queue.add('c');
  await close(0);
  expect(shown).toEqual([['a'], ['b', 'c']]);
});

test('a message that fails is told, and the next one comes', async () => {
  const failures: unknown[] = [];
  const shown: string[] = [];
  const queue = new MessageQueue<string>({
    show: async ([item = '']) => {
      shown.push(item);
      if (item === 'a') throw new Error('no window');
    },
    matters: () => true,
    together: 1,
    onFailure: (error) => failures.push(error),
  });
  queue.add('a', 'b');
  await expect.poll(() => shown).toEqual(['a', 'b']);
  expect(failures).toEqual([new Error('no window')]);
});
