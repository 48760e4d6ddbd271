import { expect, it } from 'vitest';
import { describeOnEngines, play, result, script } from '../support/script-host.ts';

const ok = (value: unknown) => ({ ok: true, result: value });

describeOnEngines('a hostile thenable', () => {
  it.each([
    [
      'that gives another, which asks for something',
      `{ then(r) { r({ then(r2) { agent('t'); r2('deep') } }) } }`,
      ok('deep'),
    ],
    ['that gives twice and throws', '{ then(r, j) { r(1); r(2); j(3); throw 4 } }', ok(1)],
    [
      'that gives itself as JSON',
      `{ then(r) { r({ toJSON: () => ({ then: 'x' }) }) } }`,
      ok(JSON.parse('{"then":"x"}')),
    ],
    ['that is the global object', 'Object.assign(globalThis, { then(r) { r("g") } })', ok('g')],
    ['that is a function', 'Object.assign(() => 0, { then(r) { r("f") } })', ok('f')],
    ['that is a Proxy', `new Proxy({}, { get: (t, k) => k === 'then' ? (r) => r('p') : undefined })`, ok('p')],
    [
      'whose then is a getter that throws',
      `{ get then() { throw new RangeError('g') } }`,
      { ok: false, error: { name: 'RangeError', message: 'g' } },
    ],
    [
      'that throws a thenable',
      '{ then() { throw { then: 1, message: "m" } } }',
      { ok: false, error: { name: 'Error', message: 'm' } },
    ],
    [
      'that rejects with what cannot be read',
      '{ then(r, j) { j(new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })) } }',
      { ok: false, error: { message: 'The script threw something that cannot be read.' } },
    ],
  ])('as the result: one %s', async (_, thenable, end) => {
    expect((await play(script(`return ${thenable}`))).end).toMatchObject(end);
  });

  it('as the result: one that never gives leaves the run without an end, and no process at work', async () => {
    expect((await play(script('return { then() {} }'))).end).toBeUndefined();
  });

  it('as what a thunk, a stage, a round or a timer returns is waited for, and is the same to those beside it', async () => {
    const body = `const t = (v) => ({ then(r, j) { v instanceof Error ? j(v) : r(v); r('late'); } });
const all = await parallel([() => t(1), () => t(new Error('e')), () => agent('a'), async () => t(t(2))]);
const flow = await pipeline([t(3), 4], (x) => t(x), (x, item) => t([x, typeof item]));
const found = await converge(({ round }) => t(round === 1 ? [5] : []), { dryRounds: 1 });
await new Promise((resolve) => setTimeout(() => (resolve(), { then() { throw 1 } }), 1));
return [all, flow, found.items]`;
    const { end, prompts, logs } = await play(script(body));
    expect(end).toEqual(
      ok([
        [1, null, 'a', 2],
        [
          [3, 'object'],
          [4, 'number'],
        ],
        [5],
      ]),
    );
    expect([prompts, logs]).toEqual([['a'], ['parallel[1] failed: e']]);
  });

  it('as an argument is not called', async () => {
    const body = `let called = 0; const t = (more) => ({ then() { called++ }, ...more }); const seen = [];
for (const act of [() => agent(t()), () => parallel(t()), () => parallel([t()]), () => pipeline(t()), () => pipeline([1], t()), () => converge(t()), () => setTimeout(t()), () => tool(t()), () => workflow(t()), () => checkpoint(t()), () => judge(t())])
  try { await act(); seen.push('passed') } catch (e) { seen.push(e instanceof Error) }
await agent('a', t({ label: 'L' })); log(t()); phase(t());
return [called, seen]`;
    const { end, prompts, calls } = await play(script(body));
    expect(end).toEqual(ok([0, Array(11).fill(true)]));
    expect([prompts, calls.map(({ request }) => request.kind)]).toEqual([['a'], ['agent']]);
  });

  it('as an answer is the data that it is', async () => {
    const body = `const a = await agent('a'); return [typeof a.then, a.then.constructor.name, a]`;
    // biome-ignore lint/suspicious/noThenProperty: that is what is tried
    const answer = [{ then: { then: 'x' }, catch: 1, constructor: 2 }];
    expect(await result(body, { answer })).toEqual(['object', 'Object', answer[0]]);
  });

  it('through the methods of a promise that one of ours waits on: who listens hears only of its own realm', async () => {
    const body = `const heard = []; const real = Promise.prototype.then;
const own = (f) => { try { f.constructor('return 1'); return false } catch (e) { return e instanceof EvalError } };
Promise.prototype.then = function (...fs) { for (const f of fs) if (typeof f === 'function') heard.push(own(f) && f instanceof Function); return real.apply(this, fs) };
const all = await parallel([() => agent('a'), () => agent('b')]); const flow = await pipeline([1, 2], (x) => agent('c' + x));
return [all, flow, heard.length > 0 && heard.every(Boolean)]`;
    expect(await result(body)).toEqual([['a', 'b'], ['c1', 'c2'], true]);
  });

  it('out of an async generator that is returned to, or thrown at', async () => {
    const body = `const seen = []; const note = (e) => seen.push(e instanceof Error ? e.name : typeof e);
const hostile = [{ get then() { throw new RangeError('g') } }, { then() { throw 1 } }, { then(r, j) { j(Object.create(null)) } }, new Proxy({}, { get() { throw new TypeError('p') } })];
for (const t of hostile) {
  const g = (async function* () { try { yield await agent('in') } finally { await agent('out') } })();
  await g.next();
  for (const step of [() => g.return(t), () => g.throw(t), () => g.next(t)]) try { seen.push(JSON.stringify(await step())) } catch (e) { note(e) }
  const outer = (async function* () { yield* { [Symbol.asyncIterator]: () => ({ next: () => t, return: () => t, throw: () => t }) } })();
  for (const step of [() => outer.next(), () => outer.return(t), () => outer.throw(t)]) try { seen.push(JSON.stringify(await step())) } catch (e) { note(e) }
}
return seen`;
    const { end, prompts } = await play(script(body));
    expect(prompts).toEqual(Array(4).fill(['in', 'out']).flat());
    expect(
      end?.ok && (end.result as string[]).filter((seen) => !/^(\w*Error|object|number|\{.*\})$/.test(seen)),
    ).toEqual([]);
  });
});

