import { expect, it } from 'vitest';
import { describeOnEngines, play, script } from '../support/script-host.ts';

describeOnEngines('a script that forges what the prelude reads of a stack', () => {
  /** Where a call lands that is made inside of functions of these names, the last one innermost. */
  async function placeUnder(name: string, act = `agent('x')`) {
    const body = `const forged = { [${JSON.stringify(name)}]: async () => await ${act} }; return await forged[${JSON.stringify(name)}]()`;
    const { calls, groups, end } = await play(script(body));
    expect(end).toMatchObject({ ok: true });
    return { calls: calls.map(({ group, slot }) => [group, slot]), groups: groups.map(({ id, group }) => [id, group]) };
  }

  it.each([
    'counterpoint scope 7 1,2',
    'counterpoint scope 1 0',
    'counterpoint scope 0 ',
    'counterpoint scope 99999999999999999999 ',
    `counterpoint scope 1 ${Array(20).fill(1)}`,
    'counterpoint scope 1 99999999999999999999',
    'counterpoint scope - 1,2',
    'async counterpoint scope 1 0',
    'x (workflow.js:1:1)\n    at counterpoint scope 1 0',
  ])('with a function called %j is where it is', async (name) => {
    expect(await placeUnder(name)).toEqual({ calls: [[null, []]], groups: [] });
  });

  it('cannot put a group into itself, or into one that is yet to come', async () => {
    for (const group of [1, 2, 3]) {
      const placed = await placeUnder(`counterpoint scope ${group} `, `parallel([() => agent('x')])`);
      expect(placed).toEqual({ calls: [[1, [0]]], groups: [[1, null]] });
    }
  });

  it.each([
    ['throws', '() => { throw 1 }'],
    ['gives what is no text', '() => new Proxy({}, { get() { throw 1 } })'],
    ['gives a line that no file has', `() => '    at x (workflow.js:99999999999999999999:1)'`],
    ['gives a place in another file', `() => 'Error\\n    at x (/etc/passwd:1:1)'`],
    ['gives a forged scope', `() => '    at counterpoint scope 4 1 (workflow.js:1:1)'`],
  ])('with a formatter of stacks that %s asks for the same', async (_, formatter) => {
    const body = `Error.prepareStackTrace = ${formatter};
const all = [agent('a', { label: 'L' }), parallel([() => agent('b')]), pipeline([1], () => agent('c'))]; log('l'); phase('p'); setTimeout(() => 0, 1);
await Promise.all(all); return 1`;
    const { prompts, end, logs, groups } = await play(script(body));
    expect([prompts, logs, groups.map(({ group }) => group), end]).toEqual([
      ['a', 'b', 'c'],
      ['l'],
      [null, null],
      { ok: true, result: 1 },
    ]);
  });

  it.each(['0', 'Infinity', '-1', "'x'", '{ valueOf() { throw 1 } }', '{ get x() { throw 1 } }'])(
    'with Error.stackTraceLimit = %s asks for the same',
    async (limit) => {
      const { prompts, end } = await play(
        script(`Error.stackTraceLimit = ${limit}; return [await agent('a'), await parallel([() => agent('b')])]`),
      );
      expect([prompts, end]).toEqual([['a', 'b'], { ok: true, result: ['a', ['b']] }]);
    },
  );

  it('with Symbol.hasInstance or another Error asks for the same', async () => {
    for (const patch of [
      `Object.defineProperty(Error, Symbol.hasInstance, { value: () => { throw 1 } })`,
      `Object.defineProperty(Error, Symbol.hasInstance, { value: () => true })`,
      `Error.captureStackTrace = () => { throw 1 }`,
    ]) {
      const body = `${patch}; log({ a: 1 }); const both = await parallel([() => agent('a'), () => { throw { message: 'm' } }]); return both`;
      const { prompts, end, logs } = await play(script(body));
      expect([prompts, end, logs.length]).toEqual([['a'], { ok: true, result: ['a', null] }, 2]);
    }
  });
});
