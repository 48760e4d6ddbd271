import { describe, expect, it } from 'vitest';
import type { EngineName } from '../../extension/protocol/sandbox-wire.ts';
import { ENGINES, fails, type HostOptions, never, play, script } from '../support/script-host.ts';

/** Scripts that bodies call. */
const WORKFLOWS: HostOptions['workflows'] = {
  sums: script(`phase('own'); log('sums', args); return args.map((n) => n + 1)`),
  asks: script(
    `const args = ['x', 'y'];\nconst r = await parallel(args.map((n) => async () => [await agent(n + 1), await agent(n + 2)]));\nreturn { r, w: typeof workflow }`,
  ),
  throws: script(
    `class Mine extends Error { name = 'Mine' }\nconst o = {\n  f() { throw new Mine('deep in it', { cause: 1 }) } };\nawait agent('a');\no\n  .f()`,
  ),
  fails: script(`const a = 1;\n  return (await agent('a'))`),
  firstLine: `/* a */ export const meta = { name: 'n', description: 'd' }; const f = () => { null.x }; try { f() } catch {}; throw new Error('first line')`,
  nests: script(
    `return [await workflow('sums').catch((e) => e.message), await globalThis.workflow('sums').catch((e) => e.message)]`,
  ),
  warns: script(`await agent('', { labl: 1 });\nsetTimeout(() => { throw new RangeError('late') }); await agent('b')`),
  odd: script(`return { m: new Map([[1, 2]]), n: NaN, u: undefined, d: new Date(0) }`),
  nothing: script(`return`),
  all: script(
    `const j = await judge([args.a, null, 'b'], { criteria: 'c', judges: 2 }).catch((e) => e.message);\nreturn [j, await checkpoint('Go on?', { choices: ['a', 'b'] }), await tool('grep', { pattern: 'x' })]`,
  ),
  shadows: script(
    `const workflow = 1, args = 2; let agent = () => 3; var judge = 4; return [workflow, args, agent(), judge]`,
  ),
  surroundings: script(
    `return [this === undefined, arguments.length, typeof meta, Object.getOwnPropertyNames(globalThis).filter((n) => !/^(Intl|SuppressedError|(Async)?DisposableStack)$/.test(n)).sort(), (() => { try { x = 1 } catch (e) { return e.name } })()]`,
  ),
};