describeOnEngines('a Proxy', () => {
  it('in any place gives what its traps say, once, and what it throws is thrown', async () => {
    const body = `const seen = []; const mirror = (target) => new Proxy(target, { get(t, k, r) { seen.push(String(k)); return Reflect.get(t, k) } });
const a = await agent('a', mirror({ label: 'L', model: 'm', schema: mirror({ type: 'object' }) }));
const b = await parallel(mirror([mirror(() => agent('b')), () => 2]));
const c = await pipeline(mirror(['c']), mirror((x) => agent(x)));
log(mirror({ x: 1 })); phase(mirror({ toString: () => 'P' }));
return [a, b, c, seen.length > 5]`;
    const { end, calls, logs, commands } = await play(script(body), { answer: ({ prompt }) => ({ prompt }) });
    expect(end).toEqual(ok([{ prompt: 'a' }, [{ prompt: 'b' }, 2], [{ prompt: 'c' }], true]));
    expect(calls[0]?.request).toEqual({
      kind: 'agent',
      role: 'agent',
      prompt: 'a',
      options: { label: 'L', model: 'm', schema: { type: 'object' } },
    });
    expect([logs, commands.filter(({ type }) => type === 'phase')]).toEqual([
      ['{"x":1}'],
      [{ type: 'phase', title: 'P' }],
    ]);
  });

  it('that was revoked is a TypeError of the realm, and for log() a line', async () => {
    const body = `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); const seen = [];
for (const act of [() => agent('p', proxy), () => agent(proxy), () => parallel(proxy), () => parallel([proxy]), () => pipeline(proxy), () => phase(proxy), () => challenge(proxy), () => converge(proxy), () => judge(proxy), () => checkpoint('q', proxy), () => tool('t', proxy), () => workflow(proxy), () => setTimeout(proxy), () => setTimeout(() => 0, proxy)])
  try { await act(); seen.push('passed') } catch (e) { seen.push(e instanceof TypeError) }
log(proxy); console.error(proxy); console.assert(false, proxy);
return [seen, await pipeline([proxy], () => 1)]`;
    const { end, logs, calls } = await play(script(body));
    expect(end).toEqual(ok([Array(14).fill(true), [1]]));
    expect([calls, logs]).toEqual([
      [],
      [
        '[object that cannot be written as JSON]',
        '[object that cannot be written as JSON]',
        'Assertion failed [object that cannot be written as JSON]',
      ],
    ]);
  });

  it('that lies about its length or its keys asks for no more than it may', async () => {
    const body = `const seen = []; const long = (length) => new Proxy([], { get: (t, k) => k === 'length' ? length : () => agent('x') });
for (const length of [2 ** 32, 5000, Infinity, -1, NaN, '2', {}]) for (const act of [() => parallel(long(length)), () => pipeline(long(length), (x) => 1)])
  try { const r = await act(); seen.push(r.length) } catch (e) { seen.push(e instanceof Error) }
const keys = new Proxy({}, { ownKeys: () => ['label', '__proto__', 'constructor'], getOwnPropertyDescriptor: () => ({ value: 'v', enumerable: true, configurable: true }), get: () => 'v' });
return [seen, await agent('a', keys)]`;
    const { end, calls } = await play(script(body), { limits: { turnMs: 3000 } });
    expect(end).toMatchObject({ ok: true });
    const [seen, a] = (end?.ok ? end.result : []) as [unknown[], string];
    expect(seen.slice(0, 6)).toEqual(Array(6).fill(true));
    expect(seen.slice(6).every((n) => n === true || (n as number) <= 2)).toBe(true);
    expect([a, calls.at(-1)?.request]).toMatchObject(['a', { kind: 'agent', options: { label: 'v' } }]);
  });
});

