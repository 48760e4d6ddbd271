import { expect, it } from 'vitest';
import { describeOnEngines, fails, play, result, script } from '../support/script-host.ts';

describeOnEngines('pipeline()', () => {
  it('gives each stage (previous, item, index), and the item itself to the first', async () => {
    const body = `return await pipeline(['a', 'b'], (...x) => x, (...x) => x)`;
    expect(await result(body)).toEqual([
      [['a', 'a', 0], 'a', 0],
      [['b', 'b', 1], 'b', 1],
    ]);
  });

  it('has no barrier: an item goes on while another still waits in the first stage', async () => {
    const { prompts } = await play(
      script(`await pipeline(['slow', 'fast'], (item) => agent(item + ' 1'), (_, item) => agent(item + ' 2'))`),
      { next: (waiting) => waiting.find((call) => JSON.stringify(call).includes('fast')) ?? (waiting[0] as never) },
    );
    expect(prompts).toEqual(['slow 1', 'fast 1', 'fast 2', 'slow 2']);
  });

  it('makes an item null where a stage throws, and skips its later stages', async () => {
    const { end, logs, prompts, groups } = await play(
      script(`return await pipeline(['a', 'b', 'c'],
  (item) => { if (item === 'b') throw new Error('y'); return agent(item); },
  (previous) => agent('then ' + previous))`),
      { answer: ({ prompt }) => (prompt === 'c' ? fails('SchemaError', 'none') : prompt) },
    );
    expect(end).toEqual({ ok: true, result: ['then a', null, null] });
    expect(logs).toEqual(['pipeline[1] failed in stage 1: y', 'pipeline[2] failed in stage 1: none']);
    expect(prompts).toEqual(['a', 'c', 'then a']);
    expect(groups[0]?.change).toEqual({ dropped: 2, closed: true });
  });

  it('skips the later stages after null, not after undefined', async () => {
    const body = `const seen = [];
const r = await pipeline([null, undefined], (x) => x, (x, item, index) => { seen.push(index); return 'on'; });
return [r, seen]`;
    expect(await result(body)).toEqual([[null, 'on'], [1]]);
  });

  it('does not count a null of a stage as dropped', async () => {
    const { groups, logs } = await play(script('await pipeline([1], () => null, () => 2)'));
    expect(groups[0]?.change).toEqual({ closed: true });
    expect(logs).toEqual([]);
  });

  it('gives the items themselves without stages', async () => {
    expect(
      await result('const items = [1, { a: 2 }]; const r = await pipeline(items); return [r, r[1] === items[1]]'),
    ).toEqual([[1, { a: 2 }], true]);
  });

  it.each(['"ab"', 'new Set([1])', 'undefined', 'null'])('rejects %s as items with a TypeError', async (value) => {
    await expect(result(`await pipeline(${value}, (x) => x)`)).rejects.toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(/^pipeline\(\) expects an array of items first, not /),
    });
  });

  it('rejects a stage that is no function, naming which', async () => {
    await expect(result('await pipeline([1], (x) => x, agent("a"))')).rejects.toMatchObject({
      name: 'TypeError',
      message: 'pipeline() expects functions as its stages; stage 2 is an object. Write (previous, item, index) => ...',
    });
  });

  it('takes 4,096 items and says so where there are more', async () => {
    expect(await result('return (await pipeline(Array(4096).fill(1), (x) => x)).length')).toBe(4096);
    await expect(result('await pipeline(Array(4097).fill(1), (x) => x)')).rejects.toThrow('at most 4,096 entries');
  });

  it('names the items for the tree', async () => {
    const { groups } = await play(
      script(`const cyclic = {}; cyclic.self = cyclic;
await pipeline(['text\\n more', 7, { name: 'n' }, { file: 'f.js', line: 3 }, { x: 1 }, 'y'.repeat(60), cyclic, null], (x) => x, (x) => x)`),
    );
    expect(groups[0]).toMatchObject({ kind: 'pipeline', size: 8, stages: 2 });
    expect(groups[0]?.labels).toEqual(['text more', '7', 'n', 'f.js', '{"x":1}', `${'y'.repeat(47)}…`, '', 'null']);
  });
});