/** Bodies that between them use the dialect and the language; what each asks for and ends with must not depend on the engine. */
const BODIES: [string, string, HostOptions?][] = [
  ['an agent and its answer', `const a = await agent('a', { label: 'L', phase: 'P', model: 'opus' }); return { a }`],
  [
    'options that are wrong',
    `await agent('', { effort: 'huge', isolation: 'x', foo: 1, label: 7, model: 3 }); return 1`,
  ],
  ['a prompt that is no string', 'await agent(7)'],
  [
    'a schema',
    `return await agent('a', { schema: { type: 'object', properties: { x: { type: 'number' } } } })`,
    { answer: () => ({ x: 1 }) },
  ],
  [
    'a failed call, caught',
    `try { await agent('a') } catch (e) { return [e instanceof Error, e.name, e.message, e.stack] }`,
    { answer: [fails('SchemaError', 'no')] },
  ],
  ['a failed call, not caught', `const x = 1;\nawait agent('a');`, { answer: [fails('BudgetError', 'spent')] }],
  [
    'parallel',
    `return await parallel([() => agent('a'), async () => (await agent('b')) + '!', () => { throw new Error('y') }, () => 7])`,
  ],
  [
    'parallel, newest first',
    `return await parallel([1, 2, 3].map((n) => async () => [await agent('x' + n), await agent('y' + n)]))`,
    { next: (waiting) => waiting.at(-1) as never },
  ],
  ['parallel of promises', `await parallel([agent('a')])`],
  [
    'pipeline',
    `return await pipeline(['a', 'b', null], (x, item, i) => agent(String(x) + i), (x) => (x === 'b1' ? null : x), (x) => agent(x + '!'))`,
  ],
  [
    'pipeline that throws',
    `return await pipeline([1, 2], (x) => { if (x > 1) throw new TypeError('too much'); return x })`,
  ],
  [
    'groups in groups',
    `phase('one'); await parallel([() => pipeline(['a', 'b'], (x) => agent(x), (x) => parallel([() => agent(x + 1), () => agent(x + 2)])), () => agent('c')]); phase('two'); await agent('d')`,
  ],
  [
    'challenge',
    `return await challenge({ title: 't', file: 'a.ts', line: 3 }, { challengers: 2 })`,
    { answer: () => ({ verdict: 'upheld', reason: 'r' }) },
  ],
  [
    'challenge with a failure',
    `return await challenge('c')`,
    { answer: [null, fails('SchemaError', 'x'), { verdict: 'refuted', reason: 'r' }] },
  ],
  [
    'converge',
    `const rounds = [['a', 'b'], ['b', 'c'], [], []]; return await converge(async ({ round }) => { await agent('round ' + round); return rounds[round - 1] ?? [] })`,
  ],
  [
    'budget',
    `const seen = []; for (let i = 0; i < 3; i++) { await agent('a'); seen.push([budget.spent(), budget.remaining()]) } return seen`,
    { budgetTotal: 100, tokensEach: 40 },
  ],
  [
    'timers',
    `const sleep = (ms, v) => new Promise((r) => setTimeout(r, ms, v)); const t = setTimeout(() => log('no'), 5); clearTimeout(t); return await Promise.all([sleep(30, 'a'), sleep(10, 'b')])`,
    { next: (waiting) => waiting.at(-1) as never },
  ],
  ['a callback that throws', `setTimeout(() => {\n  throw new RangeError('mine')\n}, 1);\nawait agent('a')`],
  ['race', `return await Promise.race([agent('slow'), agent('fast')])`, { next: (waiting) => waiting.at(-1) as never }],
  [
    'any and allSettled',
    `return [await Promise.any([agent('a'), agent('b')]), (await Promise.allSettled([agent('c'), Promise.reject(1)])).map((x) => x.status)]`,
    { answer: [fails('SchemaError', 'x'), 'B', 'C'] },
  ],
  [
    'the order of microtasks',
    `const seen = []; const say = (x) => () => seen.push(x); Promise.resolve().then(say(1)).then(say(2)).then(say(5)); (async () => { await null; seen.push('a'); await { then: (r) => r() }; seen.push('b'); await Promise.resolve(Promise.resolve()); seen.push('c') })(); await 0; say(3)(); for (let i = 0; i < 9; i++) await null; return seen`,
  ],
  [
    'async generators',
    `async function* g() { try { yield 1; yield agent('a'); yield 2; yield* [3] } finally { log('closed') } } const out = []; for await (const x of g()) { out.push(x); if (x === 2) break } return out`,
  ],
  [
    'Array.fromAsync',
    `async function* g() { yield 1; yield 2 } return [await Array.fromAsync(g(), async (x) => x * 2), await Array.fromAsync([agent('a'), 1]), await Array.fromAsync({ length: 2, 0: 'x', 1: 'y' }), await Array.fromAsync(new Set([1]))]`,
  ],
  [
    'log and console',
    `log('x', { a: 1 }, [1], null, undefined, 7n, Symbol('s'), () => 1, new TypeError('t')); console.warn('w'); console.error('e'); console.assert(false, 'no'); const c = {}; c.c = c; console.log(c)`,
  ],
  [
    'clock and randomness',
    `class D extends Date {} const a = [Date.now(), Math.random(), Math.random(), new D().getTime(), new Date().toISOString(), performance.now()]; await agent('a'); return [a, Date.now(), performance.now(), String(new Date()), new Date(2024, 1, 29, 12).toString()]`,
  ],
  [
    'dates',
    `return ['2024-02-30', '2024-02-29T12:00', '2024-02-29T12:00:00+02:00', 'Thu, 01 Jan 1970 00:00:00 GMT', 'nonsense', '2024'].map((d) => new Date(d).getTime()).concat(new Date(2024, 0, 31).setMonth(1))`,
  ],
  [
    'numbers as text',
    `return [0.1 + 0.2, 1e21, 1e-7, 123456789.123456789, -0, 5e-324, 2 ** 53].map(String).concat((25).toString(36), (0.000001234).toFixed(8), (1234.5678).toExponential(2), (1.005).toPrecision(3), parseFloat('1e3x'), Number('0x1f'))`,
  ],
  ['big integers', `return [2n ** 200n, -7n / 2n, BigInt.asUintN(8, 257n), BigInt('0xff')].map(String)`],
  [
    'strings',
    `return ['aXbX'.replaceAll('X', (m, i) => i), 'ß'.toUpperCase(), 'İ'.toLowerCase().length, 'é'.normalize('NFD').length, 'a,b'.split(/(,)/), '😀'.at(0), [...'😀e'], 'abc'.padStart(5, '*'), 'x'.codePointAt(0), '\\ud800'.isWellFormed(), '\\ud800'.toWellFormed()]`,
  ],
  [
    'regular expressions',
    `return ['2024-01-02'.match(/(?<y>\\d+)-(?<m>\\d+)/).groups.y, 'aBc'.replace(/b/i, '[$&]'), [...'a1b2'.matchAll(/[a-z](\\d)/g)].map((m) => m[1]), /(?<=\\$)\\d+/.exec('$42')[0], /\\p{Lu}/u.test('É'), 'a\\nb'.match(/^b$/m).index, /[\\p{L}--[a-z]]/v.test('a'), /a.c/s.test('a\\nc'), /x/y.sticky, 'aab'.search(/b/), /(?<a>x)|(?<a>y)/.exec('y').groups.a]`,
  ],
  [
    'sorting',
    `const xs = Array.from({ length: 200 }, (_, i) => ({ k: (i * 7919) % 13, i })); return [xs.toSorted((a, b) => a.k - b.k).map((x) => x.i), [3, 20, 100].sort(), ['b', undefined, 'a'].sort(), [5, 1, 4].toSorted((a, b) => b - a)]`,
  ],
  [
    'collections',
    `const m = new Map([['b', 1], ['a', 2]]); m.delete('b'); m.set('b', 3); return [[...m], [...new Set([1, 2]).union(new Set([2, 3]))], Object.groupBy([1, 2, 3], (x) => (x % 2 ? 'odd' : 'even')), [...Map.groupBy([1, 2], (x) => x > 1)], Object.fromEntries(m), [1, [2, [3]]].flat(9), [1, 2, 3].with(1, 9), [1, 2, 3, 4].findLast((x) => x % 2), Object.keys({ b: 1, 2: 1, a: 1, 1: 1 })]`,
  ],
  [
    'iterators',
    `function* g() { let i = 0; while (true) yield i++ } return [g().filter((x) => x % 2).map((x) => x * x).drop(1).take(3).toArray(), [...Iterator.from({ next: () => ({ done: true }) })], g().some((x) => x > 5)]`,
  ],
  [
    'JSON',
    `return [JSON.stringify({ a: [undefined, () => 1], b: undefined, d: new Date(0), n: NaN, s: '\\u2028\\ud800' }, null, 2), JSON.parse('{"a":1,"__proto__":2}', (k, v) => (typeof v === 'number' ? v + 1 : v)), JSON.stringify('\\u007f\\u0080')]`,
  ],
  [
    'classes',
    `class A { #x = 1; static s = 2; static { this.t = 3 } get x() { return this.#x } set x(v) { this.#x = v } static has(o) { return #x in o } } class B extends A { constructor() { super(); this.x = 5 } } const b = new B(); return [b.x, A.t, B.s, A.has(b), A.has({}), b instanceof A, Object.getOwnPropertyNames(b)]`,
  ],
  [
    'syntax of many years',
    `const { a = 1, ...rest } = { b: 2, c: 3 }; let n = null; n ??= 4; const o = { n, ['k' + n]: n?.x?.y ?? 'none', async *g() {}, get v() { return 1 } }; outer: for (const i of [1, 2]) { for (const j in { p: 1 }) { if (i > 1) break outer; n += i } } switch (n) { case 5: n = 'five' } return [a, rest, o, n, 1_000, 0b11, \`t\${n}\`, typeof null, void 0, (1, 2), String.raw\`\\n\`]`,
  ],
  [
    'proxies and reflection',
    `const seen = []; const p = new Proxy({ a: 1 }, { get: (t, k) => (seen.push(String(k)), t[k]), ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }); return [p.a, Object.keys(p), Reflect.has(p, 'a'), seen, Reflect.ownKeys(class { static x = 1 }).sort()]`,
  ],
  [
    'typed arrays',
    `const b = new Uint8Array([1, 2, 300]); return [[...b], new DataView(b.buffer).getUint16(0), [...new Float32Array([1.1])], b.toReversed().join(), Array.from(new BigInt64Array(1), String)]`,
  ],
  [
    'an error of the script',
    `class Mine extends Error { name = 'Mine' }\nfunction f() {\n  throw new Mine('deep', { cause: 1 });\n}\nawait agent('a');\nf()`,
  ],
  ['an error with a wrong name', `throw Object.assign(new Error('m'), { name: { toString: () => 'odd' } })`],
  ['what is thrown and is no error', `throw { code: 1, message: 'like one' }`],
  ['too deep a call', `const f = () => f(); try { f() } catch (e) { return [e instanceof RangeError, e.name] }`],
  [
    'a result that is odd',
    `return { m: new Map([[1, 2]]), f() {}, n: NaN, z: -0, u: undefined, d: new Date(0), nested: { toJSON: () => 'own' } }`,
  ],
  [
    'a result that is a cycle, told alike',
    `const a = { list: [] }; a.list.push(a); try { JSON.stringify(a) } catch (e) { return e.name }`,
  ],
  [
    'rejections nobody handles',
    `Promise.reject(new Error('x')); agent('a').then(() => { throw 1 }); await agent('b'); await agent('c'); return 'on'`,
  ],
  ['a call nobody waits for', `agent('a'); return 1`, { answer: () => never }],
  ['nothing that ever comes', `await new Promise(() => {})`],
  [
    'a script that replaces the built-ins',
    `JSON.stringify = () => 'x'; Array.prototype.map = () => []; Object.keys = () => []; return await agent('a', { label: 'b' })`,
  ],
  [
    'the closed realm',
    `const out = []; for (const f of [() => eval('1'), () => new Function('1'), () => { Array.prototype.x = 1 }, () => { globalThis.undefined = 1 }, () => { undeclared = 1 }, () => { budget.total = 1 }]) try { f(); out.push('no') } catch (e) { out.push(e.name) } return out`,
  ],
  [
    'what is there',
    `return Object.getOwnPropertyNames(globalThis).filter((n) => !/^(Intl|SuppressedError|(Async)?DisposableStack)$/.test(n)).sort()`,
  ],
];

