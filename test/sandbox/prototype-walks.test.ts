import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../extension/protocol/json.ts';
import { WALK, walkFrom } from '../support/guest-walk.ts';
import { describeOnEngines, fails, play, result, script } from '../support/script-host.ts';

describe('the walk that these tests trust', () => {
  /** What it finds from `root`, an expression, in a realm of Node's that has an object of ours and the real `Function`. */
  function find(root: string): string[] {
    const stubs =
      'agent parallel pipeline challenge converge judge checkpoint tool workflow phase log setTimeout clearTimeout'
        .split(' ')
        .map((name) => `globalThis.${name} = () => 0;`);
    const text = `const console = {}; ${stubs.join('')}
const RealFunction = Function;
for (const f of [() => 0, async () => 0, function* () {}, async function* () {}])
  Object.defineProperty(Object.getPrototypeOf(f), 'constructor', { value: function () { throw new EvalError('no'); } });
${WALK}
walk({ root: ${root} }).found.join('\\n')`;
    return String(runInContext(text, createContext({ ours: {} })))
      .split('\n')
      .filter(Boolean);
  }

  it.each([
    ['itself', 'ours'],
    ['behind a getter', '({ get x() { return ours } })'],
    ['thrown by a getter', '({ get x() { throw ours } })'],
    ['as a prototype', 'Object.create(Object.create(ours))'],
    ['under a symbol, in a list', '({ [Symbol("s")]: [{ x: ours }] })'],
    ['as the cause of an error', 'new Error("e", { cause: ours })'],
    ['as a property of a function', 'Object.assign(() => 0, { ours })'],
  ])('finds an object of another realm: %s', (_, root) => {
    expect(find(root).join()).toContain('of another realm');
  });

  it.each([
    ['itself', 'RealFunction'],
    ['behind a Proxy', 'new Proxy(RealFunction, {})'],
    ['bound', 'RealFunction.bind(null)'],
    ['as eval', '({ x: [eval] })'],
    ['of another realm', 'ours.constructor.constructor'],
  ])('finds what makes code of text: %s', (_, root) => {
    expect(find(root).join()).toContain('compiles text');
  });

  it('finds a name of the host, and nothing where there is none', () => {
    expect(find('({ x: { require: 1 } })')).toEqual(['root.x.require: a name of the host']);
    expect(find('({ x: [new Map(), async () => 1, /x/, new Error("e")], y: new Proxy({}, {}) })')).toEqual([]);
  });
});

