import { describe, expect, it } from 'vitest';
import { describeOnEngines, play, result, script } from '../support/script-host.ts';

describeOnEngines('globals', (engine) => {
  it('are there', async () => {
    const names =
      'agent parallel pipeline phase log args budget console setTimeout clearTimeout challenge converge JSON Math Map Promise Reflect Proxy';
    const body = `return [${names.split(' ').map((name) => `typeof ${name}`)}]`;
    expect(await result(body, { args: {} })).toEqual(
      [
        'function',
        'function',
        'function',
        'function',
        'function',
        'object',
        'object',
        'object',
        'function',
        'function',
      ].concat(['function', 'function', 'object', 'object', 'function', 'function', 'object', 'function']),
    );
    expect(await result('return typeof Intl')).toBe(engine === 'quickjs' ? 'undefined' : 'object');
  });

  it('of other runtimes are not', async () => {
    const names =
      `require process module exports global Buffer fetch crypto URL TextEncoder structuredClone queueMicrotask
      setInterval setImmediate WebAssembly SharedArrayBuffer Atomics AbortController atob WeakRef FinalizationRegistry
      Temporal ShadowRealm window self meta counterpointDeliver counterpointDrain`.split(/\s+/);
    const found = await result(`return ${JSON.stringify(names)}.filter((name) => name in globalThis)`);
    expect(found).toEqual([]);
    expect(await result(`return [${names.map((name) => `typeof ${name}`)}]`)).toEqual(names.map(() => 'undefined'));
  });

  it('may be shadowed and replaced', async () => {
    expect(
      await result(
        'const tool = 1, args = 2, workflow = 4; let checkpoint = 5; function judge() { return 3 } return [tool, args, judge(), workflow, checkpoint]',
      ),
    ).toEqual([1, 2, 3, 4, 5]);
    expect(await result('const real = agent; agent = (p) => real(p + "!"); return await agent("a")')).toBe('a!');
  });

  it('of ours are ordinary ones, and say of themselves only what any function says', async () => {
    const names = 'agent parallel pipeline phase log challenge converge judge checkpoint tool workflow'.split(' ');
    const body = `return ${JSON.stringify(names)}.map((name) => {
  const { value, ...rest } = Object.getOwnPropertyDescriptor(globalThis, name);
  return [typeof value, value.name, Reflect.ownKeys(value).map(String), Object.values(rest)];
})`;
    const shapes = (await result(body)) as [string, string, string[], boolean[]][];
    for (const [index, [type, name, keys, flags]] of shapes.entries()) {
      expect([type, name, flags]).toEqual(['function', names[index], [true, false, true]]);
      expect(keys.filter((key) => !['length', 'name', 'prototype'].includes(key))).toEqual([]);
    }
  });

  it('args are what was passed, a JSON string stays one, and undefined without', async () => {
    expect(await result('return args', { args: { a: [1, null], __proto__x: 1 } })).toEqual({
      a: [1, null],
      __proto__x: 1,
    });
    expect(await result('return [typeof args, args]', { args: '{"a":1}' })).toEqual(['string', '{"a":1}']);
    expect(await result('return typeof args')).toBe('undefined');
  });
});