/** The four that are ours alone, and what called scripts do. */
const OURS: [string, string, HostOptions?][] = [
  [
    'judge',
    `return await judge([{ name: 'a', x: [1] }, 'b', null, 4], { criteria: 'which is clear', detail: 'D', phase: 'P', model: 'opus' })`,
    { answer: [{ scores: { 1: 3, 2: 9.5, 4: 0 }, reason: 'r' }, null, { scores: { 1: 4, 2: 1, 4: 10 }, reason: 's' }] },
  ],
  [
    'judge without an answer',
    `try { await judge(['a', 'b'], { criteria: 'c', what: 1 }) } catch (e) { return [e.message, e.cause.message] }`,
    { answer: [fails('SchemaError', 'x'), null, { scores: { 1: 1 } }] },
  ],
  [
    'judge out of budget',
    `phase('P');\nawait judge([1], { criteria: 'c' })`,
    { answer: () => fails('BudgetError', 'spent') },
  ],
  [
    'judge with what can never work',
    `const out = []; for (const given of [[], [[]], [[1]], [[1], { criteria: 'c', judges: 0 }], [[() => 1], { criteria: 'c' }], [[null], { criteria: 'c' }]]) await judge(...given).catch((e) => out.push([e.name, e.message])); return out`,
  ],
  [
    'checkpoint',
    `return [await checkpoint('Go on?'), await checkpoint('Which?', { detail: 'd', choices: ['a', 'b'], schema: { type: 'object' }, timeoutMs: 5, default: { choice: 'b', values: { x: 1 } } })]`,
  ],
  [
    'checkpoint with what can never work',
    `const out = []; for (const given of [[], [' '], ['q', 1], ['q', { choices: [] }], ['q', { choices: ['a', 'a'] }], ['q', { timeoutMs: 1 }], ['q', { schema: { type: 'array' } }], ['q', { default: 'x' }]]) await checkpoint(...given).catch((e) => out.push([e.name, e.message])); return out`,
  ],
  [
    'checkpoint that fails',
    `const a = 1;\nreturn checkpoint('q')`,
    { respond: () => fails('TypeError', 'bad default') },
  ],
  [
    'tool',
    `return [await tool('grep', { a: [1, undefined], d: new Date(0) }), await tool('glob'), await tool('', {}).catch((e) => e.message), await tool('grep', 1).catch((e) => e.message)]`,
  ],
  [
    'tool that fails',
    `await agent('a');\n  await tool('grep', {\n  })`,
    { respond: () => fails('ToolError', 'refused') },
  ],
  [
    'workflow',
    `phase('P'); const r = await workflow('sums', [1, 2]); await agent('after'); return [r, args]`,
    { args: 7 },
  ],
  ['workflow by path', `return [await workflow({ scriptPath: 'sums' }, [1])]`],
  [
    'workflows at once, newest first',
    `return await parallel([() => workflow('asks'), async () => { await workflow('sums', [1]); return await agent('after') }, () => workflow('asks')])`,
    { next: (waiting) => waiting.at(-1) as never },
  ],
  ['workflow that throws', `await workflow('throws')`],
  [
    'workflow that throws, caught',
    `try { await workflow('throws') } catch (e) { return [e instanceof Error, e.name, e.message, e.cause] }`,
  ],
  ['workflow with a failed call', `await workflow('fails')`, { answer: [fails('SchemaError', 'no')] }],
  [
    'workflow with a failed call, caught',
    `try { await workflow('fails') } catch (e) { return e.stack }`,
    { answer: [fails('SchemaError', 'no')] },
  ],
  ['workflow that throws on its first line', `await workflow('firstLine')`],
  ['workflow that calls one', `return await workflow('nests')`],
  ['workflow with warnings', `await workflow('warns'); await agent('')`],
  ['workflow with an odd result', `return [await workflow('odd'), (await workflow('nothing')) === null]`],
  ['workflow with all of the others', `return await workflow('all', { a: { name: 'n' } })`],
  ['workflow that shadows', `return [await workflow('shadows', 9), typeof args, await agent('a')]`, { args: 7 }],
  ['workflow and what it sees', `return await workflow('surroundings', 1)`],
  ['workflow that is not there', `const a = 1;\nawait workflow('nobody')`],
  [
    'workflow with what can never work',
    `const out = []; for (const given of [[], [''], [{}], [7], [{ scriptPath: '' }]]) await workflow(...given).catch((e) => out.push([e.name, e.message])); return out`,
  ],
  ['workflow nobody waits for', `workflow('asks'); await agent('a'); return 1`],
  [
    'workflow in a round and a stage',
    `return await converge(async ({ round }) => (await pipeline([round], (n) => workflow('sums', [n]))).flat(), { maxRounds: 2 })`,
  ],
];

async function record(body: string, engine: EngineName, options: HostOptions = {}) {
  const { commands, end } = await play(script(body), { workflows: WORKFLOWS, ...options, engine });
  return JSON.stringify({ commands, end }, null, 1);
}

describe('both engines ask for the same and end the same', () => {
  it.each([...BODIES, ...OURS])('%s', async (_, body, options) => {
    const [v8, quickjs] = await Promise.all(ENGINES.map((engine) => record(body, engine, options)));
    expect(quickjs).toBe(v8);
  });
});
