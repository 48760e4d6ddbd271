import { expect, it } from 'vitest';
import { describeOnEngines, fails, play, result, script } from '../support/script-host.ts';

describeOnEngines('parallel()', () => {
  it('waits for all and keeps the order, whichever comes first', async () => {
    const body = `return await parallel([() => agent('a'), () => 'plain', async () => (await agent('b')) + '!'])`;
    const newestFirst = { next: (waiting: { call: number }[]) => waiting.at(-1) as never };
    expect(await result(body, newestFirst)).toEqual(['a', 'plain', 'b!']);
  });

  it('starts all of them in one turn', async () => {
    const { commands } = await play(script(`await parallel([1, 2, 3].map((n) => () => agent('n' + n)))`));
    expect(commands.map(({ type }) => type)).toEqual(['group-open', 'call', 'call', 'call', 'group-change']);
  });

  it('never rejects: what throws leaves null, a line in the log and a dropped item', async () => {
    const played = await play(
      script(`return await parallel([
  () => 'x',
  () => { throw new Error('y'); },
  () => agent('a'),
  async () => { throw 'text'; },
])`),
      { answer: [fails('SchemaError', 'no answer')] },
    );
    expect(played.end).toEqual({ ok: true, result: ['x', null, null, null] });
    expect(played.logs).toEqual(['parallel[1] failed: y', 'parallel[3] failed: text', 'parallel[2] failed: no answer']);
    expect(played.groups[0]?.change).toEqual({ dropped: 3, closed: true });
  });

  it('keeps undefined as it is until the result is written', async () => {
    const body = 'const r = await parallel([() => undefined]); return { inside: r[0] === undefined, r }';
    expect(await result(body)).toEqual({ inside: true, r: [null] });
  });

  it('awaits a thenable', async () => {
    expect(await result('return await parallel([() => ({ then: (resolve) => resolve(7) })])')).toEqual([7]);
  });

  it('rejects promises with what to write instead', async () => {
    await expect(result('const x = 1;\nawait parallel([agent("a")])')).rejects.toMatchObject({
      name: 'TypeError',
      message: 'parallel() expects an array of functions, not promises. Wrap each call: () => agent(...)',
      line: 3,
      column: 7,
    });
  });

  it.each(['undefined', '"ab"', 'new Set()', '{ length: 1 }'])('rejects %s with a TypeError', async (value) => {
    await expect(result(`await parallel(${value})`)).rejects.toMatchObject({
      name: 'TypeError',
      message: 'parallel() expects an array of functions.',
    });
  });

  it('calls none of them where one is no function', async () => {
    const { end, calls } = await play(script('return await parallel([() => agent("a"), 3]).catch((e) => e.name)'));
    expect(end).toEqual({ ok: true, result: 'TypeError' });
    expect(calls).toEqual([]);
  });

  it('takes 4,096 entries and says so where there are more', async () => {
    expect(await result('return (await parallel(Array.from({ length: 4096 }, () => () => 1))).length')).toBe(4096);
    await expect(result('await parallel(Array.from({ length: 4097 }, () => () => 1))')).rejects.toMatchObject({
      name: 'RangeError',
      message: 'parallel() takes at most 4,096 entries in one call, and got 4097. Split them into batches.',
    });
  });

  it('gives an empty array for none, and shows no group', async () => {
    const { end, groups } = await play(script('return await parallel([])'));
    expect(end).toEqual({ ok: true, result: [] });
    expect(groups).toEqual([]);
  });
});
