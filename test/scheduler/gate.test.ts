import { expect, test } from 'vitest';
import { Gate } from '../../extension/scheduler/gate.ts';

const never = new AbortController().signal;

/** Enters under names; tells who is through so far. */
function queue(gate: Gate) {
  const through: string[] = [];
  const places = new Map<string, number>();
  const cut: string[] = [];
  const enter = (name: string, signal = never): void => {
    gate.enter(signal).then(
      (place) => {
        places.set(name, place);
        through.push(name);
      },
      (reason: Error) => cut.push(`${name}: ${reason.message}`),
    );
  };
  const leave = (name: string): void => {
    gate.leave(places.get(name) ?? 0);
    gate.next();
  };
  return { through, cut, enter, leave, turn: () => new Promise((resolve) => setImmediate(resolve)) };
}

test('who is aborted while waiting leaves the queue at once, and frees nothing', async () => {
  const gate = new Gate(() => 1);
  const { through, cut, enter, leave, turn } = queue(gate);
  const cancel = new AbortController();
  enter('a');
  enter('b', cancel.signal);
  enter('c');
  cancel.abort(new Error('not wanted'));
  await turn();
  expect([through, cut, gate.out, gate.waiting]).toEqual([['a'], ['b: not wanted'], 1, 1]);
  leave('a');
  await turn();
  expect([through, gate.out, gate.waiting]).toEqual([['a', 'c'], 1, 0]);
});

test('who is aborted when through keeps the place until it is left', async () => {
  const gate = new Gate(() => 1);
  const { through, enter, leave, turn } = queue(gate);
  const cancel = new AbortController();
  enter('a', cancel.signal);
  enter('b');
  await turn();
  cancel.abort(new Error('stop'));
  await turn();
  expect([through, gate.out]).toEqual([['a'], 1]);
  leave('a');
  await turn();
  expect(through).toEqual(['a', 'b']);
});

test('a pause holds those who come and those who wait; one who is past it may ask for its end', async () => {
  const gate = new Gate(() => 2);
  const { through, enter, turn } = queue(gate);
  enter('a');
  await turn();
  gate.pause();
  gate.pause();
  enter('b');
  let past = false;
  gate.unpaused(never).then(() => {
    past = true;
  });
  const cancel = new AbortController();
  const waiting = gate.unpaused(cancel.signal);
  cancel.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  await turn();
  expect([through, past]).toEqual([['a'], false]);
  gate.unpause();
  await turn();
  expect([through, past]).toEqual([['a', 'b'], true]);
  await gate.unpaused(never);
});
