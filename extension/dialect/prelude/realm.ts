/// <reference lib="esnext.iterator" />

/** The ECMAScript built-ins a script may see. Engines add their own globals, and new ones with every version: those go. */
const BUILT_INS = new Set(
  `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp
  Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError globalThis JSON
  Math Intl Reflect Proxy ArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array
  BigUint64Array BigInt64Array Uint8ClampedArray Float16Array Float32Array Float64Array Map BigInt Set WeakMap WeakSet
  Iterator DisposableStack AsyncDisposableStack decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape
  eval isFinite isNaN`.split(/\s+/),
);

function* nothing() {
  yield;
}

async function* nothingAsync() {
  yield;
}

/** Removes what a script must not have: foreign globals, shared memory, garbage collection it could observe. */
export function removeForeignGlobals(): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!BUILT_INS.has(name)) Reflect.deleteProperty(globalThis, name);
  }
}

/** Replaces `eval` and every constructor that compiles text; no way to the real ones is left. */
export function forbidCodeFromText(): void {
  define(globalThis, 'eval', function eval_(): never {
    throw new EvalError('eval() is not allowed in a workflow.');
  });
  for (const [sample, name] of [
    [() => undefined, 'Function'],
    [async () => undefined, 'AsyncFunction'],
    [nothing, 'GeneratorFunction'],
    [nothingAsync, 'AsyncGeneratorFunction'],
  ] as const) {
    const prototype: object = Object.getPrototypeOf(sample);
    const refusing = function (): never {
      // `new.target` also keeps the bundler from making an arrow function of it, which would be no constructor.
      throw new EvalError(`${new.target ? 'new ' : ''}${name}() is not allowed in a workflow: it would compile text.`);
    };
    Object.defineProperty(refusing, 'name', { value: name });
    Object.defineProperty(refusing, 'prototype', { value: prototype, writable: false });
    Object.defineProperty(prototype, 'constructor', { value: refusing, writable: false, configurable: false });
    if (name === 'Function') define(globalThis, 'Function', refusing);
  }
}

/** Makes the prototypes of all built-ins refuse new properties, so that no script can change what another part relies on. */
export function closePrototypes(): void {
  const open: unknown[] = Object.getOwnPropertyNames(globalThis).map((name) => Reflect.get(globalThis, name));
  // QuickJS has no Intl.
  if ('Intl' in globalThis) open.push(...Object.getOwnPropertyNames(Intl).map((name) => Reflect.get(Intl, name)));
  for (const value of open) {
    if (typeof value === 'function') closeChain(value.prototype);
  }
  for (const value of hiddenSamples()) closeChain(Object.getPrototypeOf(value));
}

/** Values whose prototypes have no global name. */
function hiddenSamples(): object[] {
  return [
    nothing(),
    nothingAsync(),
    async () => undefined,
    nothing,
    nothingAsync,
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ''[Symbol.iterator](),
    'a'.matchAll(/a/g),
    new Uint8Array(0),
    [].values().map(String),
    Iterator.from({ next: () => ({ done: true, value: undefined }) }),
  ];
}

function closeChain(prototype: unknown): void {
  if (typeof prototype !== 'object' && typeof prototype !== 'function') return;
  for (let next: object | null = prototype; next !== null; next = Object.getPrototypeOf(next))
    Object.preventExtensions(next);
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
}
