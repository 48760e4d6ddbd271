import { expect, it } from 'vitest';
import { describeOnEngines, never, play, result, script } from '../support/script-host.ts';

describeOnEngines('the result', () => {
  it.each([
    ['return 1', 1],
    ['return', null],
    ['', null],
    ['return undefined', null],
    ['return () => 1', null],
    ['return Symbol()', null],
    ['return "a\\u2028b\\nc"', 'a\u2028b\nc'],
    [
      'return { m: new Map([[1, 2]]), s: new Set([1]), f() {}, n: NaN, i: Infinity, z: -0, u: undefined, d: new Date(0) }',
      { m: {}, s: {}, n: null, i: null, z: 0, d: '1970-01-01T00:00:00.000Z' },
    ],
    ['return [undefined, () => 1, NaN]', [null, null, null]],
    ['return { toJSON: () => "own" }', 'own'],
    ['return agent("a")', 'a'],
    ['return { then: (resolve) => resolve({ ok: 1 }) }', { ok: 1 }],
    ['return new Error("x")', {}],
  ])('of %j is %j', async (body, expected) => {
    expect(await result(body)).toEqual(expected);
  });

  it.each([
    ['return { a: 1n }', /^The result of the script cannot be written as JSON: .*BigInt/],
    ['const a = {}; a.a = a; return a', /^The result of the script cannot be written as JSON: .*circular/],
    ['return { toJSON() { throw new Error("mine") } }', /^The result of the script cannot be written as JSON: mine$/],
  ])('fails the run where it is no JSON: %s', async (body, message) => {
    await expect(result(body)).rejects.toMatchObject({ name: 'TypeError', message: expect.stringMatching(message) });
  });

  it('fails the run where it is nested too deeply', async () => {
    await expect(result('let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a')).rejects.toThrow(
      /call stack size/,
    );
  });

  it('fails the run over 32 MB, and so do commands', async () => {
    await expect(result('return "x".repeat(33 * 1024 * 1024)')).rejects.toMatchObject({
      name: 'RangeError',
      message: /result.*32 MB/,
    });
    await expect(
      result('for (let i = 0; i < 34; i++) agent("x".repeat(1024 * 1024)); await agent("a")'),
    ).rejects.toMatchObject({
      name: 'RangeError',
      message: expect.stringContaining('more than 32 MB'),
    });
  });

  it('comes with what was logged before it', async () => {
    const { commands, end } = await play(script('log("a"); return 1'));
    expect([commands.length, end]).toEqual([1, { ok: true, result: 1 }]);
  });
});