describeOnEngines('nothing that a script can reach compiles text or is of another realm', (engine) => {
  const clean = { found: [], seen: expect.any(Number) };

  it('from its globals', async () => {
    const walked = await walkFrom(
      'return Object.fromEntries(Reflect.ownKeys(globalThis).map((k) => [k, globalThis[k]]))',
    );
    expect(walked.found).toEqual([]);
    expect(walked.seen).toBeGreaterThan(engine === 'quickjs' ? 500 : 700);
    expect(await walkFrom('return { globalThis, self: await (async () => globalThis)() }')).toEqual(clean);
  });

  it('from syntax: literals, generators, classes, templates, arguments', async () => {
    const body = `async function* gen() { yield 1 } function* g() { yield 1 } class A { #p = 1; static { } }
const tag = (strings) => strings; function args() { return arguments }
return { a: gen(), b: gen().next(), c: gen, d: g(), e: A, f: new A(), g: tag\`x\`, h: args(1), i: /x/g, j: 'a'.matchAll(/a/g),
  k: [].entries(), l: new Map().keys(), m: 1n, n: Symbol.iterator, o: async () => 1, p: new Proxy({}, {}), q: Proxy.revocable({}, {}) }`;
    expect(await walkFrom(body)).toEqual(clean);
  });

  it('from what the globals give: promises, results, budget, timers', async () => {
    const body = `const pending = agent('never'); const answered = await agent('a');
return { pending, answered, args, budget, total: Object.getOwnPropertyDescriptor(budget, 'total'), phase: phase('p'), log: log('x'),
  timer: setTimeout(() => 0, 1), cleared: clearTimeout(1), all: await parallel([() => agent('b'), () => { throw 1 }]),
  flow: await pipeline([1], (x) => agent('c')), verdict: await challenge({ claim: 'c' }), found: await converge(async () => []),
  later: [parallel([]), pipeline([]), challenge({ claim: 'c' }), converge(async () => [])].map((p) => (p.catch(() => 0), p)) }`;
    const answer = ({ prompt }: { prompt: string }): Json =>
      /challeng|refute/i.test(prompt)
        ? { refuted: false, reason: 'r' }
        : { deep: [{ prompt }], constructor: 'no function' };
    expect(await walkFrom(body, { answer, args: { x: [{}] } })).toEqual(clean);
  });

  it('from what the globals call with: this, arguments, resolvers of a thenable, traps of a Proxy', async () => {
    const body = `const got = {}; let n = 0;
const keep = function (...values) { got['call' + n++] = [this, values]; };
const proxy = new Proxy({ label: 'L' }, new Proxy({}, { get: (_, trap) => (...values) => (keep(trap, values), Reflect[trap](...values)) }));
await parallel([function () { keep.call(this, ...arguments); }, () => ({ then(...r) { keep.call(this, ...r); r[0](1); } })]);
await pipeline([1], function () { keep.call(this, ...arguments); return { then(...r) { keep.call(this, ...r); r[0](1); } }; });
await converge(function () { keep.call(this, ...arguments); return []; });
await new Promise((resolve) => setTimeout(function () { keep.call(this, ...arguments); resolve(); }, 1, { own: 1 }));
await agent('p', proxy);
await agent('p', { get label() { keep.call(this); return { toString() { keep.call(this); return 'l'; } }; }, schema: { type: 'object', toJSON(...a) { keep.call(this, ...a); return { type: 'object' }; } } });
log({ toJSON() { keep.call(this, ...arguments); return 1; } }, { [Symbol.toPrimitive]() { keep.call(this, ...arguments); return 1; } });
phase({ [Symbol.toPrimitive]() { keep.call(this, ...arguments); return 'p'; } });
got.count = [n]; if (n < 15) throw new Error('only ' + n);
return got`;
    expect(await walkFrom(body, { answer: () => ({ ok: true }) })).toEqual(clean);
  });

  it('from errors: of the host, of the globals, of the engine, own descriptors and causes too', async () => {
    const body = `const errors = {}; let n = 0;
const keep = async (act) => { try { await act(); } catch (e) { errors['e' + n++] = [e, Object.getOwnPropertyDescriptors(e), e.cause]; } };
for (const act of [() => agent('a'), () => agent('b'), () => agent('c'), () => agent('d'), () => agent(1), () => agent('p', { schema: 1 }),
  () => parallel(1), () => parallel([1]), () => parallel(new Array(5000).fill(() => 0)), () => pipeline(1), () => pipeline([1], 1),
  () => challenge(), () => converge(), () => judge(), () => checkpoint(), () => tool(), () => workflow(), () => workflow('w'),
  () => setTimeout(1), () => phase(Symbol()), () => eval('1'), () => Function('1'), () => null.x, () => undefinedName,
  () => new Array(-1), () => 'x'.repeat(-1), () => { const f = () => f(); f(); }, () => JSON.parse('{'), () => JSON.stringify(1n),
  () => new RegExp('('), () => Promise.any([]), () => budget.total = 1, () => { 'use strict'; Object.freeze([]).push(1); },
  () => Symbol() + '', () => 1n + 1, () => new (class extends null {})(), () => new Proxy({}, { get: 1 }).x,
  () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy.x; }, () => decodeURI('%'), () => new Date(NaN).toISOString(),
  () => structuredClone({}), () => (function () { return arguments.callee })(), () => (() => 0).caller]) await keep(act);
if (n < 40) throw new Error('only ' + n);
return errors`;
    let asked = 0;
    const names = ['SchemaError', 'TypeError', 'BudgetError', '__proto__'];
    const answer = () => fails(names[asked++] ?? 'Error', 'x');
    expect(await walkFrom(body, { answer })).toEqual(clean);
  });

  it('from the frames of a stack, and what they give', async () => {
    const body = `const seen = {}; let n = 0;
Error.prepareStackTrace = (e, frames) => { seen['frames' + n++] = [e, frames]; return frames; };
const look = (e) => { const stack = e.stack; if (!Array.isArray(stack)) return;
  for (const frame of stack) for (let p = frame; p && p !== Object.prototype; p = Object.getPrototypeOf(p))
    for (const key of Reflect.ownKeys(p)) if (typeof p[key] === 'function' && key !== 'constructor') try { seen['call' + n++] = [frame[key]()]; } catch (error) { seen['throw' + n++] = error; } };
for (const act of [() => parallel([() => { look(new Error()); null.x; }]), () => setTimeout(1), () => agent(1), () => pipeline([1], () => null.x), () => converge(() => null.x)])
  try { await act(); } catch (e) { look(e); }
delete Error.prepareStackTrace;
return seen`;
    expect(await walkFrom(body)).toEqual(clean);
    const stack = await result(
      `const e = []; for (const act of [() => agent(1), () => parallel(1), () => setTimeout(1)]) try { await act() } catch (x) { e.push(x.stack) } return e.join('\\n')`,
    );
    // No path of this machine, and no file but these two.
    expect(
      String(stack).replace(
        /\((?:workflow|counterpoint-prelude)\.js:\d+:\d+\)|(?:workflow|counterpoint-prelude)\.js:\d+:\d+/g,
        '',
      ),
    ).not.toMatch(/[/\\]|\.m?[jt]s/);
  });
});

