import { expect, it } from 'vitest';
import { describeOnEngines, fails, play, result, script } from '../support/script-host.ts';

describeOnEngines('tool()', () => {
  it('resolves to what the tool says', async () => {
    expect(await result(`return [await tool('read_file', { path: 'a.ts' }), await tool('list_directory')]`)).toEqual([
      'read_file {"path":"a.ts"}',
      'list_directory {}',
    ]);
  });

  it('asks where it stands, with its input as it was', async () => {
    const body = `phase('P');
const input = { pattern: 'x', at: new Date(0), none: undefined };
await parallel([() => { const p = tool('grep', input); input.pattern = 'y'; return p }])`;
    const { calls } = await play(script(body));
    expect(calls).toEqual([
      {
        type: 'call',
        call: 1,
        request: { kind: 'tool', name: 'grep', input: { pattern: 'x', at: '1970-01-01T00:00:00.000Z' } },
        phase: 'P',
        group: 1,
        slot: [0],
        at: { line: 4, column: 35 },
      },
    ]);
  });

  it('rejects with a ToolError, a real error at the line that asked', async () => {
    const respond = () => fails('ToolError', 'a.ts: no such file');
    const body = `return await tool('read_file', { path: 'a.ts' }).catch((e) => [e instanceof Error, e instanceof TypeError, e.name, e.message])`;
    expect(await result(body, { respond })).toEqual([true, false, 'ToolError', 'a.ts: no such file']);
    await expect(result(`\n  await tool('read_file')`, { respond })).rejects.toMatchObject({
      name: 'ToolError',
      line: 3,
      column: 9,
    });
  });

  it.each([
    ['', 'the name of a tool as a string, not undefined'],
    ['7', 'the name of a tool as a string, not a number'],
    ['""', 'the name of a tool'],
    ['"x".repeat(201)', 'the name of a tool'],
    ['"grep", "x"', 'the input of grep as an object, not a string'],
    ['"grep", [1]', 'the input of grep as an object, not an array'],
    ['"grep", null', 'the input of grep as an object, not null'],
    ['"grep", new Date(0)', 'this one is a string once it is written as JSON'],
    ['"grep", { x: 1n }', 'this one cannot be written as JSON'],
  ])('rejects tool(%s) with a TypeError, and calls nothing', async (given, message) => {
    const { end, calls } = await play(script(`await tool(${given})`));
    expect(end).toMatchObject({ error: { name: 'TypeError', message: expect.stringContaining(message), line: 2 } });
    expect(calls).toEqual([]);
  });
});