describeOnEngines('an uncaught error', (engine) => {
  /** What an engine says in words of its own. */
  const words = (v8: unknown, quickjs: string) => (engine === 'quickjs' ? quickjs : v8);

  it.each([
    ['throw new Error("x")', { name: 'Error', message: 'x', line: 2, column: 7 }],
    [
      'const a = 1;\n  null.x',
      {
        name: 'TypeError',
        message: words("Cannot read properties of null (reading 'x')", "cannot read property 'x' of null"),
        line: 3,
        column: 8,
      },
    ],
    [
      'function f() {\n  throw new RangeError("deep");\n}\nf()',
      { name: 'RangeError', message: 'deep', line: 3, column: 9 },
    ],
    ['await agent("a");\nthrow new SyntaxError("late")', { name: 'SyntaxError', message: 'late', line: 3, column: 7 }],
    [
      'class Mine extends Error { name = "Mine" }\nthrow new Mine("own")',
      { name: 'Mine', message: 'own', line: 3, column: 7 },
    ],
    ['throw "text"', { name: 'Error', message: 'text' }],
    ['throw undefined', { name: 'Error', message: 'undefined' }],
    ['throw { code: 1 }', { name: 'Error', message: '{"code":1}' }],
    ['throw { message: "like one" }', { name: 'Error', message: 'like one' }],
    ['throw Object.create(null)', { name: 'Error', message: '{}' }],
    [
      'throw { get message() { throw 1 } }',
      { name: 'Error', message: 'The script threw something that cannot be read.' },
    ],
    [
      'const f = () => f();\nf()',
      { name: 'RangeError', message: words('Maximum call stack size exceeded', 'stack overflow'), line: 2, column: 17 },
    ],
    [
      'JSON.parse("{")',
      {
        name: 'SyntaxError',
        message: words(expect.stringContaining('JSON'), 'expecting property name'),
        line: 2,
        column: 6,
      },
    ],
    [
      'new RegExp("(")',
      {
        name: 'SyntaxError',
        message: words(expect.stringContaining('Invalid regular expression'), "expecting ')'"),
        line: 2,
        column: 1,
      },
    ],
  ])('of %j is told with name, message and place', async (body, error) => {
    expect((await play(script(body))).end).toEqual({ ok: false, error });
  });

  it('of a class of the script, with constructors of its own, is that of its caller', async () => {
    const body = `class Base extends Error { constructor(m) { super(m); this.x = 1; } }
class Mine extends Base { constructor() {
  super('m');
} }
const make = () => new Mine();
throw make();`;
    expect((await play(script(body))).end).toMatchObject({ error: { line: 6, column: 20 } });
  });

  it('is where a call, a method, a property or a return is, not the line it began on', async () => {
    const lines = async (body: string) => ((await play(script(body))).end as { error: object }).error;
    expect(await lines('const o = { f() { throw new Error("x"); } };\nawait agent("a");\no\n  .f();')).toMatchObject({
      line: 2,
      column: 25,
    });
    expect(await lines('const o = {};\nlog(\n  "a",\n  o.x.y,\n)')).toMatchObject({ line: 5, column: 7 });
    expect(await lines('const f = () => {\n  return JSON.parse(7, JSON.parse("x"));\n};\nf()')).toMatchObject({
      line: 3,
      column: 29,
    });
  });

  it('has its column right on the line of the meta, too', async () => {
    const meta = `export const meta = { name: 'n', description: 'd' }; `;
    const { end } = await play(`${meta}throw new Error('x')`);
    expect(end).toEqual({ ok: false, error: { name: 'Error', message: 'x', line: 1, column: meta.length + 7 } });
  });

  it('has its line right in a file with CRLF, a byte order mark and a #! line', async () => {
    const { end } = await play(
      `\uFEFF#!/usr/bin/env x\r\nexport const meta = { name: 'n', description: 'd' };\r\n\r\n  throw new Error('x')\r\n// end`,
    );
    expect(end).toEqual({ ok: false, error: { name: 'Error', message: 'x', line: 4, column: 9 } });
  });

  it('is not fooled by a place in its message', async () => {
    const { end } = await play(script('throw new Error("see workflow.js:77:7 and (workflow.js:78:8)")'));
    expect(end).toMatchObject({ error: { line: 2, column: 7 } });
  });
});

describeOnEngines('rejections and calls nobody waits for', () => {
  it('a rejection nobody handles is nothing, now or in a later turn', async () => {
    const body = `Promise.reject(new Error('now')); (async () => { throw new Error('too') })(); agent('a').then(() => { throw new Error('later') });
await agent('b'); await agent('c'); log('on'); return 1`;
    const { end, logs } = await play(script(body));
    expect([end, logs]).toEqual([{ ok: true, result: 1 }, ['on']]);
  });

  it('a call nobody waits for does not hold the end', async () => {
    const { end } = await play(script('agent("a"); setTimeout(() => {}, 1e9); return 1'), { answer: () => never });
    expect(end).toEqual({ ok: true, result: 1 });
  });

  it('a script that waits for what never comes does not end, and asks for nothing more', async () => {
    const { end, commands } = await play(script('await new Promise(() => {})'));
    expect([end, commands]).toEqual([undefined, []]);
  });
});