describeOnEngines('strict mode and the built-ins', (engine) => {
  it('runs the body in strict mode, with no this and no arguments of ours', async () => {
    expect(
      await result('return [this === undefined, arguments.length, (function () { return this === undefined })()]'),
    ).toEqual([true, 0, true]);
    await expect(result('undeclared = 1')).rejects.toMatchObject({
      name: 'ReferenceError',
      line: 2,
      column: engine === 'quickjs' ? 1 : 12,
    });
  });

  it.each([
    'eval("1")',
    '(0, eval)("1")',
    'globalThis.eval("1")',
    'new Function("return 1")',
    'Function("return 1")()',
    '(() => {}).constructor("return 1")',
    'agent.constructor.constructor("return process")()',
    '(async () => {}).constructor("return 1")',
    '(function* () {}).constructor("yield 1")',
    '(async function* () {}).constructor("yield 1")',
    'Object.getPrototypeOf(async () => {}).constructor("return 1")',
    'Reflect.construct(Function, ["return 1"])',
    'Reflect.construct(Object, ["return 1"], Function).constructor.constructor("return 1")',
    'class F extends Function {}; new F("return 1")',
    'Object.getPrototypeOf((async () => {}).constructor).constructor("return 1")',
    'Object.getPrototypeOf((function* () {}).constructor)("return 1"); Object.getPrototypeOf(Function).constructor("1")',
  ])('refuses to compile text: %s', async (code) => {
    const outcome = await result(
      `try { ${code}; return 'compiled' } catch (e) { return [e instanceof EvalError, e.name] }`,
    );
    expect(outcome).toEqual([true, 'EvalError']);
  });

  it('keeps instanceof and constructor as they are expected', async () => {
    const body = `return [(() => 1) instanceof Function, agent instanceof Function, (() => 1).constructor === Function,
  (async () => 1).constructor.name, Function.name, Function.prototype === Object.getPrototypeOf(agent)]`;
    expect(await result(body)).toEqual([true, true, true, 'AsyncFunction', 'Function', true]);
  });

  it('lets no built-in prototype grow', async () => {
    const body = `const closed = {};
const all = [...Object.getOwnPropertyNames(globalThis).map((n) => [n, globalThis[n]]), ...Object.getOwnPropertyNames(globalThis.Intl ?? {}).map((n) => [n, Intl[n]])];
const open = all.filter(([, v]) => typeof v === 'function' && v.prototype && Object.getPrototypeOf(v) && Object.isExtensible(v.prototype)).map(([n]) => n);
const hidden = [[].values(), new Map().keys(), new Set().keys(), ''.matchAll(/x/g), Object.getPrototypeOf((function* () {})()), Object.getPrototypeOf((async function* () {})()), async () => {}, new Int8Array(1), [].values().map((x) => x)];
return [open, hidden.map((v) => Object.isExtensible(Object.getPrototypeOf(v)))]`;
    const [open, hidden] = (await result(body)) as [string[], boolean[]];
    expect(
      open.filter(
        (name) =>
          !/^(agent|parallel|pipeline|phase|log|challenge|converge|judge|checkpoint|tool|setTimeout|clearTimeout)$/.test(
            name,
          ),
      ),
    ).toEqual([]);
    expect(hidden).toEqual(hidden.map(() => false));
    await expect(result('Array.prototype.last = 1')).rejects.toMatchObject({ name: 'TypeError', line: 2 });
    await expect(result('Object.prototype.polluted = 1')).rejects.toMatchObject({ name: 'TypeError' });
  });
});

describeOnEngines('budget', () => {
  it('has no total and infinite rest without a budget', async () => {
    const body =
      'const before = budget.spent(); await agent("a"); return [budget.total, before, budget.spent(), budget.remaining() === Infinity]';
    expect(await result(body, { tokensEach: 7 })).toEqual([null, 0, 7, true]);
  });

  it('counts down from the total, and never below zero', async () => {
    const body = `const seen = []; for (let i = 0; i < 3; i++) { await agent('a'); seen.push([budget.spent(), budget.remaining()]); } return [budget.total, seen]`;
    expect(await result(body, { budgetTotal: 100, tokensEach: 40 })).toEqual([
      100,
      [
        [40, 60],
        [80, 20],
        [120, 0],
      ],
    ]);
  });

  it('cannot be changed by the script', async () => {
    await expect(result('budget.total = 1e9', { budgetTotal: 1 })).rejects.toMatchObject({ name: 'TypeError' });
    await expect(result('budget.spent = () => 0', { budgetTotal: 1 })).rejects.toMatchObject({ name: 'TypeError' });
  });
});

describeOnEngines('log and console', () => {
  it('go to the log, with levels', async () => {
    const { commands } = await play(
      script(`log('a'); log('x', { a: 1 }); console.log('x', { a: 1 }, [1], 7, null, undefined); console.info(true);
console.debug(10n); console.warn('w'); console.error(new TypeError('bad')); console.assert(1, 'no'); console.assert(0, 'yes');
const cyclic = {}; cyclic.self = cyclic; log(cyclic); log(Symbol('s'), function f() {}); log()`),
    );
    expect(commands.map((command) => command.type === 'log' && `${command.level} ${command.message}`)).toEqual([
      'info a',
      'info x {"a":1}',
      'info x {"a":1} [1] 7 null undefined',
      'info true',
      'info 10',
      'warning w',
      'error TypeError: bad',
      'error Assertion failed yes',
      'info [object that cannot be written as JSON]',
      'info Symbol(s) [function f]',
      'info ',
    ]);
  });

  it('cut a message over 16 kB, and say so', async () => {
    const { logs } = await play(script('log("x".repeat(20000)); log("y".repeat(16384))'));
    expect(logs[0]).toBe(`${'x'.repeat(16384)}… (cut: 20000 characters in all)`);
    expect(logs[1]).toHaveLength(16384);
  });
});