describeOnEngines('a script finds no way out of its realm', () => {
  it.each([
    "agent.constructor.constructor('return process')()",
    "agent('a').constructor.constructor('return process')()",
    "args.constructor.constructor('return process')()",
    "console.log.constructor('return process')()",
    "budget.spent.constructor('return globalThis')()",
    "(await agent('a').catch((e) => e)).constructor.constructor('return process')()",
    "(await agent('a').catch((e) => e)).__proto__.constructor.constructor('return process')()",
    "new Date().constructor.constructor('return process')()",
    "setTimeout.constructor('return process')()",
    "Date.constructor('return process')()",
    "Object.getOwnPropertyDescriptor(budget, 'total').get.constructor('return process')()",
    "Reflect.getPrototypeOf(Reflect.getPrototypeOf(async function* () {})).constructor('return process')()",
  ])('%s', async (walk) => {
    const answer = [{ failure: { name: 'SchemaError', message: 'x' } }];
    const walked = result(`return String(${walk})`, { args: {}, answer });
    await expect(walked).rejects.toMatchObject({ name: 'EvalError' });
  });

  it('through the frames of a stack trace', async () => {
    const body = `Error.prepareStackTrace = (e, frames) => frames;
const seen = []; const look = (e) => { for (const f of e.stack) seen.push(f.getThis?.() ?? null, f.getFunction?.() ?? null); };
try { await parallel([() => { look(new Error()); null.x }]); setTimeout('x') } catch (e) { look(e) }
return seen.filter((x) => x !== null).length + ' of ' + (seen.length > 4)`;
    expect(await result(body)).toBe('0 of true');
  });

  it('through what it throws, or gives as a result', async () => {
    const hostile = `new Proxy({}, { get() { throw new Proxy({}, { get() { for (const x of [globalThis]) throw x } }) }, ownKeys() { throw globalThis } })`;
    const thrown = await play(script(`throw ${hostile}`));
    expect(thrown.end).toEqual({
      ok: false,
      error: { name: 'Error', message: 'The script threw something that cannot be read.' },
    });
    expect((await play(script(`return ${hostile}`))).end).toEqual(thrown.end);
    expect((await play(script(`return { toJSON() { throw ${hostile} } }`))).end).toMatchObject({
      ok: false,
      error: { name: 'TypeError' },
    });
  });
});
