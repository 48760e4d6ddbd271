import { expect, it } from 'vitest';
import { readScript } from '../../extension/dialect/read-script.ts';
import { startSandbox } from '../../extension/sandbox/sandbox.ts';
import { builtDist } from '../support/built-dist.ts';
import { describeOnEngines, result, script } from '../support/script-host.ts';

const KINDS = {
  Function: '(() => 0)',
  AsyncFunction: '(async () => 0)',
  GeneratorFunction: '(function* () {})',
  AsyncGeneratorFunction: '(async function* () {})',
};

describeOnEngines('no text becomes code', (engine) => {
  it.each(Object.entries(KINDS))('by any way to call %s', async (_, sample) => {
    const body = `const F = Object.getPrototypeOf(${sample}).constructor; const text = 'return 7'; const seen = [];
class Sub extends F {} class Species extends Array { static get [Symbol.species]() { return F } }
const withSpecies = (value) => Object.defineProperty(value, 'constructor', { value: { [Symbol.species]: F } });
const ways = { call: () => F(text), new: () => new F(text), apply: () => F.apply(null, [text]), bind: () => new (F.bind(null, text))(),
  bound: () => F.bind(null).constructor(text), sub: () => new Sub(text), construct: () => Reflect.construct(F, [text]),
  newTarget: () => Reflect.construct(F, [text], Object), newTargetAgent: () => Reflect.construct(F, [text], class {}),
  asNewTarget: () => Reflect.construct(Object, [text], F), proxy: () => new (new Proxy(F, {}))(text), tag: () => F\`return 7\`,
  of: () => Array.of.call(F, text), from: () => Array.from.call(F, [text]), map: () => Species.from([text]).map((x) => x),
  then: () => withSpecies(Promise.resolve(1)).then(() => 0), slice: () => withSpecies([1]).slice(), reviver: () => JSON.parse('["return 7"]', (k, v) => k ? F(v) : v),
  promise: () => Promise.resolve.call(F, text), all: () => Promise.all.call(F, []), replace: () => 'return 7'.replace(/.*/, F),
  split: () => withSpecies(/x/)[Symbol.split]('return 7'), toPrimitive: () => \`\${{ [Symbol.toPrimitive]: F }}\`, getter: () => ({ __proto__: { get x() { return F(text) } } }).x,
  instance: () => Reflect.getPrototypeOf(Object.create(F.prototype)).constructor(text), sort: () => ['return 7', 'x'].sort(F) };
const isCode = (value) => { try { return typeof value === 'function' && value !== F && (Function.prototype.toString.call(value).includes('return 7') || value() === 7) } catch { return false } };
for (const [name, way] of Object.entries(ways)) {
  let made; try { made = way() } catch (e) { if (!(e instanceof Error)) seen.push(name + ' threw a stranger'); continue }
  if (isCode(made)) seen.push(name);
}
return [Object.keys(ways).length, seen]`;
    expect(await result(body)).toEqual([26, []]);
  });

  it('by eval, named directly or not', async () => {
    const body = `const seen = []; for (const way of [() => eval('7'), () => (0, eval)('7'), () => eval.call(null, '7'), () => Reflect.apply(eval, null, ['7']), () => new Proxy(eval, {})('7'), () => globalThis.eval('7')])
  try { seen.push(way()) } catch (e) { seen.push(e instanceof EvalError) } return seen`;
    expect(await result(body)).toEqual(Array(6).fill(true));
  });

  it('by a timer, or anything else that takes a function', async () => {
    const body = `const seen = []; for (const way of [() => setTimeout('7'), () => parallel(['7']), () => pipeline([1], '7'), () => converge('7'), () => [1].map('7'), () => new Promise('7'), () => 'a'.replace(/a/, '7')])
  try { seen.push(await way()) } catch (e) { seen.push(e instanceof TypeError) } return seen`;
    expect(await result(body)).toEqual([true, true, true, true, true, true, '7']);
  });

  it('by import: refused before it runs, and where it ran nevertheless', async () => {
    for (const text of [
      'await import("node:fs")',
      'const x = "node:fs"; import(x)',
      'import.meta.url',
      'import fs from "node:fs"',
    ]) {
      expect(() => readScript(script(text))).toThrow();
    }
    const seen: unknown[] = [];
    for (const name of ['node:fs', 'fs', './child.mjs', 'data:text/javascript,export default 7', 'std', 'os']) {
      const sandbox = await startSandbox({ dist: await builtDist(), node: process.execPath, engine });
      const source = `return import(${JSON.stringify(name)}).then((m) => typeof m.default, (e) => 'refused')`;
      const limits = { memoryMb: 64, turnMs: 2000 };
      const start = { source, args: undefined, now: 0, seed: '', budgetTotal: null, limits };
      const turn = await sandbox.start(start).catch((reason: unknown) => String(reason));
      sandbox.close();
      seen.push(typeof turn === 'string' ? turn : (turn.end ?? 'for ever'));
    }
    for (const end of seen) expect([{ ok: true, result: 'refused' }]).toContainEqual(end);
  });

  it('by leaving the function that a body is put into', async () => {
    for (const text of [
      '}); globalThis.out = 1; (async function () {',
      '}}); (function () { return async function () {',
      '*/ } /*',
      '`}`; }',
    ]) {
      expect(() => readScript(script(text))).toThrow();
    }
  });

  it('in what has a name of its own elsewhere: none of these is there', async () => {
    const names =
      `WeakRef FinalizationRegistry Atomics SharedArrayBuffer WebAssembly ShadowRealm Realm Worker MessageChannel postMessage
structuredClone queueMicrotask setInterval setImmediate require module exports process global window self document top parent frames
Buffer fetch XMLHttpRequest WebSocket URL Blob TextEncoder crypto atob navigator gc print load std os bjson scriptArgs ivm _ivm
InternalError Deno Bun performance$ trustedTypes importScripts AbortController EventTarget counterpointDeliver counterpointDrain counterpointCompile`.split(
        /\s+/,
      );
    const body = `return ${JSON.stringify(names)}.filter((name) => name in globalThis)`;
    expect(await result(body)).toEqual([]);
    // Nor under another name: what has one of their tags, or grows as one memory for two threads.
    const tags = `const all = new Set(); const visit = (o, d) => { if (d > 4 || (typeof o !== 'object' && typeof o !== 'function') || !o || all.has(o)) return; all.add(o);
  for (const k of Reflect.ownKeys(o)) { const p = Reflect.getOwnPropertyDescriptor(o, k); visit(p.value, d + 1); visit(p.get, d + 1) } visit(Object.getPrototypeOf(o), d + 1) };
visit(globalThis, 0); return [...all].map((o) => Reflect.getOwnPropertyDescriptor(o, Symbol.toStringTag)?.value).filter((t) => /WeakRef|Finalization|Atomics|Shared|WebAssembly|Module|Worker/.test(String(t)))`;
    expect(await result(tags)).toEqual([]);
  });
});