describeOnEngines('timers', () => {
  it('run in the order the host settles them, with their arguments', async () => {
    const body = `const seen = []; const sleep = (ms, v) => new Promise((r) => setTimeout(r, ms, v));
await Promise.all([sleep(30, 'a').then((v) => seen.push(v)), sleep(10, 'b').then((v) => seen.push(v))]); return seen`;
    const { end, calls } = await play(script(body), { next: (waiting) => waiting.at(-1) as never });
    expect(end).toEqual({ ok: true, result: ['b', 'a'] });
    expect(calls.map(({ request }) => request)).toEqual([
      { kind: 'timer', delayMs: 30 },
      { kind: 'timer', delayMs: 10 },
    ]);
  });

  it('take any delay for what it is worth', async () => {
    const { calls } = await play(
      script('for (const d of [undefined, -1, NaN, "5", 1.6, Infinity]) setTimeout(() => {}, d); await agent("a")'),
    );
    expect(calls.map(({ request }) => request.kind === 'timer' && request.delayMs)).toEqual([
      0,
      0,
      0,
      5,
      2,
      2 ** 31 - 1,
      false,
    ]);
  });

  it('do not fire once cleared, and clearing anything else does nothing', async () => {
    const body = `const seen = []; const t = setTimeout(() => seen.push('cleared'), 1); clearTimeout(t); clearTimeout(t); clearTimeout(99); clearTimeout();
await new Promise((r) => setTimeout(r, 5)); return seen`;
    expect(await result(body)).toEqual([]);
  });

  it('log what a callback throws, and the run goes on', async () => {
    const { end, logs } = await play(
      script('setTimeout(() => {\n  throw new RangeError("mine") }, 1);\nawait agent("a"); return 1'),
    );
    expect(end).toEqual({ ok: true, result: 1 });
    expect(logs).toEqual(['A setTimeout callback threw RangeError: mine (line 3)']);
  });

  it('refuse text as a callback', async () => {
    await expect(result('setTimeout("log(1)", 1)')).rejects.toMatchObject({ name: 'TypeError', line: 2 });
  });
});

describeOnEngines('clock and randomness', () => {
  it('the clock is the time of the last settled call, and stands still within a turn', async () => {
    const body = `const a = [Date.now(), new Date().getTime(), +new Date(Date()), performance.now()];
for (let i = 0; i < 1e5; i++);
a.push(Date.now()); await agent('a'); return [a, Date.now(), new Date().toISOString(), performance.now()]`;
    expect(await result(body)).toEqual([
      [1_000_000, 1_000_000, 1_000_000, 0, 1_000_000],
      1_001_000,
      '1970-01-01T00:16:41.000Z',
      1000,
    ]);
  });

  it('no other way leads to the time of the machine', async () => {
    const body = `class Mine extends Date {}
return [new Mine().getTime(), new Date.prototype.constructor().getTime(), new (new Date().constructor)().getTime(),
  Date.prototype.constructor === Date, Reflect.construct(Date, []).getTime()]`;
    expect(await result(body)).toEqual([1_000_000, 1_000_000, 1_000_000, true, 1_000_000]);
  });

  it('Date stays Date', async () => {
    const body = `return [new Date(5) instanceof Date, new Date(2020, 0, 2).toISOString(), Date.UTC(2020, 0), Date.parse('2020-01-01'), isNaN(new Date(undefined)), Date.name, new Date(2020, 6).getTimezoneOffset()]`;
    expect(await result(body)).toEqual([
      true,
      '2020-01-02T00:00:00.000Z',
      1577836800000,
      1577836800000,
      true,
      'Date',
      0,
    ]);
  });

  it('Math.random() follows the seed, and is spread evenly', async () => {
    const body = 'return Array.from({ length: 2000 }, () => Math.random())';
    const [one, again, other] = (await Promise.all(['a', 'a', 'b'].map((seed) => result(body, { seed })))) as [
      number[],
      number[],
      number[],
    ];
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(new Set(one).size).toBe(2000);
    expect(one.every((x) => x >= 0 && x < 1)).toBe(true);
    const mean = one.reduce((sum, x) => sum + x, 0) / one.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  });
});

describe('Intl, where the engine has it', () => {
  it('does not lead to the time of the machine', async () => {
    const body = `const when = new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'medium' });
return [when.format() === when.format(Date.now()), when.formatToParts()[4].value, [0].map(when.format).length]`;
    expect(await result(body, { engine: 'isolated-vm' })).toEqual([true, '70', 1]);
  });

  it('is missed with a warning by a script that names it', async () => {
    const body = 'const n = 1e6; return [typeof Intl, n.toLocaleString("de"), typeof Intl.x]';
    const { logs, end } = await play(script(`try { ${body} } catch (e) { return e.name }`), { engine: 'quickjs' });
    expect([logs, end]).toEqual([[expect.stringContaining('Intl is missing')], { ok: true, result: 'ReferenceError' }]);
    expect((await play(script('return 1'), { engine: 'quickjs' })).logs).toEqual([]);
    expect((await play(script('return Intl.x'), { engine: 'isolated-vm' })).logs).toEqual([]);
  });
});