describeOnEngines('code of a script that runs in the midst of a call', () => {
  it('may ask for something itself: each call has a number of its own, and its own answer', async () => {
    const body = `const inner = []; const ask = (p) => { inner.push(agent(p)); return p };
const outer = agent('outer', { get label() { ask('by a getter'); return 'L' }, schema: { type: 'object', toJSON() { ask('by toJSON'); return { type: 'object' } } } });
setTimeout(() => 0, { valueOf() { ask('by valueOf'); return 5 } });
phase({ toString() { ask('by toString'); phase('inner'); return 'p' } });
log({ toJSON() { ask('by log'); log('inner'); return 1 } });
const group = parallel(new Proxy([() => ask('by a thunk')], { get(t, k) { if (k === 'length') ask('by a length'); return t[k] } }));
await group;
return [(await outer).prompt, (await Promise.all(inner)).map(({ prompt }) => prompt)]`;
    const { end, calls, prompts } = await play(script(body), { answer: ({ prompt }) => ({ prompt }) });
    expect(calls.map(({ call }) => call)).toEqual(calls.map((_, index) => index + 1));
    const inner = prompts.filter((prompt) => prompt !== 'outer');
    expect(inner.length).toBeGreaterThan(5);
    expect(end).toEqual(ok(['outer', expect.arrayContaining(inner)]));
  });

  it('while the result is written: what it asks for is asked, and changes nothing of the end', async () => {
    const { end, prompts, logs } = await play(script(`return { toJSON() { agent('late'); log('late'); return 'r' } }`));
    expect([end, prompts, logs]).toEqual([ok('r'), ['late'], ['late']]);
  });

  it('by any of the symbols the language calls', async () => {
    const body = `const seen = []; const hook = (k, v) => ({ [k](...a) { seen.push(k.description); return typeof v === 'function' ? v(...a) : v } });
log(hook(Symbol.toPrimitive, 'x')); phase(hook(Symbol.toPrimitive, 'P')); setTimeout(() => 0, hook(Symbol.toPrimitive, 7));
const iterated = [hook(Symbol.iterator, () => [][Symbol.iterator]()), hook(Symbol.asyncIterator, () => (async function* () {})())];
for (const i of iterated) for (const act of [() => parallel(i), () => pipeline(i, (x) => x), () => judge(i), () => agent(i)]) try { await act(); seen.push('passed') } catch (e) { if (!(e instanceof TypeError)) seen.push('stranger') }
const spread = Object.defineProperties([() => agent('a')], { [Symbol.isConcatSpreadable]: { value: false }, [Symbol.unscopables]: { value: { length: true } } });
class Thunks extends Array { static get [Symbol.species]() { seen.push('species'); return class { constructor() { return [() => agent('forged')] } } } }
const results = [await parallel(spread), await parallel(Thunks.from([() => agent('b')])), await pipeline(Thunks.from(['c']), (x) => agent(x))];
class Sub extends Promise { static get [Symbol.species]() { seen.push('promise'); return Promise } }
results.push(await parallel([() => Sub.resolve(agent('d'))]));
return [results, seen.filter((s) => s === 'passed' || s === 'stranger')]`;
    const { end, prompts, calls, commands } = await play(script(body));
    expect(end).toEqual(ok([[['a'], ['b'], ['c'], ['d']], []]));
    expect(prompts).toEqual(['a', 'b', 'c', 'd']);
    expect([calls[0]?.request, commands.filter(({ type }) => type === 'phase')]).toEqual([
      { kind: 'timer', delayMs: 7 },
      [{ type: 'phase', title: 'P' }],
    ]);
  });
});
